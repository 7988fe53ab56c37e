//! What strangers with an invented link can make us do, and how many uploads are in memory at the same time.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::rate::RateLimiter;
use crate::limits::{FilePlace, FilePlaces, Rate};

/// Requests about links from one network: an office at once, and then one every five seconds.
const RATE: Rate = Rate {
    at_once: 60,
    each: Duration::from_secs(5),
};
/// Uploads at the same time: each is in memory as a whole.
const MAX_UPLOADS: usize = 4;

/// The limits of the pages behind links.
pub struct DropLimits {
    networks: Mutex<RateLimiter<IpAddr>>,
    uploads: FilePlaces,
}

impl Default for DropLimits {
    fn default() -> Self {
        Self {
            networks: Mutex::default(),
            uploads: FilePlaces::new(MAX_UPLOADS),
        }
    }
}

impl DropLimits {
    /// Counts a request from a network.
    ///
    /// # Errors
    /// With the time until the next one is taken.
    pub fn count(&self, network: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = networks.usage_mut(network, now);
        if usage.try_acquire(RATE, now) {
            return Ok(());
        }
        Err(usage.earliest(RATE, now).saturating_duration_since(now))
    }

    /// A place for an upload for this school; `None`: there is none now.
    pub fn upload(&self, school: &str) -> Option<FilePlace<'_>> {
        self.uploads.take(school)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_of_one_network_ends_and_comes_back() {
        let (limits, now) = (DropLimits::default(), Instant::now());
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        for _ in 0..RATE.at_once {
            assert_eq!(limits.count(one, now), Ok(()));
        }
        assert_eq!(limits.count(one, now), Err(RATE.each));
        assert_eq!(limits.count(other, now), Ok(()));
        assert_eq!(limits.count(one, now + RATE.each), Ok(()));
    }
}
