//! The lobby: who waits there, how its places are shared out, and how people leave it.
//!
//! A place in the lobby costs whoever knocks nothing, so places are counted: three for a person, and two thirds of all for
//! those of one group of addresses of whom nothing is known. Who has a device or an account comes before who has none: a
//! browser has one, a script that knocks and runs has not, or has to get one each time. So where there is no place left,
//! one is given up
//! - by someone of whom less is known, first of the addresses that hold most;
//! - by who holds at least two more than the one who comes;
//! - by the addresses that hold more than half of all, to someone from elsewhere.
//!
//! Nobody with a device is refused, or sent away, because of those without; a class behind one address keeps its places
//! whoever knocks elsewhere; and who fills the lobby from one address shuts out no class behind another.

use std::cmp::Reverse;

use super::admission::{Comer, Known};
use super::command::{Effect, Goodbye, Millis};
use super::places::MAX_PLACES_PER_PERSON;
use super::seen_name::SeenName;
use super::state::Room;
use crate::signal::{Knocker, ParticipantId, RefusalReason, Role};

/// More people than a moderator can look through do not wait: the whole list is sent with each change.
pub(super) const LOBBY_PLACES: usize = 150;
/// Most of them that people without account and device may take from one group of addresses.
pub(super) const LOBBY_PLACES_PER_ADDRESS: usize = 100;

/// Someone in the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Waiting {
    pub id: ParticipantId,
    pub name: SeenName,
    /// The name before it was told apart from others.
    pub asked_name: String,
    pub user: Option<String>,
    pub device: Option<String>,
    pub address: Option<String>,
    /// See [`super::Arrival`].
    pub session: Option<String>,
    pub listed: bool,
    pub typed_name: bool,
    pub anonymous: bool,
    /// Here because of too many wrong attempts, not because of the door.
    pub suspicious: bool,
}

impl Waiting {
    /// How much is known of someone: places are taken from those first of whom the least is.
    fn standing(&self) -> u8 {
        standing(self.user.as_deref(), self.device.as_deref())
    }

    fn is_of(&self, user: Option<&str>, device: Option<&str>) -> bool {
        (user.is_some() && self.user.as_deref() == user)
            || (device.is_some() && self.device.as_deref() == device)
    }
}

fn standing(user: Option<&str>, device: Option<&str>) -> u8 {
    match (user, device) {
        (Some(_), _) => 2,
        (None, Some(_)) => 1,
        (None, None) => 0,
    }
}

/// What has to be done for someone to get a place in the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    /// These give way.
    Of(Vec<ParticipantId>, RefusalReason),
    None,
}

impl Room {
    /// The lobby as moderators see it.
    #[must_use]
    pub fn knockers(&self) -> Vec<Knocker> {
        self.lobby
            .iter()
            .map(|waiting| Knocker {
                id: waiting.id.clone(),
                name: waiting.name.to_string(),
                verified: waiting.user.is_some(),
                listed: waiting.listed,
                typed_name: waiting.typed_name,
                suspicious: waiting.suspicious,
            })
            .collect()
    }

    /// Whether there is a place in the lobby for someone, and whose.
    pub(super) fn place_in_lobby(&self, comer: &Comer<'_>) -> Place {
        if self.lobby.iter().any(|one| one.id == *comer.id) {
            return Place::Free;
        }
        let (user, device) = (comer.user, comer.device);
        let too_many = self.too_many_own(user, device);
        if !too_many.is_empty() {
            return Place::Of(too_many, RefusalReason::TooManyPlaces);
        }
        let is_own = |one: &&Waiting| one.is_of(user, device);
        let own = self.lobby.iter().filter(is_own).count();
        let near = self.places_of_address(comer.address);
        let is_near = |one: &Waiting| one.address.as_deref() == comer.address;
        let standing = standing(user, device);
        let too_many_near =
            standing == 0 && comer.address.is_some() && near >= LOBBY_PLACES_PER_ADDRESS;
        if self.lobby.len() < LOBBY_PLACES && !too_many_near {
            return Place::Free;
        }
        let gives_way = |one: &Waiting| {
            // A difference of one would only be turned round: the next would take the place back.
            let has_many = self.places_of_person(one) > own + 1;
            let comes_with_many =
                !is_near(one) && self.places_of_address(one.address.as_deref()) > LOBBY_PLACES / 2;
            one.standing() < standing
                || (one.standing() == standing && (has_many || comes_with_many))
        };
        self.lobby
            .iter()
            .filter(|one| !too_many_near || is_near(one))
            .filter(|one| gives_way(one))
            // The oldest of those who are alike.
            .min_by_key(|one| {
                (
                    one.standing(),
                    Reverse(self.places_of_address(one.address.as_deref())),
                    Reverse(self.places_of_person(one)),
                )
            })
            .map_or(Place::None, |one| {
                Place::Of(vec![one.id.clone()], RefusalReason::Full)
            })
    }

    /// The oldest knocks of whoever knocks once more than they may: of the account, and of the browser.
    fn too_many_own(&self, user: Option<&str>, device: Option<&str>) -> Vec<ParticipantId> {
        let mut gone: Vec<ParticipantId> = Vec::new();
        for (user, device) in [(user, None), (None, device)] {
            let own = self
                .lobby
                .iter()
                .filter(|one| one.is_of(user, device) && !gone.contains(&one.id));
            let own: Vec<&Waiting> = own.collect();
            if own.len() >= MAX_PLACES_PER_PERSON {
                gone.push(own[0].id.clone());
            }
        }
        gone
    }

    fn places_of_address(&self, address: Option<&str>) -> usize {
        let of = |one: &&Waiting| one.address.as_deref() == address;
        self.lobby.iter().filter(of).count()
    }

    /// Someone of whom nothing is known is one person.
    fn places_of_person(&self, one: &Waiting) -> usize {
        let (user, device) = (one.user.as_deref(), one.device.as_deref());
        let of = |other: &&Waiting| other.is_of(user, device);
        self.lobby.iter().filter(of).count().max(1)
    }

    /// Someone takes the place that [`Self::place_in_lobby`] found.
    pub(super) fn knock(&mut self, place: Place, waiting: Waiting, effects: &mut Vec<Effect>) {
        if let Place::Of(ids, reason) = place {
            self.lobby.retain(|one| !ids.contains(&one.id));
            effects.extend(ids.into_iter().map(|participant| Effect::Out {
                participant,
                goodbye: Goodbye::Refused(reason),
            }));
        }
        match self.lobby.iter_mut().find(|one| one.id == waiting.id) {
            // Knocks once more by another connection.
            Some(before) => *before = waiting,
            None => self.lobby.push(waiting),
        }
        effects.push(Effect::LobbyChanged);
    }

    /// Someone is not in the lobby any more.
    pub(super) fn leave_lobby(&mut self, id: &ParticipantId, effects: &mut Vec<Effect>) -> bool {
        let before = self.lobby.len();
        self.lobby.retain(|one| one.id != *id);
        let was_in = self.lobby.len() != before;
        if was_in {
            effects.push(Effect::LobbyChanged);
        }
        was_in
    }

    /// People go from the lobby into the conference as long as there is room; says whether all did.
    pub(super) fn admit(
        &mut self,
        now: Millis,
        which: impl Fn(&Waiting) -> bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut all = true;
        let wanted: Vec<Waiting> = self
            .lobby
            .iter()
            .filter(|one| which(one))
            .cloned()
            .collect();
        for waiting in wanted {
            // A moderator who comes back is not there, and nobody else is in the way of who waits.
            if self.is_full() {
                all = false;
                continue;
            }
            self.lobby.retain(|one| one.id != waiting.id);
            if self.people.contains_key(&waiting.id) {
                self.come_back(now, &waiting.id, waiting.session, effects);
            } else {
                let known = Known {
                    user: waiting.user,
                    device: waiting.device,
                    session: waiting.session,
                    listed: waiting.listed,
                    typed_name: waiting.typed_name,
                    anonymous: waiting.anonymous,
                };
                let (id, name) = (waiting.id, waiting.asked_name);
                self.seat(now, id, &name, known, Role::Participant, effects);
            }
        }
        effects.push(Effect::LobbyChanged);
        all
    }

    /// People in the lobby are turned away, and cannot knock again.
    pub(super) fn refuse(&mut self, which: impl Fn(&Waiting) -> bool, effects: &mut Vec<Effect>) {
        self.turn_away(which, effects);
        self.turn_away_blocked(effects);
        effects.push(Effect::LobbyChanged);
        effects.push(Effect::Save);
    }

    /// Who cannot come does not knock by another tab either.
    pub(super) fn turn_away_blocked(&mut self, effects: &mut Vec<Effect>) {
        let blocked = self.blocked.clone();
        self.turn_away(
            |one| blocked.has(one.user.as_deref(), one.device.as_deref()),
            effects,
        );
    }

    fn turn_away(&mut self, which: impl Fn(&Waiting) -> bool, effects: &mut Vec<Effect>) {
        let (refused, stay): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.lobby).into_iter().partition(which);
        self.lobby = stay;
        for waiting in refused {
            // The seat from before is none any more.
            self.people.remove(&waiting.id);
            self.block(&waiting.id, waiting.user, waiting.device);
            effects.push(Effect::Out {
                participant: waiting.id,
                goodbye: Goodbye::Refused(RefusalReason::Removed),
            });
        }
    }

    pub(super) fn block(
        &mut self,
        id: &ParticipantId,
        user: Option<String>,
        device: Option<String>,
    ) {
        self.blocked.seats.insert(id.clone());
        self.blocked.users.extend(user);
        self.blocked.devices.extend(device);
    }
}
