//! A forged token opens nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::TestServer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kmz_meet_server::store::Contract;
use serde_json::{Value, json};

fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[tokio::test]
async fn forged_api_token_is_refused() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.school("b", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    let other = server.key("b", &[]).await;
    assert_eq!(key.get("/api/v1/rooms").await.status, 200);
    // The test signs with the server's own key, so that only the claims are wrong.
    let secret = std::fs::read(server.app.config.data_dir.join("api.key")).unwrap();
    let right = payload(&key.token);
    let signed = |claims: &Value, algorithm| {
        encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(&secret),
        )
        .unwrap()
    };
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        signed(&claims, Algorithm::HS256)
    };
    let without = |name: &str| {
        let mut claims = right.clone();
        claims.as_object_mut().unwrap().remove(name);
        signed(&claims, Algorithm::HS256)
    };
    let exp = right["exp"].as_i64().unwrap();
    let now = exp - 365 * 24 * 3_600;
    let (head, rest) = key.token.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let forged = vec![
        unsigned(&json!({"alg": "none", "typ": "JWT"}), &right, ""),
        unsigned(&json!({"alg": "None", "typ": "JWT"}), &right, signature),
        unsigned(&json!({"alg": "HS256", "typ": "JWT"}), &right, ""),
        unsigned(&json!({"alg": "RS256", "typ": "JWT"}), &right, signature),
        unsigned(&json!({"typ": "JWT"}), &right, signature),
        unsigned(
            &json!({"alg": "HS256", "jku": "https://evil.example/jwks"}),
            &right,
            signature,
        ),
        signed(&right, Algorithm::HS384),
        signed(&right, Algorithm::HS512),
        encode(
            &Header::new(Algorithm::HS256),
            &right,
            &EncodingKey::from_secret(b""),
        )
        .unwrap(),
        encode(
            &Header::new(Algorithm::HS256),
            &right,
            &EncodingKey::from_secret(b"secret"),
        )
        .unwrap(),
        without("iss"),
        without("aud"),
        without("exp"),
        without("iat"),
        without("sub"),
        without("school"),
        with("iss", json!("evil")),
        with("aud", json!("seat")),
        with("aud", json!("ticket")),
        with("exp", json!(exp.to_string())),
        with("exp", json!(now as f64 - 0.5)),
        with("exp", json!(-1)),
        with("exp", json!(now - 1)),
        with("exp", json!(1e300)),
        with("exp", Value::Null),
        with("iat", json!(now.to_string())),
        with("iat", json!(now + 3_600)),
        with("sub", json!("nobody")),
        with("sub", payload(&other.token)["sub"].clone()),
        with("school", json!("b")),
        with("scopes", json!(["rooms:write"])),
        format!("{head}.{body}.{signature}x"),
        format!("{head}.{body}"),
        format!(
            "{head}.{body}.{}",
            signature.chars().rev().collect::<String>()
        ),
        "x".repeat(5_000),
        server
            .app
            .seats
            .sign(
                &kmz_meet_core::signal::ConferenceId("c".into()),
                &kmz_meet_core::signal::ParticipantId("p".into()),
                now * 1_000,
            )
            .unwrap(),
    ];
    assert!(forged.len() >= 30);
    for token in forged {
        let answer = server.with_token(&token).get("/api/v1/rooms").await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (401, Some("invalid_token")),
            "{token}"
        );
    }
    // Two tokens in one request, and a right one in the wrong place.
    let request = key
        .request(reqwest::Method::GET, "/api/v1/rooms")
        .bearer_auth(&key.token);
    crate::common::Answer::of(request)
        .await
        .is_problem(401, "invalid_token");
    let browser = server.browser();
    browser
        .get(&format!("/api/v1/rooms?access_token={}", key.token))
        .await
        .is_problem(401, "not_signed_in");
}

#[tokio::test]
async fn deleted_key_opens_nothing_and_no_key_gives_more_than_it_has() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &["keys:write", "rooms:read"]).await;
    let more = json!({"name": "more", "scopes": ["rooms:write"]});
    key.post("/api/v1/keys", more)
        .await
        .is_problem(403, "not_permitted");
    let made = key
        .post(
            "/api/v1/keys",
            json!({"name": "less", "scopes": ["rooms:read"]}),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let less = server.with_token(made.body["token"].as_str().unwrap());
    assert_eq!(less.get("/api/v1/rooms").await.status, 200);
    less.post("/api/v1/rooms", json!({}))
        .await
        .is_problem(403, "not_permitted");
    less.get("/api/v1/keys")
        .await
        .is_problem(403, "not_permitted");
    let path = format!("/api/v1/keys/{}", made.body["id"].as_str().unwrap());
    assert_eq!(key.delete(&path).await.status, 204);
    less.get("/api/v1/rooms")
        .await
        .is_problem(401, "invalid_token");
    key.delete(&path).await.is_problem(404, "not_found");
    let own = payload(&key.token)["sub"].as_str().unwrap().to_owned();
    key.delete(&format!("/api/v1/keys/{own}"))
        .await
        .is_problem(409, "own_key");
    server
        .clock
        .advance(std::time::Duration::from_hours(366 * 24));
    key.get("/api/v1/rooms")
        .await
        .is_problem(401, "invalid_token");
}
