//! The part of ICE that a lite agent has (RFC 8445, section 2.5): it answers connectivity checks (RFC 8489)
//! and never sends any. Nobody gets an answer without a known user fragment and a right MESSAGE-INTEGRITY.

use std::net::SocketAddr;

use rtc_crypto::RTCCrypto;
use rtc_stun::attributes::ATTR_USE_CANDIDATE;
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter};
use rtc_stun::xoraddr::XorMappedAddress;

/// Largest connectivity check that is looked at, in bytes.
const MAX_CHECK: usize = 548;
const USERNAME: u16 = 0x0006;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// Our user fragment in a binding request's USERNAME (`ours:theirs`), found without allocation, so that a flood
/// of strangers' requests costs nothing but this look.
#[must_use]
pub fn local_fragment(datagram: &[u8]) -> Option<&str> {
    if datagram.len() > MAX_CHECK || datagram.get(..2)? != [0, 1] || datagram.get(4..8)? != COOKIE {
        return None;
    }
    let mut rest = datagram.get(20..)?;
    while let [t0, t1, l0, l1, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        if u16::from_be_bytes([*t0, *t1]) == USERNAME {
            let name = std::str::from_utf8(tail.get(..length)?).ok()?;
            return name.split(':').next();
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// An authentic connectivity check, answered.
pub struct Checked {
    pub response: Vec<u8>,
    /// The browser chose this path (USE-CANDIDATE).
    pub nominated: bool,
}

/// Answers a connectivity check whose MESSAGE-INTEGRITY was made with our `password`.
#[must_use]
pub fn answer(
    datagram: &[u8],
    password: &str,
    from: SocketAddr,
    crypto: &dyn RTCCrypto,
) -> Option<Checked> {
    let mut request = Message {
        raw: datagram.to_vec(),
        ..Message::default()
    };
    request.decode().ok()?;
    if request.typ != BINDING_REQUEST {
        return None;
    }
    MessageIntegrity::check(&mut request, password.as_bytes(), crypto).ok()?;
    let mut response = Message {
        transaction_id: request.transaction_id,
        ..Message::default()
    };
    response.typ = BINDING_SUCCESS;
    response.write_header();
    let canonical = SocketAddr::new(from.ip().to_canonical(), from.port());
    XorMappedAddress {
        ip: canonical.ip(),
        port: canonical.port(),
    }
    .add_to(&mut response)
    .ok()?;
    MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto)
        .add_to(&mut response)
        .ok()?;
    FINGERPRINT.add_to(&mut response).ok()?;
    Some(Checked {
        response: response.raw,
        nominated: request.contains(ATTR_USE_CANDIDATE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc_stun::attributes::ATTR_USERNAME;
    use rtc_stun::message::TransactionId;
    use rtc_stun::textattrs::TextAttribute;

    fn check(user: &str, password: &str) -> Vec<u8> {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let mut message = Message {
            typ: BINDING_REQUEST,
            transaction_id: TransactionId([7; 12]),
            ..Message::default()
        };
        message.write_header();
        TextAttribute::new(ATTR_USERNAME, user.into())
            .add_to(&mut message)
            .expect("fits");
        message.add(ATTR_USE_CANDIDATE, &[]);
        MessageIntegrity::new_short_term_integrity_with_provider(
            password.into(),
            provider.crypto(),
        )
        .add_to(&mut message)
        .expect("fits");
        FINGERPRINT.add_to(&mut message).expect("fits");
        message.raw
    }

    #[test]
    fn only_the_right_password_is_answered() {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let from: SocketAddr = "[::ffff:192.0.2.7]:5000".parse().expect("an address");
        let request = check("ours:theirs", "secret");
        assert_eq!(local_fragment(&request), Some("ours"));
        assert!(answer(&request, "other", from, provider.crypto()).is_none());
        let checked = answer(&request, "secret", from, provider.crypto()).expect("an answer");
        assert!(checked.nominated);
        let mut response = Message::new();
        response.unmarshal_binary(&checked.response).expect("STUN");
        assert_eq!(response.transaction_id, TransactionId([7; 12]));
        let mut mapped = XorMappedAddress::default();
        mapped
            .get_from_as(&response, rtc_stun::attributes::ATTR_XORMAPPED_ADDRESS)
            .expect("an address");
        assert_eq!(mapped.ip.to_string(), "192.0.2.7", "IPv4 stays IPv4");
    }

    #[test]
    fn cut_short_checks_are_refused() {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let from: SocketAddr = "192.0.2.7:5000".parse().expect("an address");
        let request = check("ours:theirs", "secret");
        for length in 0..request.len() - 1 {
            let _ = local_fragment(&request[..length]);
            assert!(answer(&request[..length], "secret", from, provider.crypto()).is_none());
        }
    }
}
