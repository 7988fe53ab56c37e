//! API keys: signed tokens of a school's integrations. What a key may do is in the store, so that it can be taken back.

use lti_bridge::NumericDate;
use serde::{Deserialize, Serialize};

use super::signed::{self, Signed, SigningFailed};
use crate::clock::Timestamp;
pub use crate::store::{ApiKey, Scope};
use crate::store::{Database, Record, StoreError};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long a key holds when nobody says.
pub const KEY_DAYS: i64 = 365;

/// A key may be from a clock that is ahead by this much.
const MAX_CLOCK_SKEW_SECONDS: i64 = 60;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iat: NumericDate,
    /// The key's id.
    sub: String,
    /// The school's id.
    school: String,
}

impl signed::Claims for Claims {
    const AUDIENCE: &'static str = "api";
}

/// Signs and verifies the tokens of keys.
pub struct ApiTokens(Signed<Claims>);

impl ApiTokens {
    /// With the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(Signed::new(key))
    }

    /// The token of a key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        id: &str,
        school: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, SigningFailed> {
        let claims = Claims {
            iat: NumericDate(now / 1_000),
            sub: id.to_owned(),
            school: school.to_owned(),
        };
        self.0.sign(&claims, expires_at)
    }

    /// The id of the key and its school, if the token is right.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<(String, String)> {
        let claims = self.0.verify(token, now)?;
        let is_issued = claims.iat.seconds() <= now / 1_000 + MAX_CLOCK_SKEW_SECONDS;
        is_issued.then_some((claims.sub, claims.school))
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyNotMade {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

/// A key of this name with these scopes, valid from a time for some days, and its token.
pub(crate) async fn make(
    store: &Database,
    tokens: &ApiTokens,
    school: &str,
    (name, scopes): (&str, Vec<Scope>),
    (now, days): (Timestamp, i64),
) -> Result<(Record<ApiKey>, String), KeyNotMade> {
    let data = ApiKey {
        name: name.to_owned(),
        scopes,
    };
    let mut record = Record::new(school.to_owned(), now, data);
    let expires_at = now + days * DAY_MS;
    record.expires_at = Some(expires_at);
    let token = tokens.sign(&record.id, school, now, expires_at)?;
    record.add(store).await?;
    Ok((record, token))
}
