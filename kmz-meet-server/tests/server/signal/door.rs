//! How the server slows guesses without slowing a class, and schools that may start nothing.

use kmz_meet_core::signal::{ClientMessage, ErrorCode, Role, ServerMessage, Target};
use kmz_meet_server::store::Contract;
use serde_json::json;

use super::people::{Join, Socket, classroom, enter, guest, lesson, room};
use crate::common::TestServer;

#[tokio::test]
async fn right_password_after_guessing_leads_to_the_lobby_untold() {
    let (server, teacher, guessed) = classroom(json!({"password": "Igel"})).await;
    let (other, _) = room(&teacher, json!({"password": "Igel"})).await;
    let mut inside = enter(&teacher, Join::new(&guessed, "")).await;
    let _teacher_too = enter(&teacher, Join::new(&other, "")).await;
    let stranger = guest(&server).await;
    for guess in 0..10 {
        let guess = guess.to_string();
        let join = Join::new(&guessed, "Anna").password(&guess);
        let mut socket = Socket::join(&stranger, join).await;
        assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
    }
    let right = Join::new(&guessed, "Anna").password("Igel");
    let waits = |name: &'static str| {
        let browser = stranger.clone();
        let join = Join { name, ..right };
        async move {
            let mut socket = Socket::join(&browser, join).await;
            assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
            // The server answers as to a wrong password.
            socket.chat("?").await;
            let code = ErrorCode::NotJoined;
            assert_eq!(socket.next().await, Some(ServerMessage::Error { code }));
            socket
        }
    };
    // A client that leaves before the answer does not learn it either.
    drop(waits("Gone").await);
    let (turned_away, admitted) = (waits("Berta").await, waits("Anna").await);
    let of = |name: &'static str| {
        move |message: &ServerMessage| match message {
            ServerMessage::LobbyChanged { knockers } if knockers.len() == 2 => {
                let one = knockers.iter().find(|one| one.name == name)?;
                Some(Target::These(vec![one.id.clone()]))
            }
            _ => None,
        }
    };
    let target = inside.socket.until(of("Anna")).await;
    inside.socket.say(&ClientMessage::Admit { target }).await;
    let mut anna = admitted.joined().await;
    let others = ClientMessage::Refuse {
        target: Target::All,
    };
    inside.socket.say(&others).await;
    let mut turned_away = turned_away;
    assert!(turned_away.trace().await.is_empty());
    anna.socket.chat("drin").await;
    inside.socket.sees_chat("drin").await;
    // A closed door tells as little.
    let change = serde_json::from_value(json!({"door": "closed"})).unwrap();
    inside
        .socket
        .say(&ClientMessage::SetPolicy { change })
        .await;
    // Another browser at this address would come in, so this one has to guess first, too.
    let guesser = guest(&server).await;
    for _ in 0..5 {
        let join = Join::new(&guessed, "Anna").password("falsch");
        let mut socket = Socket::join(&guesser, join).await;
        assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
    }
    let mut late = Socket::join(&guesser, right).await;
    assert_eq!(late.next().await, Some(ServerMessage::Waiting));
    enter(&stranger, Join::new(&other, "Anna").password("Igel")).await;
    // The teacher at the same address still comes in.
    let second = enter(&teacher, Join::new(&guessed, "")).await;
    assert_eq!(second.entry().role, Role::Moderator);
}

#[tokio::test]
async fn join_without_a_password_is_no_guess() {
    let (server, teacher, room) = classroom(json!({"password": "Igel"})).await;
    let _teacher = enter(&teacher, Join::new(&room, "")).await;
    let browser = guest(&server).await;
    for _ in 0..15 {
        let mut socket = Socket::join(&browser, Join::new(&room, "Anna")).await;
        assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
    }
    enter(&browser, Join::new(&room, "Anna").password("Igel")).await;
}

#[tokio::test]
async fn guesses_by_another_spelling_of_the_room_are_counted() {
    let (server, teacher, room) = classroom(json!({"password": "Igel"})).await;
    let _teacher = enter(&teacher, Join::new(&room, "")).await;
    let stranger = guest(&server).await;
    let shouted = room.to_uppercase();
    for guess in 0..10 {
        let guess = guess.to_string();
        let join = Join::new(&shouted, "Anna").password(&guess);
        let mut socket = Socket::join(&stranger, join).await;
        assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
    }
    let right = Join::new(&room, "Anna").password("Igel");
    let mut socket = Socket::join(&stranger, right).await;
    assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
}

#[tokio::test]
async fn class_of_sixty_behind_one_address_joins_at_once() {
    let (server, _, room, _teacher) = lesson(json!({})).await;
    let browser = server.browser();
    let started = std::time::Instant::now();
    let names: Vec<String> = (0..60).map(|number| format!("Kind {number}")).collect();
    let class = names
        .iter()
        .map(|name| enter(&browser, Join::new(&room, name)));
    let class = futures_util::future::join_all(class).await;
    assert_eq!(class.len(), 60);
    assert!(started.elapsed() < super::people::SOON);
}

#[tokio::test]
async fn conference_without_a_signed_contract_does_not_start() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let old = kmz_meet_server::store::Room {
        id: "old".to_owned(),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        title: None,
        welcome: None,
        origin: kmz_meet_server::store::RoomSource::Own,
        external: None,
        name: kmz_meet_core::room::room_name::propose(),
        policy: kmz_meet_core::signal::Policy::default(),
        password: None,
        created_at: 0,
    };
    server.add_room(&old).await.unwrap();
    server.set_contract("a", Contract::Ended, None).await;
    let browser = server.signed_in("berta").await;
    let mut socket = Socket::join(&browser, Join::new(&old.name, "")).await;
    let refused = r#"{"type":"refused","reason":"no_contract"}"#;
    assert_eq!(socket.trace().await, [refused]);
    // Who could not start it anyway learns nothing about the school.
    let mut guest = Socket::join(&server.browser(), Join::new(&old.name, "Anna")).await;
    assert_eq!(guest.trace().await, [r#"{"type":"waiting"}"#]);
}
