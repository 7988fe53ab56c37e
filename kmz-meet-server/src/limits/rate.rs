//! A rate limiter by key (a generic cell rate algorithm): a burst at once, and then one per period.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Keys that are remembered. Those that have their whole burst are forgotten first, then those that will have it next.
const MAX_KEYS: usize = 20_000;

/// `at_once` in a burst, and then one per `each`.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub at_once: u32,
    pub each: Duration,
}

/// For each key: the instant at which its whole burst is available again.
pub struct RateLimiter<K>(HashMap<K, Instant>);

impl<K> Default for RateLimiter<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> RateLimiter<K> {
    /// The earliest instant at which one more is allowed.
    pub fn earliest(&self, of: &K, rate: Rate, now: Instant) -> Instant {
        let whole = self.0.get(of).copied().unwrap_or(now).max(now);
        let tolerated = rate.each * (rate.at_once - 1);
        whole.checked_sub(tolerated).unwrap_or(now).max(now)
    }

    /// Uses one, whether it is allowed already or not.
    pub fn acquire(&mut self, of: &K, rate: Rate, now: Instant) {
        if self.0.len() >= MAX_KEYS && !self.0.contains_key(of) {
            self.make_room(now);
        }
        let whole = self.0.entry(of.clone()).or_insert(now);
        *whole = (*whole).max(now) + rate.each;
    }

    /// Uses one if it is allowed now; says whether it did.
    pub fn try_acquire(&mut self, of: &K, rate: Rate, now: Instant) -> bool {
        let is_now = self.earliest(of, rate, now) <= now;
        if is_now {
            self.acquire(of, rate, now);
        }
        is_now
    }

    /// Returns one that was acquired and not needed.
    pub fn refund(&mut self, of: &K, rate: Rate) {
        if let Some(whole) = self.0.get_mut(of)
            && let Some(earlier) = whole.checked_sub(rate.each)
        {
            *whole = earlier;
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, whole| *whole > now);
        if self.0.len() >= MAX_KEYS {
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
    fn rate_limiter_after_a_pause_allows_at_most_one_burst() {
        let (mut limiter, now) = (RateLimiter::default(), Instant::now());
        let taken = |limiter: &mut RateLimiter<u8>, now| {
            (0..10)
                .filter(|_| limiter.try_acquire(&1, RATE, now))
                .count()
        };
        assert_eq!(taken(&mut limiter, now), 3);
        assert!(limiter.try_acquire(&2, RATE, now), "another's");
        assert_eq!(taken(&mut limiter, now + Duration::from_secs(2)), 2);
        assert_eq!(taken(&mut limiter, now + Duration::from_secs(100)), 3);
        limiter.refund(&1, RATE);
        assert_eq!(taken(&mut limiter, now + Duration::from_secs(100)), 1);
    }

    #[test]
    fn rate_limiter_with_too_many_keys_still_limits_the_heaviest_user() {
        let (mut limiter, now) = (RateLimiter::default(), Instant::now());
        for _ in 0..1_000 {
            limiter.acquire(&0, RATE, now);
        }
        for other in 1..3 * MAX_KEYS {
            limiter.acquire(&other, RATE, now + Duration::from_micros(other as u64));
        }
        assert!(limiter.0.len() <= MAX_KEYS + 1);
        assert!(!limiter.try_acquire(&0, RATE, now + Duration::from_secs(1)));
    }
}
