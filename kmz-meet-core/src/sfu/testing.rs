//! A small, blocking peer for tests of the media plane: real ICE checks, DTLS and SRTP over a real socket, but no codec,
//! no congestion control and no threads. The full participant is `client`.
#![allow(clippy::expect_used, reason = "a test peer fails by panicking")]

mod checks;
mod offering;
mod peer;

use crate::sfu::rtp::header::Header;

pub use crate::sfu::rtp::transport_feedback::ArrivalLog;
pub use checks::binding_request;
#[cfg(test)]
pub(super) use checks::{answer_check, credentials};
#[cfg(test)]
pub(super) use offering::place_of;
pub use offering::{Offering, places_of};
pub use peer::Peer;

pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
pub const RTX: u8 = 97;
const UFRAG: &str = "peer";
const PASSWORD: &str = "peerpeerpeerpeerpeerpeer";
const MID: u8 = 4;
const RID: u8 = 10;
const LEVEL: u8 = 1;
pub const TRANSPORT_CC: u8 = 3;

/// What a test packet is.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub ssrc: u32,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub mid: &'a str,
    pub rid: Option<&'a str>,
    pub level: Option<u8>,
    pub payload: &'a [u8],
}

/// A packet that came to the peer.
#[derive(Clone, Debug)]
pub struct Received {
    pub header: Header,
    /// The transport-wide number.
    pub transport: Option<u16>,
    pub payload: Vec<u8>,
}

/// The payload of a VP8-like packet: picture id, temporal index, and whether a key frame starts.
#[must_use]
pub fn vp8(picture: u16, key: bool, length: usize) -> Vec<u8> {
    let mut payload = vec![0x90, 0xe0];
    payload.extend_from_slice(&(picture | 0x8000).to_be_bytes());
    payload.extend_from_slice(&[picture as u8, 0x20, u8::from(!key)]);
    payload.resize(length.max(8), 0x55);
    payload
}
