//! How many people this server takes, over all conferences.
//!
//! - A conference starts where a class still fits in. It keeps the places of a class for its first minutes, because a class comes
//!   after its teacher.
//! - One account keeps places for a few conferences only, and one school starts none where it would use nearly all places, as
//!   soon as this server has seen another school. So nobody shuts the others out by starting conferences; guests of a running
//!   one may still take the last places.
//! - A guest of whom nothing is known comes in as long as fewer people are here than fit in. This looks at no room, so the answer
//!   tells nothing about any.
//! - Nobody else is asked: a conference that runs is never cut, and its teacher, whoever has a seat, an account or a ticket
//!   comes in.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kmz_meet_core::conference::ConferenceHandle;

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

    /// Places for those who are expected.
    fn kept(&self, now: Instant) -> u32 {
        let is_young = now.saturating_duration_since(self.since) < KEEPS_PLACES;
        if is_young {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Admitted> {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kmz_meet_core::signal::Policy;

    use super::*;
    use crate::store::RoomSource;

    fn room(id: u32, school: &str, owner: Option<&str>) -> Room {
        Room {
            id: id.to_string(),
            school: school.to_owned(),
            owner: owner.map(str::to_owned),
            name: format!("room-{id}"),
            title: None,
            welcome: None,
            origin: RoomSource::Own,
            external: None,
            policy: Policy::default(),
            password: None,
            created_at: 0,
        }
    }

    /// How many of these start one after the other.
    fn started(admissions: &Admissions, rooms: impl Iterator<Item = Room>, now: Instant) -> usize {
        rooms
            .filter(|room| admissions.start(room, now).is_ok())
            .count()
    }

    #[test]
    fn conferences_start_until_no_class_fits_in_and_again_when_no_class_is_expected() {
        let now = Instant::now();
        let admissions = Admissions::new(Some(100));
        let rooms = |from| (from..from + 10).map(|id| room(id, "a", None));
        assert_eq!(started(&admissions, rooms(0), now), 3);
        // None of them has anybody in it, so after a while their places are free.
        assert_eq!(started(&admissions, rooms(10), now + KEEPS_PLACES), 3);
        admissions.ended("10");
        assert_eq!(started(&admissions, rooms(20), now + KEEPS_PLACES), 1);
    }

    #[test]
    fn first_conference_starts_on_the_smallest_server() {
        let admissions = Admissions::new(Some(1));
        let now = Instant::now();
        assert_eq!(admissions.start(&room(1, "a", None), now), Ok(()));
        assert_eq!(admissions.start(&room(2, "a", None), now), Err(ServerFull));
    }

    #[test]
    fn conferences_of_one_account_keep_places_for_three_classes() {
        let now = Instant::now();
        let admissions = Admissions::new(Some(200));
        let many = (0..50).map(|id| room(id, "a", Some("eve")));
        assert_eq!(started(&admissions, many, now), 50);
        let others = (50..60).map(|id| room(id, "a", None));
        assert_eq!(started(&admissions, others, now), 3);
        assert_eq!(admissions.lock().places("a", now).0, 180);
    }

    #[test]
    fn school_leaves_a_quarter_to_others_once_there_are_others() {
        let now = Instant::now();
        let admissions = Admissions::new(Some(240));
        assert_eq!(admissions.start(&room(100, "b", None), now), Ok(()));
        let rooms = (0..20).map(|id| room(id, "a", None));
        assert_eq!(started(&admissions, rooms, now), 6);
        assert_eq!(admissions.start(&room(101, "b", None), now), Ok(()));
        assert_eq!(
            admissions.start(&room(102, "c", None), now),
            Err(ServerFull)
        );
    }

    #[test]
    fn restored_conference_goes_on_and_counts() {
        let now = Instant::now();
        let admissions = Admissions::new(Some(60));
        for id in 0..3 {
            admissions.restored(&room(id, "a", None), now);
        }
        assert_eq!(admissions.start(&room(9, "a", None), now), Err(ServerFull));
    }

    #[test]
    fn school_with_a_restored_conference_keeps_its_part() {
        let now = Instant::now();
        let admissions = Admissions::new(Some(240));
        admissions.restored(&room(0, "b", None), now);
        let rooms = (1..50).map(|id| room(id, "a", None));
        assert_eq!(started(&admissions, rooms, now), 6);
        assert_eq!(admissions.start(&room(99, "b", None), now), Ok(()));
    }

    #[test]
    fn server_without_a_limit_admits_everybody() {
        let now = Instant::now();
        let admissions = Admissions::new(None);
        let rooms = (0..500).map(|id| room(id, "a", Some("anna")));
        assert_eq!(started(&admissions, rooms, now), 500);
        assert!(admissions.has_place_for_guest());
    }

    #[test]
    fn guest_comes_in_as_long_as_somebody_fits_in() {
        assert!(Admissions::new(Some(1)).has_place_for_guest());
        assert!(!Admissions::new(Some(0)).has_place_for_guest());
    }
}
