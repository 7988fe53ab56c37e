//! What leaves to one participant: the batch of media packets, and RTCP.

use std::time::{Duration, Instant};

use rtc_rtcp::packet::Packet;

use super::Transport;
use crate::sfu::congestion::pacer::Pacing;
use crate::sfu::net::socket::Socket;
use crate::sfu::relay::address::RelayId;
use crate::sfu::rtp::header::write_header;
use crate::sfu::transport::paced::Waiting;
use crate::sfu::transport::packet::{Outgoing, Payload};
use crate::sfu::transport::srtp::MAX_OVERHEAD;

/// Room for header, original sequence number and protection.
const PER_PACKET: usize = 24 + MAX_OVERHEAD;
/// Longest payload that is forwarded: what a datagram of 1,500 bytes has room for. Browsers send 1,200 at most.
pub const MAX_PAYLOAD: usize = 1_472 - PER_PACKET;

impl Transport {
    /// Takes a packet that is to leave: a voice with the next flush, a picture when its time has come.
    pub fn push(&mut self, now: Instant, socket: &Socket, out: &Outgoing, payload: Payload<'_>) {
        let pacing = self.estimate.pacing(now);
        let waits = pacing != Pacing::Free || !self.paced.is_empty();
        if !waits || self.voices.has(out.payload_type) {
            self.protect(now, socket, out, payload);
            if !waits {
                self.paced.pacer.forgive(now);
                self.room.forgive(now);
            }
            return;
        }
        let mut bytes: Box<[u8]> = payload.bytes.into();
        if let Some((descriptor, by)) = payload.shift {
            descriptor.shift(&mut bytes, by);
        }
        self.paced.add(Waiting {
            out: *out,
            original: payload.original,
            payload: bytes,
        });
        self.release(now, socket);
    }

    /// Lets the repeated voices and the pictures leave whose time has come. True: more wait.
    pub fn release(&mut self, now: Instant, socket: &Socket) -> bool {
        self.repeat_voices(now);
        if self.paced.is_empty() {
            return !self.voice_repeats.is_empty();
        }
        let pacing = self.estimate.pacing(now);
        while let Some(packet) = self.paced.next(now, pacing) {
            let payload = Payload {
                bytes: &packet.payload,
                original: packet.original,
                shift: None,
            };
            self.protect(now, socket, &packet.out, payload);
        }
        !self.paced.is_empty() || !self.voice_repeats.is_empty()
    }

    /// How long a picture that is pushed now waits for its time.
    #[must_use]
    pub fn pacing_delay(&self, now: Instant) -> Duration {
        if self.paced.is_empty() {
            return Duration::ZERO;
        }
        self.paced.delay(self.estimate.pacing(now))
    }

    /// Whether there is room for a picture that no other one needs.
    pub fn has_room(&mut self, now: Instant) -> bool {
        self.room.may_send(now, self.estimate.room(now))
    }

    /// Nobody needs what waits of this slot after this number any more: a key frame follows.
    pub fn forget_waiting(&mut self, ssrc: u32, rtx_ssrc: u32, after: u64) {
        if !self.paced.is_empty() {
            self.paced.forget(ssrc, rtx_ssrc, after);
        }
    }

    fn repeat_voices(&mut self, now: Instant) {
        let (batch, pacer, room) = (&mut self.batch, &mut self.paced.pacer, &mut self.room);
        self.voice_repeats.due(now, |datagram| {
            if batch.has_room(datagram.len()) {
                let start = batch.bytes.len();
                batch.bytes.extend_from_slice(datagram);
                batch.finish(start);
                pacer.sent(datagram.len());
                room.sent(datagram.len());
            }
        });
    }

    /// Protects a packet into the batch.
    fn protect(&mut self, now: Instant, socket: &Socket, out: &Outgoing, payload: Payload<'_>) {
        let Some(srtp) = &mut self.srtp else { return };
        if self.paths.selected().is_none() || payload.bytes.len() > MAX_PAYLOAD {
            return;
        }
        let length = payload.bytes.len() + PER_PACKET;
        if !self.batch.has_room(length) {
            self.flush(socket);
            return self.protect(now, socket, out, payload);
        }
        if payload.original.is_none() {
            self.rtx_limiter.sent();
            self.estimate.sent(length);
        }
        self.paced.pacer.sent(length);
        self.room.sent(length);
        // Nothing gets lost over TCP.
        let path = self.paths.selected();
        let is_relayed = path.is_some_and(|path| RelayId::at(path.remote).is_some());
        let is_repeated = out.repeats > 0 && !is_relayed;
        let sent = &mut self.sent;
        let transport_cc = out
            .transport_cc
            .map(|id| (id, sent.note(now, length, is_repeated)));
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
            if is_repeated {
                let datagram = &self.batch.bytes[start..];
                self.voice_repeats.keep(now, datagram, out.repeats);
            }
        }
    }

    /// Whether the batch should leave now; `finished`: no picture is cut in two by it.
    pub fn is_ripe(&mut self, now: Instant, finished: bool) -> bool {
        finished || (!self.batch.is_empty() && self.batch.has_waited(now))
    }

    /// Sends the batch.
    pub fn flush(&mut self, socket: &Socket) {
        if self.batch.is_empty() {
            return;
        }
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
