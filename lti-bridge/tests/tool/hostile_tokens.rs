//! Every way in which a token can be wrong, and the keys it is checked by.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::world::{CLAIM, Login, World};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lti_bridge::testing::PlatformKey;
use serde_json::{Value, json};

/// Signed by the platform, with another header.
fn signed(world: &World, header: &Header, claims: &Value) -> String {
    world.platform.keys.lock().unwrap()[0].sign_with(header, claims)
}

fn header(kid: Option<&str>) -> Header {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = kid.map(str::to_owned);
    header
}

/// Every way in which a launch can be wrong, by name.
fn wrong_tokens(world: &World, login: &Login) -> Vec<(&'static str, String)> {
    let right = world.claims(login);
    let now = world.now();
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        world.platform.sign(&claims)
    };
    let without = |name: &str| {
        let mut claims = right.clone();
        claims.as_object_mut().unwrap().remove(name);
        world.platform.sign(&claims)
    };
    let claim = |name: &str| format!("{CLAIM}/{name}");
    let raw = |header: Value, payload: &str, signature: &str| {
        format!(
            "{}.{}.{signature}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(payload)
        )
    };
    let token = world.platform.sign(&right);
    let parts: Vec<&str> = token.split('.').collect();
    let public = world.platform.jwks().to_string();
    let hmac = |secret: &str| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("kid-1".to_owned());
        jsonwebtoken::encode(
            &header,
            &right,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    };
    let foreign = {
        let mut jku = header(Some("kid-evil"));
        jku.jku = Some(format!("{}/evil-jwks", world.platform.url));
        jku.x5u = Some(format!("{}/evil-x5u", world.platform.url));
        PlatformKey::new("kid-evil").sign_with(&jku, &right)
    };
    // Twice in one object: a parser takes the first, another one the last.
    let twice = {
        let text = right.to_string();
        let text = format!("{},\"nonce\":\"other\"}}", text.strip_suffix('}').unwrap());
        let message = format!("{}.{}", parts[0], URL_SAFE_NO_PAD.encode(text));
        let key = world.platform.keys.lock().unwrap()[0].clone();
        let der = key.encoding_key().as_bytes();
        let pair = RsaKeyPair::from_der(der)
            .or_else(|_| RsaKeyPair::from_pkcs8(der))
            .unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &aws_lc_rs::rand::SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    vec![
        (
            "algorithm none",
            raw(
                json!({"alg": "none", "kid": "kid-1"}),
                &right.to_string(),
                "",
            ),
        ),
        (
            "algorithm none with a signature",
            raw(
                json!({"alg": "none", "kid": "kid-1"}),
                &right.to_string(),
                parts[2],
            ),
        ),
        ("HS256 with the public key", hmac(&public)),
        ("HS256 with the client id", hmac("CLIENT123")),
        (
            "RS512",
            signed(
                world,
                &{
                    let mut h = header(Some("kid-1"));
                    h.alg = Algorithm::RS512;
                    h
                },
                &right,
            ),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        (
            "another signature",
            format!(
                "{}.{}.{}",
                parts[0],
                parts[1],
                parts[2].chars().rev().collect::<String>()
            ),
        ),
        ("no token at all", "x".to_owned()),
        ("a token of two parts", format!("{}.{}", parts[0], parts[1])),
        ("no kid", signed(world, &header(None), &right)),
        ("an empty kid", signed(world, &header(Some("")), &right)),
        (
            "an unknown kid",
            signed(world, &header(Some("kid-9")), &right),
        ),
        (
            "a kid with a path",
            signed(world, &header(Some("../../etc/passwd")), &right),
        ),
        (
            "a kid with a URL",
            signed(world, &header(Some("https://evil.example/jwks")), &right),
        ),
        ("a key by jku and x5u", foreign),
        (
            "the key of another platform",
            PlatformKey::new("kid-1").sign(&right),
        ),
        ("another issuer", with("iss", json!("https://evil.example"))),
        ("no issuer", without("iss")),
        ("another audience", with("aud", json!("OTHER"))),
        ("no audience", without("aud")),
        ("an empty list of audiences", with("aud", json!([]))),
        (
            "two audiences without azp",
            with("aud", json!(["CLIENT123", "OTHER"])),
        ),
        ("a wrong azp", with("azp", json!("OTHER"))),
        ("another nonce", with("nonce", json!("other"))),
        ("no nonce", without("nonce")),
        ("a nonce that is no text", with("nonce", json!(["x"]))),
        ("two nonces", twice),
        ("exp as text", with("exp", json!((now + 60).to_string()))),
        ("exp beyond all calendars", with("exp", json!(1e30))),
        ("exp negative", with("exp", json!(-1))),
        (
            "exp beyond all numbers",
            with("exp", json!(9_223_372_036_854_775_808_u64)),
        ),
        ("no exp", without("exp")),
        ("expired", with("exp", json!(now - 120))),
        ("iat as text", with("iat", json!(now.to_string()))),
        ("no iat", without("iat")),
        ("iat in the future", with("iat", json!(now + 120))),
        ("iat of last year", with("iat", json!(now - 31_536_000))),
        ("nbf in the future", with("nbf", json!(now + 120))),
        ("nbf as text", with("nbf", json!("0"))),
        (
            "an unknown deployment",
            with(&claim("deployment_id"), json!("5")),
        ),
        ("no deployment", without(&claim("deployment_id"))),
        (
            "another message",
            with(&claim("message_type"), json!("LtiSubmissionReviewRequest")),
        ),
        ("no message", without(&claim("message_type"))),
        ("another version", with(&claim("version"), json!("1.1.0"))),
        ("no version", without(&claim("version"))),
        (
            "a target on another origin",
            with(
                &claim("target_link_uri"),
                json!("https://evil.example/lti/launch"),
            ),
        ),
        (
            "a target that the login was not started for",
            with(
                &claim("target_link_uri"),
                json!(format!("{}/lti/other", world.tool)),
            ),
        ),
        ("no target", without(&claim("target_link_uri"))),
        ("no resource link", without(&claim("resource_link"))),
        ("no roles", without(&claim("roles"))),
        ("roles that are nothing", with(&claim("roles"), Value::Null)),
        (
            "roles that are no list",
            with(&claim("roles"), json!("Instructor")),
        ),
        ("a megabyte", with("name", json!("x".repeat(60_000)))),
        (
            "a subject without end",
            with("sub", json!("x".repeat(4_097))),
        ),
        (
            "a course without end",
            with(&claim("context"), json!({"id": "x".repeat(5_000)})),
        ),
        (
            "a link without end",
            with(&claim("resource_link"), json!({"id": "x".repeat(20_000)})),
        ),
    ]
}

#[tokio::test]
async fn token_that_is_wrong_in_any_way_is_refused() {
    let world = World::new().await;
    let login = world.start().await;
    let count = wrong_tokens(&world, &login).len();
    assert!(count >= 45);
    for number in 0..count {
        let login = world.start().await;
        let (what, token) = wrong_tokens(&world, &login).swap_remove(number);
        let answer = world.launch(&login, &token).await;
        assert!(
            answer.status().is_client_error(),
            "{what}: {}",
            answer.status()
        );
        assert!(answer.headers().get("location").is_none(), "{what}");
        assert!(answer.headers().get("set-cookie").is_none(), "{what}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("<code>lti_"), "{what}: {page}");
        // The state is used up: the right token comes too late.
        let late = world
            .launch(&login, &world.platform.sign(&world.claims(&login)))
            .await;
        assert!(
            late.status().is_client_error(),
            "{what}, then right: {}",
            late.status()
        );
        assert_eq!(world.opened(), 0, "{what}");
    }
    for path in ["/evil-jwks", "/evil-x5u"] {
        assert_eq!(world.platform.times_asked(path), 0);
    }
    // Once for the keys, and once more for the first unknown one.
    assert!(world.platform.times_asked("/certs.php") <= 2);
}

#[tokio::test]
async fn platform_that_changes_its_key_is_trusted_with_the_new_one_alone() {
    let world = World::new().await;
    let launch = async || {
        let login = world.start().await;
        world
            .launch(&login, &world.platform.sign(&world.claims(&login)))
            .await
            .status()
    };
    assert_eq!(launch().await, 303);
    let old = world.platform.keys.lock().unwrap()[0].clone();
    *world.platform.keys.lock().unwrap() = vec![PlatformKey::new("kid-2")];
    // The new one is taken at once, with one more question.
    assert_eq!(launch().await, 303);
    assert_eq!(world.platform.times_asked("/certs.php"), 2);
    // Unknown keys do not make us ask more than once a minute.
    for _ in 0..5 {
        let login = world.start().await;
        let token = signed(&world, &header(Some("kid-x")), &world.claims(&login));
        assert!(
            world
                .launch(&login, &token)
                .await
                .status()
                .is_client_error()
        );
    }
    assert_eq!(world.platform.times_asked("/certs.php"), 2);
    // The old one is refused.
    let login = world.start().await;
    let token = old.sign_with(&header(Some("kid-1")), &world.claims(&login));
    assert!(
        world
            .launch(&login, &token)
            .await
            .status()
            .is_client_error()
    );
    // A key that was taken back without a new one is refused after ten minutes.
    *world.platform.keys.lock().unwrap() =
        vec![PlatformKey::new("kid-3"), PlatformKey::new("kid-2")];
    world.advance(601);
    let login = world.start().await;
    let token = old.sign_with(&header(Some("kid-2")), &world.claims(&login));
    assert!(
        world
            .launch(&login, &token)
            .await
            .status()
            .is_client_error()
    );
}
