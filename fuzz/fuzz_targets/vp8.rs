//! The VP8 payload descriptor, read and rewritten in place for a slot.
#![no_main]

use kmz_meet_core::sfu::internals::{Descriptor, Shift};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let Some(descriptor) = Descriptor::parse(payload) else { return };
    let mut rewritten = payload.to_vec();
    let by = Shift { picture_by: 0x1234, tl0_by: 0x56 };
    descriptor.shift(&mut rewritten, by);
    let again = Descriptor::parse(&rewritten).expect("what was rewritten can be read");
    assert_eq!(again.key_frame, descriptor.key_frame);
    assert_eq!(again.picture.is_some(), descriptor.picture.is_some());
    let back = Shift { picture_by: 0x1234_u16.wrapping_neg(), tl0_by: 0x56_u8.wrapping_neg() };
    again.shift(&mut rewritten, back);
    let back = Descriptor::parse(&rewritten).expect("what was rewritten can be read");
    assert_eq!(back.tl0, descriptor.tl0);
    assert_eq!(back.picture, descriptor.picture);
});
