//! How much each key used lately of something scarce. Half of that use is forgotten every 30 seconds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::limits::bounded::make_room;

/// After this time half of the use is forgotten.
const HALF: Duration = Duration::from_secs(30);
/// Use below this counts as none.
const FREE: f32 = 0.5;

#[derive(Clone, Copy)]
struct Use {
    /// What was used, as of `at`.
    used: f32,
    at: Instant,
    /// Requests that wait: they do not decay.
    waiting: u32,
}

impl Use {
    fn left(self, now: Instant) -> f32 {
        let halves = now.saturating_duration_since(self.at).as_secs_f32() / HALF.as_secs_f32();
        self.used * (-halves).exp2()
    }
}

/// See the module. Keys are hashes, so that memory is bounded whatever people send.
#[derive(Default)]
pub struct DecayingUse(HashMap<u64, Use>);

impl DecayingUse {
    /// 0 for who had and waits for little, one more with each doubling.
    pub fn level(&self, key: u64, now: Instant) -> u32 {
        let one = self.0.get(&key);
        let left = one.map_or(0.0, |one| one.left(now) + one.waiting as f32);
        if left < FREE {
            return 0;
        }
        (left / FREE).log2() as u32 + 1
    }

    /// Something more is waited for.
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

    /// It is not waited for any more; it cost something or nothing.
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
    fn level_grows_with_each_doubling_and_is_forgotten() {
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
        assert_eq!(uses.level(1, start + HALF), 7);
        assert_eq!(uses.level(1, start + HALF * 10), 0);
        assert_eq!(uses.level(2, start), 0);
    }

    #[test]
    fn end_without_cost_leaves_the_rest_as_it_was() {
        let mut uses = DecayingUse::default();
        let start = Instant::now();
        for _ in 0..8 {
            uses.begin(1, start);
            uses.end(1, true, start);
        }
        for _ in 0..1_000 {
            uses.begin(1, start);
            uses.end(1, false, start + HALF / 2);
        }
        assert_eq!(uses.level(1, start + HALF / 2), 4);
    }

    #[test]
    fn begin_with_too_many_keys_remembers_who_used_most() {
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
