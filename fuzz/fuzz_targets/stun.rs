//! The first look at any datagram, and connectivity checks: as they come, and as someone with the password could make them.
#![no_main]

use std::net::SocketAddr;

use kmz_meet_core::sfu::internals::{Kind, answer, kind, local_ufrag};
use libfuzzer_sys::fuzz_target;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{Message, Setter};

const PASSWORD: &str = "the-password-of-this-session";

fuzz_target!(|datagram: &[u8]| {
    let from = SocketAddr::from(([192, 0, 2, 7], 50_000));
    let provider = rtc_crypto::default_provider().expect("there is a provider");
    let kind = kind(datagram);
    let _ = local_ufrag(datagram);
    // Nobody guesses a HMAC: an answer to unsigned bytes would be a hole.
    assert!(answer(datagram, PASSWORD, from, provider.crypto()).is_none());
    if kind != Kind::Stun {
        return;
    }

    let mut message = Message { raw: datagram.to_vec(), ..Message::default() };
    if message.decode().is_err() {
        return;
    }
    let signed = MessageIntegrity::new_short_term_integrity_with_provider(PASSWORD.to_owned(), provider.crypto())
        .add_to(&mut message)
        .is_ok();
    if signed {
        let _ = local_ufrag(&message.raw);
        let _ = answer(&message.raw, PASSWORD, from, provider.crypto());
    }
});
