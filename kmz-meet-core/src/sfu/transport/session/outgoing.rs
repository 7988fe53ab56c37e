//! What leaves to one participant: the batch of media packets, and RTCP.

use std::time::Instant;

use rtc_rtcp::packet::Packet;

use super::Transport;
use crate::sfu::net::socket::Socket;
use crate::sfu::rtp::header::write_header;
use crate::sfu::rtp::vp8::{Descriptor, Shift};
use crate::sfu::transport::srtp::MAX_OVERHEAD;

/// Room for header, original sequence number and protection.
const PER_PACKET: usize = 24 + MAX_OVERHEAD;
/// Longest payload that is forwarded: what a datagram of 1,500 bytes has room for. Browsers send 1,200 at most.
pub const MAX_PAYLOAD: usize = 1_472 - PER_PACKET;
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

impl Transport {
    /// Protects a packet into the batch.
    pub fn push(&mut self, now: Instant, socket: &Socket, out: &Outgoing, payload: Payload<'_>) {
        let Some(srtp) = &mut self.srtp else { return };
        if self.paths.selected().is_none() || payload.bytes.len() > MAX_PAYLOAD {
            return;
        }
        let length = payload.bytes.len() + PER_PACKET;
        if !self.batch.has_room(length) {
            self.flush(socket);
            return self.push(now, socket, out, payload);
        }
        if payload.original.is_none() {
            self.rtx_limiter.sent();
            self.estimate.sent(length);
        }
        let transport_cc = out.transport_cc.map(|id| (id, self.sent.note(now, length)));
        let bytes = &mut self.batch.bytes;
        let start = bytes.len();
        let mut head = [0u8; 24];
        let mut header = write_header(
            &mut head,
            out.marker,
            out.payload_type,
            (out.sequence & 0xffff) as u16,
            out.timestamp,
            out.ssrc,
            transport_cc,
        );
        bytes.extend_from_slice(&head[..header]);
        if let Some(original) = payload.original {
            bytes.extend_from_slice(&original.to_be_bytes());
        }
        let body = bytes.len();
        bytes.extend_from_slice(payload.bytes);
        if let Some((descriptor, by)) = payload.shift {
            descriptor.shift(&mut bytes[body..], by);
        }
        header = header.min(bytes.len() - start);
        if srtp.protect(bytes, start, header, out.ssrc, out.sequence) {
            self.batch.finish(start);
        }
    }

    /// Whether the batch should leave now; `finished`: no picture is cut in two by it.
    pub fn is_ripe(&mut self, now: Instant, finished: bool) -> bool {
        finished || self.batch.has_waited(now)
    }

    /// Sends the batch.
    pub fn flush(&mut self, socket: &Socket) {
        if let Some(path) = self.paths.selected()
            && !self.batch.send(socket, path, self.voices)
        {
            // Of no use any more, for example because our own address there is gone. The browser's next check
            // brings another.
            self.paths.lost();
        }
        self.batch.clear();
    }

    /// Sends RTCP packets in one datagram.
    pub fn send_rtcp(&mut self, socket: &Socket, packets: &[Box<dyn Packet>]) {
        let (Some(srtp), Some(path)) = (&mut self.srtp, self.paths.selected()) else {
            return;
        };
        let mut plain = Vec::with_capacity(256);
        for packet in packets {
            if let Ok(bytes) = packet.marshal() {
                plain.extend_from_slice(&bytes);
            }
        }
        if plain.is_empty() {
            return;
        }
        if let Some(protected) = srtp.protect_rtcp(&plain) {
            socket.send(path, &protected, None);
        }
    }
}
