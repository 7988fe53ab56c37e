//! What a room promises, written down once more in the shortest words: sets of who may, is and was. It knows nothing of
//! how the room keeps it, so that both can be compared after every command.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Admission, Arrival, By, Identity, Whose};
use crate::signal::{
    Door, ParticipantId, Policy, PolicyChange, RefusalReason, Right, Role, Source, Target, Who,
};

type Id = ParticipantId;

/// Someone who was let in and not removed.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Holder {
    pub user: Option<String>,
    pub device: Option<String>,
    pub owner: bool,
    pub listed: bool,
    pub moderator: bool,
    pub grants: BTreeSet<Right>,
    pub on: BTreeSet<Source>,
    /// Shown in the list.
    pub present: bool,
    pub lost_at: Option<u64>,
}

/// Someone at the door.
#[derive(Clone, Debug)]
pub(super) struct Knock {
    pub user: Option<String>,
    pub device: Option<String>,
    pub listed: bool,
    pub suspicious: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub seats: BTreeMap<Id, Holder>,
    pub knocks: BTreeMap<Id, Knock>,
    pub removed: BTreeSet<Id>,
    pub bad_devices: BTreeSet<String>,
    pub bad_users: BTreeSet<String>,
    pub wary: bool,
    pub door: Option<Door>,
    pub password: Option<String>,
    pub everyone: BTreeSet<Right>,
    pub floor: Option<Id>,
    pub capacity: usize,
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
        user.is_some_and(|user| self.bad_users.contains(user))
            || device.is_some_and(|device| self.bad_devices.contains(device))
    }

    /// The answer that an arrival must get.
    pub fn answer(&self, arrival: &Arrival) -> Admission {
        let back = |participant: &Id| Admission::Admitted {
            participant: participant.clone(),
            returned: true,
        };
        let new = Admission::Admitted {
            participant: arrival.id.clone(),
            returned: false,
        };
        let away = |user: &String, owner: bool| {
            let fits = |one: &Holder| {
                one.user.as_ref() == Some(user)
                    && one.owner == owner
                    && !(one.present && one.lost_at.is_none())
            };
            self.seats.iter().find(|(_, one)| fits(one))
        };
        let (user, device, passes, anonymous) = match &arrival.identity {
            Identity::Owner { user } => return away(user, true).map_or(new, |(id, _)| back(id)),
            Identity::Seat { participant, whose } => {
                if self.removed.contains(participant) {
                    return Admission::Refused(RefusalReason::Removed);
                }
                let fits = self.seats.get(participant).is_some_and(|one| match whose {
                    Whose::Holders => true,
                    Whose::Guests => one.user.is_none(),
                    Whose::Users(user) => one.user.as_ref() == Some(user),
                });
                return if fits {
                    back(participant)
                } else {
                    Admission::Refused(RefusalReason::BadSeat)
                };
            }
            Identity::Verified {
                user,
                device,
                listed,
                anonymous,
            } => (Some(user), device.as_ref(), *listed, *anonymous),
            Identity::Invited { device } => (None, device.as_ref(), true, true),
            Identity::Guest { device } => (None, device.as_ref(), false, false),
        };
        if self.is_bad(user, device) {
            return Admission::Refused(RefusalReason::Removed);
        }
        if let Some((id, _)) = user.and_then(|user| away(user, false)) {
            return back(id);
        }
        if !passes && self.password.is_some() && self.password != arrival.password {
            return Admission::Hidden;
        }
        let guesses = arrival.suspicious && !passes;
        let knocks =
            guesses || (self.door == Some(Door::Knock) && (!passes || (anonymous && self.wary)));
        match self.door {
            Some(Door::Closed) if guesses => Admission::Hidden,
            Some(Door::Closed) => Admission::Refused(RefusalReason::Closed),
            _ if knocks => Admission::Lobby {
                participant: arrival.id.clone(),
            },
            _ if self.inside() >= self.capacity => Admission::Refused(RefusalReason::Full),
            _ => new,
        }
    }

    /// Someone came, and this was the answer.
    pub fn came(&mut self, arrival: &Arrival, answer: &Admission) {
        let (user, device, owner, listed) = match &arrival.identity {
            Identity::Owner { user } => (Some(user.clone()), None, true, true),
            Identity::Verified {
                user,
                device,
                listed,
                ..
            } => (Some(user.clone()), device.clone(), false, *listed),
            Identity::Guest { device } | Identity::Invited { device } => {
                (None, device.clone(), false, false)
            }
            Identity::Seat { .. } => (None, None, false, false),
        };
        match answer {
            Admission::Admitted {
                participant,
                returned: true,
            } => {
                if let Some(one) = self.seats.get_mut(participant) {
                    one.present = true;
                    one.lost_at = None;
                }
            }
            Admission::Admitted {
                participant,
                returned: false,
            } => self.seat(participant, user, device, owner, listed),
            Admission::Lobby { participant } => {
                let knock = Knock {
                    user,
                    device,
                    listed,
                    suspicious: arrival.suspicious,
                };
                self.knocks.insert(participant.clone(), knock);
            }
            Admission::Hidden | Admission::Refused(_) => {}
        }
    }

    fn seat(
        &mut self,
        id: &Id,
        user: Option<String>,
        device: Option<String>,
        owner: bool,
        listed: bool,
    ) {
        let holder = Holder {
            user,
            device,
            owner,
            listed,
            moderator: owner,
            grants: BTreeSet::new(),
            on: BTreeSet::new(),
            present: true,
            lost_at: None,
        };
        self.seats.insert(id.clone(), holder);
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
            .filter(|(_, one)| one.present && one.lost_at.is_some_and(|at| now - at >= 60_000))
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
        Some(match action {
            Action::Leave
            | Action::Away
            | Action::SetHand { .. }
            | Action::SetSource { on: false, .. } => true,
            Action::SetSource { source, on: true } => self.may(id, right(*source)),
            Action::SendChat { .. } => self.may(id, Right::Chat),
            _ => self.moderates(id),
        })
    }

    /// An action that was carried out. `entered`: who came in by it, for the lobby lets in as many as fit.
    pub fn acted(&mut self, by: &By, action: &Action, entered: &[Id]) {
        let by = match by {
            By::Person(id) => Some(id),
            By::Server => None,
        };
        match action {
            Action::Leave => {
                if let Some(by) = by {
                    self.goes(by);
                    self.seats.remove(by);
                }
            }
            Action::SetSource { source, on } => {
                if let Some(one) = by.and_then(|by| self.seats.get_mut(by)) {
                    if *on {
                        one.on.insert(*source);
                    } else {
                        one.on.remove(source);
                    }
                }
            }
            Action::Mute { target, source } => {
                for id in self.those(target) {
                    self.seats.entry(id).and_modify(|one| {
                        one.on.remove(source);
                    });
                }
            }
            Action::SetPolicy { change } => self.changed(change, entered),
            Action::SetPassword { password } => self.password.clone_from(password),
            Action::Grant {
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
            Action::SetFloor { participant } => self.floor.clone_from(participant),
            Action::Admit { target } => {
                for id in self.knocking(target) {
                    self.let_in(&id, entered);
                }
            }
            Action::Refuse { target } => {
                for id in self.knocking(target) {
                    self.ban_knock(&id);
                }
                self.clear_bad_knocks();
            }
            Action::Remove { target } => self.remove(by, target),
            Action::SetRole { participant, role } => {
                if let Some(one) = self.seats.get_mut(participant) {
                    one.moderator = *role == Role::Moderator;
                }
            }
            Action::StopEverything => {
                self.door = Some(Door::Closed);
                self.everyone.clear();
                self.floor = None;
                for one in self.seats.values_mut().filter(|one| !one.moderator) {
                    one.grants.clear();
                }
            }
            Action::Away
            | Action::SendChat { .. }
            | Action::SetHand { .. }
            | Action::Ask { .. }
            | Action::LowerHand { .. }
            | Action::EndForAll => {}
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
            for id in waiting {
                self.let_in(&id, entered);
            }
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
        if let Some(knock) = self.knocks.remove(id) {
            self.seat(id, knock.user, knock.device, false, knock.listed);
        }
    }

    fn remove(&mut self, by: Option<&Id>, target: &Target) {
        let spared = |id: &Id, one: &Holder| one.owner || Some(id) == by;
        let mut gone = Vec::new();
        for id in self.those(target) {
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
            self.removed.insert(id);
        }
        self.wary = true;
        if self.door == Some(Door::Open) {
            self.door = Some(Door::Knock);
        }
        self.clear_bad_knocks();
    }

    fn ban_knock(&mut self, id: &Id) {
        if let Some(knock) = self.knocks.remove(id) {
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
