//! Conferences that have a limit for all their members together.

use super::*;

/// Far more than a test sends.
const MANY: u32 = 100_000_000;

/// Two in a conference with this limit, each watched by the other.
fn pair(scene: &Scene, packets_per_second: u32, bytes_per_second: u32) -> [Peer; 2] {
    let both = [scene.join("anna", ALL), scene.join("ben", ALL)];
    scene.watch("ben", &["anna"], 180);
    scene.watch("anna", &["ben"], 180);
    let limit = TrafficLimit {
        packets_per_second,
        bytes_per_second,
    };
    scene.media.limit(&scene.conference, limit);
    scene.settle();
    both
}

/// Each of the two sends so many pictures of so many bytes; how many came to the other, and in which time.
fn shown(both: &mut [Peer; 2], pictures: usize, bytes: usize) -> (usize, Duration) {
    let mut cameras = [Camera::new(7, "q"), Camera::new(8, "q")];
    let started = Instant::now();
    for step in 0..pictures {
        for (camera, peer) in cameras.iter_mut().zip(both.iter_mut()) {
            camera.take(peer, step == 0, false, bytes);
        }
    }
    let came = both
        .iter_mut()
        .map(|peer| all(peer, Duration::from_millis(50)).len());
    (came.sum(), started.elapsed())
}

/// What a limit lets through in this time: a second's worth at once, and then so much a second.
fn allowed(per_second: u32, time: Duration) -> usize {
    (f64::from(per_second) * (1.0 + time.as_secs_f64())) as usize
}

#[test]
fn packets_beyond_the_limit_of_their_conference_are_dropped() {
    let scene = Scene::new();
    let mut both = pair(&scene, 60, MANY);
    let (came, time) = shown(&mut both, 100, 300);
    assert!(
        (20..=allowed(60, time)).contains(&came),
        "{came} in {time:?}"
    );
}

#[test]
fn bytes_beyond_the_limit_of_their_conference_are_dropped() {
    let scene = Scene::new();
    let mut both = pair(&scene, MANY, 40_000);
    let (came, time) = shown(&mut both, 100, 1_000);
    let most = allowed(40_000, time) / 1_000;
    assert!((10..=most).contains(&came), "{came} in {time:?}");
}

#[test]
fn packets_of_a_conference_without_a_limit_pass_beside_a_limited_one() {
    let mut scene = Scene::new();
    let mut limited = pair(&scene, 60, MANY);
    scene.conference = ConferenceId("another".into());
    let mut carla = scene.join("carla", ALL);
    let mut dora = scene.join("dora", ALL);
    scene.watch("dora", &["carla"], 180);
    shown(&mut limited, 100, 300);
    let mut camera = Camera::new(9, "q");
    for step in 0..90 {
        camera.shoot(&mut carla, step == 0);
    }
    let came = all(&mut dora, Duration::from_millis(100)).len();
    assert_eq!(came, 90);
}

/// A voice goes to everybody: what leaves is counted, too.
#[test]
fn copies_of_a_voice_beyond_the_limit_of_the_conference_are_not_sent() {
    let scene = Scene::new();
    let [mut anna, ben] = pair(&scene, 60, MANY);
    let mut listeners = vec![ben];
    for name in ["carla", "dora", "emil"] {
        listeners.push(scene.join(name, ALL));
    }
    let started = Instant::now();
    for step in 1..=50 {
        speak(&mut anna, step, b"a word");
    }
    let heard = listeners
        .iter_mut()
        .map(|listener| all(listener, Duration::from_millis(50)).len());
    let heard: usize = heard.sum();
    let most = allowed(60, started.elapsed());
    assert!((20..=most).contains(&heard), "{heard} of 200");
}

#[test]
fn packets_asked_for_again_beyond_the_limit_of_the_conference_are_not_sent() {
    let scene = Scene::new();
    let [mut anna, mut ben] = pair(&scene, 100, MANY);
    let mut camera = Camera::new(7, "q");
    let started = Instant::now();
    for step in 0..30 {
        camera.shoot(&mut anna, step == 0);
    }
    let mut came = all(&mut ben, Duration::from_millis(50));
    let numbers: Vec<u16> = came.iter().map(|one| one.header.sequence).collect();
    assert!(numbers.len() >= 20, "{}", numbers.len());
    // Often enough for a few hundred, if there were no limit.
    for _ in 0..20 {
        ben.send_rtcp(&TransportLayerNack {
            sender_ssrc: 1,
            media_ssrc: ben.video[0],
            nacks: nack_pairs_from_sequence_numbers(&numbers),
        });
        came.extend(all(&mut ben, Duration::from_millis(25)));
    }
    let most = allowed(100, started.elapsed());
    assert!(
        (50..=most).contains(&came.len()),
        "{} of {most}",
        came.len()
    );
}
