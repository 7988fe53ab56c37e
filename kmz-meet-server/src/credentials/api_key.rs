//! API keys: signed tokens of a school's integrations. What a key may do is in the store, so that a school can revoke it.

use std::time::Duration;

use lti_bridge::NumericDate;
use serde::{Deserialize, Serialize};

use super::signed::{self, Signed, SigningFailed};
use crate::clock::{Timestamp, millis};
pub use crate::store::{ApiKey, Scope};
use crate::store::{Database, OpenSchool, Record, StoreError};

/// How long a key is valid by default.
pub const KEY_LIFETIME: Duration = Duration::from_hours(365 * 24);

/// The clock that stamped a key may be ahead of ours by this.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(1);

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
    /// Takes the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(Signed::new(key))
    }

    /// Signs the token of a key.
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

    /// The id of the key and its school, if the token is one of ours and has not expired.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<(String, String)> {
        let claims = self.0.verify(token, now)?;
        let is_issued = claims.iat.seconds() <= (now + millis(MAX_CLOCK_SKEW)) / 1_000;
        is_issued.then_some((claims.sub, claims.school))
    }
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum KeyNotMade {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

/// Makes a key of a school whose contract holds, of this name and with these scopes, valid from this moment for this time. Gives the
/// key and its token.
pub(crate) async fn make(
    store: &Database,
    tokens: &ApiTokens,
    school: &OpenSchool,
    (name, scopes): (&str, Vec<Scope>),
    (now, lifetime): (Timestamp, Duration),
) -> Result<(Record<ApiKey>, String), KeyNotMade> {
    let data = ApiKey {
        name: name.to_owned(),
        scopes,
    };
    let mut record = Record::new(school.id().to_owned(), now, data);
    let expires_at = now + millis(lifetime);
    record.expires_at = Some(expires_at);
    let token = tokens.sign(&record.id, school.id(), now, expires_at)?;
    record.add(store).await?;
    Ok((record, token))
}
