//! How the places of the lobby are shared out.
//!
//! A place in the lobby costs whoever knocks nothing, so places are counted: three for a person, and two thirds of all for
//! those of one group of addresses of whom nothing is known. Where there is no place left, one is given up
//! - by those first of whom less is known: a browser has a cookie, a script that knocks and runs has none; and an account
//!   or a ticket is more than a cookie;
//! - among those of whom as much is known, by who holds at least two more than the one who comes;
//! - and then by who is not among those whom the server knows longest: two thirds of the places are theirs, whoever knocks
//!   besides, though of one address no more than half of all. Cookies that were made for a flood are the youngest.
//! - The last third is shared out by address: whoever comes from one that holds less takes a place from the one that holds
//!   most. So also who is here for the first time is not shut out, neither by many cookies nor by cookies laid up in stock.
//!
//! A class that waits keeps its places, as its cookies are older than those of whoever comes to push it out.

use std::collections::HashMap;

use super::applicant::Applicant;
use super::limits::MAX_PLACES_PER_PERSON;
use super::lobby::Place;
use super::person::Waiting;
use super::state::Room;
use crate::signal::{ParticipantId, RefusalReason};
use crate::timestamp::Timestamp;

/// More people than a moderator can look through do not wait: the whole list is sent with each change.
pub(super) const MAX_LOBBY_PLACES: usize = 150;
/// Most of them that people without account and device may take from one group of addresses.
pub(super) const MAX_LOBBY_PLACES_PER_ADDRESS: usize = 100;
/// So many are of those who are known longest; the others are shared out by address.
pub(super) const MAX_PLACES_BY_AGE: usize = 100;
/// Most of those that are of one group of addresses.
pub(super) const MAX_PLACES_BY_AGE_PER_ADDRESS: usize = 75;

/// How much is known of someone, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Nobody,
    Browser,
    Account,
}

impl Standing {
    fn of(user: Option<&str>, device: Option<&str>) -> Self {
        match (user, device) {
            (Some(_), _) => Self::Account,
            (None, Some(_)) => Self::Browser,
            (None, None) => Self::Nobody,
        }
    }
}

impl Waiting {
    fn standing(&self) -> Standing {
        Standing::of(self.user.as_deref(), self.device.as_deref())
    }

    fn is_of(&self, user: Option<&str>, device: Option<&str>) -> bool {
        (user.is_some() && self.user.as_deref() == user)
            || (device.is_some() && self.device.as_deref() == device)
    }
}

/// Those who wait of whom as much is known, in the order of their knocks.
struct Alike<'a> {
    waiting: Vec<&'a Waiting>,
    /// Places by address.
    held: HashMap<Option<&'a str>, usize>,
}

/// Whose place among those who are alike is left to the address that holds least.
struct Shared<'a> {
    places: Vec<&'a Waiting>,
    /// Whether the one who comes is not known longer than enough others.
    applicant: bool,
}

impl<'a> Alike<'a> {
    fn of(lobby: &'a [Waiting], standing: Standing) -> Self {
        let alike = lobby.iter().filter(|one| one.standing() == standing);
        let waiting: Vec<&Waiting> = alike.collect();
        let mut held = HashMap::new();
        for one in &waiting {
            *held.entry(one.address.as_deref()).or_default() += 1;
        }
        Self { waiting, held }
    }

    fn held(&self, address: Option<&str>) -> usize {
        self.held.get(&address).copied().unwrap_or(0)
    }

    /// All but those who are known longest, when this one comes.
    fn shared(&self, since: Timestamp, address: Option<&'a str>) -> Shared<'a> {
        let waiting = self.waiting.iter().map(|one| Some(*one));
        let mut by_age: Vec<Option<&Waiting>> = waiting.chain([None]).collect();
        // As known as one who knocked before is not longer known.
        by_age.sort_by_key(|one| one.map_or(since, |one| one.since));
        let mut kept = 0;
        let mut kept_of = HashMap::<Option<&str>, usize>::new();
        by_age.retain(|one| {
            let address = one.map_or(address, |one| one.address.as_deref());
            let of_address = kept_of.entry(address).or_default();
            let is_kept = kept < MAX_PLACES_BY_AGE && *of_address < MAX_PLACES_BY_AGE_PER_ADDRESS;
            if is_kept {
                kept += 1;
                *of_address += 1;
            }
            !is_kept
        });
        Shared {
            applicant: by_age.contains(&None),
            places: by_age.into_iter().flatten().collect(),
        }
    }

    /// Of the address that holds most: who is known for the shortest time.
    fn last_of_most(&self, places: &[&'a Waiting]) -> Option<&'a Waiting> {
        // The last of those who are equal.
        let mut knocked = self.waiting.iter().rev().filter(|one| {
            let is_it = |other: &&Waiting| other.id == one.id;
            places.iter().any(is_it)
        });
        let first = *knocked.next()?;
        let most = knocked.fold(first, |most, one| {
            let key = |one: &Waiting| (self.held(one.address.as_deref()), one.since);
            if key(one) > key(most) { one } else { most }
        });
        Some(most)
    }
}

impl Room {
    /// Whether there is a place in the lobby for someone, and whose.
    pub(super) fn place_in_lobby(&self, applicant: &Applicant<'_>) -> Place {
        if self.lobby.iter().any(|one| one.id == *applicant.id) {
            return Place::Free;
        }
        let too_many = self.too_many_own(applicant.user, applicant.device);
        if !too_many.is_empty() {
            return Place::Of(too_many, RefusalReason::TooManyPlaces);
        }
        if Standing::of(applicant.user, applicant.device) == Standing::Nobody
            && applicant.address.is_some()
        {
            let is_near = |one: &&Waiting| one.address.as_deref() == applicant.address;
            if self.lobby.iter().filter(is_near).count() >= MAX_LOBBY_PLACES_PER_ADDRESS {
                return Place::None;
            }
        }
        if self.lobby.len() < MAX_LOBBY_PLACES {
            return Place::Free;
        }
        self.gives_way_in_lobby(applicant)
            .map_or(Place::None, |one| {
                Place::Of(vec![one.id.clone()], RefusalReason::Full)
            })
    }

    fn gives_way_in_lobby<'a>(&'a self, applicant: &'a Applicant<'a>) -> Option<&'a Waiting> {
        let standing = Standing::of(applicant.user, applicant.device);
        let lowest = self.lobby.iter().map(Waiting::standing).min()?;
        if lowest > standing {
            return None;
        }
        let alike = Alike::of(&self.lobby, lowest);
        if lowest < standing {
            // Of those who are not known longest, as long as there are any.
            let shared = alike.shared(Timestamp::MAX, None).places;
            return alike
                .last_of_most(&shared)
                .or_else(|| alike.last_of_most(&alike.waiting));
        }
        let own = |one: &&&Waiting| one.is_of(applicant.user, applicant.device);
        let own = alike.waiting.iter().filter(own).count();
        // A difference of one would only be turned round: the next would take the place back.
        let has_many = |one: &&&Waiting| self.places_of_person(one) > own + 1;
        let with_many: Vec<&Waiting> = alike.waiting.iter().filter(has_many).copied().collect();
        if !with_many.is_empty() {
            return alike.last_of_most(&with_many);
        }
        let address = applicant.address;
        let since = applicant.device.and(applicant.known_since);
        let shared = alike.shared(since.unwrap_or(Timestamp::MAX), address);
        let last = alike.last_of_most(&shared.places)?;
        let holds_more = alike.held(last.address.as_deref()) > alike.held(address) + 1;
        (!shared.applicant || holds_more).then_some(last)
    }

    /// The oldest knocks of whoever knocks once more than they may: of the account, and of the browser.
    pub(super) fn too_many_own(
        &self,
        user: Option<&str>,
        device: Option<&str>,
    ) -> Vec<ParticipantId> {
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

    /// Someone of whom nothing is known is one person.
    fn places_of_person(&self, one: &Waiting) -> usize {
        let (user, device) = (one.user.as_deref(), one.device.as_deref());
        let of = |other: &&Waiting| other.is_of(user, device);
        self.lobby.iter().filter(of).count().max(1)
    }
}
