//! Connectivity checks (RFC 8445) as a browser makes and answers them.

use std::net::SocketAddr;
use std::sync::Arc;

use rtc_crypto::RTCCryptoProvider;
use rtc_stun::attributes::{ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, Message, Setter, TransactionId};
use rtc_stun::textattrs::TextAttribute;

use super::{PASSWORD, UFRAG};
use crate::sfu::transport::stun;

/// What the server's checks of a peer are made with.
#[cfg(test)]
pub(in crate::sfu) fn credentials() -> crate::sfu::sdp::offer::Credentials {
    crate::sfu::sdp::offer::Credentials {
        ufrag: UFRAG.into(),
        password: PASSWORD.into(),
    }
}

/// The answer to a check of the server's, as a browser gives it.
pub(in crate::sfu) fn answer_check(
    datagram: &[u8],
    from: SocketAddr,
    provider: &Arc<dyn RTCCryptoProvider>,
) -> Option<Vec<u8>> {
    (stun::local_ufrag(datagram)? == UFRAG)
        .then(|| stun::answer(datagram, PASSWORD, from, provider.crypto()))?
        .map(|checked| checked.response)
}

/// An authentic connectivity check that nominates its path.
///
/// # Panics
/// Never: all attributes fit.
#[must_use]
pub fn binding_request(
    ufrag: &str,
    password: &str,
    provider: &Arc<dyn RTCCryptoProvider>,
) -> Vec<u8> {
    let mut message = Message {
        typ: BINDING_REQUEST,
        transaction_id: TransactionId::new(),
        ..Message::default()
    };
    message.write_header();
    TextAttribute::new(ATTR_USERNAME, format!("{ufrag}:peer"))
        .add_to(&mut message)
        .expect("fits");
    message.add(ATTR_USE_CANDIDATE, &[]);
    MessageIntegrity::new_short_term_integrity_with_provider(
        password.to_owned(),
        provider.crypto(),
    )
    .add_to(&mut message)
    .expect("fits");
    FINGERPRINT.add_to(&mut message).expect("fits");
    message.raw
}
