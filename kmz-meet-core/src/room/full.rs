//! A full conference: who gets in all the same, and who gives way.
//!
//! A place costs a guest nothing, so a conference must not be full of guests for those of whom more is known.
//! - An account, or a ticket that names its person, takes the place of a guest.
//! - A browser that the server knew before, and a ticket for anyone, take the place of a guest without a cookie, who came
//!   later than the browser, and from an address that many such guests are of. A class whose browsers keep no cookies has
//!   all the same as many places as there are: it gives way only where somebody is left at the door.
//! - A guest with a cookie gives way to no other guest, and whoever is known or moderates never does.
//!
//! Moderators of the room come in beyond the capacity, so nobody gives way to them.

use super::applicant::Applicant;
use super::person::Person;
use super::state::Room;
use crate::signal::{ParticipantId, Role};
use crate::timestamp::Timestamp;

/// Of one address at least this part of the places is for guests without a cookie, whoever comes.
const PART_OF_ADDRESS: usize = 7;

/// What someone brings against a full conference.
enum Claim {
    /// It is known who they are.
    Named,
    /// Signed, but for anyone.
    Ticket,
    /// A browser that is known since then.
    Browser(Timestamp),
}

impl Claim {
    fn of(applicant: &Applicant<'_>) -> Option<Self> {
        match (applicant.user, applicant.device.and(applicant.known_since)) {
            (Some(_), _) if !applicant.unidentified => Some(Self::Named),
            (Some(_), _) => Some(Self::Ticket),
            (None, _) if applicant.skips_lobby => Some(Self::Ticket),
            (None, Some(since)) => Some(Self::Browser(since)),
            (None, None) => None,
        }
    }
}

fn is_guest(person: &Person) -> bool {
    person.present && person.user.is_none() && person.role == Role::Participant
}

/// Someone of whom nothing is known.
fn is_nobody(person: &Person) -> bool {
    is_guest(person) && person.device.is_none()
}

impl Room {
    /// Whether there is a place for someone in the conference.
    pub(super) fn has_place_for(&self, applicant: &Applicant<'_>) -> bool {
        !self.is_full() || self.gives_way(applicant).is_some()
    }

    /// Who gives way to someone where the conference is full.
    pub(super) fn gives_way(&self, applicant: &Applicant<'_>) -> Option<&ParticipantId> {
        let claim = Claim::of(applicant)?;
        if self.is_in(applicant) {
            return None;
        }
        let gives_way = |person: &Person| match claim {
            Claim::Named => is_guest(person),
            Claim::Ticket => self.is_of_crowd(person),
            Claim::Browser(since) => {
                let is_fair = person.address.as_deref() == applicant.address
                    || self.nobodies_of(person) > self.browsers_of(applicant.address) + 1;
                self.is_of_crowd(person) && person.came_at > since && is_fair
            }
        };
        self.people
            .iter()
            .filter(|(_, person)| gives_way(person))
            .max_by_key(|(id, person)| {
                let has_floor = self.features.floor.is_held_by(id);
                let nobodies = is_nobody(person).then(|| self.nobodies_of(person));
                (!has_floor, nobodies, person.number)
            })
            .map(|(id, _)| id)
    }

    /// Who has a place already needs no other one.
    fn is_in(&self, applicant: &Applicant<'_>) -> bool {
        let is_own = |person: &Person| match applicant.user {
            Some(user) => person.user.as_deref() == Some(user),
            None => applicant.device.is_some() && person.device.as_deref() == applicant.device,
        };
        let mut present = self.people.values().filter(|person| person.present);
        present.any(is_own)
    }

    /// One of many of whom nothing is known, at one address.
    fn is_of_crowd(&self, person: &Person) -> bool {
        let share = (self.policy.capacity as usize / PART_OF_ADDRESS).max(1);
        is_nobody(person) && person.address.is_some() && self.nobodies_of(person) > share
    }

    fn nobodies_of(&self, person: &Person) -> usize {
        let all = self.people.values().filter(|one| is_nobody(one));
        all.filter(|one| one.address == person.address).count()
    }

    fn browsers_of(&self, address: Option<&str>) -> usize {
        let all = self
            .people
            .values()
            .filter(|one| is_guest(one) && one.device.is_some());
        all.filter(|one| one.address.as_deref() == address).count()
    }
}
