//! What a room promises, written down once more in the shortest words: sets of who may, is and was. It knows nothing of
//! how the room keeps it, so that both can be compared after every command.

mod actions;
mod comings;
mod safety;

use std::collections::{BTreeMap, BTreeSet};

use crate::room::{Admission, Arrival, Identity, SeatOwner};
use crate::signal::{Door, ParticipantId, Policy, RefusalReason, Right, Source, Who};
use crate::timestamp::Timestamp;

type Id = ParticipantId;

/// Whether everyone had the right to a camera, and who had it personally.
type Cameras = (bool, BTreeSet<Id>);

/// Someone who was let in and not removed.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Holder {
    pub user: Option<String>,
    pub device: Option<String>,
    pub session: Option<String>,
    /// Since when the device is known.
    pub since: Option<Timestamp>,
    pub address: Option<String>,
    /// Since when they are on the list.
    pub came_at: Timestamp,
    pub owner: bool,
    pub listed: bool,
    /// A moderator says that they belong here.
    pub marked: bool,
    /// A moderator sent them to the lobby.
    pub sent: bool,
    pub moderator: bool,
    pub grants: BTreeSet<Right>,
    pub on: BTreeSet<Source>,
    /// Shown in the list.
    pub present: bool,
    pub lost_at: Option<Timestamp>,
    /// Closed the page.
    pub away: bool,
    /// When they left the list last.
    pub left_at: Option<Timestamp>,
    /// As they said it.
    pub name: String,
    /// The claim names nobody in particular.
    pub unidentified: bool,
    /// Who came first.
    pub order: u64,
}

impl Holder {
    fn is_of(&self, user: Option<&String>, device: Option<&String>) -> bool {
        (user.is_some() && self.user.as_ref() == user)
            || (device.is_some() && self.device.as_ref() == device)
    }
}

/// What is known of someone who comes.
struct Known {
    user: Option<String>,
    device: Option<String>,
    session: Option<String>,
    since: Option<Timestamp>,
    address: Option<String>,
    listed: bool,
    marked: bool,
    unidentified: bool,
    name: String,
}

/// Someone at the door.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Knock {
    pub user: Option<String>,
    pub device: Option<String>,
    pub session: Option<String>,
    pub since: Option<Timestamp>,
    pub address: Option<String>,
    pub listed: bool,
    pub marked: bool,
    pub sent: bool,
    pub unidentified: bool,
    pub name: String,
    pub unproven: bool,
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
    pub speakers_only: bool,
    /// Who everyone was told is the speaker.
    pub speaker: Option<Id>,
    pub capacity: usize,
    /// Who comes back while the door is closed, beside those on the list.
    pub insiders: Option<BTreeSet<Id>>,
    /// Whom moderators released from the emergency stop, while it holds.
    pub stop: Option<BTreeSet<Id>>,
    /// The door before the lesson was closed, and the cameras, as far as they are locked by it.
    pub lesson: Option<(Door, Option<Cameras>)>,
    /// Accounts that several people seem to use.
    pub shared: BTreeSet<String>,
    pub now: Timestamp,
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
        if !one.moderator && self.is_held(id) {
            return false;
        }
        one.moderator
            || by_floor
            || (!spoken_for && (self.everyone.contains(&right) || one.grants.contains(&right)))
    }

    /// What is sent on of someone.
    pub fn sends(&self, id: &Id) -> BTreeSet<Source> {
        let Some(one) = self.seats.get(id).filter(|one| one.present) else {
            return BTreeSet::new();
        };
        // Of all cameras that of the one speaker only.
        let waits = self.speakers_only && self.speaker.as_ref() != Some(id);
        let permitted = one.on.iter().filter(|source| self.may(id, right(**source)));
        let sent = permitted.filter(|source| !(waits && **source == Source::Camera));
        sent.copied().collect()
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
            // Cards have a model of their own (`tests/cards.rs`).
            Identity::Card { .. } | Identity::Seat { .. } => false,
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
                unidentified,
            } => (Some(user), device.as_ref(), *listed, *unidentified),
            Identity::Card { user, device } => (Some(user), device.as_ref(), true, false),
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
        let anyone = anyone || holder.is_some_and(|one| one.unidentified);
        let stranger = holder.is_none() && !passes;
        if stranger && self.password.is_some() && self.password != arrival.password {
            return Admission::Hidden;
        }
        let (known_user, known_device) = match holder {
            Some(one) => (one.user.as_ref(), one.device.as_ref()),
            None => (user, device),
        };
        let id = claimed.as_ref().unwrap_or(&arrival.id);
        if self.was_sent(id, known_user, known_device) {
            return Admission::Lobby {
                participant: id.clone(),
            };
        }
        let guesses = arrival.unproven && stranger;
        let knocks = guesses
            || (self.door == Some(Door::Knock) && (!passes || (anyone && self.after_removal)));
        match self.door {
            Some(Door::Closed) if claimed.as_ref().is_some_and(|id| self.is_insider(id)) => enters,
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

    /// By this seat, or by another one of the same account or browser.
    fn was_sent(&self, id: &Id, user: Option<&String>, device: Option<&String>) -> bool {
        let mut sent = self.seats.iter().filter(|(_, one)| one.sent);
        sent.any(|(seat, one)| seat == id || one.is_of(user, device))
    }

    fn since(&self, arrival: &Arrival) -> Timestamp {
        self.now - arrival.known_for.unwrap_or_default()
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
                one.unidentified,
            ),
            (
                Identity::Verified {
                    user,
                    device,
                    listed,
                    unidentified,
                },
                _,
            ) => (Some(user), device.as_ref(), *listed, *unidentified),
            (Identity::Card { user, device }, _) => (Some(user), device.as_ref(), true, false),
            (Identity::Invited { device }, _) => (None, device.as_ref(), true, true),
            (Identity::Guest { device }, _) => (None, device.as_ref(), false, true),
        };
        let anyone = anyone || holder.is_some_and(|one| one.unidentified);
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
}
