//! Messages that are begun here, and not read.

use std::net::IpAddr;

use rtc_stun::attributes::{ATTR_DATA, ATTR_XOR_PEER_ADDRESS};
use rtc_stun::message::{
    CLASS_INDICATION, METHOD_DATA, Message, MessageClass, MessageType, Method, TransactionId,
};
use rtc_stun::xoraddr::XorMappedAddress;

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
