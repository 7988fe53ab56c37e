//! Messages: how they are begun, and how their attributes are written and read.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rtc_stun::attributes::{
    ATTR_DATA, ATTR_FINGERPRINT, ATTR_LIFETIME, ATTR_MESSAGE_INTEGRITY, ATTR_NONCE, ATTR_REALM,
    ATTR_REQUESTED_ADDRESS_FAMILY, ATTR_REQUESTED_TRANSPORT, ATTR_UNKNOWN_ATTRIBUTES,
    ATTR_USERNAME, ATTR_XOR_PEER_ADDRESS, AttrType, Attributes,
};
use rtc_stun::error_code::{ErrorCode, ErrorCodeAttribute};
use rtc_stun::message::{
    CLASS_INDICATION, METHOD_DATA, Message, MessageClass, MessageType, Method, Setter,
    TransactionId,
};
use rtc_stun::xoraddr::XorMappedAddress;

use super::refusal::Refusal;

/// The longest lifetime of an allocation that is granted (RFC 8656, section 7.2).
const MAX_LIFETIME: Duration = Duration::from_hours(1);

/// An answer without attributes.
#[must_use]
pub fn respond(request: &Message, class: MessageClass) -> Message {
    begin(request.typ.method, class, request.transaction_id)
}

/// A message without attributes.
#[must_use]
pub fn begin(method: Method, class: MessageClass, transaction_id: TransactionId) -> Message {
    let mut message = Message {
        typ: MessageType { method, class },
        transaction_id,
        ..Message::default()
    };
    message.write_header();
    message
}

/// A Data indication: a datagram of this peer.
#[must_use]
pub fn data_indication(peer: IpAddr, port: u16, datagram: &[u8]) -> Option<Vec<u8>> {
    let id = TransactionId(rand::random());
    let mut message = begin(METHOD_DATA, CLASS_INDICATION, id);
    let peer = XorMappedAddress { ip: peer, port };
    peer.add_to_as(&mut message, ATTR_XOR_PEER_ADDRESS).ok()?;
    message.add(ATTR_DATA, datagram);
    Some(message.raw)
}

/// ERROR-CODE.
pub fn put_error(message: &mut Message, refusal: Refusal) {
    // The code says it all; a reason would only make the answer longer.
    let error = ErrorCodeAttribute {
        code: ErrorCode(refusal.code()),
        reason: Vec::new(),
    };
    // It is short enough in any case.
    let _ = error.add_to(message);
    if let Refusal::UnknownAttribute(attribute) = refusal {
        message.add(ATTR_UNKNOWN_ATTRIBUTES, &attribute.value().to_be_bytes());
    }
}

/// An attribute that is a text.
pub fn put_text(message: &mut Message, attribute: AttrType, text: &str) {
    message.add(attribute, text.as_bytes());
}

/// An attribute that is an address, in the form of XOR-MAPPED-ADDRESS.
pub fn put_address(message: &mut Message, attribute: AttrType, address: SocketAddr) {
    let address = XorMappedAddress {
        ip: address.ip(),
        port: address.port(),
    };
    // An address is short enough in any case.
    let _ = address.add_to_as(message, attribute);
}

/// LIFETIME, in seconds.
pub fn put_lifetime(message: &mut Message, lifetime: Duration) {
    let seconds = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
    message.add(ATTR_LIFETIME, &seconds.to_be_bytes());
}

/// LIFETIME, cut to the longest.
///
/// # Errors
/// [`Refusal::BadRequest`] when it is not a number of four bytes.
pub fn lifetime(request: &Message) -> Result<Option<Duration>, Refusal> {
    match request.get(ATTR_LIFETIME).ok().as_deref() {
        None => Ok(None),
        Some([a, b, c, d]) => {
            let seconds = u32::from_be_bytes([*a, *b, *c, *d]);
            Ok(Some(Duration::from_secs(seconds.into()).min(MAX_LIFETIME)))
        }
        Some(_) => Err(Refusal::BadRequest),
    }
}

/// All XOR-PEER-ADDRESS of a message.
///
/// # Errors
/// [`Refusal::BadRequest`] when one is malformed.
pub fn addresses(message: &Message) -> Result<Vec<SocketAddr>, Refusal> {
    let mut found = Vec::new();
    for attribute in &message.attributes.0 {
        if attribute.typ != ATTR_XOR_PEER_ADDRESS {
            continue;
        }
        // The library reads the first one only.
        let one = Message {
            transaction_id: message.transaction_id,
            attributes: Attributes(vec![attribute.clone()]),
            ..Message::default()
        };
        let mut address = XorMappedAddress::default();
        let read = address.get_from_as(&one, ATTR_XOR_PEER_ADDRESS);
        read.map_err(|_| Refusal::BadRequest)?;
        found.push(SocketAddr::new(address.ip, address.port));
    }
    Ok(found)
}

/// Refuses attributes that must be understood and are not (RFC 8489, section 14).
///
/// # Errors
/// [`Refusal::UnknownAttribute`] with the first of them.
pub fn refuse_unknown(request: &Message) -> Result<(), Refusal> {
    const KNOWN: [AttrType; 8] = [
        ATTR_USERNAME,
        ATTR_MESSAGE_INTEGRITY,
        ATTR_REALM,
        ATTR_NONCE,
        ATTR_REQUESTED_TRANSPORT,
        ATTR_REQUESTED_ADDRESS_FAMILY,
        ATTR_LIFETIME,
        ATTR_FINGERPRINT,
    ];
    let unknown = request
        .attributes
        .0
        .iter()
        .map(|attribute| attribute.typ)
        .find(|attribute| attribute.value() < 0x8000 && !KNOWN.contains(attribute));
    unknown.map_or(Ok(()), |unknown| Err(Refusal::UnknownAttribute(unknown)))
}
