//! Tokens of Jitsi as the libraries of many languages write them.

use jsonwebtoken::{EncodingKey, Header};
use kmz_meet_core::signal::{Participant, RefusalReason, RoomInfo, ServerMessage};
use serde_json::{Value, json};

use super::server;
use crate::common::TestServer;
use crate::common::client::Client;

const SECRET: &str = "a secret of sixteen and more";
const NOW: i64 = 1_800_000_000;

async fn with_app() -> TestServer {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let app = json!({"app_id": "moodle", "algorithm": "HS256", "key": SECRET});
    assert_eq!(key.post("/api/v1/jitsi/apps", app).await.status, 201);
    server
}

fn claims() -> Value {
    json!({"iss": "moodle", "aud": "jitsi", "sub": "meet.example", "room": "klasse7b", "exp": NOW + 3_600,
        "context": {"user": {"name": "Frau M", "id": "3", "moderator": true}}})
}

/// Joins with these claims; `typed` is the text of the name field.
async fn arrive(
    server: &TestServer,
    room: &str,
    typed: &str,
    claims: &Value,
) -> (Client, ServerMessage) {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&Header::default(), claims, &key).unwrap();
    let join = json!({"type": "join", "room": room, "name": typed, "token": token});
    Client::arrive(&server.browser(), join).await
}

fn joined(answer: ServerMessage) -> (Participant, RoomInfo) {
    match answer {
        ServerMessage::Joined {
            you,
            participants,
            room,
            ..
        } => (
            participants.into_iter().find(|one| one.id == you).unwrap(),
            room,
        ),
        answer => panic!("{answer:?}"),
    }
}

#[tokio::test]
async fn long_name_in_a_token_is_cut() {
    let server = with_app().await;
    for (number, (name, shown)) in [
        ("x".repeat(61), "x".repeat(60)),
        (format!("{} Lena", "y".repeat(59)), "y".repeat(59)),
        (
            format!("{}👩‍🏫", "z".repeat(59)),
            format!("{}👩", "z".repeat(59)),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims();
        claims["context"]["user"] = json!({"name": name, "id": number, "moderator": true});
        let (_client, answer) = arrive(&server, "klasse7b", &name, &claims).await;
        let (me, _) = joined(answer);
        assert_eq!(me.name, shown);
        assert!(!me.typed_name);
    }
}

#[tokio::test]
async fn unusable_name_in_a_token_is_asked_for() {
    let server = with_app().await;
    for (number, name) in [
        json!("🙂🙂"),
        json!(" \u{2800} "),
        json!("-"),
        json!(null),
        json!([]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims();
        claims["context"]["user"]["name"] = name.clone();
        claims["context"]["user"]["id"] = json!(number);
        let (_, answer) = arrive(&server, "klasse7b", "", &claims).await;
        let bad = ServerMessage::Refused {
            reason: RefusalReason::BadName,
        };
        assert_eq!(answer, bad, "{name}");
        let typed = format!("Frau M{number}");
        let (_client, answer) = arrive(&server, "klasse7b", &typed, &claims).await;
        let (me, _) = joined(answer);
        assert_eq!(me.name, typed);
        assert!(me.typed_name, "{name}");
    }
}

#[tokio::test]
async fn token_times_with_decimals_are_accepted() {
    let server = with_app().await;
    for (name, time) in [("exp", 60.5), ("exp", -58.5), ("nbf", 59.25)] {
        let mut claims = claims();
        claims[name] = json!(NOW as f64 + time);
        let (_client, answer) = arrive(&server, "klasse7b", "x", &claims).await;
        joined(answer);
    }
}

#[tokio::test]
async fn token_before_its_time_is_answered_not_yet() {
    let server = with_app().await;
    for (name, time, reason) in [
        ("nbf", json!(NOW + 90), RefusalReason::NotYet),
        ("nbf", json!(NOW as f64 + 3_600.5), RefusalReason::NotYet),
        ("exp", json!(NOW - 61), RefusalReason::BadSeat),
    ] {
        let mut claims = claims();
        claims[name] = time;
        let (_, answer) = arrive(&server, "klasse7b", "x", &claims).await;
        assert_eq!(answer, ServerMessage::Refused { reason }, "{claims}");
    }
    // A token with a wrong signature does not get this answer.
    let mut claims = claims();
    claims["nbf"] = json!(NOW + 90);
    let key = EncodingKey::from_secret(b"another secret");
    let token = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
    let join = json!({"type": "join", "room": "klasse7b", "name": "x", "token": token});
    let (_, answer) = Client::arrive(&server.browser(), join).await;
    let reason = RefusalReason::BadSeat;
    assert_eq!(answer, ServerMessage::Refused { reason });
}

#[tokio::test]
async fn empty_lists_and_null_in_a_token_count_as_absent() {
    let server = with_app().await;
    for context in [
        json!(null),
        json!([]),
        json!({"user": null}),
        json!({"user": []}),
        json!({}),
    ] {
        let mut claims = claims();
        claims["context"] = context.clone();
        claims["moderator"] = json!(true);
        let (_client, answer) = arrive(&server, "klasse7b", "Anna", &claims).await;
        assert_eq!(&joined(answer).0.name[..4], "Anna", "{context}");
    }
}

#[tokio::test]
async fn title_of_a_room_is_as_in_the_token() {
    let server = with_app().await;
    for (written, path, title) in [
        ("Mathe Übung", "mathe übung", "Mathe Übung"),
        ("Physik+%C3%9Cbung", "Physik Übung", "Physik Übung"),
        ("tenant/C++ Kurs", "tenant/c++ kurs", "C++ Kurs"),
        ("*", "Deutsch%20LK", "Deutsch LK"),
    ] {
        let mut claims = claims();
        claims["room"] = json!(written);
        let (_client, answer) = arrive(&server, path, "x", &claims).await;
        assert_eq!(joined(answer).1.title.as_deref(), Some(title), "{written}");
    }
}

#[tokio::test]
async fn ids_in_tokens_with_different_ends_are_different_people() {
    let server = with_app().await;
    let (mut teacher, answer) = arrive(&server, "klasse7b", "x", &claims()).await;
    joined(answer);
    let with_id = |id: String| {
        let mut claims = claims();
        claims["context"]["user"] = json!({"name": "Anna", "id": id});
        claims
    };
    for length in [255, 256, 300, 4_000] {
        let mut ids = std::collections::BTreeSet::new();
        for end in ["a", "b", "\u{e4}"] {
            let claims = with_id(format!("{}{end}", "u".repeat(length)));
            let mut seats = Vec::new();
            // A person who lost the connection gets the same seat again, and nobody else does.
            for _ in 0..2 {
                let (client, answer) = arrive(&server, "klasse7b", "x", &claims).await;
                let person = joined(answer).0;
                assert!(person.verified);
                seats.push(person.id);
                drop(client);
                let lost = |message: &ServerMessage| matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected);
                teacher.until(lost).await;
            }
            assert_eq!(seats[0], seats[1], "{length}");
            ids.extend(seats);
        }
        assert_eq!(ids.len(), 3, "{length}");
    }
    for length in [4_097, 4_500, 5_000] {
        let (_, answer) = arrive(&server, "klasse7b", "x", &with_id("u".repeat(length))).await;
        let reason = RefusalReason::BadSeat;
        assert_eq!(answer, ServerMessage::Refused { reason }, "{length}");
    }
}
