//! How long someone must wait after failures: longer with each failure. Successes cost nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Timestamp, millis};

/// Failures without a wait: people mistype.
const FREE: u32 = 5;
/// The longest wait.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// After this time without a failure we forget the earlier ones.
const FORGET_AFTER: Duration = Duration::from_mins(15);
/// Keys that are remembered.
const MAX_ENTRIES: usize = 20_000;

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    fn free_at(self) -> Timestamp {
        match self.count.checked_sub(FREE) {
            None => self.last,
            Some(over) => self.last + (1_000_i64 << over.min(10)).min(millis(MAX_WAIT)),
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
    /// How many seconds to wait; `None`: go on.
    pub fn wait(&self, key: &K, now: Timestamp) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = known.get(key)?.free_at() - now;
        u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(|left| left.div_ceil(1_000))
    }

    /// Something was wrong.
    pub fn failed(&self, key: K, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_ENTRIES {
            known.retain(|_, failures| now - failures.last < millis(FORGET_AFTER));
        }
        if known.len() >= MAX_ENTRIES {
            // Someone with many addresses: the oldest half goes, so that memory stays bounded.
            let mut ages: Vec<Timestamp> = known.values().map(|failures| failures.last).collect();
            ages.sort_unstable();
            let middle = ages[ages.len() / 2];
            known.retain(|_, failures| failures.last > middle);
        }
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
    use super::*;

    #[test]
    fn failures_get_slower_and_are_forgotten() {
        let backoff = FailureBackoff::default();
        for _ in 0..FREE - 1 {
            backoff.failed("anna", 0);
        }
        assert_eq!(backoff.wait(&"anna", 0), None);
        backoff.failed("anna", 0);
        assert_eq!(backoff.wait(&"anna", 0), Some(1));
        assert_eq!(backoff.wait(&"anna", 1_000), None);
        backoff.failed("anna", 1_000);
        assert_eq!(backoff.wait(&"anna", 1_000), Some(2));
        assert_eq!(backoff.wait(&"bert", 1_000), None);
        for _ in 0..100 {
            backoff.failed("anna", 2_000);
        }
        assert_eq!(backoff.wait(&"anna", 2_000), Some(60));
        backoff.failed("anna", 2_001 + millis(FORGET_AFTER));
        assert_eq!(backoff.wait(&"anna", 2_001 + millis(FORGET_AFTER)), None);
        backoff.succeeded(&"anna");
        assert_eq!(backoff.wait(&"anna", 0), None);
    }

    #[test]
    fn memory_is_bounded() {
        let backoff = FailureBackoff::default();
        for key in 0..3 * MAX_ENTRIES {
            backoff.failed(key, 0);
        }
        assert!(backoff.0.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
