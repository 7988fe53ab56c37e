//! What is wrong with an ID token (OpenID Connect Core 1.0, 3.1.3.7), and its claims where nothing is.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, Nonce, SignatureVerificationError,
};
use serde_json::{Map, Value};

use super::provider::SigningAlgorithm;
use crate::clock::{Timestamp, millis};

/// The clock of a provider may differ from ours by this.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(1);
/// A token is fetched in the moment in which it is made.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Why an ID token counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    Issuer,
    Audience,
    Algorithm,
    Unsigned,
    UnknownKey,
    Signature,
    Expired,
    NotYet,
    Nonce,
    AccessToken,
    Unreadable,
}

impl From<&SignatureVerificationError> for Distrust {
    fn from(error: &SignatureVerificationError) -> Self {
        use SignatureVerificationError as Error;
        match error {
            Error::NoSignature => Self::Unsigned,
            Error::NoMatchingKey | Error::AmbiguousKeyId(_) => Self::UnknownKey,
            Error::DisallowedAlg(_) | Error::UnsupportedAlg(_) => Self::Algorithm,
            _ => Self::Signature,
        }
    }
}

impl From<&ClaimsVerificationError> for Distrust {
    fn from(error: &ClaimsVerificationError) -> Self {
        use ClaimsVerificationError as Error;
        match error {
            Error::InvalidIssuer(_) => Self::Issuer,
            Error::InvalidAudience(_) => Self::Audience,
            Error::InvalidNonce(_) => Self::Nonce,
            Error::Expired(_) => Self::Expired,
            Error::SignatureVerification(error) => Self::from(error),
            _ => Self::Unreadable,
        }
    }
}

/// What a token is held against.
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a str,
    pub(super) algorithms: &'a [SigningAlgorithm],
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

fn moment(at: Timestamp) -> Result<DateTime<Utc>, Distrust> {
    DateTime::from_timestamp_millis(at).ok_or(Distrust::Unreadable)
}

impl Expected<'_> {
    /// The claims of a token that came with this access token.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn claims(
        &self,
        token: &CoreIdToken,
        verifier: CoreIdTokenVerifier<'_>,
        access: &AccessToken,
    ) -> Result<Map<String, Value>, Distrust> {
        let skew = millis(MAX_CLOCK_SKEW);
        let not_after = moment(self.now - skew)?;
        let newest = moment(self.now + skew)?;
        let oldest = moment(self.now - skew - millis(MAX_AGE))?;
        let algorithms = self.algorithms.iter().copied();
        let verifier = verifier
            .set_allowed_algs(algorithms.map(CoreJwsSigningAlgorithm::from))
            .set_time_fn(move || not_after)
            // Both are looked at below, where they have different names.
            .set_issue_time_verifier_fn(|_| Ok(()));
        let nonce = Nonce::new(self.nonce.to_owned());
        let claims = token
            .claims(&verifier, &nonce)
            .map_err(|error| Distrust::from(&error))?;
        if claims.issue_time() > newest {
            return Err(Distrust::NotYet);
        }
        if claims.issue_time() < oldest {
            return Err(Distrust::Expired);
        }
        // Points 4 and 5, which the library leaves to us.
        let party = claims.authorized_party();
        if party.is_some_and(|party| party.as_str() != self.client_id)
            || (party.is_none() && claims.audiences().len() > 1)
        {
            return Err(Distrust::Audience);
        }
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token
                .signing_alg()
                .map_err(|error| Distrust::from(&error))?;
            let key = token
                .signing_key(&verifier)
                .map_err(|error| Distrust::from(&error))?;
            let hash = AccessTokenHash::from_token(access, algorithm, key)
                .map_err(|_| Distrust::AccessToken)?;
            if hash != *expected {
                return Err(Distrust::AccessToken);
            }
        }
        let claims = payload(&token.to_string()).ok_or(Distrust::Unreadable)?;
        // RFC 7519, 4.1.5: which the library does not know.
        let begins = claims.get("nbf").map_or(Some(0.0), Value::as_f64);
        let begins = begins.ok_or(Distrust::Unreadable)?;
        if begins * 1_000.0 > (self.now + skew) as f64 {
            return Err(Distrust::NotYet);
        }
        Ok(claims)
    }
}

/// All claims of a token, of which the library knows some only. The token was verified before.
fn payload(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
