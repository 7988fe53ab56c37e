//! A closed lesson and the emergency stop over the WebSocket: who comes back, who is turned away, and that a restart keeps both.

use std::time::Duration;

use kmz_meet_core::signal::{
    ClientMessage, Door, ErrorCode, Policy, RefusalReason, RoomInfo, Safety, ServerMessage, Target,
};
use serde_json::json;

use super::people::{Join, Person, Socket, enter, guest, lesson};
use crate::common::TestServer;

const CLOSE: ClientMessage = ClientMessage::SetLessonClosed { closed: true };
const OPEN: ClientMessage = ClientMessage::SetLessonClosed { closed: false };

async fn is_told(person: &mut Person, wanted: impl Fn(&Safety, &Policy) -> bool) {
    let told = person.socket.until(|message| match message {
        ServerMessage::RoomChanged { room } if wanted(&room.safety, &room.policy) => Some(()),
        _ => None,
    });
    told.await;
}

/// Comes back by the seat; gives what the room is like.
async fn comes_back(server: &TestServer, room: &str, person: &Person) -> RoomInfo {
    let join = Join::new(room, "x").seat(&person.seat);
    let mut socket = Socket::join(&guest(server).await, join).await;
    let joined = socket.until(|message| match message {
        ServerMessage::Joined { room, you, .. } => Some((room.clone(), you.clone())),
        ServerMessage::Refused { reason } => panic!("{reason:?}"),
        _ => None,
    });
    let (info, you) = joined.await;
    assert_eq!(you, person.id);
    info
}

/// Another process opens what the first one has written by now.
async fn restarted(server: TestServer) -> TestServer {
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.restarted().await
}

async fn is_turned_away(server: &TestServer, room: &str) {
    let stranger = Socket::join(&guest(server).await, Join::new(room, "Stranger")).await;
    assert_eq!(stranger.refusal().await, RefusalReason::Closed);
}

#[tokio::test]
async fn closed_lesson_over_a_restart_lets_back_the_class_and_nobody_else() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    teacher.socket.say(&CLOSE).await;
    for one in [&mut teacher, &mut anna] {
        is_told(one, |safety, _| {
            safety.lesson_closed && safety.cameras_locked
        })
        .await;
    }
    is_turned_away(&server, &room).await;
    assert!(comes_back(&server, &room, &anna).await.safety.lesson_closed);

    let server = restarted(server).await;
    is_turned_away(&server, &room).await;
    assert!(
        comes_back(&server, &room, &anna)
            .await
            .safety
            .cameras_locked
    );
    let browser = server.signed_in("berta").await;
    let mut teacher = enter(&browser, Join::new(&room, "")).await;
    teacher.socket.say(&OPEN).await;
    is_told(&mut teacher, |safety, policy| {
        *safety == Safety::default() && policy.door == Door::Open
    })
    .await;
    enter(&guest(&server).await, Join::new(&room, "Ben")).await;
}

#[tokio::test]
async fn emergency_stop_over_a_restart_holds_the_class_and_the_chat() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    anna.socket.chat("vorher").await;
    teacher.socket.sees_chat("vorher").await;
    teacher.socket.say(&ClientMessage::LockAll).await;
    for one in [&mut teacher, &mut anna] {
        is_told(one, |safety, _| safety.emergency_stop.is_some()).await;
    }
    anna.socket.chat("trotzdem").await;
    let refused = anna.socket.until(|message| match message {
        ServerMessage::Chat { .. } => panic!("it was said"),
        ServerMessage::Error { code } => Some(*code),
        _ => None,
    });
    assert_eq!(refused.await, ErrorCode::NotPermitted);
    // A pupil releases nobody.
    let all = ClientMessage::Release {
        target: Target::All,
    };
    anna.socket.say(&all).await;
    let refused = anna.socket.until(|message| match message {
        ServerMessage::RoomChanged { .. } => panic!("it was done"),
        ServerMessage::Error { code } => Some(*code),
        _ => None,
    });
    assert_eq!(refused.await, ErrorCode::NotPermitted);

    let server = restarted(server).await;
    is_turned_away(&server, &room).await;
    let join = Join::new(&room, "x").seat(&anna.seat);
    let mut anna = enter(&guest(&server).await, join).await;
    assert_eq!(anna.chat, [""; 0]);
    let browser = server.signed_in("berta").await;
    let mut teacher = enter(&browser, Join::new(&room, "")).await;
    assert_eq!(teacher.chat, ["vorher"]);
    teacher.socket.say(&all).await;
    let shown = anna.socket.until(|message| match message {
        ServerMessage::ChatShown { messages } => Some(messages[0].text.clone()),
        _ => None,
    });
    assert_eq!(shown.await, "vorher");
    is_told(&mut anna, |safety, _| safety.emergency_stop.is_none()).await;
}

#[tokio::test]
async fn safety_message_with_more_than_its_fields_is_refused() {
    let (_server, _, _, mut teacher) = lesson(json!({})).await;
    for text in [
        r#"{"type":"release"}"#,
        r#"{"type":"release","target":"nobody"}"#,
        r#"{"type":"set_lesson_closed","closed":1}"#,
        r#"{"type":"release_cameras","target":"all"}"#,
        r#"{"type":"report","text":"x"}"#,
        r#"{"type":"stop_everything","target":"all"}"#,
    ] {
        teacher.socket.0.send_text(text).await;
        let refused = teacher.socket.until(|message| match message {
            ServerMessage::RoomChanged { .. } => panic!("{text} was done"),
            ServerMessage::Error { code } => Some(*code),
            _ => None,
        });
        assert_eq!(refused.await, ErrorCode::BadMessage, "{text}");
    }
}
