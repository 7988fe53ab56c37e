//! Counts launches that fail. Whoever knows a platform's address can cause them, so only so many are written.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Timestamp;
use crate::limits::{Rate, RateLimiter};
use crate::store::SharedStore;

/// A class presses a broken link at once; more in a moment tell nothing new.
const WRITTEN: Rate = Rate {
    at_once: 40,
    each: Duration::from_secs(2),
};

/// What was written of late, by platform.
#[derive(Default)]
pub struct LaunchFailures(Mutex<RateLimiter<String>>);

impl LaunchFailures {
    /// Counts one, if it is among those that are written.
    pub async fn count(&self, store: &SharedStore, now: Timestamp, platform: &str, code: &str) {
        if !self.is_written(platform, Instant::now()) {
            return;
        }
        let counted = store.count_launch_failure(platform, code, now).await;
        if let Err(error) = counted {
            tracing::warn!(%error, "a launch that failed is not counted");
        }
    }

    fn is_written(&self, platform: &str, now: Instant) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = written.usage_mut(platform.to_owned(), now);
        usage.try_acquire(WRITTEN, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flood_of_failures_is_written_in_part_and_leaves_other_platforms_their_share() {
        let failures = LaunchFailures::default();
        let now = Instant::now();
        let written = (0..1_000).filter(|_| failures.is_written("a", now)).count();
        assert_eq!(written, 40);
        assert!(failures.is_written("b", now));
        assert!(failures.is_written("a", now + Duration::from_secs(2)));
    }
}
