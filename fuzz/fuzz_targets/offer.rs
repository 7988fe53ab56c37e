//! A browser's session description, and what the client says of its sections.
#![no_main]

use kmz_meet_core::sfu::internals::Offer;
use kmz_meet_core::signal::Sections;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|sdp: &str| {
    // The sections as the client names them: in the order in which it adds them.
    let mid = |number: usize| Some(number.to_string());
    let sections = Sections {
        microphone: mid(0),
        camera: mid(1),
        screen: mid(2),
        screen_sound: mid(3),
        audio_slots: vec!["4".into(), "5".into()],
        video_slots: vec!["6".into()],
        screen_slot: mid(7),
    };
    let _ = Offer::parse(sdp, &sections);
    let _ = Offer::parse(sdp, &Sections::default());
});
