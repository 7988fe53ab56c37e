//! Participants that send too much, or what nobody should send.

use super::*;
use crate::sfu::transport::session::MAX_PAYLOAD;

fn picture(sequence: u16, ssrc: u32, payload: &[u8]) -> Sent<'_> {
    Sent {
        ssrc,
        payload_type: VP8,
        sequence,
        timestamp: u32::from(sequence) * 3_000,
        marker: true,
        mid: "1",
        rid: Some("q"),
        level: None,
        payload,
    }
}

#[test]
fn packet_beyond_the_payload_limit_gets_no_number() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    anna.send(&picture(1, 7, &vp8(1, true, 300)));
    let first = ben.receive(SOON).expect("a picture");
    for sequence in 2..20 {
        anna.send(&picture(sequence, 7, &vp8(2, true, MAX_PAYLOAD + 1)));
    }
    // And a sender that jumps takes nobody along.
    anna.send(&picture(20_000, 7, &vp8(3, true, MAX_PAYLOAD)));
    let second = ben.receive(SOON).expect("a picture");
    let step = second.header.sequence.wrapping_sub(first.header.sequence);
    assert_eq!(step, 1);
}

#[test]
fn streams_that_alternate_do_not_replace_each_other() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    for step in 1..20 {
        anna.send(&picture(step, 7, &vp8(step, true, 300)));
        anna.send(&picture(step, 8, &vp8(step + 1_000, true, 301)));
    }
    let shown = all(&mut ben, Duration::from_millis(100));
    assert!(!shown.is_empty());
    assert!(shown.iter().all(|packet| packet.payload.len() == 300));
    std::thread::sleep(Duration::from_millis(1_100));
    anna.send(&picture(30, 8, &vp8(1_030, true, 301)));
    assert_eq!(
        ben.receive(SOON).expect("the new one").payload.len(),
        301,
        "after a pause another may come"
    );
}

#[test]
fn bytes_beyond_the_limit_are_dropped() {
    let scene = Scene::with_limit(100);
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let started = Instant::now();
    // 100 packets of 400 bytes a second are allowed, and a second's worth at once.
    for step in 1..=90 {
        anna.send(&picture(step, 7, &vp8(step, step == 1, 1_300)));
    }
    let shown = all(&mut ben, Duration::from_millis(50)).len();
    let allowed = 40_000.0 * (1.0 + started.elapsed().as_secs_f64()) / 1_300.0;
    assert!((20..=allowed as usize).contains(&shown), "{shown}");
}

#[test]
fn audio_packets_beyond_the_rate_of_a_voice_are_dropped() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let started = Instant::now();
    for step in 1..=400 {
        speak(&mut anna, step, b"a word");
    }
    let heard = all(&mut ben, Duration::from_millis(50)).len();
    let allowed = 120.0 * (1.0 + started.elapsed().as_secs_f64());
    assert!((100..=allowed as usize).contains(&heard), "{heard}");
}

#[test]
fn nacks_repeated_for_everything_resend_each_packet_once_an_interval() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    for step in 0..30 {
        camera.shoot(&mut anna, step == 0);
    }
    let numbers: Vec<u16> = all(&mut ben, Duration::from_millis(50))
        .iter()
        .map(|packet| packet.header.sequence)
        .collect();
    assert!(numbers.len() >= 20);
    let started = Instant::now();
    for _ in 0..100 {
        ben.send_rtcp(&TransportLayerNack {
            sender_ssrc: 1,
            media_ssrc: ben.video[0],
            nacks: nack_pairs_from_sequence_numbers(&numbers),
        });
    }
    let sending = started.elapsed();
    let again = all(&mut ben, Duration::from_millis(50)).len();
    let rounds = 1 + (sending + Duration::from_millis(50)).as_millis() as usize / 50;
    assert!(
        (numbers.len()..=numbers.len() * rounds).contains(&again),
        "{again} of {} in {sending:?}",
        numbers.len()
    );
}

#[test]
fn rtcp_beyond_the_limit_is_dropped_unread() {
    let scene = Scene::new();
    let _anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    for _ in 0..2_000 {
        ben.send_rtcp(&PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc: ben.video[0],
        });
    }
    std::thread::sleep(Duration::from_millis(1_200));
    let dropped = scene.media.totals().over_limit;
    assert!(dropped > 500, "{dropped}");
}

/// Key frames that anna is asked for while `greedy` goes on for five seconds; each is sent at once.
fn key_frames_asked(
    scene: &Scene,
    anna: &mut Peer,
    camera: &mut Camera,
    mut greedy: impl FnMut(&Scene, u32),
) -> usize {
    let mut asked = 0;
    let mut step = 0;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(5) {
        greedy(scene, step);
        step += 1;
        let now = anna
            .receive_rtcp(Duration::from_millis(30))
            .iter()
            .filter(|packet| packet.as_any().is::<PictureLossIndication>())
            .count();
        camera.shoot(anna, now > 0);
        asked += now;
    }
    asked
}

#[test]
fn viewer_who_asks_without_end_gets_key_frames_less_often() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    ben.receive(SOON).expect("a picture");
    let asked = key_frames_asked(&scene, &mut anna, &mut camera, |_, _| {
        ben.send_rtcp(&PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc: ben.video[0],
        });
    });
    assert!((1..=5).contains(&asked), "{asked} in five seconds");
    // Somebody else is served at once.
    let mut carla = scene.join("carla", ALL);
    scene.watch("carla", &["anna"], 180);
    let started = Instant::now();
    let served = key_frames_asked_until(&mut anna, &mut camera, || {
        carla.receive(Duration::from_millis(5)).is_some()
    });
    assert!(served, "not within {:?}", started.elapsed());
}

/// Answers requests for key frames until something has come, two seconds at most.
fn key_frames_asked_until(
    anna: &mut Peer,
    camera: &mut Camera,
    mut come: impl FnMut() -> bool,
) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(2) {
        let asked = anna
            .receive_rtcp(Duration::from_millis(20))
            .iter()
            .any(|packet| packet.as_any().is::<PictureLossIndication>());
        camera.shoot(anna, asked);
        if come() {
            return true;
        }
    }
    false
}

#[test]
fn viewer_who_toggles_a_tile_gets_no_key_frame_each_time() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    ben.receive(SOON).expect("a picture");
    let asked = key_frames_asked(&scene, &mut anna, &mut camera, |scene, step| {
        if step % 2 == 0 {
            scene.watch("ben", &[], 180);
        } else {
            scene.watch("ben", &["anna"], 180);
        }
    });
    assert!((1..=5).contains(&asked), "{asked} in five seconds");
}

/// A new media session is no new beginning.
#[test]
fn offers_repeated_bring_no_key_frame_each_time() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let _ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    let mut peers = Vec::new();
    let asked = key_frames_asked(&scene, &mut anna, &mut camera, |scene, step| {
        if step % 4 == 0 {
            peers.push(scene.offer("ben"));
        }
    });
    assert!((1..=5).contains(&asked), "{asked} in five seconds");
}
