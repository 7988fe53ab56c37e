//! How long someone must wait after failures: longer with each failure. Successes cost nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::bounded::make_room;
use crate::clock::{Timestamp, millis};

/// Failures without a wait: people mistype.
const MAX_FREE: u32 = 5;
/// The wait after the next one. It doubles with each more.
const MIN_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// After this time without a failure we forget the earlier ones.
const FORGET_AFTER: Duration = Duration::from_mins(15);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    fn free_at(self) -> Timestamp {
        match self.count.checked_sub(MAX_FREE) {
            None => self.last,
            Some(over) => self.last + millis((MIN_WAIT * (1 << over.min(10))).min(MAX_WAIT)),
        }
    }
}

/// Counts failures by a key, such as account and address.
pub struct FailureBackoff<K>(Mutex<HashMap<K, Failures>>);

impl<K> Default for FailureBackoff<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> FailureBackoff<K> {
    /// How long to wait, in whole seconds; `None`: go on.
    pub fn wait(&self, key: &K, now: Timestamp) -> Option<Duration> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = known.get(key)?.free_at() - now;
        u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(|left| Duration::from_secs(left.div_ceil(1_000)))
    }

    /// Something was wrong.
    pub fn failed(&self, key: K, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |failures: &Failures| now - failures.last >= millis(FORGET_AFTER);
        make_room(&mut known, is_over, |failures| failures.last);
        let failures = known.entry(key).or_insert(Failures {
            count: 0,
            last: now,
        });
        if now - failures.last > millis(FORGET_AFTER) {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// All was right: former failures are forgotten.
    pub fn succeeded(&self, key: &K) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounded::MAX_KEYS;
    use super::*;

    const ONE: Option<Duration> = Some(Duration::from_secs(1));

    #[test]
    fn wait_after_failures_gets_longer_and_is_forgotten() {
        let backoff = FailureBackoff::default();
        for _ in 0..MAX_FREE - 1 {
            backoff.failed("anna", 0);
        }
        assert_eq!(backoff.wait(&"anna", 0), None);
        backoff.failed("anna", 0);
        assert_eq!(backoff.wait(&"anna", 0), ONE);
        assert_eq!(backoff.wait(&"anna", 1_000), None);
        backoff.failed("anna", 1_000);
        assert_eq!(backoff.wait(&"anna", 1_000), ONE.map(|one| 2 * one));
        assert_eq!(backoff.wait(&"bert", 1_000), None);
        for _ in 0..100 {
            backoff.failed("anna", 2_000);
        }
        assert_eq!(backoff.wait(&"anna", 2_000), Some(MAX_WAIT));
        backoff.failed("anna", 2_001 + millis(FORGET_AFTER));
        assert_eq!(backoff.wait(&"anna", 2_001 + millis(FORGET_AFTER)), None);
        backoff.succeeded(&"anna");
        assert_eq!(backoff.wait(&"anna", 0), None);
    }

    #[test]
    fn failed_with_many_keys_remembers_a_bounded_number() {
        let backoff = FailureBackoff::default();
        for key in 0..3 * MAX_KEYS {
            backoff.failed(key, 0);
        }
        assert!(backoff.0.lock().unwrap().len() <= MAX_KEYS);
    }
}
