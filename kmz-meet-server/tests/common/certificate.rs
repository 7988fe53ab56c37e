//! A self-signed certificate that each test makes anew: the repository has no key.

use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;

const SEQUENCE: u8 = 0x30;
/// ecdsa-with-SHA256, id-ecPublicKey, prime256v1, subjectAltName
const SIGNED_BY: [u8; 10] = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ELLIPTIC: [u8; 9] = [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: [u8; 10] = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const OTHER_NAMES: [u8; 5] = [0x06, 3, 0x55, 0x1d, 0x11];

/// A value of DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content].concat()
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}

/// Writes a certificate for localhost and its key. Returns their paths.
pub fn in_directory(directory: &Path) -> (String, String) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let algorithm = der(SEQUENCE, &[&SIGNED_BY]);
    let name = der(SEQUENCE, &[]);
    let valid = der(
        SEQUENCE,
        &[
            &der(0x17, &[b"200101000000Z"]),
            &der(0x17, &[b"490101000000Z"]),
        ],
    );
    let point = der(0x03, &[&[0], pair.public_key().as_ref()]);
    let public = der(SEQUENCE, &[&der(SEQUENCE, &[&ELLIPTIC, &P256]), &point]);
    let names = der(0x04, &[&der(SEQUENCE, &[&der(0x82, &[b"localhost"])])]);
    let extensions = der(
        0xa3,
        &[&der(SEQUENCE, &[&der(SEQUENCE, &[&OTHER_NAMES, &names])])],
    );
    let said = der(
        SEQUENCE,
        &[
            // Version 3, and a number.
            &der(0xa0, &[&der(0x02, &[&[2]])]),
            &der(0x02, &[&[1]]),
            &algorithm,
            &name,
            &valid,
            &name,
            &public,
            &extensions,
        ],
    );
    let signature = pair.sign(&SystemRandom::new(), &said).unwrap();
    let signature = der(0x03, &[&[0], signature.as_ref()]);
    let certificate = der(SEQUENCE, &[&said, &algorithm, &signature]);
    let key = pair.to_pkcs8v1().unwrap();
    let write = |name: &str, text: String| {
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    (
        write("certificate.pem", pem("CERTIFICATE", &certificate)),
        write("key.pem", pem("PRIVATE KEY", key.as_ref())),
    )
}
