//! The name under which someone wants to be shown.
#![no_main]

use kmz_meet_core::room::distinct;
use kmz_meet_core::room::names::{clean, same_name};
use kmz_meet_core::signal::MAX_NAME_CHARS;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|name: &str| {
    let Some(shown) = clean(name) else { return };
    assert!(shown.chars().count() <= MAX_NAME_CHARS);
    assert!(shown.chars().all(|c| !c.is_control()));
    assert_eq!(clean(&shown).as_ref(), Some(&shown), "what is clean stays as it is");
    let taken = [shown.as_str(), "Anna", "Anna (2)"];
    assert!(!same_name(&distinct(&shown, taken.into_iter()), &shown));
});
