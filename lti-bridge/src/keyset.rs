//! The keys of platforms, fetched and remembered for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, Method};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use url::Url;

use guarded_http::{Error as HttpError, GuardedClient};

/// A key that the platform took back is refused after this, in seconds.
const FRESH: i64 = 10 * 60;
/// A key that nobody knows makes us ask again, but not more often than this, in seconds.
const AGAIN_AFTER: i64 = 60;
/// After a platform gave no keys it is left alone for so many seconds: anyone can start launches.
const REST: i64 = 5;
const MOST_KEYS: usize = 100;
const MOST_SETS: usize = 10_000;
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
    fetched_at: Option<i64>,
    /// When a key that nobody knows last made us ask.
    unknown_at: Option<i64>,
    /// When the platform last gave no keys.
    failed_at: Option<i64>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    #[error("the platform has no such key")]
    Unknown,
    #[error("the keys of the platform cannot be read: {0}")]
    Unreachable(#[from] HttpError),
    #[error("the keys of the platform could not be read a moment ago")]
    Resting,
    #[error("what the platform gives as its keys is none")]
    Damaged,
}

/// The key sets of all platforms. Whoever waits for one that is being fetched waits for that, and asks nothing.
#[derive(Default)]
pub(crate) struct KeySets(Mutex<HashMap<Url, Arc<tokio::sync::Mutex<Known>>>>);

impl KeySets {
    fn set(&self, url: &Url) -> Arc<tokio::sync::Mutex<Known>> {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= MOST_SETS && !sets.contains_key(url) {
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
        now: i64,
    ) -> Result<DecodingKey, KeySetError> {
        let since = |at: Option<i64>| at.map_or(i64::MAX, |at| now.saturating_sub(at));
        let set = self.set(url);
        let mut known = set.lock().await;
        let fresh = since(known.fetched_at) < FRESH;
        if fresh {
            if let Some(key) = find(&known.keys, kid) {
                return Ok(key);
            }
            if since(known.unknown_at) < AGAIN_AFTER {
                return Err(KeySetError::Unknown);
            }
        }
        if since(known.failed_at) < REST {
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
    set.keys.truncate(MOST_KEYS);
    Ok(set.keys)
}

/// Reads a key set; for fuzzing. Says how many keys are in it.
///
/// # Errors
/// When it is none.
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
