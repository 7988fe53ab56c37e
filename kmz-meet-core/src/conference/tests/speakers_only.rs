//! 'Speakers only' with real media: who speaks decides who is seen, at the server.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;
use crate::sfu::testing::{OPUS, Peer, Sent, VP8, vp8};
use crate::signal::{QualityLevel, SpeakersOnly, Tile};

/// A browser that sends pictures all the time, whatever it is told, and a voice while it is asked to.
pub(super) struct Sender {
    client: Client,
    pub(super) speaks: Arc<AtomicBool>,
    /// A third of the packets is lost on the way.
    loses: Arc<AtomicBool>,
    stops: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Sender {
    pub(super) fn connection(&self) -> ConnectionId {
        self.client.connection
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has said why.
            let _ = thread.join();
        }
    }
}

pub(super) async fn connect(conference: &ConferenceHandle, client: &mut Client) -> Peer {
    let offering = Offering::new(4);
    let offer = ClientMessage::Offer {
        sdp: offering.sdp.clone(),
        sections: offering.sections.clone(),
    };
    conference.say(client.connection, offer).await;
    let answer = client
        .until(|message| matches!(message, ServerMessage::Answer { .. }))
        .await;
    let ServerMessage::Answer { sdp } = answer else {
        panic!("an answer")
    };
    let connected = tokio::task::spawn_blocking(move || offering.connect(&sdp)).await;
    connected.expect("connected")
}

/// Sends pictures of this length, by which they are told apart.
pub(super) async fn sender(conference: &ConferenceHandle, name: &str, length: usize) -> Sender {
    let mut client = join(conference, name, guest()).await;
    let mut peer = connect(conference, &mut client).await;
    for source in [Source::Camera, Source::Microphone] {
        let on = ClientMessage::SetSource { source, on: true };
        conference.say(client.connection, on).await;
    }
    let speaks = Arc::new(AtomicBool::new(false));
    let loses = Arc::new(AtomicBool::new(false));
    let stops = Arc::new(AtomicBool::new(false));
    let (is_asked, is_lossy, is_over) = (speaks.clone(), loses.clone(), stops.clone());
    let thread = std::thread::spawn(move || {
        for number in 1u16.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let payload = vp8(number, true, length);
            let picture = Sent {
                ssrc: 7,
                payload_type: VP8,
                sequence: number,
                timestamp: u32::from(number) * 1_800,
                marker: true,
                mid: "1",
                rid: Some("q"),
                level: None,
                payload: &payload,
            };
            if !(is_lossy.load(Ordering::Relaxed) && number % 3 == 0) {
                peer.send(&picture);
            }
            let voice = Sent {
                ssrc: 8,
                payload_type: OPUS,
                timestamp: u32::from(number) * 960,
                marker: false,
                mid: "0",
                rid: None,
                level: Some(20),
                payload: b"hello",
                ..picture
            };
            if is_asked.load(Ordering::Relaxed) {
                peer.send(&voice);
            }
            peer.answer_all();
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    Sender {
        client,
        speaks,
        loses,
        stops,
        thread: Some(thread),
    }
}

/// How many pictures of each length come within this time.
pub(super) async fn pictures(peer: Peer, time: Duration) -> (Peer, HashMap<usize, usize>) {
    let counted = tokio::task::spawn_blocking(move || {
        let mut peer = peer;
        let mut counts = HashMap::new();
        let end = Instant::now() + time;
        while Instant::now() < end {
            if let Some(packet) = peer.receive(Duration::from_millis(20))
                && peer.video.contains(&packet.header.ssrc)
            {
                *counts.entry(packet.payload.len()).or_default() += 1;
            }
        }
        (peer, counts)
    });
    counted.await.expect("counted")
}

/// Waits until these pictures come, and no others any more.
async fn until_only(mut peer: Peer, wanted: &[usize]) -> Peer {
    for _ in 0..40 {
        let counts;
        (peer, counts) = pictures(peer, Duration::from_millis(250)).await;
        let mut lengths: Vec<usize> = counts.into_keys().collect();
        lengths.sort_unstable();
        if lengths == wanted {
            return peer;
        }
    }
    panic!("never only {wanted:?}")
}

async fn told(client: &mut Client, wanted: &SpeakersOnly) {
    let is_wanted = |message: &ServerMessage| matches!(message, ServerMessage::SpeakersOnlyChanged { speakers_only } if speakers_only == wanted);
    client.until(is_wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_all_but_the_speaker_are_not_forwarded() {
    const ANNA: usize = 300;
    const BEN: usize = 400;
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let viewer = connect(&conference, &mut maier).await;
    let anna = sender(&conference, "Anna", ANNA).await;
    let mut ben = sender(&conference, "Ben", BEN).await;
    let tiles = ["Anna", "Ben"].map(|name| Tile {
        participant: ParticipantId(name.to_owned()),
        height: 180,
    });
    let view = ClientMessage::View {
        tiles: tiles.into(),
        pinned: None,
    };
    conference.say(maier.connection, view).await;
    let viewer = until_only(viewer, &[ANNA, BEN]).await;

    // A pupil cannot turn it on.
    let set = |on| ClientMessage::SetSpeakersOnly { on };
    conference.say(ben.client.connection, set(true)).await;
    let refused = ServerMessage::Error {
        code: ErrorCode::NotPermitted,
    };
    ben.client.until(|message| *message == refused).await;

    conference.say(maier.connection, set(true)).await;
    let speaker = |name: Option<&str>| SpeakersOnly {
        on: true,
        speaker: name.map(|name| ParticipantId(name.to_owned())),
    };
    told(&mut ben.client, &speaker(Some("Frau Maier"))).await;
    let viewer = until_only(viewer, &[]).await;

    // Who comes later knows of it.
    let mut cem = join(&conference, "Cem", guest()).await;
    let Some(ServerMessage::Joined { room, .. }) = cem.next().await else {
        panic!("joined first")
    };
    assert!(room.speakers_only.on);

    anna.speaks.store(true, Ordering::Relaxed);
    told(&mut ben.client, &speaker(Some("Anna"))).await;
    let viewer = until_only(viewer, &[ANNA]).await;

    // Whatever Ben says, and however much he sends: not his picture.
    for message in [
        set(false),
        ClientMessage::SetSource {
            source: Source::Camera,
            on: false,
        },
        ClientMessage::SetSource {
            source: Source::Camera,
            on: true,
        },
        ClientMessage::SetFloor {
            participant: Some(ParticipantId("Ben".to_owned())),
        },
        ClientMessage::SetSource {
            source: Source::Screen,
            on: true,
        },
    ] {
        conference.say(ben.client.connection, message).await;
    }
    let (viewer, counts) = pictures(viewer, Duration::from_secs(1)).await;
    assert_eq!(counts.get(&BEN), None, "{counts:?}");
    assert!(counts.contains_key(&ANNA), "{counts:?}");

    conference.say(maier.connection, set(false)).await;
    until_only(viewer, &[ANNA, BEN]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_the_turn_of_the_speaker() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let anna = sender(&conference, "Anna", 300).await;
    anna.speaks.store(true, Ordering::Relaxed);
    let speaks = |message: &ServerMessage| matches!(message, ServerMessage::Speaking { participants } if !participants.is_empty());
    maier.until(speaks).await;
    let on = ClientMessage::SetSpeakersOnly { on: true };
    conference.say(maier.connection, on).await;
    let speaker = |name: Option<&str>| SpeakersOnly {
        on: true,
        speaker: name.map(|name| ParticipantId(name.to_owned())),
    };
    told(&mut maier, &speaker(Some("Anna"))).await;
    anna.speaks.store(false, Ordering::Relaxed);
    let silent = |message: &ServerMessage| matches!(message, ServerMessage::Speaking { participants } if participants.is_empty());
    maier.until(silent).await;
    // Ten seconds: longer than one message may take here.
    tokio::time::sleep(Duration::from_secs(7)).await;
    told(&mut maier, &speaker(None)).await;
}

/// Whether the answer to a ping is still to come; of the mode and its proposal a pupil must not have heard by then.
fn heard_nothing_of_it(message: Option<ServerMessage>) -> bool {
    match message {
        Some(ServerMessage::SpeakersOnlyProposed { .. }) => panic!("proposed to a pupil"),
        Some(ServerMessage::SpeakersOnlyChanged { .. }) => panic!("turned on by itself"),
        Some(ServerMessage::Pong) => false,
        Some(_) => true,
        None => panic!("disconnected"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_of_several_lead_to_a_proposal_to_moderators_alone() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut anna = sender(&conference, "Anna", 300).await;
    let ben = sender(&conference, "Ben", 300).await;
    for pupil in [&anna, &ben] {
        pupil.loses.store(true, Ordering::Relaxed);
    }
    for _ in 0..2 {
        let is_poor = |message: &ServerMessage| {
            let level = QualityLevel::Poor;
            matches!(message, ServerMessage::Quality { level: told, .. } if *told == level)
        };
        maier.until(is_poor).await;
    }
    // Ten seconds: longer than one message may take here. Who reads nothing meanwhile would be disconnected.
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        conference
            .say(anna.client.connection, ClientMessage::Ping)
            .await;
        while heard_nothing_of_it(anna.client.next().await) {}
    }
    let proposal = |message: &ServerMessage| matches!(message, ServerMessage::SpeakersOnlyProposed { lines: Some(lines) } if lines.poor == 2);
    maier.until(proposal).await;
    let no = ClientMessage::SetSpeakersOnly { on: false };
    conference.say(maier.connection, no).await;
    let over = ServerMessage::SpeakersOnlyProposed { lines: None };
    maier.until(|message| *message == over).await;

    conference
        .say(anna.client.connection, ClientMessage::Ping)
        .await;
    while heard_nothing_of_it(anna.client.next().await) {}
}
