//! A creation that is requested twice.

use std::time::Duration;

use super::{id, server};
use crate::common::Answer;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn creation_repeated_with_its_key_is_made_once() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = |body: Value| {
        let request = key
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "one")
            .json(&body);
        Answer::of(request)
    };
    let first = ask(json!({"title": "A"})).await;
    let second = ask(json!({"title": "A"})).await;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert_eq!(
        key.get("/api/v1/rooms").await.body["rooms"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    ask(json!({"title": "B"}))
        .await
        .is_problem(422, "key_reused");
    // Another caller's key of the same name is another key.
    let other = server.key("a", &[]).await;
    let theirs = other
        .request(Method::POST, "/api/v1/rooms")
        .header("idempotency-key", "one")
        .json(&json!({"title": "A"}));
    assert_ne!(id(&Answer::of(theirs).await.body), id(&first.body));
    // A failed request can be repeated. A secret is shown once.
    let bad = key
        .request(Method::POST, "/api/v1/rooms")
        .header("idempotency-key", "two")
        .json(&json!({"name": "abc"}));
    Answer::of(bad).await.is_problem(422, "weak_name");
    let good = key
        .request(Method::POST, "/api/v1/rooms")
        .header("idempotency-key", "two")
        .json(&json!({}));
    assert_eq!(Answer::of(good).await.status, 201);
    let secret = || {
        key.request(Method::POST, "/api/v1/bbb/secrets")
            .header("idempotency-key", "three")
    };
    assert_eq!(Answer::of(secret()).await.status, 201);
    Answer::of(secret()).await.is_problem(409, "already_made");
}

#[tokio::test]
async fn creation_with_an_unusable_key_is_refused_and_makes_nothing() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    for unusable in ["", " ", "two words", "grün", &"x".repeat(201)] {
        let request = key
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", unusable)
            .json(&json!({"title": "A"}));
        let answer = Answer::of(request).await;
        answer.is_problem(400, "bad_request");
        let told = answer.body["detail"].as_str().unwrap();
        assert_eq!(
            told, "Idempotency-Key: it must have from 1 to 200 visible ASCII characters.",
            "{unusable}"
        );
    }
    let rooms = key.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"], json!([]));
}

#[tokio::test]
async fn creation_cut_off_is_answered_when_it_is_repeated() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = || {
        key.request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "gone")
            .json(&json!({"title": "A"}))
    };
    // The caller gives up at many moments, at some of them while the server makes the room.
    for micros in (0..40).map(|step| step * 250) {
        let _ = tokio::time::timeout(Duration::from_micros(micros), ask().send()).await;
    }
    let mut answer = Answer::of(ask()).await;
    for _ in 0..50 {
        if answer.status == 201 {
            break;
        }
        answer.is_problem(409, "in_progress");
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = Answer::of(ask()).await;
    }
    assert_eq!(answer.status, 201, "{answer:?}");
    let rooms = key.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), 1, "{rooms}");
}

#[tokio::test]
async fn creation_of_a_killed_server_is_possible_again_after_a_minute() {
    use kmz_meet_server::clock::Clock;
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = || {
        let request = key
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "killed")
            .json(&json!({}));
        Answer::of(request)
    };
    let first = ask().await;
    // A killed server leaves a request that has begun and has no answer.
    let mut begun = {
        let filter = kmz_meet_server::store::RecordFilter {
            limit: 10,
            ..Default::default()
        };
        let mut raw = server
            .app
            .store
            .raw_list("idempotency", filter)
            .await
            .unwrap();
        raw.pop().unwrap()
    };
    let mut data: Value = serde_json::from_str(&begun.data).unwrap();
    data["answer"] = Value::Null;
    data["done"] = json!(false);
    begun.data = data.to_string();
    begun.expires_at = Some(server.clock.now() + 60_000);
    server
        .app
        .store
        .put_raw("idempotency", begun)
        .await
        .unwrap();
    ask().await.is_problem(409, "in_progress");
    server.clock.advance(Duration::from_secs(61));
    let again = ask().await;
    assert_eq!(again.status, 201, "{again:?}");
    assert_ne!(id(&again.body), id(&first.body));
}

#[tokio::test]
async fn stored_answer_of_a_deleted_key_is_refused() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let made = key
        .post(
            "/api/v1/keys",
            json!({"name": "x", "scopes": ["rooms:write"]}),
        )
        .await
        .body;
    let other = server.with_token(made["token"].as_str().unwrap());
    let ask = || {
        let request = other
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "one")
            .json(&json!({}));
        Answer::of(request)
    };
    assert_eq!(ask().await.status, 201);
    let path = format!("/api/v1/keys/{}", id(&made));
    assert_eq!(key.delete(&path).await.status, 204);
    ask().await.is_problem(401, "invalid_token");
    // A sign-in is no creation: a stored answer would have no cookie.
    server.teacher("a", "berta").await;
    for _ in 0..2 {
        let sign_in = server
            .browser()
            .request(Method::POST, "/api/v1/session")
            .header("idempotency-key", "one")
            .json(&json!({"username": "berta", "password": "bertaberta"}));
        let answer = sign_in.send().await.unwrap();
        assert!(crate::common::set_cookie(&answer).is_some());
    }
}

/// The stored documents of repeated creations.
async fn stored(server: &crate::common::TestServer) -> String {
    let filter = kmz_meet_server::store::RecordFilter {
        limit: 100,
        ..Default::default()
    };
    let rows = server.app.store.raw_list("idempotency", filter).await;
    rows.unwrap().into_iter().map(|row| row.data).collect()
}

#[tokio::test]
async fn stored_answers_have_no_tickets_invitations_or_names() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = async |path: &str, body: Value| {
        let request = key
            .request(Method::POST, path)
            .header("idempotency-key", "one")
            .json(&body);
        Answer::of(request).await
    };
    let room = ask("/api/v1/rooms", json!({"title": "A"})).await.body;
    let path = format!("/api/v1/rooms/{}/tickets", id(&room));
    let body = json!({"user": "4", "name": "Anna Musterkind", "role": "moderator"});
    let first = ask(&path, body.clone()).await;
    assert_eq!(first.status, 201, "{first:?}");
    let invitation = ask("/api/v1/lti/invitations", json!({})).await;
    assert_eq!(invitation.status, 201, "{invitation:?}");
    let stored = stored(&server).await;
    let url = invitation.body["registration_url"].as_str().unwrap();
    for secret in [
        "Anna",
        first.body["ticket"].as_str().unwrap(),
        url.rsplit('/').next().unwrap(),
    ] {
        assert!(!stored.contains(secret), "{stored}");
    }
    // A ticket can be requested again. An invitation is shown once.
    let again = ask(&path, body).await;
    assert_eq!(again.status, 201, "{again:?}");
    ask("/api/v1/lti/invitations", json!({}))
        .await
        .is_problem(409, "already_made");
}
