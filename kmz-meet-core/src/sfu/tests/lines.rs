//! Viewers whose lines carry less than everything.

use super::*;
use crate::sfu::testing::ArrivalLog;

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
