//! 'Speakers only' over the WebSocket: who turns it on, and what the others are told. Whose pictures are forwarded is tested
//! beside the media plane (`kmz-meet-core/src/conference/tests/speakers_only.rs`).

use kmz_meet_core::signal::{
    ClientMessage, ErrorCode, ParticipantId, RoomInfo, ServerMessage, Source, SpeakersOnly,
};
use serde_json::json;

use super::people::{Join, Person, Socket, enter, guest, lesson};

const ON: ClientMessage = ClientMessage::SetSpeakersOnly { on: true };
const OFF: ClientMessage = ClientMessage::SetSpeakersOnly { on: false };

async fn is_told(person: &mut Person, on: bool, speaker: Option<&ParticipantId>) {
    let wanted = SpeakersOnly {
        on,
        speaker: speaker.cloned(),
    };
    let told = person.socket.until(|message| match message {
        ServerMessage::SpeakersOnlyChanged { speakers_only } if *speakers_only == wanted => {
            Some(())
        }
        _ => None,
    });
    told.await;
}

async fn is_refused(person: &mut Person) {
    let refused = person.socket.until(|message| match message {
        ServerMessage::SpeakersOnlyChanged { .. } => panic!("it was done"),
        ServerMessage::Error { code } => Some(*code),
        _ => None,
    });
    assert_eq!(refused.await, ErrorCode::NotPermitted);
}

async fn room_as_joined(mut socket: Socket) -> RoomInfo {
    let joined = socket.until(|message| match message {
        ServerMessage::Joined { room, .. } => Some(room.clone()),
        _ => None,
    });
    joined.await
}

#[tokio::test]
async fn speakers_only_of_a_moderator_is_told_to_all_and_to_who_comes_later() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    teacher.socket.say(&ON).await;
    let speaker = teacher.id.clone();
    is_told(&mut anna, true, Some(&speaker)).await;
    is_told(&mut teacher, true, Some(&speaker)).await;

    let later = Socket::join(&guest(&server).await, Join::new(&room, "Ben")).await;
    let told = room_as_joined(later).await.speakers_only;
    assert!(told.on);
    assert_eq!(told.speaker.as_ref(), Some(&speaker));

    teacher.socket.say(&OFF).await;
    is_told(&mut anna, false, None).await;
}

#[tokio::test]
async fn speakers_only_of_a_pupil_is_refused_and_changes_nothing() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    anna.socket.say(&ON).await;
    is_refused(&mut anna).await;
    teacher.socket.say(&ON).await;
    let speaker = teacher.id.clone();
    is_told(&mut anna, true, Some(&speaker)).await;
    // Nor does a pupil end it, or give themselves the picture.
    let floor = ClientMessage::SetFloor {
        participant: Some(anna.id.clone()),
    };
    for message in [OFF, floor] {
        anna.socket.say(&message).await;
        is_refused(&mut anna).await;
    }
    let later = Socket::join(&guest(&server).await, Join::new(&room, "Ben")).await;
    let told = room_as_joined(later).await.speakers_only;
    assert_eq!((told.on, told.speaker), (true, Some(speaker)));
}

#[tokio::test]
async fn camera_that_waits_stays_on_in_the_roster_and_the_floor_gives_it_the_picture() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    let mut anna = enter(&guest(&server).await, Join::new(&room, "Anna")).await;
    teacher.socket.say(&ON).await;
    let speaker = teacher.id.clone();
    is_told(&mut anna, true, Some(&speaker)).await;
    let camera = ClientMessage::SetSource {
        source: Source::Camera,
        on: true,
    };
    anna.socket.say(&camera).await;
    let id = anna.id.clone();
    let has_camera =
        |entry: &kmz_meet_core::signal::Participant| entry.sources.contains(&Source::Camera);
    teacher.socket.sees(&id, has_camera).await;
    let floor = ClientMessage::SetFloor {
        participant: Some(id.clone()),
    };
    teacher.socket.say(&floor).await;
    is_told(&mut anna, true, Some(&id)).await;
}

#[tokio::test]
async fn speakers_only_message_with_more_than_its_field_is_refused() {
    let (_server, _, _, mut teacher) = lesson(json!({})).await;
    for text in [
        r#"{"type":"set_speakers_only"}"#,
        r#"{"type":"set_speakers_only","on":1}"#,
        r#"{"type":"set_speakers_only","on":true,"speaker":"me"}"#,
    ] {
        teacher.socket.0.send_text(text).await;
        let refused = teacher.socket.until(|message| match message {
            ServerMessage::SpeakersOnlyChanged { .. } => panic!("{text} was done"),
            ServerMessage::Error { code } => Some(*code),
            _ => None,
        });
        assert_eq!(refused.await, ErrorCode::BadMessage, "{text}");
    }
}
