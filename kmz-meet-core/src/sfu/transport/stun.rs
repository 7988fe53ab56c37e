//! The part of ICE that a lite agent has (RFC 8445, section 2.5): it answers connectivity checks (RFC 8489).
//! Nobody gets an answer without a known user fragment and a right MESSAGE-INTEGRITY. Checks of our own go out to find
//! out whether a browser is where a check says that it is, and for nothing else.

use std::net::SocketAddr;

use rtc_crypto::RTCCrypto;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLED, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_REQUEST, BINDING_SUCCESS, MAGIC_COOKIE, Message, Setter, TransactionId,
};
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;

use crate::sfu::sdp::offer::Credentials;
use crate::sfu::transport::candidate_paths::CheckId;

/// Largest connectivity check that is looked at, in bytes.
const MAX_CHECK: usize = 548;
const USERNAME: u16 = 0x0006;
/// Of a host candidate (RFC 8445, section 5.1.2.1).
const PRIORITY: u32 = 2_130_706_431;
const COOKIE: [u8; 4] = MAGIC_COOKIE.to_be_bytes();

/// Our user fragment in a binding request's USERNAME (`ours:theirs`), found without allocation, so that a flood
/// of strangers' requests costs nothing but this look.
#[must_use]
pub fn local_ufrag(datagram: &[u8]) -> Option<&str> {
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

/// A check of our own.
#[must_use]
pub fn request(
    id: CheckId,
    ours: &str,
    theirs: &Credentials,
    crypto: &dyn RTCCrypto,
) -> Option<Vec<u8>> {
    let mut request = Message {
        typ: BINDING_REQUEST,
        transaction_id: TransactionId(id),
        ..Message::default()
    };
    request.write_header();
    TextAttribute::new(ATTR_USERNAME, format!("{}:{ours}", theirs.ufrag))
        .add_to(&mut request)
        .ok()?;
    request.add(ATTR_PRIORITY, &PRIORITY.to_be_bytes());
    // A lite agent is always the controlled one. The tie is never broken.
    request.add(ATTR_ICE_CONTROLLED, &id[4..]);
    MessageIntegrity::new_short_term_integrity_with_provider(theirs.password.clone(), crypto)
        .add_to(&mut request)
        .ok()?;
    FINGERPRINT.add_to(&mut request).ok()?;
    Some(request.raw)
}

/// The name of the check that this answers, found without allocation.
#[must_use]
pub fn answered(datagram: &[u8]) -> Option<CheckId> {
    if datagram.len() > MAX_CHECK || datagram.get(..2)? != [1, 1] || datagram.get(4..8)? != COOKIE {
        return None;
    }
    datagram.get(8..20)?.try_into().ok()
}

/// Whether an answer was made with their password.
#[must_use]
pub fn is_authentic(answer: &[u8], theirs: &Credentials, crypto: &dyn RTCCrypto) -> bool {
    let mut message = Message {
        raw: answer.to_vec(),
        ..Message::default()
    };
    message.decode().is_ok()
        && message.typ == BINDING_SUCCESS
        && MessageIntegrity::check(&mut message, theirs.password.as_bytes(), crypto).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn check_with_the_right_password_alone_is_answered() {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let from: SocketAddr = "[::ffff:192.0.2.7]:5000".parse().expect("an address");
        let request = check("ours:theirs", "secret");
        assert_eq!(local_ufrag(&request), Some("ours"));
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
    fn check_of_ours_is_answered_by_a_full_agent() {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let theirs = Credentials {
            ufrag: "theirs".into(),
            password: "their secret".into(),
        };
        let id = [3; 12];
        let check = request(id, "ours", &theirs, provider.crypto()).expect("fits");
        assert_eq!(local_ufrag(&check), Some("theirs"));
        assert_eq!(answered(&check), None);
        let from: SocketAddr = "192.0.2.7:5000".parse().expect("an address");
        let response = answer(&check, "their secret", from, provider.crypto()).expect("authentic");
        assert_eq!(answered(&response.response), Some(id));
        assert!(is_authentic(&response.response, &theirs, provider.crypto()));
        let others = Credentials {
            password: "other secret".into(),
            ..theirs
        };
        assert!(!is_authentic(
            &response.response,
            &others,
            provider.crypto()
        ));
        for length in 0..response.response.len() {
            let _ = answered(&response.response[..length]);
            assert!(!is_authentic(
                &response.response[..length],
                &others,
                provider.crypto()
            ));
        }
    }

    #[test]
    fn check_that_is_truncated_is_refused() {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let from: SocketAddr = "192.0.2.7:5000".parse().expect("an address");
        let request = check("ours:theirs", "secret");
        for length in 0..request.len() - 1 {
            let _ = local_ufrag(&request[..length]);
            assert!(answer(&request[..length], "secret", from, provider.crypto()).is_none());
        }
    }
}
