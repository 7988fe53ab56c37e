//! The lobby list as moderators see it, and the refusal.

use kmz_meet_core::signal::{ClientMessage, Knocker, RefusalReason, ServerMessage, Target};
use serde_json::json;

use super::people::{Join, Socket, enter, guest, lesson};

fn knockers(message: &ServerMessage) -> Option<Vec<Knocker>> {
    match message {
        ServerMessage::LobbyChanged { knockers } if !knockers.is_empty() => Some(knockers.clone()),
        _ => None,
    }
}

fn empty(message: &ServerMessage) -> Option<()> {
    matches!(message, ServerMessage::LobbyChanged { knockers } if knockers.is_empty()).then_some(())
}

#[tokio::test]
async fn lobby_list_after_a_leave_is_empty() {
    let (server, _, room, mut teacher) = lesson(json!({"door": "knock"})).await;
    let visitor = guest(&server).await;
    let mut polite = Socket::join(&visitor, Join::new(&room, "Anna")).await;
    teacher.socket.until(knockers).await;
    polite.say(&ClientMessage::Leave).await;
    teacher.socket.until(empty).await;
    let rude = Socket::join(&visitor, Join::new(&room, "Anna")).await;
    teacher.socket.until(knockers).await;
    drop(rude);
    teacher.socket.until(empty).await;
}

#[tokio::test]
async fn knock_after_a_refusal_is_refused() {
    let (server, _, room, mut teacher) = lesson(json!({"door": "knock"})).await;
    let visitor = guest(&server).await;
    let waiting = Socket::join(&visitor, Join::new(&room, "Anna")).await;
    let seen = teacher.socket.until(knockers).await;
    let target = Target::These(vec![seen[0].id.clone()]);
    teacher.socket.say(&ClientMessage::Refuse { target }).await;
    assert_eq!(waiting.refusal().await, RefusalReason::Removed);
    let again = Socket::join(&visitor, Join::new(&room, "Berta")).await;
    assert_eq!(again.refusal().await, RefusalReason::Removed);
}

#[tokio::test]
async fn lobby_list_is_sent_to_a_moderator_who_comes_back() {
    let (server, browser, room, teacher) = lesson(json!({"door": "knock"})).await;
    let mut waiting = Socket::join(&guest(&server).await, Join::new(&room, "Anna")).await;
    assert_eq!(waiting.next().await, Some(ServerMessage::Lobby));
    drop(teacher);
    let mut teacher = enter(&browser, Join::new(&room, "")).await;
    assert_eq!(teacher.socket.until(knockers).await[0].name, "Anna");
}
