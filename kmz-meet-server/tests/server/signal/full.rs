//! A conference and a lobby that are full of unknown or newly known browsers.

use std::time::Duration;

use kmz_meet_core::signal::{RefusalReason, ServerMessage};
use serde_json::json;

use super::people::{Join, Socket, enter, guest, lesson};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn known_browser_or_account_replaces_a_guest_in_a_full_room() {
    let (server, _, room, _teacher) = lesson(json!({"capacity": 6})).await;
    let anna = guest(&server).await;
    server.clock.advance(HOUR);
    let mut crowd = Vec::new();
    for name in ["x1", "x2", "x3", "x4", "x5"] {
        crowd.push(enter(&server.browser(), Join::new(&room, name)).await);
    }
    for late in [server.browser(), guest(&server).await] {
        let late = Socket::join(&late, Join::new(&room, "x6")).await;
        assert_eq!(late.refusal().await, RefusalReason::Full);
    }
    let anna = enter(&anna, Join::new(&room, "Anna")).await;
    assert_eq!(anna.names()[1..], ["x1", "x2", "x3", "x4", "Anna"]);
    let newest = crowd.pop().expect("five");
    assert_eq!(newest.socket.refusal().await, RefusalReason::Full);
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    enter(&carla, Join::new(&room, "")).await;
    let newest = crowd.pop().expect("four");
    assert_eq!(newest.socket.refusal().await, RefusalReason::Full);
}

#[tokio::test]
async fn known_browser_replaces_a_new_one_in_a_full_lobby() {
    let (server, _, room, _teacher) = lesson(json!({"door": "knock"})).await;
    let anna = guest(&server).await;
    server.clock.advance(HOUR);
    let mut crowd = Vec::new();
    for number in 0..150 {
        let browser = guest(&server).await;
        let name = format!("x{number}");
        let mut socket = Socket::join(&browser, Join::new(&room, &name)).await;
        assert_eq!(socket.next().await, Some(ServerMessage::Lobby), "{number}");
        crowd.push(socket);
    }
    let late = Socket::join(&guest(&server).await, Join::new(&room, "x150")).await;
    assert_eq!(late.refusal().await, RefusalReason::Full);
    let mut anna = Socket::join(&anna, Join::new(&room, "Anna")).await;
    let in_lobby = |message: &ServerMessage| (*message == ServerMessage::Lobby).then_some(());
    anna.until(in_lobby).await;
    let newest = crowd.pop().expect("many");
    assert_eq!(newest.refusal().await, RefusalReason::Full);
}
