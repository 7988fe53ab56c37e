//! Joining, as the wire shows it: refusals look alike, the lobby hears nothing, and seats bring people back.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use crate::common::client::Client;
use crate::common::{Browser, TestServer};
use kmz_meet_core::signal::{
    ClientMessage, Door, PolicyChange, RefusalReason, ServerMessage, Source, Target,
};
use reqwest::Method;
use serde_json::{Value, json};

/// Creates a room of this teacher. Returns its name.
async fn room(teacher: &Browser, body: Value) -> String {
    let answer = teacher
        .request(Method::POST, "/api/v1/rooms")
        .json(&body)
        .send()
        .await
        .unwrap();
    let room: Value = answer.json().await.unwrap();
    room["name"]
        .as_str()
        .unwrap_or_else(|| panic!("{room}"))
        .to_owned()
}

fn policy(change: PolicyChange) -> ClientMessage {
    ClientMessage::SetPolicy { change }
}

fn door(door: Door) -> ClientMessage {
    policy(PolicyChange {
        door: Some(door),
        ..PolicyChange::default()
    })
}

#[tokio::test]
async fn door_with_unknown_closed_or_protected_room_answers_alike() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let not_started = room(&teacher, json!({})).await;
    let locked = room(&teacher, json!({"password": "geheim"})).await;
    let (_inside, _) = Client::joined(&teacher, &locked, "").await;
    let guest = server.browser();
    let mut answers = Vec::new();
    for join in [
        json!({"type": "join", "room": "niemals-gemachter-raum", "name": "Anna"}),
        json!({"type": "join", "room": "../../etc/passwd", "name": "Anna"}),
        json!({"type": "join", "room": not_started, "name": "Anna"}),
        json!({"type": "join", "room": locked, "name": "Anna"}),
        json!({"type": "join", "room": locked, "name": "Anna", "password": "falsch"}),
    ] {
        let mut client = Client::connect(&guest).await;
        client.send_text(&join.to_string()).await;
        answers.push(client.next_text().await.unwrap());
        assert!(client.is_silent(Duration::from_millis(300)).await);
    }
    assert!(
        answers
            .iter()
            .all(|answer| answer == r#"{"type":"waiting"}"#),
        "{answers:?}"
    );
}

#[tokio::test]
async fn waiting_person_joins_when_the_teacher_starts() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = room(&teacher, json!({})).await;
    let (mut anna, answer) = Client::join(&server.browser(), &room, "Anna").await;
    assert_eq!(answer, ServerMessage::Waiting);
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    assert!(matches!(
        anna.next().await,
        Some(ServerMessage::Joined { .. })
    ));
    let message = maier
        .until(|message| matches!(message, ServerMessage::ParticipantJoined { .. }))
        .await;
    let ServerMessage::ParticipantJoined { participant } = message else {
        unreachable!()
    };
    assert_eq!(
        (participant.name.as_str(), participant.verified),
        ("Anna", false)
    );
}

#[tokio::test]
async fn waiting_person_corrects_the_password_and_joins() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = room(&teacher, json!({"password": "geheim"})).await;
    let (_maier, _) = Client::joined(&teacher, &room, "").await;
    let (mut anna, answer) = Client::join(&server.browser(), &room, "Anna").await;
    assert_eq!(answer, ServerMessage::Waiting);
    let join = json!({"type": "join", "room": room, "name": "Anna", "password": "geheim"});
    anna.send_text(&join.to_string()).await;
    assert!(matches!(
        anna.next().await,
        Some(ServerMessage::Joined { .. })
    ));
}

/// No roster, no session description, no media and no password reach the lobby.
#[tokio::test]
async fn socket_in_the_lobby_hears_nothing_of_the_conference() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = room(&teacher, json!({"policy": {"door": "knock"}})).await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let mut carl = Client::connect(&server.browser()).await;
    carl.send_text(&json!({"type": "join", "room": room, "name": "Carl"}).to_string())
        .await;
    let mut trace = vec![carl.next_text().await.unwrap()];
    for message in [
        ClientMessage::SendChat {
            text: "canary".into(),
        },
        ClientMessage::SetPassword {
            password: Some("canary".into()),
        },
        ClientMessage::SetSource {
            source: Source::Camera,
            on: true,
        },
        policy(PolicyChange {
            capacity: Some(50),
            ..PolicyChange::default()
        }),
    ] {
        maier.say(&message).await;
    }
    carl.send_text(
        r#"{"type":"offer","sdp":"v=0","sections":{"audio_slots":[],"video_slots":[]}}"#,
    )
    .await;
    carl.send_text(r#"{"type":"send_chat","text":"hello"}"#)
        .await;
    while let Ok(Some(text)) =
        tokio::time::timeout(Duration::from_millis(500), carl.next_text()).await
    {
        trace.push(text);
    }
    assert_eq!(
        trace,
        [
            r#"{"type":"lobby"}"#,
            r#"{"type":"error","code":"not_permitted"}"#,
            r#"{"type":"error","code":"not_permitted"}"#
        ]
    );
    maier
        .say(&ClientMessage::Admit {
            target: Target::All,
        })
        .await;
    assert!(matches!(
        carl.next().await,
        Some(ServerMessage::Joined { .. })
    ));
}

#[tokio::test]
async fn removed_person_by_seat_or_browser_is_refused() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = room(&teacher, json!({})).await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let mut stranger = server.browser();
    // A browser loads the page before it joins.
    let page = stranger.request(Method::GET, "/").send().await.unwrap();
    stranger.cookie = crate::common::set_cookie(&page)
        .and_then(|cookie| cookie.split(';').next().map(str::to_owned));
    assert!(stranger.cookie.is_some());
    let (mut inside, seat) = Client::joined(&stranger, &room, "xXx").await;
    let message = maier
        .until(|message| matches!(message, ServerMessage::ParticipantJoined { .. }))
        .await;
    let ServerMessage::ParticipantJoined { participant } = message else {
        unreachable!()
    };
    let (_anna, annas_seat) = Client::joined(&server.browser(), &room, "Anna").await;
    maier
        .say(&ClientMessage::Remove {
            target: Target::These(vec![participant.id]),
        })
        .await;
    inside
        .until(|message| *message == ServerMessage::Removed)
        .await;
    assert_eq!(inside.next().await, None, "and the socket is closed");
    let removed = ServerMessage::Refused {
        reason: RefusalReason::Removed,
    };
    let (_, answer) = Client::join(&stranger, &room, "another name").await;
    assert_eq!(answer, removed, "the same browser");
    let by_seat = json!({"type": "join", "room": room, "name": "xXx", "seat": seat});
    let (_, answer) = Client::arrive(&server.browser(), by_seat).await;
    assert_eq!(answer, removed, "the seat, from another browser");
    let (_, answer) = Client::join(&server.browser(), &room, "a clean browser").await;
    assert_eq!(answer, ServerMessage::Lobby);
    let by_seat = json!({"type": "join", "room": room, "name": "", "seat": annas_seat});
    let (_, answer) = Client::arrive(&server.browser(), by_seat).await;
    assert!(
        matches!(answer, ServerMessage::Joined { .. }),
        "those inside are not touched"
    );
}

#[tokio::test]
async fn seat_passes_a_closed_door_and_a_forged_one_does_not() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = room(&teacher, json!({})).await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let (anna, seat) = Client::joined(&server.browser(), &room, "Anna").await;
    maier.say(&door(Door::Closed)).await;
    drop(anna);
    maier
        .until(|message| matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected))
        .await;
    let (_, answer) = Client::join(&server.browser(), &room, "Ben").await;
    assert_eq!(
        answer,
        ServerMessage::Refused {
            reason: RefusalReason::Closed
        }
    );
    let join = |seat: &str| json!({"type": "join", "room": room, "name": "", "seat": seat});
    let (_, answer) = Client::arrive(&server.browser(), join(&seat)).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        participants.iter().filter(|one| one.name == "Anna").count(),
        1
    );
    let mut forged = seat.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    for bad in [forged.as_str(), "", "x.y.z", &"x".repeat(10_000)] {
        let (_, answer) = Client::arrive(&server.browser(), join(bad)).await;
        assert_eq!(
            answer,
            ServerMessage::Refused {
                reason: RefusalReason::BadSeat
            },
            "{bad}"
        );
    }
    // A moderator gets in whatever the seat says.
    let (_, answer) = Client::arrive(&teacher, join(&forged)).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }));
}

#[tokio::test]
async fn teacher_of_another_school_is_a_participant() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    server
        .school("b", kmz_meet_server::store::Contract::Signed)
        .await;
    server.teacher("b", "schmid").await;
    let room = room(&teacher, json!({})).await;
    let other = server.signed_in("schmid").await;
    let (mut schmid, answer) = Client::join(&other, &room, "made-up name").await;
    assert_eq!(answer, ServerMessage::Waiting, "and starts nothing");
    let (_maier, _) = Client::joined(&teacher, &room, "").await;
    let Some(ServerMessage::Joined {
        participants, you, ..
    }) = schmid.next().await
    else {
        panic!("joined")
    };
    let me = participants.iter().find(|one| one.id == you).unwrap();
    assert_eq!(
        (me.name.as_str(), me.role, me.verified),
        (
            "Frau schmid",
            kmz_meet_core::signal::Role::Participant,
            true
        )
    );
    schmid.say(&ClientMessage::EndForAll).await;
    schmid
        .until(|message| matches!(message, ServerMessage::Error { .. }))
        .await;
}

#[tokio::test]
async fn room_of_a_school_without_a_contract_is_forbidden() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    server
        .school("b", kmz_meet_server::store::Contract::Signed)
        .await;
    server.teacher("b", "schmid").await;
    server
        .set_contract("b", kmz_meet_server::store::Contract::Ended, None)
        .await;
    let answer = server
        .signed_in("schmid")
        .await
        .request(Method::POST, "/api/v1/rooms")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
    drop(teacher);
}

#[tokio::test]
async fn socket_from_a_foreign_page_is_refused() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost:1",
        "http://127.0.0.1",
    ] {
        assert!(
            Client::try_connect(&teacher, Some(origin)).await.is_err(),
            "{origin}"
        );
    }
    assert!(
        Client::try_connect(&server.browser(), None).await.is_ok(),
        "programs send no origin"
    );
}

#[tokio::test]
async fn class_behind_a_guessing_address_is_admitted_from_the_lobby() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = room(&teacher, json!({"password": "geheim"})).await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let guess = |number: usize| json!({"type": "join", "room": room, "name": "Guess", "password": format!("{number}")});
    for number in 0..11 {
        let (_, answer) = Client::arrive(&server.browser(), guess(number)).await;
        assert_eq!(answer, ServerMessage::Waiting);
    }
    // Everyone of the class behind this address waits in the lobby: each of them might be the one who guesses.
    let mut class = Vec::new();
    for pupil in 0..20 {
        let join = json!({"type": "join", "room": room, "name": format!("Pupil {pupil}"), "password": "geheim"});
        let (client, answer) = Client::arrive(&server.browser(), join).await;
        assert_eq!(answer, ServerMessage::Waiting);
        class.push(client);
    }
    maier
        .until(|message| matches!(message, ServerMessage::LobbyChanged { knockers } if knockers.len() == 20))
        .await;
    maier
        .say(&ClientMessage::Admit {
            target: Target::All,
        })
        .await;
    for mut pupil in class {
        assert!(matches!(
            pupil.next().await,
            Some(ServerMessage::Joined { .. })
        ));
    }
}
