//! A room's name out of a link, and one that a teacher makes up.
#![no_main]

use kmz_meet_core::room::room_name::{canonical, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|name: &str| {
    if let Some(once) = canonical(name) {
        assert!(once.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')));
        // One room has one name: the canonical form leads to itself.
        assert_eq!(canonical(&once).as_ref(), Some(&once));
    }
    if let Ok(accepted) = check(name) {
        assert_eq!(canonical(&accepted).as_ref(), Some(&accepted));
        assert_eq!(check(&accepted).as_ref(), Ok(&accepted));
    }
});
