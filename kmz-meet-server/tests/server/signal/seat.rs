//! The holder of a seat comes back whatever the door says, and the teacher always does.

use std::time::Duration;

use kmz_meet_core::signal::{ClientMessage, RefusalReason, Role, ServerMessage};
use kmz_meet_server::credentials::{Identity, Ticket, TicketRole};
use kmz_meet_server::user_id::UserId;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::people::{Join, Person, Socket, enter, guest, lesson};
use crate::common::client::Client;

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
async fn seat_opens_the_closed_door_of_a_full_room() {
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
    // The seat is enough: the name need not be typed again.
    let back = enter(&browser, Join::new(&room, "").seat(&seat)).await;
    assert_eq!(back.id, id);
    assert_eq!(back.names(), ["Frau berta", "Anna"]);
    assert_eq!(back.entry().hand, Some(1));
    assert_eq!(back.chat, ["Seite 12"]);
    teacher.socket.sees(&id, |entry| entry.connected).await;
}

#[tokio::test]
async fn seat_before_the_loss_is_noticed_replaces_the_connection() {
    let (server, _, room, _teacher) = lesson(json!({})).await;
    let browser = guest(&server).await;
    let first = enter(&browser, Join::new(&room, "Anna")).await;
    let second = enter(&browser, Join::new(&room, "Anna").seat(&first.seat)).await;
    assert_eq!(second.id, first.id);
    assert_eq!(second.names(), ["Frau berta", "Anna"]);
    assert_eq!(first.socket.refusal().await, RefusalReason::Replaced);
    // The end of the old connection must not take the seat from the new one.
    let mut second = second.socket;
    second.chat("bin da").await;
    second.sees_chat("bin da").await;
}

#[tokio::test]
async fn teacher_at_a_closed_full_room_with_a_password_enters() {
    let (server, browser, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    shut(&mut teacher).await;
    // The teacher joins with a second device while the first is connected.
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
async fn seat_brings_back_a_given_role() {
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
async fn seat_that_is_left_forged_or_of_another_conference_is_refused() {
    let (server, browser, room, _teacher) = lesson(json!({})).await;
    let (other, _) = super::people::room(&browser, json!({})).await;
    let elsewhere = enter(&browser, Join::new(&other, "")).await;
    let left = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    let mut leaving = left.socket;
    leaving.say(&ClientMessage::Leave).await;
    leaving.is_closed().await;
    let broken = format!("{}x", left.seat);
    // A participant who leaves gives up the seat.
    let browser = guest(&server).await;
    for seat in [&left.seat, &elsewhere.seat, &broken, "", "a.b.c"] {
        let socket = Socket::join(&browser, Join::new(&room, "Anna").seat(seat)).await;
        assert_eq!(socket.refusal().await, RefusalReason::BadSeat, "{seat}");
    }
}

#[tokio::test]
async fn invented_seat_is_refused_alike_for_every_room() {
    let (server, browser, running, _teacher) = lesson(json!({})).await;
    let (not_started, _) = super::people::room(&browser, json!({})).await;
    let stranger = guest(&server).await;
    for room in [&*running, &not_started, "niemals-gemachter-raum", "..", ""] {
        let join = Join::new(room, "Anna").seat("a.b.c");
        let socket = Socket::join(&stranger, join).await;
        assert_eq!(socket.refusal().await, RefusalReason::BadSeat, "{room}");
    }
    // A signed-in teacher joins as themselves, whatever the seat says.
    let join = Join::new(&not_started, "").seat("a.b.c");
    assert_eq!(enter(&browser, join).await.entry().role, Role::Moderator);
}

/// A computer in a classroom: the tab still has the teacher's seat when a pupil comes.
#[tokio::test]
async fn ticket_of_one_person_overrides_the_seat_of_another() {
    let (server, browser, room, mut teacher) = lesson(json!({})).await;
    let id = server.app.store.room_by_name(&room).await.unwrap();
    let ticket = Ticket {
        room: id.unwrap().id,
        identity: Identity::of(UserId::of_api("a", "anna"), TicketRole::Member),
        name: Some("Anna".to_owned()),
        may_start: false,
        meeting: None,
        return_url: None,
    };
    let ticket = server
        .app
        .tickets
        .sign(
            &server.open_school("a").await,
            &ticket,
            1_800_000_000_000,
            Duration::from_hours(1),
        )
        .unwrap();
    let launched = |seat: &str, token: &str| {
        let join = json!({"type": "join", "room": room, "name": "", "seat": seat, "token": token});
        let browser = server.browser();
        async move {
            let mut client = Client::connect(&browser).await;
            client.send_text(&join.to_string()).await;
            Socket(client).joined().await
        }
    };
    let anna = launched(&teacher.seat, &ticket).await;
    assert_ne!(anna.id, teacher.id);
    assert_eq!(anna.entry().role, Role::Participant);
    teacher.socket.chat("noch da").await;
    teacher.socket.sees_chat("noch da").await;
    // Her own seat is hers, even when the ticket is too old by now.
    assert_eq!(launched(&anna.seat, &ticket).await.id, anna.id);
    assert_eq!(launched(&anna.seat, "too old").await.id, anna.id);
    // Another teacher who is signed in at this browser joins as themselves, too.
    server.teacher("a", "clara").await;
    let clara = server.signed_in("clara").await;
    let clara = enter(&clara, Join::new(&room, "").seat(&teacher.seat)).await;
    assert_eq!(clara.entry().name, "Frau clara");
    let back = enter(&browser, Join::new(&room, "").seat(&teacher.seat)).await;
    assert_eq!(back.id, teacher.id);
}

#[tokio::test]
async fn close_frame_of_a_tab_leaves_the_roster_at_once_and_keeps_the_seat() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let browser = guest(&server).await;
    let mut anna = enter(&browser, Join::new(&room, "Anna")).await;
    // Firefox closes the socket of a closed tab before the page can say `away`.
    let going_away = CloseFrame {
        code: CloseCode::Away,
        reason: "".into(),
    };
    anna.socket.0.socket.close(Some(going_away)).await.unwrap();
    let left = |message: &ServerMessage| match message {
        ServerMessage::ParticipantChanged { participant } if !participant.connected => {
            panic!("the server takes it for a lost connection")
        }
        ServerMessage::ParticipantLeft { participant, .. } => Some(participant.clone()),
        _ => None,
    };
    assert_eq!(teacher.socket.until(left).await, anna.id);
    let back = enter(&browser, Join::new(&room, "").seat(&anna.seat)).await;
    assert_eq!(back.id, anna.id);
}

#[tokio::test]
async fn close_frame_without_a_reason_counts_as_a_lost_connection() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    anna.socket.0.socket.close(None).await.unwrap();
    let id = anna.id;
    teacher.socket.sees(&id, |entry| !entry.connected).await;
}
