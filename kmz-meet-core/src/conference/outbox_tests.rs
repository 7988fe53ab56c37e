//! What waits, in which order, and who is cut off.

use super::*;
use crate::room::{Room, Setup};
use crate::signal::{ChatMessage, ConferenceId, LeaveReason, Participant, QualityLevel, Role};
use crate::timestamp::Timestamp;

fn id(name: &str) -> ParticipantId {
    ParticipantId(name.into())
}

fn person(name: &str, hand: Option<u32>) -> Participant {
    Participant {
        id: id(name),
        name: name.into(),
        role: Role::Participant,
        verified: false,
        listed: false,
        marked: false,
        typed_name: false,
        renamed: false,
        sources: Vec::new(),
        grants: Vec::new(),
        hand,
        connected: true,
        came_at: None,
        number: 0,
    }
}

fn came(name: &str) -> ServerMessage {
    ServerMessage::ParticipantJoined {
        participant: person(name, None),
    }
}

fn changed(name: &str, hand: u32) -> ServerMessage {
    ServerMessage::ParticipantChanged {
        participant: person(name, Some(hand)),
    }
}

fn went(name: &str) -> ServerMessage {
    ServerMessage::ParticipantLeft {
        participant: id(name),
        reason: LeaveReason::Left,
    }
}

fn hands(names: &[&str]) -> ServerMessage {
    ServerMessage::HandsChanged {
        hands: names.iter().map(|name| id(name)).collect(),
    }
}

fn quality(name: &str, level: QualityLevel) -> ServerMessage {
    ServerMessage::Quality {
        participant: id(name),
        level,
    }
}

fn speaking(names: &[&str]) -> ServerMessage {
    ServerMessage::Speaking {
        participants: names.iter().map(|name| id(name)).collect(),
    }
}

fn chat(length: usize) -> ServerMessage {
    ServerMessage::Chat {
        message: ChatMessage {
            id: 1,
            from: id("anna"),
            name: "Anna".into(),
            role: Role::Participant,
            verified: false,
            listed: false,
            typed_name: false,
            text: "x".repeat(length),
            deleted: false,
            at: Timestamp::default(),
        },
    }
}

/// What a client reads that gets these messages all at once.
async fn read(messages: &[ServerMessage]) -> Vec<ServerMessage> {
    let (outbox, mut reader) = outbox();
    for message in messages {
        outbox.send(message).expect("room");
    }
    drop(outbox);
    let mut read = Vec::new();
    while let Some(message) = reader.next().await {
        read.push(serde_json::from_str(message.text()).expect("a message"));
    }
    read
}

/// Twenty-five people who raise and lower their hands, each change told for all of them.
#[tokio::test]
async fn outbox_of_a_slow_reader_keeps_the_newest_entry_of_each_person() {
    let (outbox, mut reader) = outbox();
    for round in 1..=1_000 {
        for number in 0..25 {
            let message = changed(&format!("guest {number}"), round);
            assert_eq!(outbox.send(&message), Ok(()), "round {round}");
        }
        assert_eq!(outbox.send(&hands(&["guest 1"])), Ok(()));
    }
    drop(outbox);
    let mut read = Vec::new();
    while let Some(message) = reader.next().await {
        read.push(serde_json::from_str::<ServerMessage>(message.text()).expect("a message"));
    }
    assert_eq!(read.len(), 26);
    assert!(read.contains(&changed("guest 24", 1_000)));
}

#[tokio::test]
async fn outbox_with_newer_states_replaces_them_and_keeps_chat() {
    let messages = [
        speaking(&["anna"]),
        quality("anna", QualityLevel::Poor),
        quality("ben", QualityLevel::Poor),
        chat(3),
        ServerMessage::Pong,
        ServerMessage::Pong,
        chat(3),
        speaking(&["ben"]),
        quality("anna", QualityLevel::Good),
    ];
    let expected = [
        speaking(&["ben"]),
        quality("anna", QualityLevel::Good),
        quality("ben", QualityLevel::Poor),
        chat(3),
        ServerMessage::Pong,
        ServerMessage::Pong,
        chat(3),
    ];
    assert_eq!(read(&messages).await, expected);
}

#[tokio::test]
async fn outbox_with_a_leave_and_a_join_keeps_a_change_behind_them() {
    let messages = [changed("anna", 1), went("anna"), came("anna")];
    let mut all = messages.to_vec();
    all.push(changed("anna", 2));
    let expected = [went("anna"), came("anna"), changed("anna", 2)];
    assert_eq!(read(&all).await, expected);
}

#[tokio::test]
async fn outbox_with_a_join_names_the_person_only_after_it() {
    let messages = [
        speaking(&["anna"]),
        hands(&["anna"]),
        came("ben"),
        speaking(&["ben"]),
        hands(&["anna", "ben"]),
    ];
    let expected = [came("ben"), speaking(&["ben"]), hands(&["anna", "ben"])];
    assert_eq!(read(&messages).await, expected);
}

/// An entry says the place of its hand, and the queue says it for everyone: the later one holds.
#[tokio::test]
async fn outbox_with_hands_and_entries_keeps_their_order() {
    let messages = [
        changed("anna", 1),
        hands(&["anna"]),
        changed("anna", 2),
        hands(&["ben", "anna"]),
        changed("anna", 3),
    ];
    let expected = [hands(&["ben", "anna"]), changed("anna", 3)];
    assert_eq!(read(&messages).await, expected);
}

#[tokio::test]
async fn outbox_with_an_unread_join_and_a_leave_drops_both() {
    let messages = [
        came("anna"),
        chat(1),
        changed("anna", 1),
        quality("anna", QualityLevel::Poor),
        went("ben"),
        went("anna"),
    ];
    assert_eq!(read(&messages).await, [chat(1), went("ben")]);
    let back = [went("anna"), came("anna"), went("anna")];
    assert_eq!(read(&back).await, [went("anna")], "of earlier it was known");
}

#[tokio::test]
async fn outbox_of_a_reader_that_never_reads_overflows_at_its_bound() {
    let (outbox, mut reader) = outbox();
    let mut taken = 0;
    while outbox.send(&chat(2_000)).is_ok() {
        taken += 1;
        assert!(taken * 2_000 <= MAX_WAITING_BYTES);
    }
    let mut pongs = 0;
    while outbox.send(&ServerMessage::Pong).is_ok() {
        pongs += 1;
        assert!(pongs < 100, "what is small has its cost too");
    }
    drop(outbox);
    let mut read = 0;
    while reader.next().await.is_some() {
        read += 1;
    }
    assert_eq!(read, taken + pongs, "what was taken is sent before the end");
}

#[tokio::test]
async fn outbox_without_progress_for_the_limit_is_stuck_until_something_is_read() {
    let (outbox, mut reader) = outbox();
    let stuck_in = |wait: Duration| outbox.0.0.lock().is_stuck(Instant::now() + wait);
    assert!(!stuck_in(MAX_TIME_WITHOUT_PROGRESS * 4), "nothing waits");
    for _ in 0..5 {
        outbox.send(&chat(10)).expect("room");
    }
    assert!(!stuck_in(MAX_TIME_WITHOUT_PROGRESS / 2));
    assert!(stuck_in(MAX_TIME_WITHOUT_PROGRESS));
    // It was silent for long, and then took one of the five.
    let long_ago = Instant::now()
        .checked_sub(MAX_TIME_WITHOUT_PROGRESS)
        .expect("the machine runs for longer");
    outbox.0.0.lock().progress = long_ago;
    assert!(outbox.is_stuck());
    reader.next().await.expect("a message");
    assert!(!outbox.is_stuck(), "slow, but reading");
    assert!(stuck_in(MAX_TIME_WITHOUT_PROGRESS));
}

#[tokio::test]
async fn outgoing_message_has_the_kind_of_its_type_whatever_its_text_says() {
    let (outbox, mut reader) = outbox();
    let joined = ServerMessage::Joined {
        conference: ConferenceId("c".into()),
        you: id("anna"),
        seat: String::new(),
        room: Room::new(
            Setup::new(ConferenceId("c".into()), "r"),
            Timestamp::default(),
        )
        .info(),
        participants: Vec::new(),
        chat: Vec::new(),
        media_kept: false,
        relay: None,
    };
    let reason = RefusalReason::Ended;
    // A message that only speaks of joining is no such one.
    let said = ServerMessage::ReturnUrl {
        url: r#"{"type":"joined","#.into(),
    };
    for message in [&said, &joined, &ServerMessage::Refused { reason }, &chat(1)] {
        outbox.send(message).expect("room");
    }
    drop(outbox);
    let mut kinds = Vec::new();
    while let Some(message) = reader.next().await {
        kinds.push(message.kind());
    }
    let (other, refused) = (OutgoingKind::Other, OutgoingKind::Refused(reason));
    assert_eq!(kinds, [other, OutgoingKind::Joined, refused, other]);
}

#[tokio::test]
async fn outbox_reader_that_waits_is_woken_by_a_message_and_by_the_end() {
    let (outbox, mut reader) = outbox();
    let reading = tokio::spawn(async move {
        let first = reader.next().await;
        (first, reader.next().await)
    });
    tokio::task::yield_now().await;
    outbox.send(&ServerMessage::Pong).expect("room");
    tokio::task::yield_now().await;
    drop(outbox);
    let (first, then) = reading.await.expect("no panic");
    assert!(first.is_some() && then.is_none());
}
