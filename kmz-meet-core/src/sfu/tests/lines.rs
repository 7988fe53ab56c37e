//! Viewers whose lines carry less than everything.

use super::*;
use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::testing::ArrivalLog;

/// Nobody has to encode what nobody looks at.
#[test]
fn sender_is_told_which_encodings_are_watched() {
    let mut scene = Scene::new();
    let _anna = scene.join("anna", ALL);
    let _ben = scene.join("ben", ALL);
    let watched = |camera: &[&str]| MediaEvent::Watched {
        participant: id("anna"),
        camera: camera.iter().map(ToString::to_string).collect(),
        screen: Vec::new(),
    };
    scene.watch("ben", &["anna"], 360);
    scene.until(&watched(&["q", "h"]));
    // Her client may have missed it.
    scene.media.tell_again(&id("anna"));
    scene.until(&watched(&["q", "h"]));
    scene.watch("ben", &["anna"], 720);
    scene.until(&watched(&["q", "h", "f"]));
}

/// A sender whose line got narrow sends the small encoding alone: who saw the large one does not wait long.
#[test]
fn viewer_of_an_encoding_that_stops_gets_the_next_one_soon() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 720);
    let (mut small, mut large) = (Camera::new(7, "q"), Camera::new(9, "f"));
    let mut shown = Vec::new();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(3) {
        small.take(&mut anna, true, false, 100);
        if started.elapsed() < Duration::from_secs(1) {
            large.take(&mut anna, true, false, 200);
        }
        while let Some(packet) = ben.receive(Duration::from_millis(20)) {
            shown.push((started.elapsed(), packet.payload.len()));
        }
    }
    assert!(
        shown.iter().any(|(_, length)| *length == 200),
        "the large one"
    );
    let last = shown.iter().rfind(|(_, length)| *length == 200);
    let again = shown.iter().rfind(|(_, length)| *length == 100);
    let (last, _) = last.expect("the large one");
    let first = shown.iter().find(|(at, _)| at > last).or(again);
    let (first, _) = first.expect("the small one");
    let waited = first.saturating_sub(*last);
    assert!(waited < Duration::from_millis(1_400), "{waited:?}");
}

/// Where not even the smallest encoding fits, the pictures that no other one needs are left out, and the numbers go on.
#[test]
fn pictures_that_no_other_needs_are_left_out_on_a_narrow_line() {
    const LINE: f64 = 120_000.0;
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    let mut arrivals = ArrivalLog::default();
    let started = Instant::now();
    let (mut last, mut free) = (started, 0.0f64);
    let mut late = Vec::new();
    let mut shot = 0;
    while started.elapsed() < Duration::from_secs(8) {
        // 150 kbit/s, of which every other picture can be left out.
        camera.take(&mut anna, shot == 0, shot % 2 == 1, 550);
        shot += 1;
        let until = Instant::now() + Duration::from_millis(33);
        while let Some(packet) = ben.receive(until.saturating_duration_since(Instant::now())) {
            let seconds = started.elapsed().as_secs_f64();
            free = free.max(seconds) + (packet.payload.len() + 40) as f64 * 8.0 / LINE;
            if let Some(number) = packet.transport {
                arrivals.record(number, (free * 1e6) as i64);
            }
            if packet.header.payload_type == VP8 && seconds > 4.0 {
                let descriptor = Descriptor::parse(&packet.payload).expect("a picture");
                let (_, picture) = descriptor.picture.expect("an id");
                late.push((packet.header.sequence, picture, descriptor.droppable));
            }
        }
        if last.elapsed() >= Duration::from_millis(100) {
            last = Instant::now();
            if let Some(feedback) = arrivals.feedback(7) {
                ben.send_rtcp(&feedback);
            }
        }
    }
    let droppable = late.iter().filter(|(_, _, droppable)| *droppable).count();
    assert!(late.len() >= 50, "{} pictures in 4 s", late.len());
    assert!(droppable < 45, "{droppable} of {} not needed", late.len());
    for pair in late.windows(2) {
        assert_eq!(pair[1].0, pair[0].0.wrapping_add(1), "a gap in the numbers");
        assert_eq!(pair[1].1, (pair[0].1 + 1) & 0x7fff, "a gap in the pictures");
    }
}

/// A viewer whose line was full for a moment is sent something twice, to find out whether it carries more again, before the
/// larger picture is tried.
#[test]
fn probe_by_rtx_precedes_a_larger_picture() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 720);
    let (mut small, mut large) = (Camera::new(7, "q"), Camera::new(9, "f"));
    let mut arrivals = ArrivalLog::default();
    let started = Instant::now();
    let (mut last, mut repeated, mut pictures) = (started, 0, [0, 0]);
    while started.elapsed() < Duration::from_secs(20) {
        // About 90 and 700 kbit/s.
        small.shoot(&mut anna, true);
        for _ in 0..8 {
            large.shoot(&mut anna, true);
        }
        let until = Instant::now() + Duration::from_millis(30);
        while let Some(packet) = ben.receive(until.saturating_duration_since(Instant::now())) {
            let seconds = started.elapsed().as_secs_f64();
            // A queue that grows for half a second and is gone after a second.
            let delay = match seconds {
                1.0..1.5 => seconds - 1.0,
                1.5..2.5 => 0.5,
                _ => 0.0,
            };
            if let Some(number) = packet.transport {
                arrivals.record(number, ((seconds + delay) * 1e6) as i64);
            }
            if packet.header.payload_type == RTX {
                repeated += 1;
                assert!(seconds > 1.0, "nothing is repeated while all is well");
            } else {
                pictures[usize::from(seconds > 2.0)] += 1;
            }
        }
        if last.elapsed() >= Duration::from_millis(100) {
            last = Instant::now();
            if let Some(feedback) = arrivals.feedback(7) {
                ben.send_rtcp(&feedback);
            }
        }
        if repeated > 10 {
            break;
        }
    }
    assert!(repeated > 10, "{repeated} repeated, pictures: {pictures:?}");
}
