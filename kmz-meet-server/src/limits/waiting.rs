//! Slows down whoever asks for hundreds of rooms: the answer 'nothing here' is held back.
//! Passwords are counted by `password_attempts`, arrivals by `join_rate`, sockets that wait by `waiting`.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::join_rate::Arrivals;
use super::limit_key::{Person, Visitor};
use super::password_attempts::Guessing;
use crate::limits::waiting_sockets::WaitingSockets;

/// Answers are forgotten after this time.
const WINDOW: Duration = Duration::from_mins(10);
/// We never send 'nothing here' earlier than this, so the delay does not tell what we had to look up.
pub(crate) const MIN_ANSWER_DELAY: Duration = Duration::from_millis(100);
/// Answers 'nothing here' to one address that are not slowed: a class that comes early waits for its teacher.
const FREE_ANSWERS: u32 = 80;
/// Answers to one person that are not slowed, whatever others ask at the same address.
const FREE_FOR_PERSON: u32 = 6;
/// We never hold an answer back for longer.
const MAX_ANSWER_DELAY: Duration = Duration::from_secs(5);
/// Addresses and people that are remembered; the oldest are forgotten first.
const MAX_ENTRIES: usize = 20_000;

#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    count: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Person(Person),
    /// `true`: with a cookie.
    Address(IpAddr, bool),
}

#[derive(Default)]
struct Counts {
    answers: HashMap<Of, Count>,
}

/// See the module.
#[derive(Default)]
pub struct WaitingLimits {
    counts: Mutex<Counts>,
    pub(crate) guessing: Guessing,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) waiting: WaitingSockets,
}

impl WaitingLimits {
    /// How long after the question we send the answer 'nothing here'.
    pub(crate) fn hold_back(&self, visitor: &Visitor, now: Instant) -> Duration {
        let (of_person, of_address) = self.with(|counts| {
            let of_person = visitor.person.clone().map_or(u32::MAX, |person| {
                add(&mut counts.answers, Of::Person(person), now)
            });
            let address = Of::Address(visitor.address, visitor.person.is_some());
            (of_person, add(&mut counts.answers, address, now))
        });
        if of_person <= FREE_FOR_PERSON {
            return MIN_ANSWER_DELAY;
        }
        let over = of_address.saturating_sub(FREE_ANSWERS);
        (Duration::from_millis(100) * over.min(50)).clamp(MIN_ANSWER_DELAY, MAX_ANSWER_DELAY)
    }

    fn with<T>(&self, what: impl FnOnce(&mut Counts) -> T) -> T {
        what(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One more; how many there are now.
fn add<K: Hash + Eq>(counts: &mut HashMap<K, Count>, key: K, now: Instant) -> u32 {
    if counts.len() >= MAX_ENTRIES {
        counts.retain(|_, count| now.saturating_duration_since(count.since) < WINDOW);
        if counts.len() >= MAX_ENTRIES {
            // Someone with many addresses: the oldest half goes, and who asks now is still known.
            let mut ages: Vec<Instant> = counts.values().map(|count| count.since).collect();
            ages.sort_unstable();
            let middle = ages[ages.len() / 2];
            counts.retain(|_, count| count.since > middle);
        }
    }
    let entry = counts.entry(key).or_insert(Count {
        since: now,
        count: 0,
    });
    if now.saturating_duration_since(entry.since) >= WINDOW {
        *entry = Count {
            since: now,
            count: 0,
        };
    }
    entry.count += 1;
    entry.count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody() -> Visitor {
        Visitor {
            address: IpAddr::from([192, 0, 2, 1]),
            person: None,
            known_for: Duration::ZERO,
            connected: Instant::now(),
        }
    }

    fn browser(name: &str) -> Visitor {
        Visitor {
            person: Some(Person::Device(name.to_owned())),
            ..nobody()
        }
    }

    #[test]
    fn a_class_that_waits_is_not_slowed_and_a_guesser_is() {
        let limits = WaitingLimits::default();
        let now = Instant::now();
        for _ in 0..70 {
            assert_eq!(limits.hold_back(&nobody(), now), MIN_ANSWER_DELAY);
        }
        for _ in 0..100 {
            limits.hold_back(&nobody(), now);
        }
        assert_eq!(limits.hold_back(&nobody(), now), MAX_ANSWER_DELAY);
        assert_eq!(limits.hold_back(&browser("anna"), now), MIN_ANSWER_DELAY);
    }

    #[test]
    fn a_browser_that_asks_on_and_on_is_slowed_like_its_address() {
        let limits = WaitingLimits::default();
        let now = Instant::now();
        for _ in 0..200 {
            limits.hold_back(&browser("mallory"), now);
        }
        assert_eq!(limits.hold_back(&browser("mallory"), now), MAX_ANSWER_DELAY);
        assert_eq!(limits.hold_back(&browser("anna"), now), MIN_ANSWER_DELAY);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let start = Instant::now();
        let at = |number: usize| start + Duration::from_micros(number as u64);
        let mut counts = HashMap::new();
        for number in 0..=MAX_ENTRIES {
            add(&mut counts, number, at(number));
        }
        assert_eq!(add(&mut counts, MAX_ENTRIES - 1, at(MAX_ENTRIES)), 2);
        assert_eq!(add(&mut counts, 0, at(MAX_ENTRIES)), 1);
        assert!(counts.len() <= MAX_ENTRIES);
    }
}
