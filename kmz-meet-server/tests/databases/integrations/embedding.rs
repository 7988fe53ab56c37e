//! Rooms in pages of others, and tokens of Jitsi.

use super::server;
use crate::common::client::Client;
use kmz_meet_core::signal::{ClientMessage, Door, PolicyChange, Role, ServerMessage};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn frame_ancestors_are_the_registered_origins() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let policy = || async {
        let page = server
            .browser()
            .request(Method::GET, "/")
            .send()
            .await
            .unwrap();
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert!(policy().await.contains("frame-ancestors 'none';"));
    for wrong in [
        "https://*.example",
        "moodle.example",
        "https://moodle.example/path",
        "javascript:x",
        "https://a.example; script-src *",
    ] {
        key.patch("/api/v1/school", json!({"embed_origins": [wrong]}))
            .await
            .is_problem(422, "invalid");
    }
    let changed = key
        .patch(
            "/api/v1/school",
            json!({"embed_origins": ["https://Moodle.example:443/"], "attendance_days": 7}),
        )
        .await;
    assert_eq!(
        changed.body["embed_origins"],
        json!(["https://moodle.example"])
    );
    assert!(
        policy()
            .await
            .contains("frame-ancestors https://moodle.example;")
    );
}

#[tokio::test]
async fn jitsi_token_opens_only_the_room_of_its_app() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let secret = "a secret of sixteen and more";
    let app = key
        .post(
            "/api/v1/jitsi/apps",
            json!({"app_id": "moodle", "algorithm": "HS256", "key": secret}),
        )
        .await;
    assert_eq!(app.status, 201, "{app:?}");
    key.post(
        "/api/v1/jitsi/apps",
        json!({"app_id": "moodle", "algorithm": "HS256", "key": secret}),
    )
    .await
    .is_problem(409, "app_taken");
    let now = 1_800_000_000;
    let token = |room: &str, moderator: bool, algorithm, secret: &str| {
        let claims = json!({"iss": "moodle", "aud": "jitsi", "sub": "meet.example", "room": room, "exp": now + 3_600,
            "moderator": moderator, "context": {"user": {"name": "Frau M", "id": "", "affiliation": if moderator { "owner" } else { "member" }}}});
        jsonwebtoken::encode(
            &jsonwebtoken::Header::new(algorithm),
            &claims,
            &jsonwebtoken::EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    };
    let hs256 = jsonwebtoken::Algorithm::HS256;
    let browser = server.browser();
    let enter = |room: &'static str, token: String| {
        let browser = browser.clone();
        async move {
            let join = json!({"type": "join", "room": room, "name": "x", "token": token});
            Client::arrive(&browser, join).await
        }
    };
    let (mut teacher, answer) = enter("Klasse7b", token("klasse7b", true, hs256, secret)).await;
    let ServerMessage::Joined {
        participants, room, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (participants[0].role, participants[0].name.as_str()),
        (Role::Moderator, "Frau M")
    );
    assert_eq!(room.title.as_deref(), Some("klasse7b"));
    let (_pupil, answer) = enter("klasse7b", token("*", false, hs256, secret)).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(participants[1].role, Role::Participant);
    assert!(!participants[1].listed, "without an id nobody is known");
    let door = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    teacher
        .say(&ClientMessage::SetPolicy { change: door })
        .await;
    teacher
        .until(|message| matches!(message, ServerMessage::RoomChanged { .. }))
        .await;
    let (_, answer) = enter("klasse7b", token("klasse7b", false, hs256, secret)).await;
    assert_eq!(answer, ServerMessage::Lobby);
    let wrong = [
        token("other", true, hs256, secret),
        token("klasse7b", true, jsonwebtoken::Algorithm::HS512, secret),
        token("klasse7b", true, hs256, "a secret that is not that one"),
        token("klasse7b", true, hs256, secret).replace('.', ".."),
    ];
    for token in wrong {
        let (_, answer) = enter("klasse7b", token).await;
        assert!(
            matches!(answer, ServerMessage::Refused { .. }),
            "{answer:?}"
        );
    }
    // A pupil does not create a room that no moderator has opened.
    let (_, answer) = enter("new", token("new", false, hs256, secret)).await;
    assert!(
        matches!(answer, ServerMessage::Refused { .. }),
        "{answer:?}"
    );
}

#[tokio::test]
async fn hosted_jitsi_token_has_its_app_in_sub() {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use base64::Engine;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    let pem = |kind: &str, der: &[u8]| {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {kind} KEY-----\n{text}\n-----END {kind} KEY-----\n")
    };
    let pair = || {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public: aws_lc_rs::encoding::PublicKeyX509Der<'_> =
            aws_lc_rs::signature::KeyPair::public_key(&pair)
                .as_der()
                .unwrap();
        let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let private = pem("PRIVATE", private.as_ref());
        (
            EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(),
            pem("PUBLIC", public.as_ref()),
        )
    };
    let (right, public) = pair();
    let (wrong, _) = pair();
    let secret = "a secret of sixteen and more";
    let server = server().await;
    let key = server.key("a", &[]).await;
    let claims = json!({"iss": "vpaas-magic-cookie-7", "sub": "a", "exp": 1_800_003_600,
        "aud": format!("{}/api/v1/jitsi/apps", server.app.public_url)});
    let proof = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &right).unwrap();
    for app in [
        json!({"app_id": "vpaas-magic-cookie-7", "algorithm": "RS256", "key": public, "proof": proof}),
        json!({"app_id": "moodle", "algorithm": "HS256", "key": secret}),
    ] {
        assert_eq!(key.post("/api/v1/jitsi/apps", app).await.status, 201);
    }
    let token = |algorithm, signer: &EncodingKey, issuer: &str, app: Value| {
        let now = 1_800_000_000;
        let claims = json!({"iss": issuer, "aud": "jitsi", "sub": app, "room": "*", "exp": now + 3_600, "nbf": now,
            "context": {"user": {"name": "Frau M", "id": "3", "moderator": "true"}, "features": {"recording": true}}});
        jsonwebtoken::encode(&Header::new(algorithm), &claims, signer).unwrap()
    };
    let browser = server.browser();
    let enter = async |token: String| {
        let join = json!({"type": "join", "room": "vpaas-magic-cookie-7/Klasse7b", "name": "x", "token": token});
        Client::arrive(&browser, join).await
    };
    let app = json!("vpaas-magic-cookie-7");
    let (_teacher, answer) = enter(token(Algorithm::RS256, &right, "chat", app.clone())).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(participants[0].role, Role::Moderator);

    let hs256 = EncodingKey::from_secret(secret.as_bytes());
    let public_as_secret = EncodingKey::from_secret(public.as_bytes());
    for token in [
        token(Algorithm::RS256, &wrong, "chat", app.clone()),
        token(Algorithm::RS256, &right, "chat", json!("moodle")),
        token(Algorithm::RS256, &right, "chat", json!(7)),
        token(Algorithm::RS256, &right, "other", app.clone()),
        token(Algorithm::HS256, &public_as_secret, "chat", app.clone()),
        token(Algorithm::HS256, &hs256, "chat", json!("moodle")),
    ] {
        let (_, answer) = enter(token).await;
        assert!(
            matches!(answer, ServerMessage::Refused { .. }),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn jitsi_app_id_used_by_two_schools_is_told_apart_by_its_key() {
    let server = server().await;
    server
        .school("b", kmz_meet_server::store::Contract::Signed)
        .await;
    let keys = [server.key("b", &[]).await, server.key("a", &[]).await];
    let secrets = ["a secret of the school b", "a secret of the school a"];
    let app = |secret: &str| json!({"app_id": "moodle", "algorithm": "HS256", "key": secret});
    for (key, secret) in keys.iter().zip(secrets) {
        let made = key.post("/api/v1/jitsi/apps", app(secret)).await;
        assert_eq!((made.status, &made.body["app_id"]), (201, &json!("moodle")));
        let again = key
            .post("/api/v1/jitsi/apps", app("another secret of it"))
            .await;
        again.is_problem(409, "app_taken");
    }
    // The key tells whose the app is, so nobody registers the key of another school.
    server
        .school("c", kmz_meet_server::store::Contract::Signed)
        .await;
    let thief = server.key("c", &[]).await;
    let stolen = thief.post("/api/v1/jitsi/apps", app(secrets[1])).await;
    stolen.is_problem(409, "key_taken");
    let browser = server.browser();
    for (key, secret) in keys.iter().zip(secrets) {
        let claims = json!({"iss": "moodle", "aud": "jitsi", "sub": "x", "room": "klasse", "exp": 1_800_003_600,
            "moderator": true, "context": {"user": {"name": "Frau M", "id": "1"}}});
        let signer = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        let token =
            jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &signer).unwrap();
        let join = json!({"type": "join", "room": "klasse", "name": "x", "token": token});
        let (_client, answer) = Client::arrive(&browser, join).await;
        let ServerMessage::Joined { participants, .. } = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(participants.len(), 1, "a room of its own");
        let rooms = key.get("/api/v1/rooms").await.body;
        assert_eq!(rooms["rooms"].as_array().unwrap().len(), 1);
    }
}
