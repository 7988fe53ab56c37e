//! Who was here and for how long. Recorded only in rooms that take attendance.
//!
//! No messages: the store gets the list at the end, integrators at any time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::room::limits::{MAX_GUESTS_KEPT, SEAT_SHOWN};
use crate::room::person::Person;
use crate::signal::{ParticipantId, Role};
use crate::timestamp::{Timestamp, millis};

/// One person's presence in a conference, reconnects merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    /// As the server knows them; `None` for guests.
    pub user: Option<String>,
    pub name: String,
    pub role: Role,
    /// Whether they belong to the room.
    pub listed: bool,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// Time in the conference, gaps of up to [`SEAT_SHOWN`] included.
    #[serde(rename = "present_ms", with = "millis")]
    pub present: Duration,
    /// Messages sent.
    pub chats: u32,
    /// Hands raised.
    pub hands: u32,
    /// Through which seats this person is here now: the same pupil may use a phone and a laptop.
    here: BTreeSet<ParticipantId>,
}

/// The list of a conference, by user where there is one, else by seat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::room) struct Attendance {
    people: BTreeMap<String, Attended>,
}

impl Attendance {
    /// Someone comes in, or comes back.
    pub(in crate::room) fn came(&mut self, now: Timestamp, id: &ParticipantId, person: &Person) {
        // Users and seats cannot be mistaken for each other.
        let key = match &person.user {
            Some(user) => format!("user {user}"),
            None => format!("seat {}", id.0),
        };
        let attended = self.people.entry(key).or_insert_with(|| Attended {
            user: person.user.clone(),
            name: person.name.to_string(),
            role: person.role,
            listed: person.listed || person.owner,
            first_at: now,
            last_at: now,
            present: Duration::ZERO,
            chats: 0,
            hands: 0,
            here: BTreeSet::new(),
        });
        if attended.here.is_empty() {
            let gap = now.saturating_duration_since(attended.last_at);
            if gap <= SEAT_SHOWN {
                attended.present += gap;
            }
            attended.last_at = now;
        }
        if person.role == Role::Moderator {
            attended.role = Role::Moderator;
        }
        attended.here.insert(id.clone());
        self.give_up_old_guests();
    }

    /// A guest is someone else each time; those with a name of the server's are as many as they are.
    fn give_up_old_guests(&mut self) {
        let gone = |one: &Attended| one.user.is_none() && one.here.is_empty();
        let guests = self.people.iter().filter(|(_, one)| gone(one));
        if guests.clone().count() > MAX_GUESTS_KEPT
            && let Some((oldest, _)) = guests.min_by_key(|(_, one)| one.last_at)
        {
            let oldest = oldest.clone();
            self.people.remove(&oldest);
        }
    }

    /// A connection is lost, or someone leaves.
    pub(in crate::room) fn went(&mut self, now: Timestamp, id: &ParticipantId) {
        for attended in self.people.values_mut() {
            if attended.here.remove(id) && attended.here.is_empty() {
                attended.until(now);
            }
        }
    }

    /// After a restart nobody is connected. `saved_at` is the last time of which we know that they were.
    pub(in crate::room) fn all_lost(&mut self, saved_at: Timestamp) {
        for attended in self.people.values_mut() {
            if !attended.here.is_empty() {
                attended.here.clear();
                attended.until(saved_at);
            }
        }
    }

    /// A moderator gave someone another name.
    pub(in crate::room) fn renamed(&mut self, id: &ParticipantId, name: &str) {
        if let Some(attended) = self.of(id) {
            name.clone_into(&mut attended.name);
        }
    }

    pub(in crate::room) fn said(&mut self, id: &ParticipantId) {
        if let Some(attended) = self.of(id) {
            attended.chats = attended.chats.saturating_add(1);
        }
    }

    pub(in crate::room) fn raised(&mut self, id: &ParticipantId) {
        if let Some(attended) = self.of(id) {
            attended.hands = attended.hands.saturating_add(1);
        }
    }

    fn of(&mut self, id: &ParticipantId) -> Option<&mut Attended> {
        self.people
            .values_mut()
            .find(|attended| attended.here.contains(id))
    }

    /// In order of coming.
    pub(in crate::room) fn list(&self, now: Timestamp) -> Vec<Attended> {
        let mut list: Vec<Attended> = self.people.values().cloned().collect();
        for attended in list.iter_mut().filter(|attended| !attended.here.is_empty()) {
            attended.until(now);
        }
        list.sort_by_key(|attended| attended.first_at);
        list
    }
}

impl Attended {
    /// Through which seats this person is here now.
    pub fn here(&self) -> impl Iterator<Item = &ParticipantId> {
        self.here.iter()
    }

    fn until(&mut self, now: Timestamp) {
        self.present += now.saturating_duration_since(self.last_at);
        self.last_at = self.last_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const START: Timestamp = Timestamp::from_millis(0);

    fn person(user: Option<&str>) -> Person {
        Person {
            name: "Anna".into(),
            role: Role::Participant,
            owner: false,
            user: user.map(str::to_owned),
            device: None,
            session: None,
            known_since: None,
            address: None,
            came_at: START,
            marked: false,
            renamed: false,
            sent_to_lobby: false,
            listed: user.is_some(),
            typed_name: false,
            unidentified: false,
            card: false,
            resembles_pupil: false,
            asked_name: "Anna".into(),
            grants: BTreeSet::new(),
            sources: BTreeSet::new(),
            lost_at: None,
            away: false,
            left_at: None,
            present: true,
            number: 1,
        }
    }

    fn id(text: &str) -> ParticipantId {
        ParticipantId(text.into())
    }

    #[test]
    fn attendance_with_a_short_gap_counts_it_and_a_long_one_is_not_counted() {
        let mut attendance = Attendance::default();
        let anna = person(Some("anna"));
        attendance.came(START, &id("a"), &anna);
        attendance.went(START + 10 * MINUTE, &id("a"));
        attendance.came(START + 10 * MINUTE + MINUTE / 2, &id("a"), &anna);
        attendance.went(START + 20 * MINUTE, &id("a"));
        attendance.came(START + 30 * MINUTE, &id("b"), &anna);
        let list = attendance.list(START + 35 * MINUTE);
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].present, 25 * MINUTE);
        assert_eq!(
            (list[0].first_at, list[0].last_at),
            (START, START + 35 * MINUTE)
        );
    }

    #[test]
    fn attendance_by_two_devices_at_once_counts_once() {
        let mut attendance = Attendance::default();
        let anna = person(Some("anna"));
        attendance.came(START, &id("phone"), &anna);
        attendance.came(START + MINUTE, &id("laptop"), &anna);
        attendance.came(START + MINUTE, &id("laptop"), &anna);
        attendance.went(START + 2 * MINUTE, &id("phone"));
        attendance.went(START + 5 * MINUTE, &id("laptop"));
        attendance.went(START + 6 * MINUTE, &id("laptop"));
        assert_eq!(attendance.list(START + 9 * MINUTE)[0].present, 5 * MINUTE);
    }

    #[test]
    fn presence_after_a_restart_ends_with_the_snapshot_and_begins_anew() {
        let mut attendance = Attendance::default();
        let (anna, ben) = (person(Some("anna")), person(Some("ben")));
        attendance.came(START, &id("a"), &anna);
        attendance.came(START, &id("b"), &ben);
        // Saved after ten minutes; the server is down until minute 20, and Anna comes back then.
        attendance.all_lost(START + 10 * MINUTE);
        attendance.came(START + 20 * MINUTE, &id("a"), &anna);
        let list = attendance.list(START + 25 * MINUTE);
        let present: Vec<_> = list.iter().map(|one| one.present.as_secs() / 60).collect();
        assert_eq!(present, [15, 10]);
        assert_eq!(list[1].last_at, START + 10 * MINUTE);
    }

    #[test]
    fn presence_after_a_short_restart_has_no_gap() {
        let mut attendance = Attendance::default();
        let anna = person(Some("anna"));
        attendance.came(START, &id("a"), &anna);
        attendance.all_lost(START + 10 * MINUTE);
        attendance.came(
            START + 10 * MINUTE + Duration::from_secs(45),
            &id("a"),
            &anna,
        );
        assert_eq!(attendance.list(START + 20 * MINUTE)[0].present, 20 * MINUTE);
    }

    #[test]
    fn attendance_of_guests_is_kept_by_seat() {
        let mut attendance = Attendance::default();
        attendance.came(START, &id("a"), &person(None));
        attendance.came(START, &id("b"), &person(None));
        attendance.said(&id("b"));
        attendance.raised(&id("a"));
        attendance.all_lost(START + MINUTE);
        let list = attendance.list(START + 2 * MINUTE);
        assert_eq!(list.len(), 2);
        assert!(list.iter().all(|one| one.present == MINUTE));
        assert_eq!(list.iter().map(|one| one.chats + one.hands).sum::<u32>(), 2);
    }
}
