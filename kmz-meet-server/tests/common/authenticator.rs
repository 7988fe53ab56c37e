//! An authenticator and the browser before it (WebAuthn Level 3), by the specification: it shares no code with the library by
//! which the server checks what it says.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 4;
const WITH_KEY: u8 = 64;

/// One passkey, and what it says next. Tests change what shall be wrong.
pub struct Authenticator {
    key: EcdsaKeyPair,
    pub id: Vec<u8>,
    pub counter: u32,
    pub flags: u8,
    /// What the page's address is.
    pub origin: String,
    /// `None`: what it is asked for.
    pub rp_id: Option<String>,
    /// `None`: as it should be.
    pub kind: Option<&'static str>,
    /// With an assertion, if it is discoverable.
    pub handle: Option<String>,
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: rand::random::<[u8; 32]>().to_vec(),
            counter: 1,
            flags: USER_PRESENT | USER_VERIFIED,
            origin: origin.to_owned(),
            rp_id: None,
            kind: None,
            handle: None,
        }
    }

    fn client_data(&self, kind: &'static str, question: &Value) -> Vec<u8> {
        let kind = self.kind.unwrap_or(kind);
        let data = json!({
            "type": kind, "challenge": question["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, rp_id: &Value, flags: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().or(rp_id.as_str()).unwrap();
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// `navigator.credentials.create`
    pub fn create(&self, question: &Value) -> Value {
        let mut data = self.data(&question["rp"]["id"], self.flags | WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // COSE: EC2, ES256, P-256.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(&data);
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64(self.client_data("webauthn.create", question)),
                "attestationObject": base64(attestation), "transports": ["usb"],
            },
        })
    }

    /// `navigator.credentials.get`
    pub fn get(&mut self, question: &Value) -> Value {
        self.counter += 1;
        let data = self.data(&question["rpId"], self.flags);
        let client_data = self.client_data("webauthn.get", question);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client_data).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64(client_data), "authenticatorData": base64(data),
                "signature": base64(signature), "userHandle": self.handle,
            },
        })
    }
}
