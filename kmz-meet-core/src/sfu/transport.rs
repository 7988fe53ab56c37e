//! One participant's connection: ICE-lite, DTLS, SRTP both ways, and the batch of packets that leave next.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc_rtcp::packet::Packet;

use super::allowance::Allowance;
use super::answer::Plan;
use super::bandwidth::Estimate;
use super::dtls::{Dtls, DtlsError, Identity};
use super::feedback::{Arrivals, SentLog};
use super::repeats::Repeats;
use super::rtp::{Header, write_header};
use super::socket::{Path, Socket};
use super::srtp::{MAX_OVERHEAD, Srtp};
use super::stun;
use super::vp8::Descriptor;

/// Paths that may be validated at the same time (a browser tries each of its networks).
const MAX_PATHS: usize = 8;
/// Bytes of the batch; when it is full it leaves at once.
const BATCH: usize = 24 * 1_024;
/// Room for header, original sequence number and protection.
const PER_PACKET: usize = 24 + MAX_OVERHEAD;
/// Longest payload that is forwarded: what a datagram of 1,500 bytes has room for. Browsers send 1,200 at most.
pub const MAX_PAYLOAD: usize = 1_472 - PER_PACKET;
/// Bytes of a packet that a participant sends, on the average: by the default of 2,500 packets a second these are
/// 8 Mbit/s, where three layers, a shared screen and two voices need 5.
const AVERAGE: f64 = 400.0;
/// RTCP datagrams that one participant may send in a second. A browser with 25 pictures sends about 50, on a line that
/// loses much perhaps 200.
const RTCP_PER_SECOND: f64 = 400.0;
/// Packets of an unfinished picture wait this long for the rest of it: one send call for the whole picture costs a
/// fraction of one per packet, and the browser cannot show a part anyway.
pub const HOLD: Duration = Duration::from_millis(2);
/// A transport that heard nothing for this long is lost (RFC 7675 allows 30 s).
pub const LOST: Duration = Duration::from_secs(30);
/// … and is shown as not connected after this long. Firefox checks consent every 5 s.
pub const SILENT: Duration = Duration::from_secs(12);

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
    pub shift: Option<(&'a Descriptor, u16, u8)>,
}

/// Packets that leave with the next flush, one behind the other, protected.
struct Batch {
    bytes: Vec<u8>,
    sizes: Vec<u16>,
    /// When an unfinished picture began to wait.
    waits_since: Option<Instant>,
}

/// A path was found to be the browser's.
pub struct Validated {
    /// The address that had to make room for it.
    pub forgotten: Option<SocketAddr>,
}

/// See the module.
pub struct Transport {
    fragment: String,
    password: String,
    dtls: Dtls,
    srtp: Option<Srtp>,
    paths: Vec<Path>,
    selected: Option<Path>,
    pub heard: Instant,
    packets: Allowance,
    bytes: Allowance,
    reports: Allowance,
    pub repeats: Repeats,
    batch: Batch,
    pub sent: SentLog,
    pub arrivals: Arrivals,
    pub estimate: Estimate,
}

impl Transport {
    #[must_use]
    pub fn new(plan: &Plan, identity: &Identity, packets_per_second: u32, now: Instant) -> Self {
        Self {
            fragment: plan.fragment.clone(),
            password: plan.password.clone(),
            dtls: Dtls::new(identity, plan.fingerprint.clone()),
            srtp: None,
            paths: Vec::new(),
            selected: None,
            heard: now,
            packets: Allowance::new(f64::from(packets_per_second)),
            bytes: Allowance::new(f64::from(packets_per_second) * AVERAGE),
            reports: Allowance::new(RTCP_PER_SECOND),
            repeats: Repeats::default(),
            batch: Batch {
                bytes: Vec::with_capacity(BATCH + 2_048),
                sizes: Vec::with_capacity(256),
                waits_since: None,
            },
            sent: SentLog::new(now),
            arrivals: Arrivals::default(),
            estimate: Estimate::default(),
        }
    }

    /// Our ICE user fragment.
    #[must_use]
    pub fn fragment(&self) -> &str {
        &self.fragment
    }

    /// Addresses that may send to us.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.paths.iter().map(|path| path.remote)
    }

    /// Whether media can flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.srtp.is_some() && self.selected.is_some()
    }

    /// Whether one more packet of so many bytes may be read from this participant now.
    pub fn may_receive(&mut self, now: Instant, bytes: usize) -> bool {
        self.packets.takes(now, 1.0) && self.bytes.takes(now, bytes as f64)
    }

    /// Whether one more RTCP datagram may be read from this participant now.
    pub fn may_receive_rtcp(&mut self, now: Instant) -> bool {
        self.reports.takes(now, 1.0)
    }

    /// Answers a connectivity check; `None`: it is not authentic.
    pub fn check(
        &mut self,
        now: Instant,
        datagram: &[u8],
        path: Path,
        identity: &Identity,
        socket: &Socket,
    ) -> Option<Validated> {
        let checked = stun::answer(
            datagram,
            &self.password,
            path.remote,
            identity.provider().crypto(),
        )?;
        self.heard = now;
        let forgotten = remember(&mut self.paths, path, self.selected);
        // The browser decides: the path it nominated last is the one to send on.
        if (checked.nominated || self.selected.is_none())
            && self.selected.replace(path) != Some(path)
        {
            self.estimate.moved();
        }
        socket.send(path, &checked.response, None);
        Some(Validated { forgotten })
    }

    /// Takes a DTLS datagram. True: the handshake is done with it.
    ///
    /// # Errors
    /// When the handshake failed; the transport is of no use any more.
    pub fn handshake(
        &mut self,
        now: Instant,
        datagram: &[u8],
        path: Path,
        identity: &Identity,
        socket: &Socket,
    ) -> Result<bool, DtlsError> {
        self.heard = now;
        let keys = self.dtls.read(now, datagram);
        self.send_handshake(path, socket);
        let Some(keys) = keys? else { return Ok(false) };
        let srtp = Srtp::new(&keys, identity.provider());
        self.srtp = srtp.ok();
        Ok(self.srtp.is_some())
    }

    /// Repeats handshake packets that got lost.
    ///
    /// # Errors
    /// When they were repeated often enough.
    pub fn handshake_timeout(&mut self, now: Instant, socket: &Socket) -> Result<(), DtlsError> {
        if self.dtls.poll_timeout().is_none_or(|at| at > now) {
            return Ok(());
        }
        // Without a path it is sent when there is one.
        if self.selected.is_none() {
            return Ok(());
        }
        self.dtls.handle_timeout(now)?;
        if let Some(path) = self.selected {
            self.send_handshake(path, socket);
        }
        Ok(())
    }

    fn send_handshake(&mut self, path: Path, socket: &Socket) {
        while let Some(datagram) = self.dtls.poll_transmit() {
            socket.send(path, &datagram, None);
        }
    }

    /// Tells the browser that it is over.
    pub fn close(&mut self, now: Instant, socket: &Socket) {
        self.dtls.close(now);
        if let Some(path) = self.selected {
            self.send_handshake(path, socket);
        }
    }

    /// Takes the protection off an RTP packet in place; gives the length that is left.
    pub fn unprotect(&mut self, now: Instant, packet: &mut [u8], header: &Header) -> Option<usize> {
        let length = self.srtp.as_mut()?.unprotect(packet, header)?;
        self.heard = now;
        Some(length)
    }

    /// Takes the protection off an RTCP packet.
    pub fn unprotect_rtcp(&mut self, now: Instant, packet: &[u8]) -> Option<bytes::BytesMut> {
        let plain = self.srtp.as_mut()?.unprotect_rtcp(packet)?;
        self.heard = now;
        Some(plain)
    }

    /// Protects a packet into the batch.
    pub fn push(&mut self, now: Instant, socket: &Socket, out: &Outgoing, payload: Payload<'_>) {
        let Some(srtp) = &mut self.srtp else { return };
        if self.selected.is_none() || payload.bytes.len() > MAX_PAYLOAD {
            return;
        }
        let length = payload.bytes.len() + PER_PACKET;
        if self.batch.bytes.len() + length > BATCH {
            self.flush(socket);
            return self.push(now, socket, out, payload);
        }
        if payload.original.is_none() {
            self.repeats.sent();
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
        if let Some((descriptor, picture_by, tl0_by)) = payload.shift {
            descriptor.shift(&mut bytes[body..], picture_by, tl0_by);
        }
        header = header.min(bytes.len() - start);
        if srtp.protect(bytes, start, header, out.ssrc, out.sequence) {
            let size = bytes.len() - start;
            self.batch
                .sizes
                .push(u16::try_from(size).unwrap_or(u16::MAX));
        }
    }

    /// Whether the batch should leave now; `finished`: no picture is cut in two by it.
    pub fn is_ripe(&mut self, now: Instant, finished: bool) -> bool {
        if finished {
            return true;
        }
        let since = *self.batch.waits_since.get_or_insert(now);
        now.saturating_duration_since(since) >= HOLD
    }

    /// Sends the batch: runs of equally long packets in one call each.
    pub fn flush(&mut self, socket: &Socket) {
        let Some(path) = self.selected else {
            self.batch.clear();
            return;
        };
        let mut start = 0;
        let mut index = 0;
        while let Some(size) = self.batch.sizes.get(index).copied() {
            let size = usize::from(size);
            let most = socket.max_segments(size);
            let mut end = start + size;
            let mut count = 1;
            index += 1;
            while let Some(next) = self.batch.sizes.get(index).copied().map(usize::from) {
                if count >= most || next > size {
                    break;
                }
                end += next;
                count += 1;
                index += 1;
                // Only the last segment may be shorter.
                if next < size {
                    break;
                }
            }
            let segment = (count > 1).then_some(size);
            if !socket.send(path, &self.batch.bytes[start..end], segment) {
                // Of no use any more, for example because our own address there is gone. The browser's next check
                // brings another.
                self.selected = None;
                break;
            }
            start = end;
        }
        self.batch.clear();
    }

    /// Sends RTCP packets in one datagram.
    pub fn send_rtcp(&mut self, socket: &Socket, packets: &[Box<dyn Packet>]) {
        let (Some(srtp), Some(path)) = (&mut self.srtp, self.selected) else {
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

/// Takes note of a path that was just heard of; the one that was silent for longest makes room, but never the one in use.
/// Gives an address that no path has any more.
fn remember(paths: &mut Vec<Path>, path: Path, selected: Option<Path>) -> Option<SocketAddr> {
    let mut forgotten = None;
    if let Some(at) = paths.iter().position(|one| *one == path) {
        paths.remove(at);
    } else if paths.len() >= MAX_PATHS {
        let oldest = paths.iter().position(|one| Some(*one) != selected);
        forgotten = oldest.map(|at| paths.remove(at).remote);
    }
    paths.push(path);
    forgotten.filter(|address| !paths.iter().any(|one| one.remote == *address))
}

impl Batch {
    fn clear(&mut self) {
        self.bytes.clear();
        self.sizes.clear();
        self.waits_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(port: u16) -> Path {
        Path {
            remote: SocketAddr::from(([192, 0, 2, 1], port)),
            local: None,
        }
    }

    #[test]
    fn the_path_in_use_is_never_forgotten() {
        let mut paths = Vec::new();
        let used = path(1);
        for port in 1..=100 {
            let forgotten = remember(&mut paths, path(port), Some(used));
            assert_ne!(forgotten, Some(used.remote));
        }
        assert!(paths.contains(&used));
        assert_eq!(paths.len(), MAX_PATHS);
    }

    #[test]
    fn the_path_that_was_silent_for_longest_makes_room() {
        let mut paths = Vec::new();
        for port in 1..=8 {
            assert_eq!(remember(&mut paths, path(port), None), None);
        }
        assert_eq!(remember(&mut paths, path(1), None), None, "heard again");
        assert_eq!(
            remember(&mut paths, path(9), None),
            Some(path(2).remote),
            "not the first one"
        );
    }

    #[test]
    fn an_address_that_another_path_has_stays_known() {
        let here = Path {
            local: Some([192, 0, 2, 9].into()),
            ..path(1)
        };
        let mut paths = vec![path(1)];
        for port in 2..=7 {
            remember(&mut paths, path(port), None);
        }
        remember(&mut paths, here, None);
        assert_eq!(remember(&mut paths, path(8), None), None);
    }
}
