//! How much of something scarce each one had lately. Half of it is forgotten every half minute.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// After this time half of a debt is forgotten.
const HALF: Duration = Duration::from_secs(30);
/// More are never kept; those who had least make room.
const MOST: usize = 20_000;
/// As much as this is nothing.
const FREE: f32 = 0.5;

#[derive(Clone, Copy)]
struct Debt {
    /// What was had.
    had: f32,
    at: Instant,
    /// What is being waited for: it does not grow old.
    waiting: u32,
}

impl Debt {
    fn left(self, now: Instant) -> f32 {
        let halves = now.saturating_duration_since(self.at).as_secs_f32() / HALF.as_secs_f32();
        self.had * (-halves).exp2()
    }
}

/// See the module. Keys are hashes, so that memory is bounded whatever people send.
#[derive(Default)]
pub struct Debts(HashMap<u64, Debt>);

impl Debts {
    /// 0 for who had and waits for little, one more with each doubling.
    pub fn level(&self, key: u64, now: Instant) -> u32 {
        let debt = self.0.get(&key);
        let left = debt.map_or(0.0, |debt| debt.left(now) + debt.waiting as f32);
        if left < FREE {
            return 0;
        }
        (left / FREE).log2() as u32 + 1
    }

    /// Something more is waited for.
    pub fn begin(&mut self, key: u64, now: Instant) {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let debt = self.0.entry(key).or_insert(Debt {
            had: 0.0,
            at: now,
            waiting: 0,
        });
        debt.waiting = debt.waiting.saturating_add(1);
    }

    /// It is not waited for any more; it cost something or nothing.
    pub fn end(&mut self, key: u64, cost: bool, now: Instant) {
        if let Some(debt) = self.0.get_mut(&key) {
            debt.waiting = debt.waiting.saturating_sub(1);
            debt.had = debt.left(now) + if cost { 1.0 } else { 0.0 };
            debt.at = now;
        }
    }

    fn make_room(&mut self, now: Instant) {
        let mut amounts: Vec<f32> = self.0.values().map(|debt| debt.left(now)).collect();
        let middle = amounts.len() / 2;
        let (_, middle, _) = amounts.select_nth_unstable_by(middle, f32::total_cmp);
        let middle = *middle;
        self.0
            .retain(|_, debt| debt.waiting > 0 || debt.left(now) > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_grows_with_each_doubling_and_is_forgotten() {
        let mut debts = Debts::default();
        let start = Instant::now();
        assert_eq!(debts.level(1, start), 0);
        debts.begin(1, start);
        assert_eq!(debts.level(1, start), 2);
        debts.end(1, true, start);
        for _ in 0..63 {
            debts.begin(1, start);
            debts.end(1, true, start);
        }
        assert_eq!(debts.level(1, start), 8);
        assert_eq!(debts.level(1, start + HALF), 7);
        assert_eq!(debts.level(1, start + HALF * 10), 0);
        assert_eq!(debts.level(2, start), 0);
    }

    #[test]
    fn what_cost_nothing_leaves_the_rest_as_it_was() {
        let mut debts = Debts::default();
        let start = Instant::now();
        for _ in 0..8 {
            debts.begin(1, start);
            debts.end(1, true, start);
        }
        for _ in 0..1_000 {
            debts.begin(1, start);
            debts.end(1, false, start + HALF / 2);
        }
        assert_eq!(debts.level(1, start + HALF / 2), 4);
    }

    #[test]
    fn memory_is_bounded_and_who_had_most_is_remembered() {
        let mut debts = Debts::default();
        let start = Instant::now();
        for key in [u64::MAX; 9].into_iter().chain(0..3 * MOST as u64) {
            debts.begin(key, start);
            debts.end(key, true, start);
        }
        assert!(debts.0.len() <= MOST);
        assert!(debts.level(u64::MAX, start) > 0);
    }
}
