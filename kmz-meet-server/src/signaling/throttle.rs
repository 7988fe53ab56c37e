//! Slows those who guess names and passwords. Only failures count, so a class behind one address comes in as fast as it
//! likes; and who was wrong too often from there is not locked out, but goes to the lobby. They are answered as if they
//! were wrong: whoever guesses on learns nothing any more, and the teacher sees who knocks.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures are forgotten after this time.
const WINDOW: Duration = Duration::from_mins(10);
/// Wrong passwords for one room from one address, after which a right one leads to the lobby without saying so.
const WRONG_PASSWORDS: u32 = 10;
/// Answers 'nothing here' to one address that are not slowed: a class that comes early waits for its teacher.
const FREE_ANSWERS: u32 = 80;
/// The longest that such an answer is held back.
const LONGEST: Duration = Duration::from_secs(5);
/// Sockets that may wait at the same time from one address: a whole school sits behind one.
const WAITING: u32 = 2_000;
/// Addresses and rooms that are remembered; the oldest give way.
const MAX_ENTRIES: usize = 20_000;
/// Passwords that are looked at at the same time, at most.
const TURNS: usize = 64;

#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    count: u32,
}

#[derive(Default)]
struct Counts {
    wrong: HashMap<(String, IpAddr), Count>,
    answers: HashMap<IpAddr, Count>,
    waiting: HashMap<IpAddr, u32>,
}

/// See the module.
pub struct Throttle {
    counts: Mutex<Counts>,
    turns: [tokio::sync::Mutex<()>; TURNS],
    hasher: RandomState,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            counts: Mutex::default(),
            turns: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

/// A socket that waits; given back when dropped.
pub(super) struct Waiting<'a> {
    throttle: &'a Throttle,
    address: IpAddr,
}

impl Throttle {
    /// Passwords for one room from one address are looked at one after the other: many at once must not all be tried
    /// before the first is counted. Held until that is done.
    pub(super) async fn turn(
        &self,
        room: &str,
        address: IpAddr,
    ) -> tokio::sync::MutexGuard<'_, ()> {
        let hash = self.hasher.hash_one((room, address));
        let turn = usize::try_from(hash % TURNS as u64).unwrap_or(0);
        self.turns[turn].lock().await
    }

    /// A wrong password for this room.
    pub(super) fn wrong_password(&self, room: &str, address: IpAddr, now: Instant) {
        self.with(|counts| add(&mut counts.wrong, (room.to_owned(), address), now));
    }

    /// Whether too many wrong passwords for this room came from this address.
    pub(super) fn is_suspicious(&self, room: &str, address: IpAddr, now: Instant) -> bool {
        self.with(|counts| {
            count(&counts.wrong, &(room.to_owned(), address), now) >= WRONG_PASSWORDS
        })
    }

    /// How long the answer 'nothing here' is held back.
    pub(super) fn hold_back(&self, address: IpAddr, now: Instant) -> Duration {
        let answers = self.with(|counts| {
            add(&mut counts.answers, address, now);
            count(&counts.answers, &address, now)
        });
        let over = answers.saturating_sub(FREE_ANSWERS);
        (Duration::from_millis(100) * over.min(50)).min(LONGEST)
    }

    /// A place for one more waiting socket; `None` when too many wait from there.
    pub(super) fn wait(&self, address: IpAddr) -> Option<Waiting<'_>> {
        self.with(|counts| {
            let waiting = counts.waiting.entry(address).or_default();
            if *waiting >= WAITING {
                return None;
            }
            *waiting += 1;
            Some(Waiting {
                throttle: self,
                address,
            })
        })
    }

    fn with<T>(&self, what: impl FnOnce(&mut Counts) -> T) -> T {
        what(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.throttle.with(|counts| {
            if let Some(waiting) = counts.waiting.get_mut(&self.address) {
                *waiting -= 1;
                if *waiting == 0 {
                    counts.waiting.remove(&self.address);
                }
            }
        });
    }
}

fn add<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, Count>, key: K, now: Instant) {
    if counts.len() >= MAX_ENTRIES {
        counts.retain(|_, count| now.saturating_duration_since(count.since) < WINDOW);
        if counts.len() >= MAX_ENTRIES {
            // Someone with many addresses: the oldest half goes, and who guesses now is still known.
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
}

fn count<K: std::hash::Hash + Eq>(counts: &HashMap<K, Count>, key: &K, now: Instant) -> u32 {
    counts
        .get(key)
        .filter(|count| now.saturating_duration_since(count.since) < WINDOW)
        .map_or(0, |count| count.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> IpAddr {
        IpAddr::from([192, 0, 2, 1])
    }

    #[test]
    fn fifteen_pupils_who_mistype_make_their_address_suspicious_for_this_room_only() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..15 {
            throttle.wrong_password("room", address(), now);
        }
        assert!(throttle.is_suspicious("room", address(), now));
        assert!(!throttle.is_suspicious("other", address(), now));
        assert!(!throttle.is_suspicious("room", IpAddr::from([192, 0, 2, 2]), now));
        assert!(!throttle.is_suspicious("room", address(), now + WINDOW));
    }

    #[test]
    fn a_class_that_waits_is_not_slowed_and_a_guesser_is() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..70 {
            assert_eq!(throttle.hold_back(address(), now), Duration::ZERO);
        }
        for _ in 0..100 {
            throttle.hold_back(address(), now);
        }
        assert_eq!(throttle.hold_back(address(), now), LONGEST);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let at = |number: usize| start + Duration::from_micros(number as u64);
        for number in 0..MAX_ENTRIES {
            for _ in 0..WRONG_PASSWORDS {
                throttle.wrong_password(&number.to_string(), address(), at(number));
            }
        }
        throttle.wrong_password("one more", address(), at(MAX_ENTRIES));
        let newest = (MAX_ENTRIES - 1).to_string();
        assert!(throttle.is_suspicious(&newest, address(), at(MAX_ENTRIES)));
        assert!(!throttle.is_suspicious("0", address(), at(MAX_ENTRIES)));
    }

    #[test]
    fn places_to_wait_are_given_back() {
        let throttle = Throttle::default();
        let all: Vec<_> = (0..WAITING).map(|_| throttle.wait(address())).collect();
        assert!(all.iter().all(Option::is_some) && throttle.wait(address()).is_none());
        drop(all);
        assert!(throttle.wait(address()).is_some());
    }
}
