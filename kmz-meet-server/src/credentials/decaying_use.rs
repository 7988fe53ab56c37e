//! How much of something scarce each key used lately. Half of that use is forgotten every 30 seconds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::limits::bounded::make_room;

/// After this time half of the use is forgotten.
const HALF_LIFE: Duration = Duration::from_secs(30);
/// Use below this counts as none.
const MIN_USE: f32 = 0.5;

#[derive(Clone, Copy)]
struct Use {
    /// What was used, as of `at`.
    used: f32,
    at: Instant,
    /// How many requests wait; they do not decay.
    waiting: u32,
}

impl Use {
    fn left(self, now: Instant) -> f32 {
        let halves = now.saturating_duration_since(self.at).as_secs_f32() / HALF_LIFE.as_secs_f32();
        self.used * (-halves).exp2()
    }
}

/// The use of all keys. Keys are hashes, so that memory is bounded whatever people send.
#[derive(Default)]
pub struct DecayingUse(HashMap<u64, Use>);

impl DecayingUse {
    /// How much a key used and waits for: 0 for next to nothing, one more with each doubling.
    pub fn level(&self, key: u64, now: Instant) -> u32 {
        let one = self.0.get(&key);
        let left = one.map_or(0.0, |one| one.left(now) + one.waiting as f32);
        if left < MIN_USE {
            return 0;
        }
        (left / MIN_USE).log2() as u32 + 1
    }

    /// A request of this key begins to wait.
    pub fn begin(&mut self, key: u64, now: Instant) {
        if !self.0.contains_key(&key) {
            // Whoever waits is forgotten last, and before them who used most. Amounts are not negative, so bits sort them.
            let rank = |one: &Use| (one.waiting > 0, one.left(now).to_bits());
            make_room(&mut self.0, |_| false, rank);
        }
        let one = self.0.entry(key).or_insert(Use {
            used: 0.0,
            at: now,
            waiting: 0,
        });
        one.waiting = one.waiting.saturating_add(1);
    }

    /// A request of this key ends. `cost`: it used something.
    pub fn end(&mut self, key: u64, cost: bool, now: Instant) {
        if let Some(one) = self.0.get_mut(&key) {
            one.waiting = one.waiting.saturating_sub(1);
            one.used = one.left(now) + if cost { 1.0 } else { 0.0 };
            one.at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::bounded::MAX_KEYS;

    #[test]
    fn level_of_a_key_grows_with_each_doubling_and_decays() {
        let mut uses = DecayingUse::default();
        let start = Instant::now();
        assert_eq!(uses.level(1, start), 0);
        uses.begin(1, start);
        assert_eq!(uses.level(1, start), 2);
        uses.end(1, true, start);
        for _ in 0..63 {
            uses.begin(1, start);
            uses.end(1, true, start);
        }
        assert_eq!(uses.level(1, start), 8);
        assert_eq!(uses.level(1, start + HALF_LIFE), 7);
        assert_eq!(uses.level(1, start + HALF_LIFE * 10), 0);
        assert_eq!(uses.level(2, start), 0);
    }

    #[test]
    fn request_without_a_cost_leaves_the_level_as_it_was() {
        let mut uses = DecayingUse::default();
        let start = Instant::now();
        for _ in 0..8 {
            uses.begin(1, start);
            uses.end(1, true, start);
        }
        for _ in 0..1_000 {
            uses.begin(1, start);
            uses.end(1, false, start + HALF_LIFE / 2);
        }
        assert_eq!(uses.level(1, start + HALF_LIFE / 2), 4);
    }

    #[test]
    fn key_with_the_most_use_among_too_many_is_remembered() {
        let mut uses = DecayingUse::default();
        let start = Instant::now();
        for key in [u64::MAX; 9].into_iter().chain(0..3 * MAX_KEYS as u64) {
            uses.begin(key, start);
            uses.end(key, true, start);
        }
        assert!(uses.0.len() <= MAX_KEYS);
        assert!(uses.level(u64::MAX, start) > 0);
    }
}
