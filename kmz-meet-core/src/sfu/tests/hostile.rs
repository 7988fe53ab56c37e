//! Participants that send too much, or what nobody should send.

use super::*;
use crate::sfu::transport::MAX_PAYLOAD;

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
fn what_does_not_fit_into_a_datagram_gets_no_number() {
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
fn two_streams_by_turns_do_not_replace_each_other() {
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
fn a_flood_of_bytes_is_cut() {
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
fn a_voice_sends_no_more_than_a_voice() {
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
fn asking_for_everything_again_and_again_brings_each_packet_once_in_a_while() {
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
    let asking = started.elapsed();
    let again = all(&mut ben, Duration::from_millis(50)).len();
    let rounds = 1 + (asking + Duration::from_millis(50)).as_millis() as usize / 50;
    assert!(
        (numbers.len()..=numbers.len() * rounds).contains(&again),
        "{again} of {} in {asking:?}",
        numbers.len()
    );
}

#[test]
fn a_flood_of_reports_is_dropped_unread() {
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
