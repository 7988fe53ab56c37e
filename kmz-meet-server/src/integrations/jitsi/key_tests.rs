use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_800_000_000;

fn pem(label: &str, der: &[u8], width: usize) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(width)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn app(algorithm: JitsiAlgorithm, key: &str) -> JitsiApp {
    JitsiApp {
        app_id: "moodle".to_owned(),
        algorithm,
        key: key.to_owned(),
        proven: false,
    }
}

fn pair() -> (EncodingKey, Vec<u8>, Vec<u8>) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public: aws_lc_rs::encoding::PublicKeyX509Der<'_> =
        aws_lc_rs::signature::KeyPair::public_key(&pair)
            .as_der()
            .unwrap();
    let pkcs1 = aws_lc_rs::signature::KeyPair::public_key(&pair)
        .as_ref()
        .to_vec();
    let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let private = pem("PRIVATE KEY", private.as_ref(), 64);
    let signer = EncodingKey::from_rsa_pem(private.as_bytes()).unwrap();
    (signer, public.as_ref().to_vec(), pkcs1)
}

#[test]
fn key_in_any_text_is_the_same_key() {
    let rs256 = |text: &str| JitsiKey::of(&app(JitsiAlgorithm::RS256, text));
    let (_, spki, pkcs1) = pair();
    let key = rs256(&pem("PUBLIC KEY", &spki, 64));
    assert!(key.is_some());
    for text in [
        pem("PUBLIC KEY", &spki, 76),
        pem("PUBLIC KEY", &spki, 10_000).replace('\n', "\r\n"),
        pem("RSA PUBLIC KEY", &pkcs1, 64),
        format!("\n{}\n", pem("RSA PUBLIC KEY", &pkcs1, 48)),
    ] {
        assert_eq!(rs256(&text), key, "{text}");
    }
    let (_, other, _) = pair();
    assert_ne!(rs256(&pem("PUBLIC KEY", &other, 64)), key);
    assert_eq!(rs256("no key at all"), None);

    let hs256 = |text: &str| JitsiKey::of(&app(JitsiAlgorithm::HS256, text));
    let secret = "a secret of sixteen and more";
    assert_eq!(hs256(secret), hs256(&format!("{secret}\0\0")));
    assert_ne!(hs256(secret), hs256(&format!("{secret} ")));
    let long = "x".repeat(65);
    assert_ne!(hs256(&long), hs256(&"x".repeat(64)));
    assert_eq!(hs256(&long), hs256(&long));
}

#[test]
fn proof_for_another_school_app_or_call_is_refused() {
    let (signer, spki, _) = pair();
    let app = app(JitsiAlgorithm::RS256, &pem("PUBLIC KEY", &spki, 64));
    let audience = "https://meet.example/api/v1/jitsi/apps";
    let claimant = Claimant {
        school: "a",
        app: &app,
        audience,
    };
    let right = json!({"iss": "moodle", "sub": "a", "aud": audience, "exp": NOW + 3_600});
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        claims
    };
    let check = |claims: &Value, signer: &EncodingKey| {
        let proof = jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, signer).unwrap();
        claimant.check(Some(&proof), NOW * 1_000)
    };
    assert_eq!(check(&right, &signer), Ok(()));
    let list = json!(["https://other.example", audience]);
    assert_eq!(check(&with("aud", list), &signer), Ok(()));
    for (claims, wrong) in [
        (with("iss", json!("other")), BadProof::Issuer),
        (with("sub", json!("b")), BadProof::Subject),
        (
            with("aud", json!("https://meet.example")),
            BadProof::Audience,
        ),
        (with("aud", json!([])), BadProof::Audience),
        (with("exp", json!(NOW - 61)), BadProof::Over),
        (with("exp", json!(NOW + 3_661)), BadProof::TooLong),
        (with("exp", Value::Null), BadProof::NotSigned),
    ] {
        assert_eq!(check(&claims, &signer), Err(wrong), "{claims}");
    }
    let (stranger, ..) = pair();
    assert_eq!(check(&right, &stranger), Err(BadProof::NotSigned));
    assert_eq!(claimant.check(None, 0), Err(BadProof::Missing));
    // The public key is no secret.
    let as_secret = EncodingKey::from_secret(app.key.as_bytes());
    let forged = jsonwebtoken::encode(&Header::default(), &right, &as_secret).unwrap();
    let now = NOW * 1_000;
    assert_eq!(claimant.check(Some(&forged), now), Err(BadProof::NotSigned));
    for nonsense in ["", "..", &"x".repeat(10_000)] {
        assert_eq!(
            claimant.check(Some(nonsense), now),
            Err(BadProof::NotSigned)
        );
    }
}

proptest! {
    #[test]
    fn key_of_any_bytes_does_not_panic(der in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = JitsiKey::rsa(&der);
        let nested = [&[0x30, der.len() as u8], der.as_slice()].concat();
        let _ = JitsiKey::rsa(&nested);
    }

    /// Lengths may be written in more bytes than needed, and numbers may have leading zeros.
    #[test]
    fn key_in_every_encoding_of_its_numbers_is_the_same_key(
        modulus in prop::collection::vec(any::<u8>(), 1..100),
        zeros in 0..4_usize,
        long in any::<bool>(),
    ) {
        prop_assume!(modulus[0] != 0);
        let of = |kind: u8, content: &[u8], long: bool| {
            let length = content.len() as u16;
            let mut bytes = vec![kind];
            if long || length > 127 {
                bytes.extend([0x82, (length >> 8) as u8, length as u8]);
            } else {
                bytes.push(length as u8);
            }
            bytes.extend(content);
            bytes
        };
        let key = |zeros: usize, long: bool| {
            let modulus = [vec![0; zeros], modulus.clone()].concat();
            let numbers = [of(2, &modulus, long), of(2, &[1, 0, 1], long)].concat();
            JitsiKey::rsa(&of(0x30, &numbers, long))
        };
        prop_assert!(key(0, false).is_some());
        prop_assert_eq!(key(zeros, long), key(0, false));
    }
}
