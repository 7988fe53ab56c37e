//! The media half against the real media plane, without signalling between.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use super::media::{Media, Video, Voice};
use super::options::MediaOptions;
use super::peer::Peer;
use super::publisher;
use crate::sfu::{Media as MediaPlane, MediaConfig, Permit};
use crate::signal::{ConferenceId, ParticipantId, Source, Tile};

const ALL: Permit = Permit {
    microphone: true,
    camera: true,
    screen: true,
    first: false,
};

fn id(name: &str) -> ParticipantId {
    ParticipantId(name.to_owned())
}

async fn join(plane: &MediaPlane, name: &str) -> Peer {
    let (events, _) = unbounded_channel();
    plane.add(&ConferenceId("c".into()), &id(name), events);
    plane.permit(&id(name), ALL);
    let options = MediaOptions {
        video_slots: 4,
        ..MediaOptions::default()
    };
    let (peer, sdp, sections) = Peer::offer(&options, true).await.expect("an offer");
    let answer = plane
        .offer(&id(name), &sdp, &sections)
        .await
        .expect("an answer");
    peer.answer(&answer, &sections).await.expect("accepted");
    let mut state = peer.state.clone();
    tokio::time::timeout(
        Duration::from_secs(5),
        state
            .wait_for(|state| *state == webrtc::peer_connection::RTCPeerConnectionState::Connected),
    )
    .await
    .expect("in time")
    .expect("connected");
    peer
}

#[tokio::test(flavor = "multi_thread")]
async fn viewer_of_a_camera_receives_the_requested_encoding_and_the_voice() {
    let plane = MediaPlane::start(MediaConfig {
        port: 0,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        packets_per_second: 0,
        ..MediaConfig::default()
    })
    .expect("media");
    let ann = join(&plane, "ann").await;
    let bob = join(&plane, "bob").await;
    let voice = publisher::start(
        Source::Microphone,
        ann.outlet(Source::Microphone).await.expect("an outlet"),
        Media::Voice(Voice::talking()),
    )
    .expect("a publisher");
    let camera = publisher::start(
        Source::Camera,
        ann.outlet(Source::Camera).await.expect("an outlet"),
        Media::Video(Video::camera()),
    )
    .expect("a publisher");
    plane.view(
        &id("bob"),
        vec![Tile {
            participant: id("ann"),
            height: 180,
        }],
        None,
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    let small = bob.ledger.counts();
    plane.view(
        &id("bob"),
        vec![Tile {
            participant: id("ann"),
            height: 720,
        }],
        None,
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    let large = bob.ledger.counts();
    drop((voice, camera));

    // 50 packets a second of voice; 20 pictures a second of one packet, then of eight.
    let heard: u64 = large.audio.iter().map(|slot| slot.packets).sum();
    assert!((120..=210).contains(&heard), "voice: {heard}");
    let (first, both) = (&small.video[0], &large.video[0]);
    assert!((20..=60).contains(&first.packets), "small: {first:?}");
    assert!(both.packets - first.packets > 150, "large: {both:?}");
    assert!(both.key_frames >= 2, "a key frame for each layer: {both:?}");
    assert_eq!(large.total().lost, 0, "{large:?}");
    assert!(
        large.delay.count() > 200 && large.delay.quantile(0.5) < 50_000,
        "{:?}",
        large.delay
    );
    bob.close().await;
    ann.close().await;
}

/// The numbers of a stream go on when it is published again: the keys are the same.
#[tokio::test(flavor = "multi_thread")]
async fn publisher_with_a_second_offer_is_heard_again() {
    let plane = MediaPlane::start(MediaConfig {
        port: 0,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        packets_per_second: 0,
        ..MediaConfig::default()
    })
    .expect("media");
    let ann = join(&plane, "ann").await;
    let bob = join(&plane, "bob").await;
    let mut heard = 0;
    for round in 0..6 {
        let outlet = ann.outlet(Source::Microphone).await.expect("an outlet");
        let voice = publisher::start(Source::Microphone, outlet, Media::Voice(Voice::talking()))
            .expect("a publisher");
        tokio::time::sleep(Duration::from_millis(400)).await;
        drop(voice);
        let now: u64 = bob
            .ledger
            .counts()
            .audio
            .iter()
            .map(|slot| slot.packets)
            .sum();
        assert!(now > heard + 5, "round {round}: {heard}, then {now}");
        heard = now;
    }
    bob.close().await;
    ann.close().await;
}
