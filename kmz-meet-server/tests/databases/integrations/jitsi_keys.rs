//! A key belongs to the school that can sign with it, whoever registered its public half before.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kmz_meet_core::signal::{RefusalReason, ServerMessage};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::{Contract, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::server;
use crate::common::TestServer;
use crate::common::client::Client;
use crate::common::key::Key;

const APPS: &str = "/api/v1/jitsi/apps";
const NOW: i64 = 1_800_000_000;

/// A key in two PEM forms.
struct Pair {
    signer: EncodingKey,
    spki: String,
    pkcs1: String,
}

fn pair() -> Pair {
    let pem = |label: &str, der: &[u8]| {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    };
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair);
    let spki: aws_lc_rs::encoding::PublicKeyX509Der<'_> = public.as_der().unwrap();
    let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let private = pem("PRIVATE KEY", private.as_ref());
    Pair {
        signer: EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(),
        spki: pem("PUBLIC KEY", spki.as_ref()),
        pkcs1: pem("RSA PUBLIC KEY", public.as_ref()),
    }
}

fn signed(signer: &EncodingKey, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, signer).unwrap()
}

fn proof(server: &TestServer, signer: &EncodingKey, school: &str) -> String {
    let aud = format!("{}{APPS}", server.app.public_url);
    let claims = json!({"iss": "moodle", "sub": school, "aud": aud, "exp": NOW + 600});
    signed(signer, &claims)
}

fn app(key: &str, proof: Option<&str>) -> Value {
    let mut app = json!({"app_id": "moodle", "algorithm": "RS256", "key": key});
    if let Some(proof) = proof {
        app["proof"] = json!(proof);
    }
    app
}

async fn two_schools() -> (TestServer, Key, Key) {
    let server = server().await;
    server.school("b", Contract::Signed).await;
    let keys = (server.key("a", &[]).await, server.key("b", &[]).await);
    (server, keys.0, keys.1)
}

/// The teacher joins with a token that the school signed.
async fn teacher(server: &TestServer, signer: &EncodingKey) -> (Client, ServerMessage) {
    let claims = json!({"iss": "moodle", "aud": "jitsi", "sub": "meet.example", "room": "deutsch8", "exp": NOW + 3_600,
        "moderator": true, "context": {"user": {"name": "Frau M", "id": "1"}}});
    let join =
        json!({"type": "join", "room": "deutsch8", "name": "x", "token": signed(signer, &claims)});
    Client::arrive(&server.browser(), join).await
}

async fn rooms(key: &Key) -> usize {
    let rooms = key.get("/api/v1/rooms").await.body;
    rooms["rooms"].as_array().unwrap().len()
}

/// What earlier versions kept.
#[derive(Serialize, Deserialize)]
struct Before(Value);

impl Kind for Before {
    const KIND: &'static str = "jitsi_app";
}

async fn kept_before(server: &TestServer, school: &str, key: &str, at: i64) -> String {
    let data = Before(json!({"app_id": "moodle", "algorithm": "RS256", "key": key}));
    let mut record = Record::new(school.to_owned(), server.clock.now() - at, data);
    record.key = Some(format!("{school} moodle"));
    record.parent = Some("moodle".to_owned());
    record.insert_or_replace(&server.app.store).await.unwrap();
    record.id
}

#[tokio::test]
async fn public_key_without_a_proof_is_refused() {
    let (server, own, thief) = two_schools().await;
    let pair = pair();
    for text in [&pair.spki, &pair.pkcs1] {
        let refused = thief.post(APPS, app(text, None)).await;
        let detail = refused.body["detail"].to_string();
        refused.is_problem(422, "proof_needed");
        // The detail says what to do, with the values of this call.
        let aud = format!("{}{APPS}", server.app.public_url);
        for said in ["RS256", "moodle", "\\\"b\\\"", aud.as_str(), "an hour"] {
            assert!(detail.contains(said), "{said}: {detail}");
        }
        // A proof of another school is for that school only.
        let of_another = proof(&server, &pair.signer, "a");
        let refused = thief.post(APPS, app(text, Some(&of_another))).await;
        refused.is_problem(422, "proof_needed");
    }
    let own_proof = proof(&server, &pair.signer, "a");
    let made = own.post(APPS, app(&pair.spki, Some(&own_proof))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (_teacher, joined) = teacher(&server, &pair.signer).await;
    assert!(matches!(joined, ServerMessage::Joined { .. }), "{joined:?}");
    assert_eq!((rooms(&own).await, rooms(&thief).await), (1, 0));
}

#[tokio::test]
async fn key_in_another_pem_form_is_the_same_key() {
    let (server, own, other) = two_schools().await;
    let pair = pair();
    let of = |school| proof(&server, &pair.signer, school);
    let made = own.post(APPS, app(&pair.spki, Some(&of("a")))).await;
    assert_eq!(made.status, 201, "{made:?}");
    // Another holder of the private key cannot make the tokens of the first school ambiguous.
    let same = app(&pair.pkcs1, Some(&of("b")));
    other.post(APPS, same).await.is_problem(409, "key_taken");
    own.post(APPS, app(&pair.pkcs1, Some(&of("a"))))
        .await
        .is_problem(409, "app_taken");
}

#[tokio::test]
async fn app_of_an_earlier_version_works_until_a_proof_replaces_it() {
    let (server, own, thief) = two_schools().await;
    let pair = pair();
    let first = kept_before(&server, "a", &pair.spki, 2_000).await;
    let (client, joined) = teacher(&server, &pair.signer).await;
    assert!(matches!(joined, ServerMessage::Joined { .. }), "{joined:?}");
    drop(client);
    assert_eq!(rooms(&own).await, 1);
    // Another school registered the same key earlier.
    let stolen = kept_before(&server, "b", &pair.pkcs1, 3_000).await;
    let (_, refused) = teacher(&server, &pair.signer).await;
    let reason = RefusalReason::Disputed;
    assert_eq!(refused, ServerMessage::Refused { reason });
    assert_eq!(rooms(&thief).await, 0, "no room of the wrong school");
    // The school that can sign registers the key again by itself.
    let deleted = own.delete(&format!("{APPS}/{first}")).await;
    assert_eq!(deleted.status, 204);
    let own_proof = proof(&server, &pair.signer, "a");
    let made = own.post(APPS, app(&pair.spki, Some(&own_proof))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (_teacher, joined) = teacher(&server, &pair.signer).await;
    assert!(matches!(joined, ServerMessage::Joined { .. }), "{joined:?}");
    assert_eq!((rooms(&own).await, rooms(&thief).await), (1, 0));
    let list = thief.get(APPS).await.body;
    assert_eq!(list["apps"][0]["id"], json!(stolen));
}
