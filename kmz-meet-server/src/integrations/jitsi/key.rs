//! Keys of apps: whether two of them are the same, and the proof that a school can sign with the key that it registers.
//! A public key is public, so anybody could claim it.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lti_bridge::NumericDate;
use serde::Deserialize;

use super::app::{JitsiAlgorithm, JitsiApp, MAX_CLOCK_SKEW};
use crate::clock::{Timestamp, seconds};

/// The path of the call that a proof is for.
pub const PROOF_FOR: &str = "/api/v1/jitsi/apps";
/// The longest lifetime of a proof.
const MAX_PROOF_LIFETIME: Duration = Duration::from_hours(1);
/// The longest proof that is read, in bytes.
const MAX_PROOF_BYTES: usize = 8_192;
/// The block of HMAC-SHA256 in bytes (RFC 2104): it hashes longer secrets and pads shorter ones with zeros.
const HMAC_BLOCK: usize = 64;

/// A key, independent of its text: two texts of the same key verify the same tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JitsiKey {
    Secret(Vec<u8>),
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl JitsiKey {
    /// The key of an app; `None` if its text is no key.
    pub fn of(app: &JitsiApp) -> Option<Self> {
        match app.algorithm {
            JitsiAlgorithm::HS256 => Some(Self::secret(app.key.as_bytes())),
            JitsiAlgorithm::RS256 => {
                let key = DecodingKey::from_rsa_pem(app.key.as_bytes()).ok()?;
                Self::rsa(key.try_get_as_bytes().ok()?)
            }
        }
    }

    /// A secret as HMAC uses it.
    fn secret(text: &[u8]) -> Self {
        let mut key = if text.len() > HMAC_BLOCK {
            digest(&SHA256, text).as_ref().to_vec()
        } else {
            text.to_vec()
        };
        while key.last() == Some(&0) {
            key.pop();
        }
        Self::Secret(key)
    }

    /// `RSAPublicKey` (RFC 8017, A.1.1).
    fn rsa(der: &[u8]) -> Option<Self> {
        let (numbers, _) = element(der, 0x30)?;
        let (modulus, rest) = element(numbers, 0x02)?;
        let (exponent, rest) = element(rest, 0x02)?;
        // A private key begins with two numbers, too, and goes on.
        (rest.is_empty() && !number(modulus).is_empty()).then(|| Self::Rsa {
            modulus: number(modulus),
            exponent: number(exponent),
        })
    }
}

/// The content of the first element of DER, if it is of this kind, and what follows it.
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, mut rest) = rest.split_first()?;
    if first != kind {
        return None;
    }
    let length = if length < 0x80 {
        usize::from(length)
    } else {
        let (bytes, behind) = rest.split_at_checked(usize::from(length & 0x7f))?;
        rest = behind;
        // No key needs more than four bytes for its length.
        if bytes.len() > 4 {
            return None;
        }
        bytes
            .iter()
            .fold(0_usize, |length, byte| (length << 8) | usize::from(*byte))
    };
    rest.split_at_checked(length)
}

/// A number without leading zeros.
fn number(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMore,
    exp: NumericDate,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    #[error("it is missing")]
    Missing,
    #[error(
        "it is no JWT with iss, sub, aud and exp, signed by RS256 with the private key of this public key (of 2048 bits or more)"
    )]
    NotSigned,
    #[error("its iss is not the app_id")]
    Issuer,
    #[error("its sub is not the id of your school")]
    Subject,
    #[error("its aud is not this call")]
    Audience,
    #[error("its exp is over")]
    Over,
    #[error("its exp is more than an hour away")]
    TooLong,
}

/// Who registers an app.
pub struct Claimant<'a> {
    pub school: &'a str,
    pub app: &'a JitsiApp,
    /// Our address with [`PROOF_FOR`].
    pub audience: &'a str,
}

impl Claimant<'_> {
    /// Checks the proof that the school can sign with the key. It is a JWT in the manner of RFC 7523, for this school and this
    /// call only, so that nobody else can use it.
    ///
    /// # Errors
    /// What is wrong with the proof.
    pub fn check(&self, proof: Option<&str>, now: Timestamp) -> Result<(), BadProof> {
        let proof = proof.ok_or(BadProof::Missing)?;
        let claims = self.claims(proof).ok_or(BadProof::NotSigned)?;
        let (expires, now) = (claims.exp.seconds(), now / 1_000);
        let is_for_us = match &claims.aud {
            OneOrMore::One(audience) => audience == self.audience,
            OneOrMore::More(several) => several.iter().any(|one| one == self.audience),
        };
        if claims.iss != self.app.app_id {
            Err(BadProof::Issuer)
        } else if claims.sub != self.school {
            Err(BadProof::Subject)
        } else if !is_for_us {
            Err(BadProof::Audience)
        } else if expires <= now - seconds(MAX_CLOCK_SKEW) {
            Err(BadProof::Over)
        } else if expires > now + seconds(MAX_PROOF_LIFETIME + MAX_CLOCK_SKEW) {
            Err(BadProof::TooLong)
        } else {
            Ok(())
        }
    }

    fn claims(&self, proof: &str) -> Option<Claims> {
        if proof.len() > MAX_PROOF_BYTES {
            return None;
        }
        let mut validation = Validation::new(Algorithm::RS256);
        // `check` compares these, and uses our own clock.
        validation.set_required_spec_claims::<&str>(&[]);
        validation.validate_aud = false;
        validation.validate_exp = false;
        let key = self.app.decoding_key()?;
        let read = jsonwebtoken::decode::<Claims>(proof, &key, &validation);
        read.ok().map(|token| token.claims)
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
