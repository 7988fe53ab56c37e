//! The media plane over real sockets, seen from peers.

mod addresses;
mod coming;
mod hostile;
mod lines;
mod ports;
mod relay;
mod threads;
mod traffic;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::api::Fault;
use super::testing::{OPUS, Offering, Peer, RTX, Received, Sent, VP8, vp8};
use super::{Command, Media, MediaConfig, MediaEvent, Permit, TrafficLimit};
use crate::signal::{ConferenceId, ParticipantId, Tile};

const ALL: Permit = Permit {
    microphone: true,
    camera: true,
    screen: true,
    first: false,
};
const SOON: Duration = Duration::from_millis(400);

/// A media plane that is reached over loopback.
fn local() -> MediaConfig {
    MediaConfig {
        port: 0,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        packets_per_second: 0,
        threads: NonZeroUsize::new(2),
        ..MediaConfig::default()
    }
}

struct Scene {
    media: Media,
    conference: ConferenceId,
    sender: UnboundedSender<MediaEvent>,
    events: UnboundedReceiver<MediaEvent>,
    runtime: tokio::runtime::Runtime,
}

fn id(name: &str) -> ParticipantId {
    ParticipantId(name.to_owned())
}

impl Scene {
    fn new() -> Self {
        Self::with_limit(0)
    }

    fn with_limit(packets_per_second: u32) -> Self {
        Self::with(MediaConfig {
            packets_per_second,
            ..local()
        })
    }

    fn with(config: MediaConfig) -> Self {
        Self::of(Media::start(config).expect("media"))
    }

    fn of(media: Media) -> Self {
        let (sender, events) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        Self {
            media,
            conference: ConferenceId("c".into()),
            sender,
            events,
            runtime,
        }
    }

    /// The next step of this kind for this person panics.
    fn fault(&self, name: &str, at: Fault) {
        let participant = id(name);
        let command = Command::Fault { participant, at };
        self.media.send_for(&id(name), command);
    }

    fn join(&self, name: &str, permit: Permit) -> Peer {
        self.media
            .add(&self.conference, &id(name), self.sender.clone());
        self.media.permit(&id(name), permit);
        self.offer(name)
    }

    fn offer(&self, name: &str) -> Peer {
        self.connect(name, Offering::new(9))
    }

    fn connect(&self, name: &str, offering: Offering) -> Peer {
        let answer = self
            .runtime
            .block_on(
                self.media
                    .offer(&id(name), &offering.sdp, &offering.sections),
            )
            .expect("an answer");
        offering.connect(&answer)
    }

    fn watch(&self, viewer: &str, shown: &[&str], height: u32) {
        let tiles = shown
            .iter()
            .map(|name| Tile {
                participant: id(name),
                height,
            })
            .collect();
        self.media.view(&id(viewer), tiles, None);
    }

    /// Waits until the media threads have carried out everything that was said to them.
    fn settle(&self) {
        self.media.settle();
    }

    /// Waits for this event; gives all that came up to it.
    fn until(&mut self, wanted: &MediaEvent) -> Vec<MediaEvent> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut events = Vec::new();
        while !events.contains(wanted) {
            assert!(Instant::now() < deadline, "{wanted:?} never came");
            std::thread::sleep(Duration::from_millis(5));
            events.extend(self.seen());
        }
        events
    }

    fn seen(&mut self) -> Vec<MediaEvent> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}

/// A camera that sends one packet a picture, a key frame when asked to.
struct Camera {
    ssrc: u32,
    rid: &'static str,
    sequence: u16,
    picture: u16,
}

impl Camera {
    fn new(ssrc: u32, rid: &'static str) -> Self {
        Self {
            ssrc,
            rid,
            sequence: 100,
            picture: 1,
        }
    }

    fn shoot(&mut self, peer: &mut Peer, key: bool) {
        self.take(peer, key, false, 300);
    }

    /// A picture of so many bytes; `droppable`: no other one needs it.
    fn take(&mut self, peer: &mut Peer, key: bool, droppable: bool, bytes: usize) {
        let mut payload = vp8(self.picture, key, bytes);
        payload[0] |= if droppable { 0x20 } else { 0 };
        peer.send(&Sent {
            ssrc: self.ssrc,
            payload_type: VP8,
            sequence: self.sequence,
            timestamp: u32::from(self.picture) * 3_000,
            marker: true,
            mid: "1",
            rid: Some(self.rid),
            level: None,
            payload: &payload,
        });
        self.sequence += 1;
        self.picture += 1;
    }
}

fn speak(peer: &mut Peer, sequence: u16, payload: &[u8]) {
    peer.send(&Sent {
        ssrc: 50,
        payload_type: OPUS,
        sequence,
        timestamp: u32::from(sequence) * 960,
        marker: false,
        mid: "0",
        rid: None,
        level: Some(20),
        payload,
    });
}

fn all(peer: &mut Peer, wait: Duration) -> Vec<Received> {
    let mut packets = Vec::new();
    while let Some(packet) = peer.receive(wait) {
        packets.push(packet);
    }
    packets
}

#[test]
fn viewer_receives_picture_and_voice_of_another() {
    let mut scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    speak(&mut anna, 1, b"hello");
    let packets = all(&mut ben, SOON);
    let picture = packets
        .iter()
        .find(|packet| packet.header.ssrc == ben.video[0])
        .expect("a picture");
    assert_eq!(picture.payload.len(), 300);
    let voice = packets
        .iter()
        .find(|packet| packet.header.ssrc == ben.audio[0])
        .expect("a voice");
    assert_eq!(voice.payload, b"hello");
    let events = scene.seen();
    for name in ["anna", "ben"] {
        assert!(events.contains(&MediaEvent::Connected {
            participant: id(name)
        }));
    }
    assert!(events.iter().any(|event| matches!(event,
        MediaEvent::Slots { participant, video, .. } if *participant == id("ben") && video[0] == Some(id("anna")))));
    assert!(
        anna.receive(Duration::from_millis(100)).is_none(),
        "nobody hears themselves"
    );
}

/// Invariant 6: from the next packet on, not "soon".
#[test]
fn media_without_a_permit_are_not_forwarded() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", Permit::default());
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    speak(&mut anna, 1, b"hello");
    assert!(ben.receive(SOON).is_none(), "nothing before the permission");

    scene.media.permit(&id("anna"), ALL);
    scene.settle();
    camera.shoot(&mut anna, true);
    speak(&mut anna, 2, b"hello");
    let before = all(&mut ben, SOON);
    assert_eq!(before.len(), 2);

    scene.media.permit(&id("anna"), Permit::default());
    scene.settle();
    for sequence in 3..20 {
        camera.shoot(&mut anna, true);
        speak(&mut anna, sequence, b"hello");
    }
    assert!(ben.receive(SOON).is_none(), "nothing after it was taken");
    // … and nothing of it is sent again on request either.
    let picture = before
        .iter()
        .find(|packet| packet.header.ssrc == ben.video[0])
        .expect("a picture");
    ben.send_rtcp(&TransportLayerNack {
        sender_ssrc: 1,
        media_ssrc: ben.video[0],
        nacks: nack_pairs_from_sequence_numbers(&[picture.header.sequence]),
    });
    assert!(ben.receive(SOON).is_none());
}

#[test]
fn nack_of_a_viewer_brings_the_packet_by_rtx() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    let first = ben.receive(SOON).expect("a picture");
    ben.send_rtcp(&TransportLayerNack {
        sender_ssrc: 1,
        media_ssrc: ben.video[0],
        nacks: nack_pairs_from_sequence_numbers(&[first.header.sequence]),
    });
    let again = ben.receive(SOON).expect("the picture again");
    assert_eq!(again.header.payload_type, RTX);
    assert_eq!(again.payload[..2], first.header.sequence.to_be_bytes());
    assert_eq!(again.payload[2..], first.payload);
    assert_eq!(again.header.timestamp, first.header.timestamp);
}

#[test]
fn gap_of_a_sender_is_answered_by_a_nack() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    camera.sequence += 1;
    camera.shoot(&mut anna, false);
    let asked = anna.receive_rtcp(SOON).iter().any(|packet| {
        packet
            .as_any()
            .downcast_ref::<TransportLayerNack>()
            .is_some_and(|nack| {
                nack.media_ssrc == 7 && nack.nacks.iter().any(|pair| pair.packet_list() == [101])
            })
    });
    assert!(asked);
}

#[test]
fn viewer_of_a_larger_tile_gets_the_larger_encoding() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let mut layers = [
        Camera::new(7, "q"),
        Camera::new(8, "h"),
        Camera::new(9, "f"),
    ];
    scene.watch("ben", &["anna"], 180);
    for layer in &mut layers {
        layer.shoot(&mut anna, true);
    }
    all(&mut ben, Duration::from_millis(50));
    scene.watch("ben", &["anna"], 720);
    scene.settle();
    for layer in &mut layers {
        layer.shoot(&mut anna, false);
    }
    // Only the small one is there until the large one has a key frame.
    assert_eq!(all(&mut ben, Duration::from_millis(50)).len(), 1);
    layers[2].picture = 500;
    for layer in &mut layers {
        layer.shoot(&mut anna, true);
    }
    let after = all(&mut ben, Duration::from_millis(50));
    let numbers: HashSet<u16> = after.iter().map(|packet| packet.header.sequence).collect();
    assert_eq!(numbers.len(), after.len());
    layers[2].shoot(&mut anna, false);
    let large = ben.receive(SOON).expect("the large layer");
    assert_eq!(
        large.payload[6], 1,
        "a delta frame of the large layer follows"
    );
}

#[test]
fn key_frame_requests_without_end_reach_the_sender_twice_a_second_at_most() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    ben.receive(SOON).expect("a picture");
    anna.receive_rtcp(Duration::from_millis(700));
    let started = Instant::now();
    for _ in 0..1_000 {
        ben.send_rtcp(&PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc: ben.video[0],
        });
    }
    let asked = anna
        .receive_rtcp(Duration::from_secs(1))
        .iter()
        .filter(|packet| packet.as_any().is::<PictureLossIndication>())
        .count();
    assert!(asked >= 1);
    assert!(
        asked <= 1 + (started.elapsed().as_millis() / 500) as usize,
        "{asked}"
    );
}

#[test]
fn datagram_of_a_stranger_gets_no_answer() {
    let scene = Scene::new();
    let anna = scene.join("anna", ALL);
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    stranger.set_read_timeout(Some(SOON)).expect("a timeout");
    let provider = rtc_crypto::default_provider().expect("a provider");
    let guessed = super::testing::binding_request("guess", "guessguessguessguess", &provider);
    for datagram in [
        &guessed[..],
        &[22; 100],
        &[0x80; 100],
        &[0x80, 200, 0, 0],
        b"\x00",
    ] {
        stranger.send_to(datagram, anna.server()).expect("sent");
    }
    assert!(stranger.recv_from(&mut [0; 100]).is_err());
}

#[test]
fn ssrc_of_someone_else_changes_nothing_for_them() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut mallory = scene.join("mallory", Permit::default());
    let mut ben = scene.join("ben", ALL);
    speak(&mut anna, 1, b"anna");
    assert_eq!(ben.receive(SOON).expect("heard").payload, b"anna");
    speak(&mut mallory, 2, b"mallory");
    speak(&mut anna, 2, b"anna");
    assert_eq!(
        all(&mut ben, SOON)
            .iter()
            .map(|packet| &packet.payload[..])
            .collect::<Vec<_>>(),
        [b"anna"]
    );
}

/// One panic costs one participant.
#[test]
fn panic_while_receiving_costs_the_sender_alone() {
    let mut scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let mut carla = scene.join("carla", ALL);
    speak(&mut anna, 1, b"one");
    assert!(ben.receive(SOON).is_some() && carla.receive(SOON).is_some());
    scene.seen();
    scene.fault("carla", Fault::Receive);
    scene.settle();
    speak(&mut carla, 1, b"boom");
    let lost = MediaEvent::Disconnected {
        participant: id("carla"),
    };
    let mut events = scene.until(&lost);
    events.extend(scene.seen());
    events.retain(|event| matches!(event, MediaEvent::Disconnected { .. }));
    assert_eq!(events, [lost], "and nobody else");
    all(&mut ben, Duration::from_millis(50));
    speak(&mut anna, 2, b"two");
    assert_eq!(ben.receive(SOON).expect("the others go on").payload, b"two");
    let mut carla = scene.offer("carla");
    speak(&mut anna, 3, b"three");
    assert_eq!(
        carla.receive(SOON).expect("and she can come back").payload,
        b"three"
    );
}

/// Sending is a step like any other.
#[test]
fn panic_while_flushing_costs_the_viewer() {
    let mut scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let mut carla = scene.join("carla", ALL);
    speak(&mut anna, 1, b"one");
    assert!(ben.receive(SOON).is_some() && carla.receive(SOON).is_some());
    scene.seen();
    scene.fault("carla", Fault::Flush);
    scene.settle();
    speak(&mut anna, 2, b"two");
    scene.until(&MediaEvent::Disconnected {
        participant: id("carla"),
    });
    assert_eq!(ben.receive(SOON).expect("the others go on").payload, b"two");
    speak(&mut anna, 3, b"three");
    assert_eq!(ben.receive(SOON).expect("and on").payload, b"three");
}

/// A copy of a packet is the step of the viewer whom it is for, not of the sender whose packet began it.
#[test]
fn panic_while_copying_costs_the_viewer_alone() {
    let mut scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let mut carla = scene.join("carla", ALL);
    scene.watch("ben", &["anna"], 180);
    scene.watch("carla", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    for voice in [true, false] {
        let mut send = |anna: &mut Peer, number: u16| {
            if voice {
                speak(anna, number, b"a word");
            } else {
                camera.shoot(anna, true);
            }
        };
        send(&mut anna, 1);
        assert!(ben.receive(SOON).is_some() && carla.receive(SOON).is_some());
        all(&mut ben, Duration::from_millis(50));
        scene.seen();
        scene.fault("carla", Fault::Copy);
        scene.settle();
        send(&mut anna, 2);
        let lost = MediaEvent::Disconnected {
            participant: id("carla"),
        };
        let mut events = scene.until(&lost);
        events.extend(scene.seen());
        events.retain(|event| matches!(event, MediaEvent::Disconnected { .. }));
        assert_eq!(events, [lost], "neither anna nor ben");
        all(&mut ben, Duration::from_millis(50));
        send(&mut anna, 3);
        assert!(ben.receive(SOON).is_some(), "the others go on");
        carla = scene.offer("carla");
        scene.watch("carla", &["anna"], 180);
    }
}

#[test]
fn offer_of_somebody_who_was_not_added_is_refused() {
    let scene = Scene::new();
    let offering = Offering::new(1);
    let nobody = id("nobody");
    let answer = scene
        .media
        .offer(&nobody, &offering.sdp, &offering.sections);
    let answer = scene.runtime.block_on(answer);
    assert_eq!(answer, Err(super::OfferError::UnknownParticipant));
}

#[test]
fn media_of_one_conference_do_not_reach_another() {
    let mut scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    scene.conference = ConferenceId("other".into());
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    Camera::new(7, "q").shoot(&mut anna, true);
    speak(&mut anna, 1, b"one");
    assert!(ben.receive(SOON).is_none());
}
