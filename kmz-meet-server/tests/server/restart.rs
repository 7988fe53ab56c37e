//! A server that is killed in the middle of a lesson.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::common::TestServer;
use crate::common::client::Client;
use kmz_meet_core::signal::{ClientMessage, Door, PolicyChange, Role, ServerMessage};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn conference_after_a_restart_has_roles_door_chat_and_hands() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let answer = teacher
        .request(Method::POST, "/api/v1/rooms")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    let room: Value = answer.json().await.unwrap();
    let name = room["name"].as_str().unwrap().to_owned();
    let (mut maier, maiers_seat) = Client::joined(&teacher, &name, "").await;
    let (mut anna, annas_seat) = Client::joined(&server.browser(), &name, "Anna").await;
    anna.say(&ClientMessage::SetHand { raised: true }).await;
    anna.say(&ClientMessage::SendChat {
        text: "Guten Morgen".into(),
    })
    .await;
    let change = PolicyChange {
        door: Some(Door::Closed),
        ..PolicyChange::default()
    };
    maier.say(&ClientMessage::SetPolicy { change }).await;
    anna.until(|message| matches!(message, ServerMessage::RoomChanged { .. }))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;

    // Another process opens what the first one left in the data directory at this moment.
    let server = server.restarted().await;
    let join = |seat: &str| json!({"type": "join", "room": name, "name": "", "seat": seat});
    let (_anna, answer) = Client::arrive(&server.browser(), join(&annas_seat)).await;
    let ServerMessage::Joined {
        participants,
        chat,
        room,
        you,
        media_kept,
        ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(room.policy.door, Door::Closed);
    assert_eq!(
        chat.iter()
            .map(|message| message.text.as_str())
            .collect::<Vec<_>>(),
        ["Guten Morgen"]
    );
    assert!(!media_kept);
    assert_eq!(participants.len(), 2);
    assert_eq!(
        participants.iter().find(|one| one.id == you).unwrap().hand,
        Some(1)
    );
    let (_maier, answer) = Client::arrive(&server.browser(), join(&maiers_seat)).await;
    let ServerMessage::Joined {
        participants, you, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(
        participants.iter().find(|one| one.id == you).unwrap().role,
        Role::Moderator,
        "without the cookie"
    );
}

#[tokio::test]
async fn conference_without_returns_after_a_restart_ends() {
    let server = TestServer::start_with(|config| {
        config.empty_after = std::time::Duration::from_secs(2);
    })
    .await;
    server
        .school("a", kmz_meet_server::store::Contract::Signed)
        .await;
    server.teacher("a", "maier").await;
    let teacher = server.signed_in("maier").await;
    let room = teacher.post("/api/v1/rooms", json!({})).await.body;
    let (_maier, _) = Client::joined(&teacher, room["name"].as_str().unwrap(), "").await;
    let id = room["id"].as_str().unwrap();
    let stored = async |server: &TestServer| {
        let conference = server.app.store.conference_of_room(id).await;
        conference.unwrap().is_some()
    };
    while !stored(&server).await {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let server = server.restarted().await;
    assert_eq!(
        server.app.conferences.rooms(),
        [id],
        "without anyone's asking"
    );
    let over = async {
        while stored(&server).await {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(15), over)
        .await
        .expect("ended");
}
