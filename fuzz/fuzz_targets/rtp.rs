//! RTP headers, extensions, payloads and redundant audio, and sequence numbers that jump.
#![no_main]

use kmz_meet_core::sfu::internals::{Header, Unwrapper, primary_of_red};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|packet: &[u8]| {
    let _ = primary_of_red(packet);
    let mut unwrapper = Unwrapper::default();
    for pair in packet.as_chunks::<2>().0 {
        let number = u16::from_be_bytes(*pair);
        let unwrapped = unwrapper.unwrap(number);
        assert_eq!(unwrapped as u16, number, "the low bits are the number");
        assert!(unwrapper.newest() >= Some(unwrapped));
    }

    let Some(header) = Header::parse(packet) else { return };
    assert!(header.payload <= packet.len());
    for id in 0..=15 {
        let _ = header.extension(packet, id);
    }
    if let Some(payload) = header.payload_of(packet) {
        assert!(payload.len() <= packet.len() - header.payload);
        let _ = primary_of_red(payload);
    }
});
