//! An RTP packet on its way out, before it is protected.

use crate::sfu::rtp::vp8::{Descriptor, Shift};

/// Header fields of an outgoing packet.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing {
    pub ssrc: u32,
    pub payload_type: u8,
    /// Extended sequence number.
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub transport_cc: Option<u8>,
    /// How often it is sent again unasked.
    pub repeats: u8,
}

/// Payload of an outgoing packet.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    pub bytes: &'a [u8],
    /// RFC 4588: the number under which the packet left first.
    pub original: Option<u16>,
    /// Shift of VP8's running numbers.
    pub shift: Option<(&'a Descriptor, Shift)>,
}
