//! Who holds a seat comes back, whatever the door says; and the teacher always does.

use kmz_meet_core::signal::{ClientMessage, RefusalReason, Role, ServerMessage};
use serde_json::json;

use crate::people::{Join, Person, Socket, enter, guest, lesson};

async fn shut(teacher: &mut Person) {
    let change = serde_json::from_value(json!({"door": "closed", "capacity": 2})).unwrap();
    teacher
        .socket
        .say(&ClientMessage::SetPolicy { change })
        .await;
    let password = ClientMessage::SetPassword {
        password: Some("neu".to_owned()),
    };
    teacher.socket.say(&password).await;
    let done = |message: &ServerMessage| match message {
        ServerMessage::Password { password } => password.clone(),
        _ => None,
    };
    assert_eq!(teacher.socket.until(done).await, "neu");
}

#[tokio::test]
async fn a_dropped_pupil_comes_back_through_the_closed_door_of_a_full_room() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let browser = guest(&server).await;
    let mut anna = enter(&browser, Join::new(&room, "Anna")).await;
    anna.socket
        .say(&ClientMessage::SetHand { raised: true })
        .await;
    teacher
        .socket
        .sees(&anna.id, |entry| entry.hand == Some(1))
        .await;
    teacher.socket.chat("Seite 12").await;
    shut(&mut teacher).await;
    let stranger = Join::new(&room, "Berta").password("neu");
    let stranger = Socket::join(&guest(&server).await, stranger).await;
    assert_eq!(stranger.refusal().await, RefusalReason::Closed);

    let (id, seat) = (anna.id, anna.seat);
    drop(anna.socket);
    teacher.socket.sees(&id, |entry| !entry.connected).await;
    // By the seat alone: the name does not even have to be typed again.
    let back = enter(&browser, Join::new(&room, "").seat(&seat)).await;
    assert_eq!(back.id, id);
    assert_eq!(back.names(), ["Frau berta", "Anna"]);
    assert_eq!(back.entry().hand, Some(1));
    assert_eq!(back.chat, ["Seite 12"]);
    teacher.socket.sees(&id, |entry| entry.connected).await;
}

#[tokio::test]
async fn a_reload_is_quicker_than_the_loss_is_noticed() {
    let (server, _, room, _teacher) = lesson(json!({})).await;
    let browser = guest(&server).await;
    let first = enter(&browser, Join::new(&room, "Anna")).await;
    let second = enter(&browser, Join::new(&room, "Anna").seat(&first.seat)).await;
    assert_eq!(second.id, first.id);
    assert_eq!(second.names(), ["Frau berta", "Anna"]);
    assert_eq!(first.socket.refusal().await, RefusalReason::Replaced);
    // The former connection's end must not take the seat from the new one.
    let mut second = second.socket;
    second.chat("bin da").await;
    second.sees_chat("bin da").await;
}

#[tokio::test]
async fn the_teacher_gets_in_with_everything_against_her() {
    let (server, browser, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    shut(&mut teacher).await;
    // A second device while the first one is still there.
    let second = enter(&browser, Join::new(&room, "").password("vergessen")).await;
    assert_eq!(second.entry().role, Role::Moderator);
    drop((teacher, second));
    anna.socket
        .until(|message| match message {
            ServerMessage::ParticipantChanged { participant } => {
                (!participant.connected).then_some(())
            }
            _ => None,
        })
        .await;
    let back = enter(&browser, Join::new(&room, "")).await;
    assert_eq!(back.entry().role, Role::Moderator);
}

#[tokio::test]
async fn a_role_that_was_given_comes_back_with_the_seat() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let browser = guest(&server).await;
    let anna = enter(&browser, Join::new(&room, "Anna")).await;
    let role = ClientMessage::SetRole {
        participant: anna.id.clone(),
        role: Role::Moderator,
    };
    teacher.socket.say(&role).await;
    teacher
        .socket
        .sees(&anna.id, |entry| entry.role == Role::Moderator)
        .await;
    drop(anna.socket);
    let back = enter(&browser, Join::new(&room, "").seat(&anna.seat)).await;
    assert_eq!(back.entry().role, Role::Moderator);
}

#[tokio::test]
async fn only_a_seat_of_this_conference_is_one() {
    let (server, browser, room, _teacher) = lesson(json!({})).await;
    let (other, _) = crate::people::room(&browser, json!({})).await;
    let elsewhere = enter(&browser, Join::new(&other, "")).await;
    let left = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    let mut leaving = left.socket;
    leaving.say(&ClientMessage::Leave).await;
    leaving.is_closed().await;
    let broken = format!("{}x", left.seat);
    // Who leaves gives the seat back.
    let browser = guest(&server).await;
    for seat in [&left.seat, &elsewhere.seat, &broken, "", "a.b.c"] {
        let socket = Socket::join(&browser, Join::new(&room, "Anna").seat(seat)).await;
        assert_eq!(socket.refusal().await, RefusalReason::BadSeat, "{seat}");
    }
}
