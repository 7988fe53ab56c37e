//! Signed tokens of this server: JSON Web Tokens (RFC 7519) with one key and one algorithm, for one purpose each.

use std::marker::PhantomData;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lti_bridge::NumericDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clock::Timestamp;

const ISSUER: &str = "kmz-meet";

/// The claims of a token of one purpose, beside `iss`, `aud` and `exp`. A token must have all of them and no other.
pub(super) trait Claims: Serialize + DeserializeOwned {
    /// `aud`: a token for one purpose counts for no other.
    const AUDIENCE: &'static str;
}

/// The claims could not be signed. No caller can cause this.
#[derive(Debug, thiserror::Error)]
#[error("a token cannot be signed")]
pub struct SigningFailed(#[source] Option<jsonwebtoken::errors::Error>);

/// Signs and verifies the tokens of one purpose.
pub(super) struct Signed<C> {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    claims: PhantomData<fn() -> C>,
}

impl<C: Claims> Signed<C> {
    /// Takes the key of this server for this purpose.
    pub(super) fn new(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[C::AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
        // Time is compared with our own clock below.
        validation.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(key),
            verifying: DecodingKey::from_secret(key),
            validation,
            claims: PhantomData,
        }
    }

    /// Signs a token that is valid before `expires_at`, to the second.
    ///
    /// # Errors
    /// When signing fails.
    pub(super) fn sign(&self, claims: &C, expires_at: Timestamp) -> Result<String, SigningFailed> {
        let Ok(Value::Object(mut all)) = serde_json::to_value(claims) else {
            return Err(SigningFailed(None));
        };
        all.insert("iss".to_owned(), ISSUER.into());
        all.insert("aud".to_owned(), C::AUDIENCE.into());
        all.insert("exp".to_owned(), (expires_at / 1_000).into());
        let header = Header::new(Algorithm::HS256);
        let token = jsonwebtoken::encode(&header, &all, &self.signing);
        token.map_err(|error| SigningFailed(Some(error)))
    }

    /// The claims of a token, if we signed it for this purpose and it has not expired.
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Option<C> {
        let decoded =
            jsonwebtoken::decode::<Map<String, Value>>(token, &self.verifying, &self.validation);
        let mut claims = decoded.ok()?.claims;
        let expires_at: NumericDate = serde_json::from_value(claims.remove("exp")?).ok()?;
        // The library compared their values; this checks their form.
        let names_one = ["iss", "aud"]
            .into_iter()
            .all(|name| claims.remove(name).is_some_and(|value| value.is_string()));
        if !names_one || expires_at.seconds() <= now / 1_000 {
            return None;
        }
        serde_json::from_value(Value::Object(claims)).ok()
    }
}
