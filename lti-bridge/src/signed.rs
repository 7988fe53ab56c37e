//! What the tool hands out and gets back: a login under way, and a selection that is being made. Both are signed, and browsers
//! and platforms keep them. Anybody can begin a login; as nothing of it is kept here, thousands of them push out nobody's, and
//! a forged one is recognised before anything is looked up.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::numeric_date::NumericDate;
use crate::random::NoRandomness;

const ISSUER: &str = "lti-bridge";

/// The key with which a tool signs logins and selections under way (HS256, 256 bits). It is a secret: its holder can forge them.
#[derive(Clone)]
pub struct SigningKey([u8; 32]);

impl SigningKey {
    /// A new random key. Logins signed with another key are refused.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(bytes))
    }
}

impl From<[u8; 32]> for SigningKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey")
    }
}

/// The kinds of it. The audience keeps them apart.
pub(crate) trait Kind: Serialize + DeserializeOwned {
    const AUDIENCE: &'static str;
}

/// A signed login or selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed<T> {
    /// By which it is used once.
    pub(crate) id: String,
    pub(crate) expires_at: NumericDate,
    pub(crate) data: T,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<T> {
    iss: String,
    aud: String,
    sub: String,
    exp: NumericDate,
    data: T,
}

/// Signs and reads them. One key, one algorithm.
pub(crate) struct Signer {
    signing: EncodingKey,
    reading: DecodingKey,
}

impl Signer {
    pub(crate) fn new(key: &SigningKey) -> Self {
        Self {
            signing: EncodingKey::from_secret(&key.0),
            reading: DecodingKey::from_secret(&key.0),
        }
    }

    pub(crate) fn sign<T: Kind>(
        &self,
        signed: &Signed<T>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: T::AUDIENCE.to_owned(),
            sub: signed.id.clone(),
            exp: signed.expires_at,
            data: &signed.data,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// Reads what was signed here. Expired ones are read too, so that people learn that they were too slow.
    pub(crate) fn read<T: Kind>(&self, text: &str) -> Option<Signed<T>> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[T::AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
        // Time is compared with our own clock.
        validation.validate_exp = false;
        let read = jsonwebtoken::decode::<Claims<T>>(text, &self.reading, &validation);
        let claims = read.ok()?.claims;
        Some(Signed {
            id: claims.sub,
            expires_at: claims.exp,
            data: claims.data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Login(String);
    impl Kind for Login {
        const AUDIENCE: &'static str = "login";
    }

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Choice(String);
    impl Kind for Choice {
        const AUDIENCE: &'static str = "choice";
    }

    fn signer(byte: u8) -> Signer {
        Signer::new(&SigningKey::from([byte; 32]))
    }

    fn login() -> Signed<Login> {
        Signed {
            id: "id".to_owned(),
            expires_at: NumericDate(1_800_000_000),
            data: Login("x".to_owned()),
        }
    }

    #[test]
    fn signed_text_is_read_by_its_key_and_kind_alone() {
        let text = signer(1).sign(&login()).unwrap();
        assert_eq!(signer(1).read::<Login>(&text), Some(login()));
        assert_eq!(signer(2).read::<Login>(&text), None, "another tool's key");
        assert_eq!(signer(1).read::<Choice>(&text), None, "another kind");
        let body = text.split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims));
        assert_eq!(signer(1).read::<Login>(&none), None, "unsigned");
        let with = |change: &dyn Fn(&mut Value), algorithm| {
            let mut claims = claims.clone();
            change(&mut claims);
            let key = EncodingKey::from_secret(&[1; 32]);
            jsonwebtoken::encode(&Header::new(algorithm), &claims, &key).unwrap()
        };
        assert!(
            signer(1)
                .read::<Login>(&with(&|_| {}, Algorithm::HS256))
                .is_some()
        );
        assert_eq!(
            signer(1).read::<Login>(&with(&|_| {}, Algorithm::HS384)),
            None
        );
        for name in ["iss", "aud", "sub", "exp", "data"] {
            let less = with(
                &|claims| {
                    claims.as_object_mut().unwrap().remove(name);
                },
                Algorithm::HS256,
            );
            assert_eq!(signer(1).read::<Login>(&less), None, "without {name}");
        }
        let more = with(&|claims| claims["more"] = json!(1), Algorithm::HS256);
        assert_eq!(signer(1).read::<Login>(&more), None);
    }

    #[test]
    fn signing_key_in_debug_output_is_hidden() {
        assert_eq!(format!("{:?}", SigningKey::from([7; 32])), "SigningKey");
    }

    proptest! {
        #[test]
        fn signed_text_with_any_change_is_refused(at in 0_usize..400, put in "[A-Za-z0-9._-]") {
            let text = signer(1).sign(&login()).unwrap();
            let at = at % text.len();
            let changed = format!("{}{put}{}", &text[..at], &text[at + 1..]);
            let read = signer(1).read::<Login>(&changed);
            // The last letter of a part may stand for the same bytes as another one.
            prop_assert!(changed == text || read.is_none_or(|read| read == login()));
        }

        #[test]
        fn signed_text_of_any_input_never_panics(text in "\\PC{0,120}") {
            prop_assert_eq!(signer(1).read::<Login>(&text), None);
        }
    }
}
