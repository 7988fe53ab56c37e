//! The rate limiter (generic cell rate algorithm): a burst at once, and then one per period. Everything that has a rate is
//! limited by it: requests to the API, messages of a client, people who join, events that are reported (ADR 8).

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use super::bounded::make_room;

/// `at_once` in a burst, and then one per `each`.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub at_once: u32,
    pub each: Duration,
}

/// What one key has used: the instant at which its whole burst is available again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage(Option<Instant>);

impl Usage {
    /// When the whole burst is available again.
    pub fn over_at(self, now: Instant) -> Instant {
        self.0.map_or(now, |over_at| over_at.max(now))
    }

    /// The earliest instant at which one more is allowed.
    pub fn earliest(self, rate: Rate, now: Instant) -> Instant {
        let tolerated = rate.each * (rate.at_once - 1);
        let earliest = self.over_at(now).checked_sub(tolerated);
        earliest.unwrap_or(now).max(now)
    }

    /// How many are allowed now.
    pub fn left(self, rate: Rate, now: Instant) -> u32 {
        let used = self.over_at(now).saturating_duration_since(now);
        let left = (rate.each * rate.at_once).saturating_sub(used);
        let left = left.as_nanos() / rate.each.as_nanos().max(1);
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// Uses one, whether it is allowed already or not.
    pub fn acquire(&mut self, rate: Rate, now: Instant) {
        self.0 = Some(self.over_at(now) + rate.each);
    }

    /// Uses one if it is allowed now; says whether it did.
    pub fn try_acquire(&mut self, rate: Rate, now: Instant) -> bool {
        let is_now = self.earliest(rate, now) <= now;
        if is_now {
            self.acquire(rate, now);
        }
        is_now
    }
}

/// The usage of many keys. The table is bounded: keys that have their whole burst are forgotten first, then those that will
/// have it next.
pub struct RateLimiter<K>(pub(super) HashMap<K, Usage>);

impl<K> Default for RateLimiter<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> RateLimiter<K> {
    /// What this key has used.
    pub fn usage(&self, key: &K) -> Usage {
        self.0.get(key).copied().unwrap_or_default()
    }

    /// The same, to be changed.
    pub fn usage_mut(&mut self, key: K, now: Instant) -> &mut Usage {
        if !self.0.contains_key(&key) {
            let is_over = |usage: &Usage| usage.over_at(now) == now;
            make_room(&mut self.0, is_over, |usage| usage.0);
        }
        self.0.entry(key).or_default()
    }

    /// Returns one that was acquired and not needed.
    pub fn refund(&mut self, key: &K, rate: Rate) {
        if let Some(Usage(Some(over_at))) = self.0.get_mut(key)
            && let Some(earlier) = over_at.checked_sub(rate.each)
        {
            *over_at = earlier;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounded::MAX_KEYS;
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
                .filter(|_| limiter.usage_mut(1, now).try_acquire(RATE, now))
                .count()
        };
        assert_eq!(taken(&mut limiter, now), 3);
        assert!(
            limiter.usage_mut(2, now).try_acquire(RATE, now),
            "another's"
        );
        assert_eq!(taken(&mut limiter, now + Duration::from_secs(2)), 2);
        assert_eq!(taken(&mut limiter, now + Duration::from_secs(100)), 3);
        limiter.refund(&1, RATE);
        assert_eq!(taken(&mut limiter, now + Duration::from_secs(100)), 1);
    }

    #[test]
    fn rate_limiter_with_too_many_keys_still_limits_the_heaviest_user() {
        let (mut limiter, now) = (RateLimiter::default(), Instant::now());
        for _ in 0..1_000 {
            limiter.usage_mut(0, now).acquire(RATE, now);
        }
        for other in 1..3 * MAX_KEYS {
            let at = now + Duration::from_micros(other as u64);
            limiter.usage_mut(other, at).acquire(RATE, at);
        }
        assert!(limiter.0.len() <= MAX_KEYS);
        let later = now + Duration::from_secs(1);
        assert!(!limiter.usage_mut(0, later).try_acquire(RATE, later));
    }

    #[test]
    fn usage_left_counts_down_and_comes_back_one_by_one() {
        let (mut usage, now) = (Usage::default(), Instant::now());
        assert_eq!(usage.left(RATE, now), 3);
        for left in [2, 1, 0] {
            assert!(usage.try_acquire(RATE, now));
            assert_eq!(usage.left(RATE, now), left);
        }
        assert!(!usage.try_acquire(RATE, now));
        assert_eq!(usage.earliest(RATE, now), now + RATE.each);
        assert_eq!(usage.left(RATE, now + RATE.each), 1);
        assert_eq!(usage.over_at(now), now + 3 * RATE.each);
    }
}
