//! What a room promises, written down once more in the shortest words: sets of who may, is and was. It knows nothing of
//! how the room keeps it, so that both can be compared after every command.

use std::collections::{BTreeMap, BTreeSet};

use crate::room::{Action, Admission, Arrival, By, Ended, Identity, SeatOwner};
use crate::signal::{
    ClientMessage, Door, ParticipantId, Policy, PolicyChange, RefusalReason, Right, Role, Source,
    Target, Who,
};

type Id = ParticipantId;

/// Someone who was let in and not removed.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Holder {
    pub user: Option<String>,
    pub device: Option<String>,
    pub session: Option<String>,
    /// Since when the device is known.
    pub since: Option<u64>,
    pub address: Option<String>,
    /// Since when they are on the list.
    pub came_at: u64,
    pub owner: bool,
    pub listed: bool,
    pub moderator: bool,
    pub grants: BTreeSet<Right>,
    pub on: BTreeSet<Source>,
    /// Shown in the list.
    pub present: bool,
    pub lost_at: Option<u64>,
    /// Closed the page.
    pub away: bool,
    /// As they said it.
    pub name: String,
    /// The claim names nobody in particular.
    pub anonymous: bool,
    /// Who came first.
    pub order: u64,
}

/// What is known of someone who comes.
struct Known {
    user: Option<String>,
    device: Option<String>,
    session: Option<String>,
    since: Option<u64>,
    address: Option<String>,
    listed: bool,
    anonymous: bool,
    name: String,
}

/// Someone at the door.
#[derive(Clone, Debug)]
pub(super) struct Knock {
    pub user: Option<String>,
    pub device: Option<String>,
    pub session: Option<String>,
    pub since: Option<u64>,
    pub address: Option<String>,
    pub listed: bool,
    pub anonymous: bool,
    pub name: String,
    pub suspicious: bool,
    pub order: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub seats: BTreeMap<Id, Holder>,
    pub knocks: BTreeMap<Id, Knock>,
    pub removed: BTreeSet<Id>,
    pub bad_devices: BTreeSet<String>,
    pub bad_users: BTreeSet<String>,
    /// Accounts that are none any more.
    pub withdrawn: BTreeSet<String>,
    pub hands: BTreeSet<Id>,
    pub order: u64,
    pub after_removal: bool,
    pub door: Option<Door>,
    pub password: Option<String>,
    pub everyone: BTreeSet<Right>,
    pub floor: Option<Id>,
    pub capacity: usize,
    /// Accounts that several people seem to use.
    pub shared: BTreeSet<String>,
    pub now: u64,
}

const RIGHTS: [Right; 4] = [Right::Microphone, Right::Camera, Right::Screen, Right::Chat];

fn right(source: Source) -> Right {
    match source {
        Source::Microphone => Right::Microphone,
        Source::Camera => Right::Camera,
        Source::Screen => Right::Screen,
    }
}

impl Model {
    pub fn of(policy: &Policy) -> Self {
        let mut model = Self {
            door: Some(policy.door),
            capacity: policy.capacity as usize,
            ..Self::default()
        };
        for (right, who) in [
            (Right::Microphone, policy.microphone),
            (Right::Camera, policy.camera),
            (Right::Screen, policy.screen),
            (Right::Chat, policy.chat),
        ] {
            model.allow(right, Some(who));
        }
        model
    }

    fn allow(&mut self, right: Right, who: Option<Who>) {
        match who {
            Some(Who::Everyone) => {
                self.everyone.insert(right);
            }
            Some(Who::Moderators) => {
                self.everyone.remove(&right);
            }
            None => {}
        }
    }

    pub fn inside(&self) -> usize {
        self.seats.values().filter(|one| one.present).count()
    }

    pub fn moderates(&self, id: &Id) -> bool {
        self.seats
            .get(id)
            .is_some_and(|one| one.present && one.moderator)
    }

    pub fn may(&self, id: &Id, right: Right) -> bool {
        let Some(one) = self.seats.get(id) else {
            return false;
        };
        let has_floor = self.floor.as_ref() == Some(id);
        let spoken_for = right == Right::Microphone && self.floor.is_some() && !has_floor;
        let by_floor = has_floor && matches!(right, Right::Microphone | Right::Camera);
        one.moderator
            || by_floor
            || (!spoken_for && (self.everyone.contains(&right) || one.grants.contains(&right)))
    }

    /// What is sent on of someone.
    pub fn sends(&self, id: &Id) -> BTreeSet<Source> {
        let Some(one) = self.seats.get(id).filter(|one| one.present) else {
            return BTreeSet::new();
        };
        let permitted = one.on.iter().filter(|source| self.may(id, right(**source)));
        permitted.copied().collect()
    }

    fn is_bad(&self, user: Option<&String>, device: Option<&String>) -> bool {
        user.is_some_and(|user| self.bad_users.contains(user) || self.withdrawn.contains(user))
            || device.is_some_and(|device| self.bad_devices.contains(device))
    }

    /// The seat that someone comes back to, by the token for it or because they are known; `Err`: the token is no good.
    fn claims(&self, arrival: &Arrival) -> Result<Option<Id>, RefusalReason> {
        let lost = |one: &Holder| !one.present || one.lost_at.is_some();
        let of_user = |user: &String, owner: bool, one: &Holder| {
            lost(one) && one.user.as_ref() == Some(user) && one.owner == owner
        };
        let fits = |one: &Holder| match &arrival.identity {
            Identity::Owner { user } => of_user(user, true, one),
            Identity::Verified { user, .. } => of_user(user, false, one),
            Identity::Guest { device } | Identity::Invited { device } => {
                lost(one)
                    && one.user.is_none()
                    && !one.moderator
                    && device.is_some()
                    && one.device == *device
                    && one.name == arrival.name
            }
            Identity::Seat { .. } => false,
        };
        if let Identity::Seat { participant, owner } = &arrival.identity {
            if self.removed.contains(participant) {
                return Err(RefusalReason::Removed);
            }
            let seat = self.seats.get(participant).filter(|one| match owner {
                SeatOwner::Bearer => true,
                SeatOwner::Guest => one.user.is_none(),
                SeatOwner::User(user) => one.user.as_ref() == Some(user),
            });
            return match seat {
                Some(_) => Ok(Some(participant.clone())),
                None => Err(RefusalReason::BadSeat),
            };
        }
        let mut seats = self.seats.iter().filter(|(_, one)| fits(one));
        let good = seats.clone().find(|(_, one)| one.present || one.moderator);
        Ok(good.or_else(|| seats.next()).map(|(id, _)| id.clone()))
    }

    /// The answer that an arrival must get.
    pub fn answer(&self, arrival: &Arrival) -> Admission {
        let (user, device, listed, anyone) = match &arrival.identity {
            Identity::Owner { user } => (Some(user), None, true, false),
            Identity::Verified {
                user,
                device,
                listed,
                anonymous,
            } => (Some(user), device.as_ref(), *listed, *anonymous),
            Identity::Invited { device } => (None, device.as_ref(), true, true),
            Identity::Guest { device } => (None, device.as_ref(), false, true),
            Identity::Seat { .. } => (None, None, false, false),
        };
        let owner = matches!(arrival.identity, Identity::Owner { .. });
        let banned = match user {
            Some(user) if owner => self.withdrawn.contains(user),
            _ => self.is_bad(user, device),
        };
        if banned {
            return Admission::Refused(RefusalReason::Removed);
        }
        let claimed = match self.claims(arrival) {
            Ok(claimed) => claimed,
            Err(reason) => return Admission::Refused(reason),
        };
        let enters = Admission::Admitted {
            participant: claimed.clone().unwrap_or_else(|| arrival.id.clone()),
            returned: claimed.is_some(),
        };
        let holder = claimed.as_ref().map(|id| &self.seats[id]);
        if owner || holder.is_some_and(|one| one.present || one.moderator) {
            return enters;
        }
        // From here on a seat says who someone was, and that they knew the password.
        if holder.is_some_and(|one| self.is_bad(one.user.as_ref(), one.device.as_ref())) {
            return Admission::Refused(RefusalReason::Removed);
        }
        let passes = listed || holder.is_some_and(|one| one.listed);
        let anyone = anyone || holder.is_some_and(|one| one.anonymous);
        let stranger = holder.is_none() && !passes;
        if stranger && self.password.is_some() && self.password != arrival.password {
            return Admission::Hidden;
        }
        let guesses = arrival.suspicious && stranger;
        let knocks = guesses
            || (self.door == Some(Door::Knock) && (!passes || (anyone && self.after_removal)));
        match self.door {
            Some(Door::Closed) if guesses => Admission::Hidden,
            Some(Door::Closed) => Admission::Refused(RefusalReason::Closed),
            _ if knocks => Admission::Lobby {
                participant: claimed.unwrap_or_else(|| arrival.id.clone()),
            },
            _ if self.inside() < self.capacity => enters,
            _ if self.gives_way(arrival, claimed.as_ref()).is_some() => enters,
            _ => Admission::Refused(RefusalReason::Full),
        }
    }

    fn since(&self, arrival: &Arrival) -> u64 {
        self.now - arrival.known_for.unwrap_or(0)
    }

    /// Who goes so that someone gets in where the conference is full. Moderators of the room, and who is on the list, need
    /// nobody to go.
    fn gives_way(&self, arrival: &Arrival, claimed: Option<&Id>) -> Option<Id> {
        let holder = claimed.map(|id| &self.seats[id]);
        let (user, device, signed, anyone) = match (&arrival.identity, holder) {
            (Identity::Owner { .. }, _) | (Identity::Seat { .. }, None) => return None,
            (_, Some(one)) if one.present || one.moderator => return None,
            (Identity::Seat { .. }, Some(one)) => (
                one.user.as_ref(),
                one.device.as_ref(),
                one.listed,
                one.anonymous,
            ),
            (
                Identity::Verified {
                    user,
                    device,
                    listed,
                    anonymous,
                },
                _,
            ) => (Some(user), device.as_ref(), *listed, *anonymous),
            (Identity::Invited { device }, _) => (None, device.as_ref(), true, true),
            (Identity::Guest { device }, _) => (None, device.as_ref(), false, true),
        };
        let anyone = anyone || holder.is_some_and(|one| one.anonymous);
        let signed = signed || holder.is_some_and(|one| one.listed) || user.is_some();
        let since = holder.map_or_else(|| Some(self.since(arrival)), |one| one.since);
        let is_same = |one: &Holder| match user {
            Some(_) => one.user.as_ref() == user,
            None => device.is_some() && one.device.as_ref() == device,
        };
        if self.seats.values().any(|one| one.present && is_same(one)) {
            return None;
        }
        let guests = || {
            let all = self.seats.iter();
            all.filter(|(_, one)| one.present && one.user.is_none() && !one.moderator)
        };
        // Those of one address, with a browser of their own or without one.
        let of = |address: &Option<String>, has_device: bool| {
            let all = guests().filter(|(_, one)| one.device.is_some() == has_device);
            all.filter(|(_, one)| one.address == *address).count()
        };
        let goes_for = |one: &Holder| {
            let alike = of(&one.address, false);
            let is_one_of_many = one.device.is_none()
                && one.address.is_some()
                && alike > std::cmp::max(1, self.capacity / 7);
            match (user, since) {
                (Some(_), _) if !anyone => true,
                _ if signed => is_one_of_many,
                (None, Some(since)) if device.is_some() => {
                    is_one_of_many
                        && since < one.came_at
                        && (one.address == arrival.address
                            || of(&arrival.address, true) + 1 < alike)
                }
                _ => false,
            }
        };
        let last = guests()
            .filter(|(_, one)| goes_for(one))
            .min_by_key(|(id, one)| {
                let nobody = one.device.is_none();
                let many = if nobody { of(&one.address, false) } else { 0 };
                let speaks = self.floor.as_ref() == Some(id);
                (speaks, !nobody, usize::MAX - many, u64::MAX - one.order)
            });
        last.map(|(id, _)| id.clone())
    }

    /// Someone came, and this was the answer.
    pub fn came(&mut self, arrival: &Arrival, answer: &Admission) {
        if let Admission::Admitted {
            participant,
            returned,
        } = answer
            && self.inside() >= self.capacity
            && let Some(last) = self.gives_way(arrival, returned.then_some(participant))
        {
            self.goes(&last);
            self.seats.remove(&last);
            self.knocks.remove(&last);
        }
        let (user, device, listed, anonymous) = match &arrival.identity {
            Identity::Owner { user } => (Some(user.clone()), None, true, false),
            Identity::Verified {
                user,
                device,
                listed,
                anonymous,
            } => (Some(user.clone()), device.clone(), *listed, *anonymous),
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
            anonymous,
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
                let suspicious = arrival.suspicious && !passes && before.is_none();
                let known = before.map_or(known, |one| Known {
                    user: one.user.clone(),
                    device: one.device.clone(),
                    session: arrival.session.clone().or(one.session.clone()),
                    since: one.since,
                    address: arrival.address.clone(),
                    listed: one.listed,
                    anonymous: one.anonymous,
                    name: one.name.clone(),
                });
                self.knocks(participant, known, suspicious);
            }
            Admission::Hidden | Admission::Refused(_) => {}
        }
    }

    /// At most three knocks of one person: the oldest goes.
    fn knocks(&mut self, id: &Id, known: Known, suspicious: bool) {
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
            anonymous: known.anonymous,
            name: known.name,
            suspicious,
            order,
        };
        self.knocks.insert(id.clone(), knock);
    }

    fn returns(&mut self, id: &Id, session: Option<&String>, address: Option<&String>) {
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

    fn seat(&mut self, id: &Id, known: Known, owner: bool) {
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
            anonymous: known.anonymous,
            name: known.name,
            moderator: owner,
            grants: BTreeSet::new(),
            on: BTreeSet::new(),
            present: true,
            lost_at: None,
            away: false,
            order: self.order,
        };
        self.seats.insert(id.clone(), holder);
        self.at_most_three(id);
    }

    /// An account that four devices use at once is told of: the first three of a conference.
    fn notice_shared(&mut self, id: &Id) {
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
    fn at_most_three(&mut self, id: &Id) {
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

    pub fn lost(&mut self, id: &Id, now: u64) {
        if self.knocks.remove(id).is_none()
            && let Some(one) = self.seats.get_mut(id).filter(|one| one.present)
        {
            one.lost_at.get_or_insert(now);
        }
    }

    pub fn later(&mut self, now: u64) {
        let gone: Vec<Id> = self
            .seats
            .iter()
            .filter(|(_, one)| {
                let shown = if one.away { 20_000 } else { 60_000 };
                one.present && one.lost_at.is_some_and(|at| now - at >= shown)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            self.goes(&id);
        }
    }

    fn goes(&mut self, id: &Id) {
        if let Some(one) = self.seats.get_mut(id) {
            one.present = false;
            one.on.clear();
        }
        self.hands.remove(id);
        if self.floor.as_ref() == Some(id) {
            self.floor = None;
        }
    }

    fn those(&self, target: &Target) -> Vec<Id> {
        let all = self.seats.iter().filter(|(_, one)| one.present);
        let wanted = all.filter(|(id, one)| match target {
            Target::All => !one.moderator,
            Target::Unlisted => !one.moderator && !one.listed,
            Target::These(ids) => ids.contains(id),
        });
        wanted.map(|(id, _)| id.clone()).collect()
    }

    fn knocking(&self, target: &Target) -> Vec<Id> {
        let wanted = self.knocks.iter().filter(|(id, one)| match target {
            Target::All => true,
            Target::Unlisted => !one.listed,
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
            | ClientMessage::SetSource { on: false, .. } => true,
            ClientMessage::SetSource { source, on: true } => self.may(id, right(*source)),
            ClientMessage::SendChat { .. } => self.may(id, Right::Chat),
            _ => self.moderates(id),
        })
    }

    /// An action that was carried out. `entered`: who came in by it, for the lobby lets in as many as fit.
    pub fn acted(&mut self, now: u64, by: &By, action: &Action, entered: &[Id]) {
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
            Action::Alert(_) => {}
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
    fn said(&mut self, now: u64, by: Option<&Id>, message: &ClientMessage, entered: &[Id]) {
        match message {
            ClientMessage::Leave => {
                if let Some(by) = by {
                    self.goes(by);
                    self.seats.remove(by);
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
                        .retain(|_, one| one.present || one.moderator || one.listed);
                }
                self.password.clone_from(password);
            }
            ClientMessage::Grant {
                participant,
                right,
                granted,
            } => {
                if let Some(one) = self.seats.get_mut(participant) {
                    if *granted {
                        one.grants.insert(*right);
                    } else {
                        one.grants.remove(right);
                    }
                }
            }
            ClientMessage::SetFloor { participant } => self.floor.clone_from(participant),
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
            ClientMessage::StopEverything => {
                self.door = Some(Door::Closed);
                self.everyone.clear();
                self.floor = None;
                for one in self.seats.values_mut().filter(|one| !one.moderator) {
                    one.grants.clear();
                }
            }
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
            // They change nothing that is compared; the room refuses the last four.
            ClientMessage::SendChat { .. }
            | ClientMessage::Ask { .. }
            | ClientMessage::EndForAll
            | ClientMessage::Join { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::View { .. }
            | ClientMessage::Ping => {}
        }
    }

    /// Gone at once where the way back is free, else for the time of a reload.
    fn closes_the_page(&mut self, by: &Id, now: u64) {
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

    fn changed(&mut self, change: &PolicyChange, entered: &[Id]) {
        for (right, who) in
            RIGHTS
                .into_iter()
                .zip([change.microphone, change.camera, change.screen, change.chat])
        {
            self.allow(right, who);
        }
        let opened = change.door == Some(Door::Open) && self.door != Some(Door::Open);
        self.door = change.door.or(self.door);
        if opened {
            let waiting: Vec<Id> = self
                .knocks
                .iter()
                .filter(|(_, one)| !one.suspicious)
                .map(|(id, _)| id.clone())
                .collect();
            self.let_all_in(waiting, entered);
        }
    }

    fn let_all_in(&mut self, mut wanted: Vec<Id>, entered: &[Id]) {
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
    fn let_in(&mut self, id: &Id, entered: &[Id]) {
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
                anonymous: knock.anonymous,
                name: knock.name,
            };
            self.seat(id, known, false);
        }
    }

    fn remove(&mut self, by: Option<&Id>, target: &Target) {
        let spared = |id: &Id, one: &Holder| one.owner || Some(id) == by;
        let those = self.those(target);
        // All: also those who are out now.
        match target {
            Target::All => self.seats.retain(|_, one| one.present || one.owner),
            Target::Unlisted => self
                .seats
                .retain(|_, one| one.present || one.owner || one.listed),
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

    fn ban_knock(&mut self, id: &Id) {
        if let Some(knock) = self.knocks.remove(id) {
            self.seats.remove(id);
            self.removed.insert(id.clone());
            self.bad_users.extend(knock.user);
            self.bad_devices.extend(knock.device);
        }
    }

    fn clear_bad_knocks(&mut self) {
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
