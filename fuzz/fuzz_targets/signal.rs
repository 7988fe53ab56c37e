//! What a client says: JSON of any kind over the WebSocket.
#![no_main]

use kmz_meet_core::signal::ClientMessage;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(message) = serde_json::from_slice::<ClientMessage>(text) else { return };
    // What was understood can be said again, and means the same.
    let again = serde_json::to_string(&message).expect("a message is JSON");
    let read: ClientMessage = serde_json::from_str(&again).expect("our own JSON is understood");
    assert_eq!(read, message);
});
