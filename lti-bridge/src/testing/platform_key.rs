//! A key of a platform.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// An RSA key of 2048 bits with which a platform signs launches (RS256).
#[derive(Clone)]
pub struct PlatformKey {
    kid: String,
    key: Arc<EncodingKey>,
}

impl PlatformKey {
    /// A new key with this id.
    #[must_use]
    pub fn new(kid: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let der = pair.as_der().expect("a key in DER");
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        Self::from_pem(kid, &pem)
    }

    /// A known key (PEM) with this id.
    #[must_use]
    pub fn from_pem(kid: &str, pem: &str) -> Self {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key in PEM");
        Self {
            kid: kid.to_owned(),
            key: Arc::new(key),
        }
    }

    /// The public half with the members that no key set lacks, and none that is optional.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, Algorithm::RS256).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// Signs claims as platforms do.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        self.sign_with(&header, claims)
    }

    /// Signs claims under any header.
    #[must_use]
    pub fn sign_with(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).expect("a token")
    }

    /// The private half.
    #[must_use]
    pub fn encoding_key(&self) -> &EncodingKey {
        &self.key
    }
}
