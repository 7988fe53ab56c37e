//! Shares that fill up again: so many at once, and then one each so often.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Counts that are remembered; whole ones are forgotten first, then those that are whole next.
const MOST: usize = 20_000;

/// So many at once, and then one each.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub at_once: u32,
    pub each: Duration,
}

/// When the share of each would be whole again.
pub struct Shares<K>(HashMap<K, Instant>);

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> Shares<K> {
    /// The moment for one more.
    pub fn moment(&self, of: &K, rate: Rate, now: Instant) -> Instant {
        let whole = self.0.get(of).copied().unwrap_or(now).max(now);
        let tolerated = rate.each * (rate.at_once - 1);
        whole.checked_sub(tolerated).unwrap_or(now).max(now)
    }

    /// One less.
    pub fn take(&mut self, of: &K, rate: Rate, now: Instant) {
        if self.0.len() >= MOST && !self.0.contains_key(of) {
            self.make_room(now);
        }
        let whole = self.0.entry(of.clone()).or_insert(now);
        *whole = (*whole).max(now) + rate.each;
    }

    /// One less, if there is one now.
    pub fn take_now(&mut self, of: &K, rate: Rate, now: Instant) -> bool {
        let is_now = self.moment(of, rate, now) <= now;
        if is_now {
            self.take(of, rate, now);
        }
        is_now
    }

    /// One that was taken and not needed.
    pub fn give_back(&mut self, of: &K, rate: Rate) {
        if let Some(whole) = self.0.get_mut(of)
            && let Some(earlier) = whole.checked_sub(rate.each)
        {
            *whole = earlier;
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, whole| *whole > now);
        if self.0.len() >= MOST {
            let mut moments: Vec<Instant> = self.0.values().copied().collect();
            let half = moments.len() / 2;
            let middle = *moments.select_nth_unstable(half).1;
            self.0.retain(|_, whole| *whole > middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        at_once: 3,
        each: Duration::from_secs(1),
    };

    #[test]
    fn shares_fill_up_again_and_not_beyond_the_whole() {
        let (mut shares, now) = (Shares::default(), Instant::now());
        let taken = |shares: &mut Shares<u8>, now| {
            (0..10).filter(|_| shares.take_now(&1, RATE, now)).count()
        };
        assert_eq!(taken(&mut shares, now), 3);
        assert!(shares.take_now(&2, RATE, now), "another's");
        assert_eq!(taken(&mut shares, now + Duration::from_secs(2)), 2);
        assert_eq!(taken(&mut shares, now + Duration::from_secs(100)), 3);
        shares.give_back(&1, RATE);
        assert_eq!(taken(&mut shares, now + Duration::from_secs(100)), 1);
    }

    #[test]
    fn shares_of_many_do_not_give_who_used_most_a_new_one() {
        let (mut shares, now) = (Shares::default(), Instant::now());
        for _ in 0..1_000 {
            shares.take(&0, RATE, now);
        }
        for other in 1..3 * MOST {
            shares.take(&other, RATE, now + Duration::from_micros(other as u64));
        }
        assert!(shares.0.len() <= MOST + 1);
        assert!(!shares.take_now(&0, RATE, now + Duration::from_secs(1)));
    }
}
