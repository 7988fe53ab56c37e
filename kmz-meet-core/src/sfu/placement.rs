//! Which media thread a conference is on. It is decided when the first person comes and holds until the last one has gone:
//! all packets of a conference meet on one thread, so that nothing of them is shared.

use rustc_hash::FxHashMap;

use super::ids::ThreadIndex;
use crate::signal::{ConferenceId, ParticipantId};

/// A conference counts as so many people until it has more: in the morning all begin with one.
const EXPECTED_PEOPLE: usize = 15;

struct Conference {
    thread: ThreadIndex,
    people: usize,
}

/// See the module.
pub struct Placement {
    /// People of each thread, as they are counted.
    weights: Vec<usize>,
    conferences: FxHashMap<ConferenceId, Conference>,
    participants: FxHashMap<ParticipantId, ConferenceId>,
}

fn weight(people: usize) -> usize {
    if people == 0 {
        0
    } else {
        people.max(EXPECTED_PEOPLE)
    }
}

impl Placement {
    /// For so many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            weights: vec![0; threads.max(1)],
            conferences: FxHashMap::default(),
            participants: FxHashMap::default(),
        }
    }

    /// The thread of this person, who comes into this conference. A new one goes to the thread with the fewest people, of
    /// those that are not `full` as long as there is one.
    pub fn add(
        &mut self,
        conference: &ConferenceId,
        participant: &ParticipantId,
        full: impl Fn(ThreadIndex) -> bool,
    ) -> ThreadIndex {
        if self.participants.get(participant) == Some(conference)
            && let Some(known) = self.conferences.get(conference)
        {
            return known.thread;
        }
        self.remove(participant);
        let thread = match self.conferences.get(conference) {
            Some(known) => known.thread,
            None => self.lightest(full),
        };
        let entry = self
            .conferences
            .entry(conference.clone())
            .or_insert(Conference { thread, people: 0 });
        let before = weight(entry.people);
        entry.people += 1;
        self.weights[thread.index()] += weight(entry.people) - before;
        self.participants
            .insert(participant.clone(), conference.clone());
        thread
    }

    fn lightest(&self, full: impl Fn(ThreadIndex) -> bool) -> ThreadIndex {
        (0..self.weights.len())
            .map(ThreadIndex::from_index)
            .min_by_key(|thread| {
                let weight = self.weights[thread.index()];
                (weight > 0 && full(*thread), weight)
            })
            .unwrap_or_default()
    }

    /// The thread of this person.
    #[must_use]
    pub fn of(&self, participant: &ParticipantId) -> Option<ThreadIndex> {
        let conference = self.participants.get(participant)?;
        Some(self.conferences.get(conference)?.thread)
    }

    /// The thread of this conference.
    #[must_use]
    pub fn of_conference(&self, conference: &ConferenceId) -> Option<ThreadIndex> {
        Some(self.conferences.get(conference)?.thread)
    }

    /// The thread on which they were.
    pub fn remove(&mut self, participant: &ParticipantId) -> Option<ThreadIndex> {
        let id = self.participants.remove(participant)?;
        let conference = self.conferences.get_mut(&id)?;
        let thread = conference.thread;
        let before = weight(conference.people);
        conference.people -= 1;
        self.weights[thread.index()] -= before - weight(conference.people);
        if conference.people == 0 {
            self.conferences.remove(&id);
        }
        Some(thread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conference(number: usize) -> ConferenceId {
        ConferenceId(format!("c{number}"))
    }

    fn person(number: usize) -> ParticipantId {
        ParticipantId(format!("p{number}"))
    }

    fn add(placement: &mut Placement, room: usize, who: usize) -> usize {
        let thread = placement.add(&conference(room), &person(who), |_| false);
        thread.index()
    }

    #[test]
    fn conference_stays_on_its_thread_until_the_last_has_gone() {
        let mut placement = Placement::new(2);
        assert_eq!(add(&mut placement, 1, 1), 0);
        assert_eq!(add(&mut placement, 2, 2), 1);
        for who in 10..50 {
            assert_eq!(add(&mut placement, 2, who), 1);
        }
        assert_eq!(add(&mut placement, 1, 1), 0, "again");
        placement.remove(&person(2));
        assert_eq!(add(&mut placement, 2, 2), 1, "came back");
        assert_eq!(placement.of(&person(2)), Some(ThreadIndex::from_index(1)));
        for who in (10..50).chain([1, 2]) {
            assert!(placement.remove(&person(who)).is_some());
            assert_eq!(placement.of(&person(who)), None);
        }
        assert_eq!(placement.weights, [0, 0]);
        assert!(placement.conferences.is_empty() && placement.participants.is_empty());
    }

    #[test]
    fn new_conference_goes_where_the_fewest_people_are() {
        let mut placement = Placement::new(3);
        // All begin with one person each, as in the morning.
        for room in 0..30 {
            add(&mut placement, room, room);
        }
        assert_eq!(placement.weights, [150, 150, 150]);
        for who in 100..170 {
            add(&mut placement, 0, who);
        }
        let next: Vec<usize> = (30..34)
            .map(|room| add(&mut placement, room, room))
            .collect();
        assert_eq!(next, [1, 2, 1, 2], "the first has a large one");
    }

    #[test]
    fn thread_that_is_full_gets_nothing_new_while_another_is_not() {
        let mut placement = Placement::new(2);
        for (room, expected) in [(0, 0), (1, 1), (2, 1), (3, 1)] {
            let thread = placement.add(&conference(room), &person(room), |one| one.index() == 0);
            assert_eq!(thread.index(), expected);
        }
        placement.remove(&person(0));
        let thread = placement.add(&conference(9), &person(9), |one| one.index() == 0);
        assert_eq!(thread.index(), 0, "nobody is there, whatever was measured");
    }

    #[test]
    fn person_who_goes_to_another_conference_is_counted_there() {
        let mut placement = Placement::new(2);
        add(&mut placement, 1, 1);
        add(&mut placement, 2, 2);
        assert_eq!(add(&mut placement, 2, 1), 1);
        assert_eq!(placement.weights, [0, EXPECTED_PEOPLE]);
    }
}
