//! A short cache of the platforms of an issuer. Anybody can begin logins, and a login that leads nowhere must cost next to
//! nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lti_bridge::Platform;

/// The cache misses changes by another process for this long.
const MAX_CACHE_AGE: Duration = Duration::from_secs(1);
/// How many issuers are cached; only those of registered platforms are.
const MAX_ISSUERS: usize = 1_000;

struct Read {
    at: Instant,
    /// The count of changes before the read.
    change: u64,
    platforms: Arc<[Platform]>,
}

/// The cache.
#[derive(Default)]
pub(super) struct Known(Mutex<HashMap<String, Read>>);

impl Known {
    /// The platforms of an issuer, if they were read a moment ago and nothing has changed since.
    pub(super) fn of(&self, issuer: &str, change: u64) -> Option<Vec<Platform>> {
        self.at(issuer, change, Instant::now())
            .map(|platforms| platforms.to_vec())
    }

    /// Stores what was read after this many changes.
    pub(super) fn note(&self, issuer: &str, change: u64, platforms: Vec<Platform>) {
        self.note_at(issuer, change, platforms, Instant::now());
    }

    fn at(&self, issuer: &str, change: u64, now: Instant) -> Option<Arc<[Platform]>> {
        let reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = reads.get(issuer)?;
        let is_fresh = read.change == change && now.duration_since(read.at) < MAX_CACHE_AGE;
        is_fresh.then(|| read.platforms.clone())
    }

    fn note_at(&self, issuer: &str, change: u64, platforms: Vec<Platform>, now: Instant) {
        // Invented issuers must not displace real ones.
        if platforms.is_empty() {
            return;
        }
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reads.len() >= MAX_ISSUERS && !reads.contains_key(issuer) {
            reads.clear();
        }
        let read = Read {
            at: now,
            change,
            platforms: platforms.into(),
        };
        reads.insert(issuer.to_owned(), read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn platform() -> Platform {
        let url = "https://moodle.example/x";
        serde_json::from_value(json!({
            "id": "1", "tenant": "a", "name": "Moodle", "issuer": "https://moodle.example", "client_id": "c",
            "deployment_ids": [], "authorization_endpoint": url, "token_endpoint": url, "jwks_uri": url,
            "state": "active",
        }))
        .unwrap()
    }

    #[test]
    fn cached_platforms_after_a_change_or_a_second_are_stale() {
        let (known, now) = (Known::default(), Instant::now());
        let number = |issuer, change, at| known.at(issuer, change, at).map(|all| all.len());
        assert_eq!(number("a", 1, now), None);
        known.note_at("a", 1, vec![platform()], now);
        assert_eq!(number("a", 1, now), Some(1));
        assert_eq!(number("a", 2, now), None, "something changed");
        assert_eq!(number("a", 1, now + MAX_CACHE_AGE), None, "it is too old");
        known.note_at("invented", 1, Vec::new(), now);
        assert_eq!(number("invented", 1, now), None);
    }
}
