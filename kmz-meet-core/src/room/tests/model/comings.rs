//! What the model has of people who come, knock, return, and go.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Holder, Id, Knock, Known, Model};
use crate::room::{Admission, Arrival, Identity};
use crate::timestamp::Timestamp;

impl Model {
    /// Someone came, and this was the answer.
    pub fn came(&mut self, arrival: &Arrival, answer: &Admission) {
        if let Admission::Admitted {
            participant,
            returned,
        } = answer
            && self.inside() >= self.capacity
            && !(*returned && self.is_insider(participant))
            && let Some(last) = self.gives_way(arrival, returned.then_some(participant))
        {
            self.goes(&last);
            self.seats.remove(&last);
            self.knocks.remove(&last);
        }
        let (user, device, listed, unidentified) = match &arrival.identity {
            Identity::Owner { user } => (Some(user.clone()), None, true, false),
            Identity::Verified {
                user,
                device,
                listed,
                unidentified,
            } => (Some(user.clone()), device.clone(), *listed, *unidentified),
            Identity::Card { user, device } => (Some(user.clone()), device.clone(), true, false),
            Identity::Guest { device } | Identity::Invited { device } => {
                (None, device.clone(), false, false)
            }
            Identity::Seat { .. } => (None, None, false, false),
        };
        let passes = listed || matches!(arrival.identity, Identity::Invited { .. });
        let owner = matches!(arrival.identity, Identity::Owner { .. });
        let known = Known {
            since: device.as_ref().map(|_| self.since(arrival)),
            address: arrival.address.clone(),
            user,
            device,
            session: arrival.session.clone(),
            listed,
            marked: false,
            unidentified,
            name: arrival.name.clone(),
        };
        match answer {
            Admission::Admitted {
                participant,
                returned: true,
            } => self.returns(
                participant,
                arrival.session.as_ref(),
                arrival.address.as_ref(),
            ),
            Admission::Admitted {
                participant,
                returned: false,
            } => self.seat(participant, known, owner),
            Admission::Lobby { participant } => {
                let before = self.seats.get(participant);
                let unproven = arrival.unproven && !passes && before.is_none();
                let known = before.map_or(known, |one| Known {
                    user: one.user.clone(),
                    device: one.device.clone(),
                    session: arrival.session.clone().or(one.session.clone()),
                    since: one.since,
                    address: arrival.address.clone(),
                    listed: one.listed,
                    marked: one.marked,
                    unidentified: one.unidentified,
                    name: one.name.clone(),
                });
                let sent = self.was_sent(participant, known.user.as_ref(), known.device.as_ref());
                self.knocks(participant, known, unproven, sent);
            }
            Admission::Hidden | Admission::Refused(_) => {}
        }
    }

    /// At most three knocks of one person: the oldest goes.
    pub(super) fn knocks(&mut self, id: &Id, known: Known, unproven: bool, sent: bool) {
        let same_user = |one: &Knock| one.user.is_some() && one.user == known.user;
        let same_device = |one: &Knock| one.device.is_some() && one.device == known.device;
        let order = match self.knocks.get(id) {
            Some(before) => before.order,
            None => {
                for same in [&same_user as &dyn Fn(&Knock) -> bool, &same_device] {
                    let mut mine: Vec<(u64, Id)> = self
                        .knocks
                        .iter()
                        .filter(|(_, one)| same(one))
                        .map(|(id, one)| (one.order, id.clone()))
                        .collect();
                    mine.sort();
                    if mine.len() >= 3 {
                        self.knocks.remove(&mine[0].1);
                    }
                }
                self.order += 1;
                self.order
            }
        };
        let knock = Knock {
            user: known.user,
            device: known.device,
            session: known.session,
            since: known.since,
            address: known.address,
            listed: known.listed,
            marked: known.marked,
            sent,
            unidentified: known.unidentified,
            name: known.name,
            unproven,
            order,
        };
        self.knocks.insert(id.clone(), knock);
    }

    pub(super) fn returns(&mut self, id: &Id, session: Option<&String>, address: Option<&String>) {
        self.knocks.remove(id);
        if let Some(one) = self.seats.get_mut(id) {
            one.address = address.cloned();
            if !one.present {
                one.came_at = self.now;
            }
            one.present = true;
            one.lost_at = None;
            one.away = false;
            if session.is_some() {
                one.session = session.cloned();
            }
        }
        self.at_most_three(id);
    }

    pub(super) fn seat(&mut self, id: &Id, known: Known, owner: bool) {
        self.order += 1;
        let holder = Holder {
            user: known.user,
            device: known.device,
            session: known.session,
            since: known.since,
            address: known.address,
            came_at: self.now,
            owner,
            listed: known.listed,
            marked: known.marked,
            sent: false,
            unidentified: known.unidentified,
            name: known.name,
            moderator: owner,
            grants: BTreeSet::new(),
            on: BTreeSet::new(),
            present: true,
            lost_at: None,
            away: false,
            left_at: None,
            order: self.order,
        };
        self.seats.insert(id.clone(), holder);
        if let Some(inside) = &mut self.insiders {
            inside.insert(id.clone());
        }
        self.at_most_three(id);
    }

    /// An account that four devices use at once is told of: the first three of a conference.
    pub(super) fn notice_shared(&mut self, id: &Id) {
        let Some(user) = self.seats.get(id).and_then(|one| one.user.clone()) else {
            return;
        };
        let mut devices: Vec<&str> = Vec::new();
        let mut unknown = 0;
        for one in self.seats.values() {
            let uses = one.present && one.lost_at.is_none() && !one.owner;
            if !uses || one.user.as_ref() != Some(&user) {
                continue;
            }
            match one.device.as_deref() {
                Some(device) if devices.contains(&device) => {}
                Some(device) => devices.push(device),
                None => unknown += 1,
            }
        }
        if devices.len() + unknown >= 4 && self.shared.len() < 3 {
            self.shared.insert(user);
        }
    }

    /// The oldest of an account and of a browser give way, those that nobody uses and that moderate nothing first.
    pub(super) fn at_most_three(&mut self, id: &Id) {
        let Some((user, device)) = self
            .seats
            .get(id)
            .map(|one| (one.user.clone(), one.device.clone()))
        else {
            return;
        };
        self.notice_shared(id);
        let held = |model: &Self, same: &dyn Fn(&Holder) -> bool| {
            let mut held: Vec<(bool, bool, u64, Id)> = model
                .seats
                .iter()
                .filter(|(_, one)| one.present && same(one))
                .map(|(id, one)| (one.moderator, one.lost_at.is_none(), one.order, id.clone()))
                .collect();
            held.sort();
            held
        };
        let same_user = |one: &Holder| user.is_some() && one.user == user;
        let same_device = |one: &Holder| device.is_some() && one.device == device;
        for same in [&same_user as &dyn Fn(&Holder) -> bool, &same_device] {
            let all = held(self, same);
            if all.len() > 3
                && let Some((.., oldest)) = all.into_iter().find(|(.., other)| other != id)
            {
                self.goes(&oldest);
                self.seats.remove(&oldest);
            }
        }
    }

    pub fn lost(&mut self, id: &Id, now: Timestamp) {
        if self.knocks.remove(id).is_none()
            && let Some(one) = self.seats.get_mut(id).filter(|one| one.present)
        {
            one.lost_at.get_or_insert(now);
        }
    }

    pub fn later(&mut self, now: Timestamp) {
        let gone: Vec<Id> = self
            .seats
            .iter()
            .filter(|(_, one)| {
                let shown = Duration::from_secs(if one.away { 20 } else { 60 });
                one.present
                    && one
                        .lost_at
                        .is_some_and(|at| now.saturating_duration_since(at) >= shown)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            self.goes(&id);
        }
    }

    pub(super) fn goes(&mut self, id: &Id) {
        if let Some(one) = self.seats.get_mut(id).filter(|one| one.present) {
            one.present = false;
            one.left_at = Some(self.now);
            one.on.clear();
        }
        self.hands.remove(id);
        if self.floor.as_ref() == Some(id) {
            self.floor = None;
        }
    }
}
