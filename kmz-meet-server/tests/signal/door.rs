//! How guessing is slowed without slowing a class, and who may start nothing.

use kmz_meet_core::signal::{Role, ServerMessage};
use kmz_meet_server::store::Contract;
use serde_json::json;

use crate::common::TestServer;
use crate::people::{Join, Socket, classroom, enter, guest, lesson, room};

#[tokio::test]
async fn who_guesses_the_password_ends_in_the_lobby_with_the_right_one() {
    let (server, teacher, guessed) = classroom(json!({"password": "Igel"})).await;
    let (other, _) = room(&teacher, json!({"password": "Igel"})).await;
    let _teacher = enter(&teacher, Join::new(&guessed, "")).await;
    let _teacher_too = enter(&teacher, Join::new(&other, "")).await;
    let stranger = guest(&server).await;
    for guess in 0..10 {
        let guess = guess.to_string();
        let join = Join::new(&guessed, "Anna").password(&guess);
        let mut socket = Socket::join(&stranger, join).await;
        assert_eq!(socket.next().await, Some(ServerMessage::Waiting));
    }
    let right = Join::new(&guessed, "Anna").password("Igel");
    let mut socket = Socket::join(&stranger, right).await;
    assert_eq!(socket.next().await, Some(ServerMessage::Lobby));
    enter(&stranger, Join::new(&other, "Anna").password("Igel")).await;
    // And the teacher, who sits behind the same address, is not kept out.
    let second = enter(&teacher, Join::new(&guessed, "")).await;
    assert_eq!(second.entry().role, Role::Moderator);
}

#[tokio::test]
async fn a_whole_class_behind_one_address_comes_in_at_once() {
    let (server, _, room, _teacher) = lesson(json!({})).await;
    let browser = server.browser();
    let started = std::time::Instant::now();
    let names: Vec<String> = (0..60).map(|number| format!("Kind {number}")).collect();
    let class = names
        .iter()
        .map(|name| enter(&browser, Join::new(&room, name)));
    let class = futures_util::future::join_all(class).await;
    assert_eq!(class.len(), 60);
    assert!(started.elapsed() < crate::people::SOON);
}

#[tokio::test]
async fn without_a_signed_contract_no_conference_starts() {
    let server = TestServer::start().await;
    server.school("a", Contract::Ended).await;
    server.teacher("a", "berta").await;
    let old = kmz_meet_server::store::Room {
        id: "old".to_owned(),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        title: None,
        welcome: None,
        origin: kmz_meet_server::store::Origin::Own,
        external: None,
        name: kmz_meet_core::room::room_name::propose(),
        policy: kmz_meet_core::signal::Policy::default(),
        password: None,
        created_at: 0,
    };
    server.app.store.add_room(&old).await.unwrap().unwrap();
    let browser = server.signed_in("berta").await;
    let mut socket = Socket::join(&browser, Join::new(&old.name, "")).await;
    assert_eq!(socket.trace().await, [r#"{"type":"waiting"}"#]);
}
