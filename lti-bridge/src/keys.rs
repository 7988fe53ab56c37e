//! The tool's own keys: they sign its messages to platforms, which read the public halves at `/jwks`.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pem::{EncodeConfig, LineEnding, Pem};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

use crate::numeric_date::NumericDate;
use crate::store::{Store, StoreError, ToolKey};

/// How long the public half of a retired key stays published: no token lives longer.
const PUBLISHED_AFTER_RETIREMENT: Duration = Duration::from_hours(24);
/// How long a new key is published before it signs: platforms cache what they read.
const PUBLISHED_BEFORE_USE: Duration = Duration::from_hours(1);

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no randomness, or the stored key is damaged.
    #[error("a key cannot be made or used")]
    Unusable,
    /// The host's store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn new_key(now: NumericDate) -> Result<ToolKey, KeyError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Unusable)?;
    let der = pair.as_der().map_err(|_| KeyError::Unusable)?;
    let pem = Pem::new("PRIVATE KEY", der.as_ref());
    let mut kid = [0_u8; 12];
    aws_lc_rs::rand::fill(&mut kid).map_err(|_| KeyError::Unusable)?;
    Ok(ToolKey {
        kid: URL_SAFE_NO_PAD.encode(kid),
        private_key: pem::encode_config(&pem, EncodeConfig::new().set_line_ending(LineEnding::LF)),
        created_at: now,
        retired_at: None,
    })
}

/// The key that signs now. Makes the first one.
async fn signing(store: &dyn Store, now: NumericDate) -> Result<ToolKey, KeyError> {
    let keys = store.tool_keys().await?;
    let (known, new): (Vec<_>, Vec<_>) = keys
        .into_iter()
        .filter(|key| key.retired_at.is_none_or(|at| at > now))
        .partition(|key| now.saturating_duration_since(key.created_at) >= PUBLISHED_BEFORE_USE);
    let newest_known = known.into_iter().max_by_key(|key| key.created_at);
    // The first key of all has nobody who could sign in its place.
    let first = || new.into_iter().min_by_key(|key| key.created_at);
    if let Some(key) = newest_known.or_else(first) {
        return Ok(key);
    }
    let key = new_key(now)?;
    store.save_tool_key(&key).await?;
    Ok(key)
}

/// When the newest key was made.
pub(crate) async fn newest(store: &dyn Store) -> Result<Option<NumericDate>, KeyError> {
    let keys = store.tool_keys().await?;
    Ok(keys.into_iter().map(|key| key.created_at).max())
}

fn is_out(key: &ToolKey, now: NumericDate) -> bool {
    key.retired_at
        .is_some_and(|at| now.saturating_duration_since(at) > PUBLISHED_AFTER_RETIREMENT)
}

/// Makes a new key that signs once platforms know it. The public half of the one before stays until its tokens are out.
///
/// # Errors
/// When no key can be made or kept.
pub(crate) async fn rotate(store: &dyn Store, now: NumericDate) -> Result<(), KeyError> {
    let former = store.tool_keys().await?;
    store.save_tool_key(&new_key(now)?).await?;
    for mut key in former.into_iter().filter(|key| key.retired_at.is_none()) {
        key.retired_at = Some(now + PUBLISHED_BEFORE_USE);
        store.save_tool_key(&key).await?;
    }
    Ok(())
}

/// Deletes the keys whose tokens are out: nobody needs these secrets.
pub(crate) async fn delete_old(store: &dyn Store, now: NumericDate) -> Result<(), KeyError> {
    let keys = store.tool_keys().await?;
    for key in keys.into_iter().filter(|key| is_out(key, now)) {
        store.delete_tool_key(&key.kid).await?;
    }
    Ok(())
}

/// Signs claims as this tool.
pub(crate) async fn sign(
    store: &dyn Store,
    now: NumericDate,
    claims: &impl Serialize,
) -> Result<String, KeyError> {
    let key = signing(store, now).await?;
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(key.kid);
    let private = EncodingKey::from_rsa_pem(key.private_key.as_bytes());
    let private = private.map_err(|_| KeyError::Unusable)?;
    jsonwebtoken::encode(&header, claims, &private).map_err(|_| KeyError::Unusable)
}

/// The public halves, as a JSON Web Key Set (RFC 7517).
pub(crate) async fn published(store: &dyn Store, now: NumericDate) -> Result<Value, KeyError> {
    signing(store, now).await?;
    let mut keys = Vec::new();
    for key in store.tool_keys().await? {
        if is_out(&key, now) {
            continue;
        }
        let private = EncodingKey::from_rsa_pem(key.private_key.as_bytes());
        let private = private.map_err(|_| KeyError::Unusable)?;
        let public = Jwk::from_encoding_key(&private, Algorithm::RS256);
        let public = public.map_err(|_| KeyError::Unusable)?;
        let mut public = serde_json::to_value(public).map_err(|_| KeyError::Unusable)?;
        public["kid"] = json!(key.kid);
        public["use"] = json!("sig");
        public["alg"] = json!("RS256");
        keys.push(public);
    }
    Ok(json!({"keys": keys}))
}
