//! A removed person does not come back by any path.

use kmz_meet_core::signal::{
    ClientMessage, Door, LeaveReason, RefusalReason, ServerMessage, Target,
};
use serde_json::json;

use super::people::{Join, Person, Socket, enter, guest, lesson};

async fn remove(teacher: &mut Person, person: &mut Person) {
    let target = Target::These(vec![person.id.clone()]);
    teacher.socket.say(&ClientMessage::Remove { target }).await;
    let removed = |message: &ServerMessage| (*message == ServerMessage::Removed).then_some(());
    person.socket.until(removed).await;
    person.socket.is_closed().await;
    let left = ServerMessage::ParticipantLeft {
        participant: person.id.clone(),
        reason: LeaveReason::Removed,
    };
    let told = |message: &ServerMessage| (*message == left).then_some(());
    teacher.socket.until(told).await;
}

#[tokio::test]
async fn closed_door_after_a_removal_stays_closed() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut intruder = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    let change = serde_json::from_value(json!({"door": "closed"})).unwrap();
    teacher
        .socket
        .say(&ClientMessage::SetPolicy { change })
        .await;
    remove(&mut teacher, &mut intruder).await;
    let stranger = Socket::join(&guest(&server).await, Join::new(&room, "Clara")).await;
    assert_eq!(stranger.refusal().await, RefusalReason::Closed);
}

#[tokio::test]
async fn removed_account_on_another_device_is_refused() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    server.teacher("a", "clara").await;
    let browser = server.signed_in("clara").await;
    let mut clara = enter(&browser, Join::new(&room, "")).await;
    assert!(clara.entry().verified);
    assert_eq!(clara.entry().name, "Frau clara");
    remove(&mut teacher, &mut clara).await;
    let elsewhere = server.signed_in("clara").await;
    let socket = Socket::join(&elsewhere, Join::new(&room, "Jemand")).await;
    assert_eq!(socket.refusal().await, RefusalReason::Removed);
}

#[tokio::test]
async fn others_after_a_removal_see_a_leave_and_the_door() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut intruder = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    let mut pupil = enter(&guest(&server).await, Join::new(&room, "Berta")).await;
    remove(&mut teacher, &mut intruder).await;
    let door = pupil.socket.until(|message| match message {
        ServerMessage::RoomChanged { room } => Some(room.policy.door),
        _ => None,
    });
    assert_eq!(door.await, Door::Knock);
    pupil.socket.chat("noch da").await;
    teacher.socket.sees_chat("noch da").await;
}

#[tokio::test]
async fn second_tab_of_a_removed_browser_is_removed() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let browser = guest(&server).await;
    let mut first = enter(&browser, Join::new(&room, "xXx")).await;
    let mut second = enter(&browser, Join::new(&room, "nobody")).await;
    remove(&mut teacher, &mut first).await;
    let removed = |message: &ServerMessage| (*message == ServerMessage::Removed).then_some(());
    second.socket.until(removed).await;
    second.socket.is_closed().await;
    let back = Join::new(&room, "").seat(&second.seat);
    let back = Socket::join(&guest(&server).await, back).await;
    assert_eq!(back.refusal().await, RefusalReason::Removed);
}
