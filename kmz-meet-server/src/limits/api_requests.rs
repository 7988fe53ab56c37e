//! How many requests a caller of the API may make: those of a minute at once, and then one by one.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::rate::{Rate, RateLimiter};

const MINUTE: Duration = Duration::from_mins(1);

/// Counts the requests of each caller.
pub struct RequestLimit {
    rate: Rate,
    hasher: RandomState,
    limiter: Mutex<RateLimiter<u64>>,
}

/// What is left to a caller.
pub struct Left {
    /// `None`: there is none left for this one.
    pub requests: Option<u32>,
    /// Until all are there again or, when there is none left, the next one. Whole seconds.
    pub wait: Duration,
}

impl RequestLimit {
    /// `per_minute` requests for each caller.
    pub fn new(per_minute: u32) -> Self {
        let at_once = per_minute.max(1);
        Self {
            rate: Rate {
                at_once,
                each: MINUTE / at_once,
            },
            hasher: RandomState::new(),
            limiter: Mutex::default(),
        }
    }

    /// How many a minute each caller may make.
    pub fn per_minute(&self) -> u32 {
        self.rate.at_once
    }

    /// Counts one of a caller.
    pub fn count(&self, caller: &[u8], now: Instant) -> Left {
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = limiter.usage_mut(self.hasher.hash_one(caller), now);
        let is_allowed = usage.try_acquire(self.rate, now);
        let until = if is_allowed {
            usage.over_at(now)
        } else {
            usage.earliest(self.rate, now)
        };
        Left {
            requests: is_allowed.then(|| usage.left(self.rate, now)),
            wait: Duration::from_secs((until - now).as_secs() + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounded::MAX_KEYS;
    use super::*;

    #[test]
    fn count_of_each_caller_is_its_own() {
        let limit = RequestLimit::new(2);
        let now = Instant::now();
        assert_eq!(limit.count(b"a", now).requests, Some(1));
        assert_eq!(limit.count(b"a", now).requests, Some(0));
        assert_eq!(limit.count(b"a", now).requests, None);
        assert_eq!(limit.count(b"b", now).requests, Some(1));
        assert_eq!(limit.count(b"a", now + MINUTE).requests, Some(1));
    }

    #[test]
    fn count_beyond_the_limit_says_when_the_next_request_is_allowed() {
        let limit = RequestLimit::new(2);
        let now = Instant::now();
        limit.count(b"a", now);
        assert_eq!(limit.count(b"a", now).wait, Duration::from_secs(61));
        let refused = limit.count(b"a", now);
        assert_eq!((refused.requests, refused.wait.as_secs()), (None, 31));
        assert_eq!(limit.count(b"a", now + refused.wait).requests, Some(0));
    }

    #[test]
    fn count_with_too_many_callers_forgets_the_oldest_only() {
        for apart in [
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::from_micros(1),
        ] {
            let limit = RequestLimit::new(3);
            let start = Instant::now();
            let mut now = start;
            for caller in 0..MAX_KEYS {
                limit.count(&caller.to_be_bytes(), now);
                now += apart;
            }
            // At its limit, and the newest.
            let spent = b"spent".as_slice();
            for _ in 0..3 {
                limit.count(spent, now + apart);
            }
            for caller in MAX_KEYS..MAX_KEYS + MAX_KEYS / 3 {
                now += apart;
                limit.count(&caller.to_be_bytes(), now);
            }
            assert_eq!(limit.count(spent, now).requests, None, "{apart:?}");
            let remembered = limit.limiter.lock().unwrap().0.len();
            assert!(
                (MAX_KEYS / 2..=MAX_KEYS).contains(&remembered),
                "{remembered}"
            );
        }
    }
}
