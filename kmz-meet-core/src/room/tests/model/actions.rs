//! Who may do what, and what it changes, as the model has it.

use std::collections::BTreeSet;

use super::{Holder, Id, Known, Model, RIGHTS, right};
use crate::room::{Action, By, Ended};
use crate::signal::{ClientMessage, Door, PolicyChange, Right, Role, Source, Target};
use crate::timestamp::Timestamp;

impl Model {
    pub(super) fn those(&self, target: &Target) -> Vec<Id> {
        let all = self.seats.iter().filter(|(_, one)| one.present);
        let wanted = all.filter(|(id, one)| match target {
            Target::All => !one.moderator,
            Target::Listed => !one.moderator && (one.listed || one.marked),
            Target::Unlisted => !one.moderator && !one.listed && !one.marked,
            Target::These(ids) => ids.contains(id),
        });
        wanted.map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn knocking(&self, target: &Target) -> Vec<Id> {
        let wanted = self.knocks.iter().filter(|(id, one)| match target {
            Target::All => true,
            Target::Listed => one.listed || one.marked,
            Target::Unlisted => !one.listed && !one.marked,
            Target::These(ids) => ids.contains(id),
        });
        wanted.map(|(id, _)| id.clone()).collect()
    }

    /// Whether this person may do this at all; `None`: nobody of that name is here.
    pub fn permits(&self, by: &By, action: &Action) -> Option<bool> {
        let By::Person(id) = by else {
            return Some(true);
        };
        self.seats.get(id).filter(|one| one.present)?;
        let Action::Message(message) = action else {
            return Some(false);
        };
        Some(match message {
            ClientMessage::Leave
            | ClientMessage::Away
            | ClientMessage::SetHand { .. }
            | ClientMessage::Report
            | ClientMessage::SetSource { on: false, .. } => true,
            ClientMessage::SetSource { source, on: true } => self.may(id, right(*source)),
            ClientMessage::SendChat { .. } => self.may(id, Right::Chat),
            _ => self.moderates(id),
        })
    }

    /// An action that was carried out. `entered`: who came in by it, for the lobby lets in as many as fit.
    pub fn acted(&mut self, now: Timestamp, by: &By, action: &Action, entered: &[Id]) {
        let by = match by {
            By::Person(id) => Some(id),
            By::Server => None,
        };
        match action {
            Action::Message(message) => self.said(now, by, message, entered),
            Action::WithdrawUser { user } => {
                let theirs = |of: &Option<String>| of.as_ref() == Some(user);
                let seats = self.seats.iter().filter(|(_, one)| theirs(&one.user));
                let seats: Vec<Id> = seats.map(|(id, _)| id.clone()).collect();
                for id in seats {
                    self.goes(&id);
                    self.seats.remove(&id);
                    self.removed.insert(id);
                }
                self.knocks.retain(|_, one| !theirs(&one.user));
                self.withdrawn.insert(user.clone());
            }
            Action::SignOut { user, ended } => {
                let out = |of: &Option<String>, by: &Option<String>| {
                    of.as_ref() == Some(user)
                        && match (by, ended) {
                            (None, _) => true,
                            (Some(by), Ended::One(one)) => by == one,
                            (Some(by), Ended::AllBut(kept)) => kept.as_ref() != Some(by),
                        }
                };
                let seats = self.seats.iter();
                let seats = seats.filter(|(_, one)| out(&one.user, &one.session));
                let seats: Vec<Id> = seats.map(|(id, _)| id.clone()).collect();
                for id in seats {
                    self.goes(&id);
                    self.seats.remove(&id);
                    self.knocks.remove(&id);
                }
                self.knocks.retain(|_, one| !out(&one.user, &one.session));
            }
            Action::ReadmitUser { user } => {
                self.withdrawn.remove(user);
            }
            // Cards have a model of their own (`tests/cards.rs`).
            Action::Alert(_) | Action::EndCards { .. } | Action::SetClassList { .. } => {}
        }
        // What someone may not have on is off, and does not come on again with the right to it.
        let ids: Vec<Id> = self.seats.keys().cloned().collect();
        for id in ids {
            let off: Vec<Source> = [Source::Microphone, Source::Camera, Source::Screen]
                .into_iter()
                .filter(|source| !self.may(&id, right(*source)))
                .collect();
            if let Some(one) = self.seats.get_mut(&id) {
                one.on.retain(|source| !off.contains(source));
            }
        }
    }

    /// What a client can ask for.
    pub(super) fn said(
        &mut self,
        now: Timestamp,
        by: Option<&Id>,
        message: &ClientMessage,
        entered: &[Id],
    ) {
        match message {
            ClientMessage::Leave => {
                if let Some(by) = by {
                    self.goes(by);
                    self.seats.remove(by);
                    if let Some(released) = &mut self.stop {
                        released.remove(by);
                    }
                }
            }
            ClientMessage::SetSource { source, on } => {
                if let Some(one) = by.and_then(|by| self.seats.get_mut(by)) {
                    if *on {
                        one.on.insert(*source);
                    } else {
                        one.on.remove(source);
                    }
                }
            }
            ClientMessage::Mute { target, source } => {
                for id in self.those(target) {
                    self.seats.entry(id).and_modify(|one| {
                        one.on.remove(source);
                    });
                }
            }
            ClientMessage::SetPolicy { change } => self.changed(change, entered),
            ClientMessage::SetPassword { password } => {
                if password.is_some() && self.password != *password {
                    self.seats
                        .retain(|_, one| one.present || one.moderator || one.listed || one.sent);
                }
                self.password.clone_from(password);
            }
            ClientMessage::Grant {
                participant,
                right,
                granted,
            } => {
                if *right == Right::Camera && !granted {
                    self.forget_locked(|id| id == participant);
                }
                if let Some(one) = self.seats.get_mut(participant) {
                    if *granted {
                        one.grants.insert(*right);
                    } else {
                        one.grants.remove(right);
                    }
                }
            }
            ClientMessage::SetFloor { participant } => self.floor.clone_from(participant),
            ClientMessage::SetSpeakersOnly { on } => self.speakers_only = *on,
            ClientMessage::Admit { target } => {
                let wanted = self.knocking(target);
                self.let_all_in(wanted, entered);
            }
            ClientMessage::Refuse { target } => {
                for id in self.knocking(target) {
                    self.ban_knock(&id);
                }
                self.clear_bad_knocks();
            }
            ClientMessage::Remove { target } => self.remove(by, target),
            ClientMessage::SetRole { participant, role } => {
                if let Some(one) = self.seats.get_mut(participant) {
                    one.moderator = *role == Role::Moderator;
                }
            }
            ClientMessage::LockAll => {
                self.stop = Some(BTreeSet::new());
                self.close_door();
                self.forget_locked(|_| true);
                self.floor = None;
                for one in self.seats.values_mut().filter(|one| !one.moderator) {
                    one.grants.clear();
                }
            }
            ClientMessage::Release { target } => self.release(target),
            ClientMessage::SetLessonClosed { closed } => {
                self.set_lesson_closed(*closed, entered);
            }
            ClientMessage::ReleaseCameras => self.release_cameras(),
            ClientMessage::SetHand { raised } => {
                if let Some(by) = by {
                    if *raised {
                        self.hands.insert(by.clone());
                    } else {
                        self.hands.remove(by);
                    }
                }
            }
            ClientMessage::LowerHand { target } => {
                let down = match target {
                    Target::All => self.hands.iter().cloned().collect(),
                    target => self.those(target),
                };
                for id in down {
                    self.hands.remove(&id);
                }
            }
            ClientMessage::Away => {
                if let Some(by) = by {
                    self.closes_the_page(by, now);
                }
            }
            ClientMessage::Mark {
                participant,
                marked,
            } => {
                if let Some(one) = self.knocks.get_mut(participant) {
                    one.marked = *marked;
                }
                if let Some(one) = self.seats.get_mut(participant) {
                    one.marked = *marked;
                }
            }
            ClientMessage::SendToLobby { target } => self.sent_out(by, target),
            // They change nothing that is compared; the room refuses the last five.
            ClientMessage::SendChat { .. }
            | ClientMessage::Rename { .. }
            | ClientMessage::DeleteMessage { .. }
            | ClientMessage::DeleteMessagesOf { .. }
            | ClientMessage::Report
            | ClientMessage::Ask { .. }
            | ClientMessage::EndForAll
            | ClientMessage::Join { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::Probe { .. }
            | ClientMessage::View { .. }
            | ClientMessage::Ping => {}
        }
    }

    /// Gone at once where the way back is free, else for the time of a reload.
    pub(super) fn closes_the_page(&mut self, by: &Id, now: Timestamp) {
        let open =
            self.door == Some(Door::Open) && !self.after_removal && self.inside() < self.capacity;
        let has_turn = self.hands.contains(by) || self.floor.as_ref() == Some(by);
        if (open || self.moderates(by)) && !has_turn {
            self.goes(by);
        } else if let Some(one) = self.seats.get_mut(by) {
            one.lost_at = Some(now);
            one.away = true;
        }
    }

    pub(super) fn changed(&mut self, change: &PolicyChange, entered: &[Id]) {
        self.by_hand(change);
        for (right, who) in
            RIGHTS
                .into_iter()
                .zip([change.microphone, change.camera, change.screen, change.chat])
        {
            self.allow(right, who);
        }
        let opened = change.door == Some(Door::Open) && self.door != Some(Door::Open);
        self.door = change.door.or(self.door);
        self.after_door(opened, entered);
    }

    pub(super) fn let_all_in(&mut self, mut wanted: Vec<Id>, entered: &[Id]) {
        // Who came in first has the older place.
        wanted.sort_by_key(|id| {
            entered
                .iter()
                .position(|one| one == id)
                .unwrap_or(usize::MAX)
        });
        for id in wanted {
            self.let_in(&id, entered);
        }
    }

    /// Only if there is room: the room says for whom there was, and no more than fit.
    pub(super) fn let_in(&mut self, id: &Id, entered: &[Id]) {
        if !entered.contains(id) {
            assert!(
                self.inside() + entered.len() >= self.capacity,
                "{id:?} waits although there is room"
            );
            return;
        }
        assert!(
            self.inside() < self.capacity,
            "5: {id:?} beyond the capacity"
        );
        if let Some(knock) = self.knocks.get(id).cloned() {
            for (seat, one) in &mut self.seats {
                if seat == id || one.is_of(knock.user.as_ref(), knock.device.as_ref()) {
                    one.sent = false;
                }
            }
        }
        if self.seats.contains_key(id) {
            let knock = self.knocks.get(id);
            let session = knock.and_then(|one| one.session.clone());
            let address = knock.and_then(|one| one.address.clone());
            self.returns(id, session.as_ref(), address.as_ref());
        } else if let Some(knock) = self.knocks.remove(id) {
            let known = Known {
                user: knock.user,
                device: knock.device,
                session: knock.session,
                since: knock.since,
                address: knock.address,
                listed: knock.listed,
                marked: knock.marked,
                unidentified: knock.unidentified,
                name: knock.name,
            };
            self.seat(id, known, false);
        }
    }

    pub(super) fn remove(&mut self, by: Option<&Id>, target: &Target) {
        let spared = |id: &Id, one: &Holder| one.owner || Some(id) == by;
        let those = self.those(target);
        // All: also those who are out now.
        match target {
            Target::All => self
                .seats
                .retain(|_, one| one.present || one.owner || one.sent),
            Target::Listed => self.seats.retain(|_, one| {
                one.present || one.owner || one.sent || !(one.listed || one.marked)
            }),
            Target::Unlisted => self
                .seats
                .retain(|_, one| one.present || one.owner || one.sent || one.listed || one.marked),
            Target::These(_) => {}
        }
        let mut gone = Vec::new();
        for id in those {
            if let Some(one) = self.seats.get(&id).filter(|one| !spared(&id, one)) {
                self.bad_users.extend(one.user.clone());
                self.bad_devices.extend(one.device.clone());
                gone.push(id);
            }
        }
        if gone.is_empty() {
            return;
        }
        for (id, one) in &self.seats {
            if !spared(id, one) && self.is_bad(one.user.as_ref(), one.device.as_ref()) {
                gone.push(id.clone());
            }
        }
        for id in gone {
            self.goes(&id);
            self.seats.remove(&id);
            self.knocks.remove(&id);
            self.removed.insert(id);
        }
        self.after_removal = true;
        if self.door == Some(Door::Open) {
            self.door = Some(Door::Knock);
        }
        self.clear_bad_knocks();
    }

    /// Back to the lobby, with all their seats, and whoever is connected waits there.
    fn sent_out(&mut self, by: Option<&Id>, target: &Target) {
        let may_go = |id: &Id, one: &Holder| one.present && !one.moderator && Some(id) != by;
        let named: Vec<Holder> = self
            .those(target)
            .iter()
            .filter(|id| may_go(id, &self.seats[id]))
            .map(|id| self.seats[id].clone())
            .collect();
        let goes: Vec<(Id, Holder)> = self
            .seats
            .iter()
            .filter(|(id, one)| {
                let theirs = |other: &Holder| {
                    other.order == one.order || other.is_of(one.user.as_ref(), one.device.as_ref())
                };
                may_go(id, one) && named.iter().any(theirs)
            })
            .map(|(id, one)| (id.clone(), one.clone()))
            .collect();
        if goes.is_empty() {
            return;
        }
        for (id, one) in goes {
            self.goes(&id);
            if let Some(seat) = self.seats.get_mut(&id) {
                seat.sent = true;
            }
            if one.lost_at.is_none() {
                let known = Known {
                    user: one.user,
                    device: one.device,
                    session: one.session,
                    since: one.since,
                    address: one.address,
                    listed: one.listed,
                    marked: one.marked,
                    unidentified: one.unidentified,
                    name: one.name,
                };
                self.knocks(&id, known, false, true);
            }
        }
        if self.door == Some(Door::Open) {
            self.door = Some(Door::Knock);
        }
    }

    pub(super) fn ban_knock(&mut self, id: &Id) {
        if let Some(knock) = self.knocks.remove(id) {
            self.seats.remove(id);
            self.removed.insert(id.clone());
            self.bad_users.extend(knock.user);
            self.bad_devices.extend(knock.device);
        }
    }

    pub(super) fn clear_bad_knocks(&mut self) {
        // Whom a further one brings with it was not refused by name, and so on until nobody is left.
        let bad: Vec<Id> = self
            .knocks
            .iter()
            .filter(|(_, one)| self.is_bad(one.user.as_ref(), one.device.as_ref()))
            .map(|(id, _)| id.clone())
            .collect();
        for id in bad {
            self.ban_knock(&id);
        }
    }
}
