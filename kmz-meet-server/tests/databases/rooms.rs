//! Rooms of a teacher.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::TestServer;
use kmz_meet_server::store::Contract;
use serde_json::{Value, json};

#[tokio::test]
async fn room_is_created_changed_and_deleted() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let room = browser.post("/api/v1/rooms", json!({})).await;
    assert_eq!(room.status, 201, "{room:?}");
    let room = room.body;
    let name = room["name"].as_str().unwrap();
    assert_eq!(room["url"], format!("{}/{name}", server.origin));
    assert_eq!(room["password"], Value::Null);
    assert_eq!(
        (&room["running"], &room["participants"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(room["policy"]["door"], "open");
    assert_eq!(room["created_at"], 1_800_000_000_000_i64);

    let path = format!("/api/v1/rooms/{}", room["id"].as_str().unwrap());
    assert_eq!(browser.get(&path).await.body, room);
    assert_eq!(
        browser.get("/api/v1/rooms").await.body,
        json!({"rooms": [room]})
    );

    let change = json!({"password": "Igel 7", "policy": {"door": "knock", "capacity": 30}});
    let changed = browser.patch(&path, change).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["password"], "Igel 7");
    assert_eq!(changed.body["policy"]["door"], "knock");
    assert_eq!(changed.body["policy"]["capacity"], 30);
    assert_eq!(changed.body["policy"]["chat"], "everyone");
    // An absent member stays as it is, and `null` deletes it.
    let changed = browser
        .patch(&path, json!({"policy": {"chat": "moderators"}}))
        .await;
    assert_eq!(changed.body["password"], "Igel 7");
    let changed = browser.patch(&path, json!({"password": null})).await;
    assert_eq!(changed.body["password"], Value::Null);
    assert_eq!(changed.body["policy"]["chat"], "moderators");
    assert_eq!(browser.get(&path).await.body, changed.body);

    assert_eq!(browser.delete(&path).await.status, 204);
    browser.get(&path).await.is_problem(404, "not_found");
    assert_eq!(
        browser.get("/api/v1/rooms").await.body,
        json!({"rooms": []})
    );
}

#[tokio::test]
async fn weak_name_is_refused_with_a_suggestion() {
    let (_server, browser) = TestServer::with_teacher("berta").await;
    for weak in ["mathe", "10b", "api", "<script>", ""] {
        let answer = browser.post("/api/v1/rooms", json!({"name": weak})).await;
        answer.is_problem(422, "weak_name");
        assert!(!answer.body["detail"].as_str().unwrap().is_empty());
        let suggestion = answer.body["suggestion"].as_str().unwrap();
        let answer = browser
            .post("/api/v1/rooms", json!({"name": suggestion}))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}

#[tokio::test]
async fn name_of_a_room_in_other_spelling_is_taken() {
    let (_server, browser) = TestServer::with_teacher("berta").await;
    let name = browser.get("/api/v1/rooms/suggested-name").await.body["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = browser.post("/api/v1/rooms", json!({"name": name})).await;
    assert_eq!((first.status, &first.body["name"]), (201, &json!(name)));
    let again = browser
        .post(
            "/api/v1/rooms",
            json!({"name": name.to_uppercase().replace('-', " ")}),
        )
        .await;
    again.is_problem(409, "name_taken");
}

#[tokio::test]
async fn room_with_invalid_fields_is_refused() {
    let (_server, browser) = TestServer::with_teacher("berta").await;
    let too_long = "x".repeat(101);
    for (body, status, code) in [
        (json!({"policy": {"capacity": 71}}), 422, "invalid"),
        (json!({"policy": {"capacity": 1}}), 422, "invalid"),
        (json!({"password": too_long}), 422, "invalid"),
        (json!({"policy": {"door": "ajar"}}), 400, "bad_request"),
        (json!({"unknown": 1}), 400, "bad_request"),
        (json!("text"), 400, "bad_request"),
        (json!({"password": "x".repeat(70_000)}), 413, "too_large"),
    ] {
        browser
            .post("/api/v1/rooms", body)
            .await
            .is_problem(status, code);
    }
    assert_eq!(
        browser.get("/api/v1/rooms").await.body,
        json!({"rooms": []})
    );
}

#[tokio::test]
async fn room_without_a_signed_contract_is_refused() {
    let server = TestServer::start().await;
    for (school, contract) in [("draft", Contract::Requested), ("ended", Contract::Ended)] {
        server.school(school, Contract::Signed).await;
        server.teacher(school, school).await;
        server.set_contract(school, contract, None).await;
        let browser = server.signed_in(school).await;
        browser
            .post("/api/v1/rooms", json!({}))
            .await
            .is_problem(403, "no_contract");
    }
}

#[tokio::test]
async fn rooms_of_a_guest_are_refused() {
    let server = TestServer::start().await;
    let guest = server.browser();
    guest
        .get("/api/v1/rooms")
        .await
        .is_problem(401, "not_signed_in");
    guest
        .post("/api/v1/rooms", json!({}))
        .await
        .is_problem(401, "not_signed_in");
    guest
        .get("/api/v1/rooms/suggested-name")
        .await
        .is_problem(401, "not_signed_in");
}
