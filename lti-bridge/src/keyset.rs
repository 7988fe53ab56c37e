//! The keys of platforms, fetched and remembered for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use url::Url;

use guarded_http::{Error as HttpError, GuardedClient};

use crate::numeric_date::NumericDate;

/// How long a key set is used without asking again: a key that the platform withdrew is refused after this.
const MAX_AGE: Duration = Duration::from_mins(10);
/// An unknown key makes us ask again, but not more often than this.
const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_mins(1);
/// Pause after a failed fetch: otherwise anonymous launches could make us hammer the platform.
const FAILURE_BACKOFF: Duration = Duration::from_secs(5);
/// Keys of one set that are kept.
const MAX_KEYS: usize = 100;
/// Key sets that are kept.
const MAX_KEY_SETS: usize = 10_000;
/// RSA of 2048 bits (RFC 7518, 3.3).
const MIN_MODULUS_BYTES: usize = 256;

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

/// Of a key only what RS256 needs; other keys are passed over.
#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: Option<String>,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Key>,
    /// `None` until they were fetched.
    fetched_at: Option<NumericDate>,
    /// When a key that nobody knows last made us ask.
    unknown_at: Option<NumericDate>,
    /// When the platform last gave no keys.
    failed_at: Option<NumericDate>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The set has no usable key with this id.
    #[error("the platform has no such key")]
    Unknown,
    /// No answer came.
    #[error("the keys of the platform cannot be read: {0}")]
    Unreachable(#[from] HttpError),
    /// A fetch failed a moment ago.
    #[error("the keys of the platform could not be read a moment ago")]
    Resting,
    /// The answer is not a key set.
    #[error("the answer of the platform is not a key set")]
    Damaged,
}

/// The key sets of all platforms. While one is fetched, further launches wait for it instead of fetching it too.
#[derive(Default)]
pub(crate) struct KeySets(Mutex<HashMap<Url, Arc<tokio::sync::Mutex<Known>>>>);

impl KeySets {
    fn set(&self, url: &Url) -> Arc<tokio::sync::Mutex<Known>> {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= MAX_KEY_SETS && !sets.contains_key(url) {
            sets.clear();
        }
        sets.entry(url.clone()).or_default().clone()
    }

    /// The key with this id, from memory or from the platform.
    pub(crate) async fn key(
        &self,
        http: &GuardedClient,
        url: &Url,
        kid: &str,
        now: NumericDate,
    ) -> Result<DecodingKey, KeySetError> {
        let is_within = |at: Option<NumericDate>, length: Duration| {
            at.is_some_and(|at| now.saturating_duration_since(at) < length)
        };
        let set = self.set(url);
        let mut known = set.lock().await;
        let fresh = is_within(known.fetched_at, MAX_AGE);
        if fresh {
            if let Some(key) = find(&known.keys, kid) {
                return Ok(key);
            }
            if is_within(known.unknown_at, UNKNOWN_KEY_INTERVAL) {
                return Err(KeySetError::Unknown);
            }
        }
        if is_within(known.failed_at, FAILURE_BACKOFF) {
            return Err(KeySetError::Resting);
        }
        match fetch(http, url).await {
            Ok(keys) => known.keys = keys,
            Err(error) => {
                known.failed_at = Some(now);
                return Err(error);
            }
        }
        let key = find(&known.keys, kid);
        if fresh || key.is_none() {
            known.unknown_at = Some(now);
        }
        known.fetched_at = Some(now);
        key.ok_or(KeySetError::Unknown)
    }
}

async fn fetch(http: &GuardedClient, url: &Url) -> Result<Vec<Key>, KeySetError> {
    let answer = http
        .send(Method::GET, url, HeaderMap::new(), Vec::new())
        .await?;
    if !answer.status.is_success() {
        return Err(KeySetError::Damaged);
    }
    parse(&answer.body)
}

fn parse(json: &[u8]) -> Result<Vec<Key>, KeySetError> {
    let mut set: Set = serde_json::from_slice(json).map_err(|_| KeySetError::Damaged)?;
    set.keys.truncate(MAX_KEYS);
    Ok(set.keys)
}

/// Reads a key set as a launch does, and counts the keys that can be used.
///
/// # Errors
/// When it is not a key set.
#[cfg(feature = "testing")]
pub fn count_keys(json: &[u8]) -> Result<usize, KeySetError> {
    let keys = parse(json)?;
    Ok(keys.iter().filter(|key| usable(key).is_some()).count())
}

fn find(keys: &[Key], kid: &str) -> Option<DecodingKey> {
    let key = keys.iter().find(|key| key.kid.as_deref() == Some(kid))?;
    usable(key)
}

fn usable(key: &Key) -> Option<DecodingKey> {
    let fits = key.kty.as_deref() == Some("RSA")
        && key.usage.as_deref().is_none_or(|usage| usage == "sig")
        && key.alg.as_deref().is_none_or(|alg| alg == "RS256");
    let (n, e) = (key.n.as_deref()?, key.e.as_deref()?);
    let modulus = URL_SAFE_NO_PAD.decode(n).ok()?;
    (fits && modulus.len() >= MIN_MODULUS_BYTES)
        .then(|| DecodingKey::from_rsa_components(n, e).ok())
        .flatten()
}
