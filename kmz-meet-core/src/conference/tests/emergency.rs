//! The emergency stop with real media, counted at a receiver: clients that go on sending reach nobody any more.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::speakers_only::{connect, pictures, sender};
use super::*;
use crate::sfu::testing::Peer;
use crate::signal::Tile;

const ANNA: usize = 300;
const BEN: usize = 400;

/// Pictures by their length, and how many voices came.
async fn received(peer: Peer, time: Duration) -> (Peer, HashMap<usize, usize>, usize) {
    let counted = tokio::task::spawn_blocking(move || {
        let (mut peer, mut lengths, mut voices) = (peer, HashMap::new(), 0);
        let end = Instant::now() + time;
        while Instant::now() < end {
            let Some(packet) = peer.receive(Duration::from_millis(20)) else {
                continue;
            };
            if peer.audio.contains(&packet.header.ssrc) {
                voices += 1;
            } else {
                *lengths.entry(packet.payload.len()).or_default() += 1;
            }
        }
        (peer, lengths, voices)
    });
    counted.await.expect("counted")
}

async fn until_length(mut peer: Peer, length: usize) -> Peer {
    for _ in 0..40 {
        let counts;
        (peer, counts) = pictures(peer, Duration::from_millis(250)).await;
        if counts.contains_key(&length) {
            return peer;
        }
    }
    panic!("never {length}")
}

fn is_stopped(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::RoomChanged { room } if room.safety.emergency_stop.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_class_reaches_no_receiver_until_it_is_released() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut cem = join(&conference, "Cem", guest()).await;
    let viewer = connect(&conference, &mut cem).await;
    let anna = sender(&conference, "Anna", ANNA).await;
    let ben = sender(&conference, "Ben", BEN).await;
    for one in [&anna, &ben] {
        one.speaks.store(true, Ordering::Relaxed);
    }
    let tiles = ["Anna", "Ben"].map(|name| Tile {
        participant: ParticipantId(name.to_owned()),
        height: 180,
    });
    let view = ClientMessage::View {
        tiles: tiles.into(),
        pinned: None,
    };
    conference.say(cem.connection, view).await;
    let viewer = until_length(viewer, ANNA).await;
    let viewer = until_length(viewer, BEN).await;

    conference
        .say(maier.connection, ClientMessage::LockAll)
        .await;
    maier.until(is_stopped).await;
    cem.until(is_stopped).await;
    // What was on the way when the stop was told.
    let (viewer, _, _) = received(viewer, Duration::from_millis(200)).await;
    // Whatever they say, and however much they send.
    for source in [Source::Camera, Source::Microphone, Source::Screen] {
        for one in [&anna, &ben] {
            let on = ClientMessage::SetSource { source, on: true };
            conference.say(one.connection(), on).await;
        }
    }
    let (viewer, lengths, voices) = received(viewer, Duration::from_secs(1)).await;
    assert_eq!((lengths, voices), (HashMap::new(), 0));

    // One of them is released, and turns the camera on again.
    let target = Target::These(vec![ParticipantId("Anna".to_owned())]);
    let release = ClientMessage::Release { target };
    conference.say(maier.connection, release).await;
    let on = |source| ClientMessage::SetSource { source, on: true };
    for one in [&anna, &ben] {
        conference.say(one.connection(), on(Source::Camera)).await;
    }
    let viewer = until_length(viewer, ANNA).await;
    let (viewer, lengths, _) = received(viewer, Duration::from_millis(500)).await;
    assert!(!lengths.contains_key(&BEN), "{lengths:?}");

    let all = ClientMessage::Release {
        target: Target::All,
    };
    conference.say(maier.connection, all).await;
    conference.say(ben.connection(), on(Source::Camera)).await;
    until_length(viewer, BEN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_person_who_comes_back_gets_no_chat_until_released() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let anna = join(&conference, "Anna", guest()).await;
    let text = "vorher".to_owned();
    let said = ClientMessage::SendChat { text };
    conference.say(anna.connection, said).await;
    conference
        .say(maier.connection, ClientMessage::LockAll)
        .await;
    conference.gone(anna.connection).await;
    let seat = Identity::Seat {
        participant: ParticipantId("Anna".to_owned()),
        owner: SeatOwner::Bearer,
    };
    let mut anna = join(&conference, "Anna", seat).await;
    let Some(ServerMessage::Joined { chat, room, .. }) = anna.next().await else {
        panic!("joined first")
    };
    assert_eq!(chat, []);
    assert!(room.safety.emergency_stop.is_some());
    let all = ClientMessage::Release {
        target: Target::All,
    };
    conference.say(maier.connection, all).await;
    let shown = anna.until(|message| matches!(message, ServerMessage::ChatShown { .. }));
    let ServerMessage::ChatShown { messages } = shown.await else {
        panic!("shown")
    };
    assert_eq!(messages[0].text, "vorher");
}
