//! What a client sends, built by the library that clients use.

use std::net::SocketAddr;

use rtc_stun::attributes::{
    ATTR_NONCE, ATTR_REALM, ATTR_REQUESTED_TRANSPORT, ATTR_SOFTWARE, ATTR_USERNAME,
    ATTR_XOR_PEER_ADDRESS, AttrType,
};
use rtc_stun::error_code::ErrorCodeAttribute;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    CLASS_SUCCESS_RESPONSE, Getter, Message, MessageClass, MessageType, Method, Setter,
    TransactionId,
};
use rtc_stun::xoraddr::XorMappedAddress;

use super::session::REALM;
use crate::signal::Relay;

/// A message with these attributes.
pub fn build(method: Method, class: MessageClass, attributes: &[(AttrType, Vec<u8>)]) -> Message {
    let mut message = Message {
        typ: MessageType { method, class },
        transaction_id: TransactionId(rand::random()),
        ..Message::default()
    };
    message.write_header();
    for (attribute, value) in attributes {
        message.add(*attribute, value);
    }
    message
}

/// REQUESTED-TRANSPORT of every Allocate request.
pub fn udp() -> (AttrType, Vec<u8>) {
    (ATTR_REQUESTED_TRANSPORT, vec![17, 0, 0, 0])
}

/// SOFTWARE, as most clients send it. With it an Allocate request is as long as its challenge, so it is answered at once.
pub fn software() -> (AttrType, Vec<u8>) {
    (ATTR_SOFTWARE, b"a test client".to_vec())
}

/// The same with XOR-PEER-ADDRESS.
pub fn with_peer(mut message: Message, to: SocketAddr) -> Message {
    XorMappedAddress {
        ip: to.ip(),
        port: to.port(),
    }
    .add_to_as(&mut message, ATTR_XOR_PEER_ADDRESS)
    .expect("room");
    message
}

/// The same with the proof of these credentials.
pub fn with_proof(mut message: Message, credentials: &Relay, nonce: &str) -> Message {
    message.add(ATTR_USERNAME, credentials.username.as_bytes());
    message.add(ATTR_REALM, REALM.as_bytes());
    message.add(ATTR_NONCE, nonce.as_bytes());
    let provider = rtc_crypto::default_provider().expect("cryptography");
    let proof = MessageIntegrity::new_long_term_integrity_with_provider(
        credentials.username.clone(),
        REALM.into(),
        credentials.password.clone(),
        provider.crypto(),
    );
    proof.expect("a key").add_to(&mut message).expect("room");
    message
}

/// The code of an answer: 0 when it worked.
pub fn code(answer: &Message) -> u16 {
    if answer.typ.class == CLASS_SUCCESS_RESPONSE {
        return 0;
    }
    let mut error = ErrorCodeAttribute::default();
    error.get_from(answer).expect("a code");
    error.code.0
}
