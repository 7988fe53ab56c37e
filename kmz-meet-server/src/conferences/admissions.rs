//! How many people this server takes, over all conferences.
//!
//! - A conference starts where a class still fits in. It keeps the places of a class for its first minutes, because a class comes
//!   after its teacher.
//! - One account keeps places for a few conferences only, and one school starts none where it would use nearly all places, as
//!   soon as this server has seen another school. So nobody shuts the others out by starting conferences; guests of a running
//!   one may still take the last places.
//! - A guest of whom nothing is known comes in as long as fewer people are here than fit in. This looks at no room, so the answer
//!   tells nothing about any.
//! - The places of one class stay free for the next one that a moderator starts: guests take them only in a conference that a
//!   moderator is in, or that waits for its class. Elsewhere they wait as if there were no conference, so this answer tells
//!   nothing about any room either.
//! - Nobody else is asked: a conference that runs is never cut, and its teacher, whoever has a seat, an account or a ticket
//!   comes in.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kmz_meet_core::conference::ConferenceHandle;
use tokio::time::Instant;

use crate::capacity::CLASS;
use crate::store::Room;

/// So long a conference keeps the places of a class.
const KEEPS_PLACES: Duration = Duration::from_mins(10);
/// Conferences of one account that keep places.
const MAX_KEPT_BY_OWNER: usize = 3;
/// Part of the places beyond which a school starts no conference, once there are other schools: three of four.
const PART_OF_SCHOOL: (u32, u32) = (3, 4);
/// Schools that are remembered.
const MAX_SCHOOLS: usize = 2;

/// The server has no room for it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerFull;

/// The conferences that were admitted, by room.
pub(super) struct Admissions {
    max_people: Option<u32>,
    admitted: Mutex<Admitted>,
}

#[derive(Default)]
struct Admitted {
    conferences: HashMap<String, One>,
    /// The first schools that came: whether there is more than one is all that matters.
    schools: HashSet<String>,
}

struct One {
    school: String,
    owner: Option<String>,
    /// It only grows, also where somebody sets the time of day.
    since: Instant,
    /// Most people in it.
    capacity: u32,
    /// `None` while it is being started.
    handle: Option<ConferenceHandle>,
}

impl One {
    fn of(room: &Room, now: Instant) -> Self {
        Self {
            school: room.school.clone(),
            owner: room.owner.clone(),
            since: now,
            capacity: room.policy.capacity,
            handle: None,
        }
    }

    fn present(&self) -> u32 {
        let running = self.handle.as_ref().filter(|handle| !handle.is_over());
        let present = running.map_or(0, ConferenceHandle::present);
        u32::try_from(present).unwrap_or(u32::MAX)
    }

    fn is_young(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) < KEEPS_PLACES
    }

    /// Whether a lesson goes on in it or is about to: what its class takes are not the last places.
    fn has_lesson(&self, now: Instant) -> bool {
        let moderated = self.handle.as_ref();
        self.is_young(now) || moderated.is_some_and(ConferenceHandle::has_moderator)
    }

    /// Places for those who are expected.
    fn kept(&self, now: Instant) -> u32 {
        if self.is_young(now) {
            CLASS.min(self.capacity)
        } else {
            0
        }
    }
}

impl Admitted {
    /// Places that are used or kept, of everybody and of this school.
    fn places(&self, school: &str, now: Instant) -> (u32, u32) {
        let mut kept_by: HashMap<&str, usize> = HashMap::new();
        let (mut all, mut of_school) = (0u32, 0u32);
        for one in self.conferences.values() {
            let mut kept = one.kept(now);
            if let Some(owner) = one.owner.as_deref().filter(|_| kept > 0) {
                let count = kept_by.entry(owner).or_default();
                *count += 1;
                if *count > MAX_KEPT_BY_OWNER {
                    kept = 0;
                }
            }
            let places = one.present().max(kept);
            all = all.saturating_add(places);
            if one.school == school {
                of_school = of_school.saturating_add(places);
            }
        }
        (all, of_school)
    }

    fn note_school(&mut self, school: &str) {
        if self.schools.len() < MAX_SCHOOLS {
            self.schools.insert(school.to_owned());
        }
    }
}

impl Admissions {
    pub(super) fn new(max_people: Option<u32>) -> Self {
        Self {
            max_people,
            admitted: Mutex::default(),
        }
    }

    /// Admits a conference that is about to start, unless the server is full. The first one always starts.
    pub(super) fn start(&self, room: &Room, now: Instant) -> Result<(), ServerFull> {
        let mut admitted = self.lock();
        admitted.conferences.retain(|_, one| {
            let is_over = one.handle.as_ref().is_some_and(ConferenceHandle::is_over);
            !is_over
        });
        admitted.note_school(&room.school);
        if let Some(max) = self.max_people.filter(|_| !admitted.conferences.is_empty()) {
            let wanted = CLASS.min(room.policy.capacity);
            let (all, of_school) = admitted.places(&room.school, now);
            let (part, of) = PART_OF_SCHOOL;
            let is_too_large =
                admitted.schools.len() > 1 && of_school + wanted > max / of * part && of_school > 0;
            if all.saturating_add(wanted) > max || is_too_large {
                return Err(ServerFull);
            }
        }
        admitted
            .conferences
            .insert(room.id.clone(), One::of(room, now));
        Ok(())
    }

    /// A conference that ran before a restart goes on, whatever the limit.
    pub(super) fn restored(&self, room: &Room, now: Instant) {
        let mut admitted = self.lock();
        admitted.note_school(&room.school);
        let one = One::of(room, now);
        admitted.conferences.insert(room.id.clone(), one);
    }

    /// An admitted conference runs.
    pub(super) fn runs(&self, room: &str, handle: &ConferenceHandle) {
        if let Some(one) = self.lock().conferences.get_mut(room) {
            one.handle = Some(handle.clone());
        }
    }

    /// An admitted conference did not come about, or is over.
    pub(super) fn ended(&self, room: &str) {
        self.lock().conferences.remove(room);
    }

    /// Whether one more guest fits in.
    pub(super) fn has_place_for_guest(&self) -> bool {
        let Some(max) = self.max_people else {
            return true;
        };
        let admitted = self.lock();
        let present = admitted.conferences.values().map(One::present);
        present.fold(0, u32::saturating_add) < max
    }

    /// Whether one more guest fits into this room's conference without taking the places of the next class.
    pub(super) fn has_place_for_guest_in(&self, room: &str, now: Instant) -> bool {
        let Some(max) = self.max_people else {
            return true;
        };
        let admitted = self.lock();
        let one = admitted.conferences.get(room);
        one.is_some_and(|one| one.has_lesson(now))
            || admitted.places("", now).0.saturating_add(CLASS) < max
    }

    /// Most people; `None` is no limit.
    pub(super) fn max_people(&self) -> Option<u32> {
        self.max_people
    }

    /// Places that are used or kept.
    pub(super) fn places(&self, now: Instant) -> u32 {
        self.lock().places("", now).0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Admitted> {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "admissions_tests.rs"]
mod tests;
