//! What limits people who want to join a room. Here: whoever asks for hundreds of rooms is slowed, as the answer 'nothing here'
//! is held back. `password_attempts` counts wrong passwords, `join_rate` those who join, `waiting_sockets` those who wait.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::bounded::make_room;
use super::join_rate::JoinRate;
use super::limit_key::{LimitKey, Person};
use super::password_attempts::PasswordAttempts;
use super::waiting_sockets::WaitingSockets;

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
/// Each answer beyond these delays the next ones by this much more.
const DELAY_PER_ANSWER: Duration = Duration::from_millis(100);

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

/// See the module.
#[derive(Default)]
pub struct WaitingLimits {
    answers: Mutex<HashMap<Of, Count>>,
    pub(crate) passwords: PasswordAttempts,
    pub(crate) joins: Arc<JoinRate>,
    pub(crate) sockets: WaitingSockets,
}

impl WaitingLimits {
    /// How long after the question we send the answer 'nothing here'.
    pub(crate) fn hold_back(&self, key: &LimitKey, now: Instant) -> Duration {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let of_person = key.person.clone().map_or(u32::MAX, |person| {
            add(&mut answers, Of::Person(person), now)
        });
        let address = Of::Address(key.address, key.person.is_some());
        let of_address = add(&mut answers, address, now);
        if of_person <= FREE_FOR_PERSON {
            return MIN_ANSWER_DELAY;
        }
        let over = of_address.saturating_sub(FREE_ANSWERS);
        (DELAY_PER_ANSWER * over.min(50)).clamp(MIN_ANSWER_DELAY, MAX_ANSWER_DELAY)
    }
}

/// One more; how many there are now.
fn add<K: Hash + Eq>(counts: &mut HashMap<K, Count>, key: K, now: Instant) -> u32 {
    let is_over = |count: &Count| now.saturating_duration_since(count.since) >= WINDOW;
    make_room(counts, is_over, |count| count.since);
    let entry = counts.entry(key).or_insert(Count {
        since: now,
        count: 0,
    });
    if is_over(entry) {
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
    use super::super::bounded::MAX_KEYS;
    use super::*;

    fn nobody() -> LimitKey {
        LimitKey {
            address: IpAddr::from([192, 0, 2, 1]),
            person: None,
            known_for: Duration::ZERO,
            connected: Instant::now(),
        }
    }

    fn browser(name: &str) -> LimitKey {
        LimitKey {
            person: Some(Person::Device(name.to_owned())),
            ..nobody()
        }
    }

    #[test]
    fn hold_back_of_a_class_is_short_and_of_a_guesser_long() {
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
    fn hold_back_of_a_browser_that_asks_on_and_on_is_that_of_its_address() {
        let limits = WaitingLimits::default();
        let now = Instant::now();
        for _ in 0..200 {
            limits.hold_back(&browser("mallory"), now);
        }
        assert_eq!(limits.hold_back(&browser("mallory"), now), MAX_ANSWER_DELAY);
        assert_eq!(limits.hold_back(&browser("anna"), now), MIN_ANSWER_DELAY);
    }

    #[test]
    fn add_with_too_many_keys_forgets_the_oldest() {
        let start = Instant::now();
        let at = |number: usize| start + Duration::from_micros(number as u64);
        let mut counts = HashMap::new();
        for number in 0..=MAX_KEYS {
            add(&mut counts, number, at(number));
        }
        assert_eq!(add(&mut counts, MAX_KEYS - 1, at(MAX_KEYS)), 2);
        assert_eq!(add(&mut counts, 0, at(MAX_KEYS)), 1);
        assert!(counts.len() <= MAX_KEYS);
    }
}
