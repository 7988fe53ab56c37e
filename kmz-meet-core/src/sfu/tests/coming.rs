//! People who come, come back, change networks and go.

use super::*;

/// As when a teacher's line was down for so long that nothing of their media was left, and they come back by their seat.
#[test]
fn participant_added_again_is_seen_by_former_viewers() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    Camera::new(7, "q").shoot(&mut anna, true);
    assert!(ben.receive(SOON).is_some());
    let mut anna = scene.join("anna", ALL);
    Camera::new(8, "q").shoot(&mut anna, true);
    assert!(ben.receive(SOON).is_some(), "ben said nothing in between");
    // What may be sent is said anew as well.
    let mut anna = scene.join("anna", Permit::default());
    Camera::new(9, "q").shoot(&mut anna, true);
    assert!(ben.receive(SOON).is_none());
}

/// A key frame before that would be lost, and the next one is asked for half a second later.
#[test]
fn key_frame_for_a_viewer_is_asked_for_as_soon_as_they_are_connected_and_not_before() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    scene
        .media
        .add(&scene.conference, &id("ben"), scene.sender.clone());
    scene.watch("ben", &["anna"], 180);
    let offering = Offering::new(9);
    let answer = scene.runtime.block_on(scene.media.offer(
        &id("ben"),
        &offering.sdp,
        &offering.sections,
    ));
    let asked = |packets: Vec<Box<dyn rtc_rtcp::packet::Packet>>| {
        packets
            .iter()
            .any(|packet| packet.as_any().is::<PictureLossIndication>())
    };
    // Longer than two rounds of the allocation.
    for _ in 0..6 {
        camera.shoot(&mut anna, false);
        assert!(!asked(anna.receive_rtcp(Duration::from_millis(100))));
    }
    let mut ben = offering.connect(&answer.expect("an answer"));
    camera.shoot(&mut anna, false);
    assert!(asked(anna.receive_rtcp(Duration::from_millis(300))));
    camera.shoot(&mut anna, true);
    assert!(ben.receive(SOON).is_some());
}

#[test]
fn path_that_is_new_and_proven_takes_over() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    speak(&mut anna, 1, b"one");
    assert!(ben.receive(SOON).is_some());
    ben.move_to_another_port();
    anna.move_to_another_port();
    std::thread::sleep(Duration::from_millis(300));
    speak(&mut anna, 2, b"two");
    assert_eq!(
        ben.receive(SOON).expect("heard on the new path").payload,
        b"two"
    );
}

#[test]
fn removed_member_neither_sends_nor_receives() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    speak(&mut anna, 1, b"one");
    assert!(ben.receive(SOON).is_some());
    scene.media.remove(&id("ben"));
    scene.settle();
    speak(&mut anna, 2, b"two");
    assert!(ben.receive(SOON).is_none());
    let mut carla = scene.join("carla", ALL);
    speak(&mut ben, 9, b"still here");
    assert!(carla.receive(SOON).is_none());
}

#[test]
fn viewer_with_one_audio_slot_hears_each_voice_in_turn() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut carla = scene.join("carla", ALL);
    scene
        .media
        .add(&scene.conference, &id("ben"), scene.sender.clone());
    scene.media.permit(&id("ben"), ALL);
    let mut offering = Offering::new(9);
    offering.sections.audio_slots.truncate(1);
    let mut ben = scene.connect("ben", offering);
    // Ben's own voice and Carla's are in the first slots of the stage.
    speak(&mut ben, 1, b"ben");
    assert!(carla.receive(SOON).is_some());
    speak(&mut carla, 1, b"carla");
    assert_eq!(ben.receive(SOON).expect("carla").payload, b"carla");
    std::thread::sleep(Duration::from_millis(1_300));
    speak(&mut ben, 2, b"ben");
    speak(&mut anna, 1, b"anna");
    assert_eq!(ben.receive(SOON).expect("anna").payload, b"anna");
}
