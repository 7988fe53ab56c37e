//! One participant's connection: ICE-lite, DTLS, SRTP both ways, and the batch of packets that leave next.

mod outgoing;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::sfu::congestion::estimate::SendSideEstimate;
use crate::sfu::congestion::pacer::Pacer;
use crate::sfu::ids::MemberKey;
use crate::sfu::net::socket::{Path, Socket};
use crate::sfu::rtp::header::Header;
use crate::sfu::rtp::payload_types::PayloadTypes;
use crate::sfu::rtp::transport_feedback::{ArrivalLog, SentLog};
use crate::sfu::sdp::answer::Plan;
use crate::sfu::sdp::offer::Credentials;
use crate::sfu::token_bucket::TokenBucket;
use crate::sfu::transport::batch::Batch;
use crate::sfu::transport::candidate_paths::{CandidatePaths, CheckId};
use crate::sfu::transport::dtls::{Dtls, DtlsError, Identity};
use crate::sfu::transport::paced::PacedQueue;
use crate::sfu::transport::rtx_limiter::RtxLimiter;
use crate::sfu::transport::srtp::Srtp;
use crate::sfu::transport::stun;
use crate::sfu::transport::voice_repeats::VoiceRepeats;

pub use outgoing::MAX_PAYLOAD;

/// Bytes of a packet that a participant sends, on the average: by the default of 2,500 packets a second these are
/// 8 Mbit/s, where three encodings, a shared screen and two voices need 5.
const AVERAGE: f64 = 400.0;
/// RTCP datagrams that one participant may send in a second. A browser with 25 pictures sends about 50, on a path that
/// loses much perhaps 200.
const RTCP_PER_SECOND: f64 = 400.0;
/// Connectivity checks that are answered, a second and at once. Browsers begin with twenty a second for each network.
const CHECKS: (f64, f64) = (60.0, 200.0);
/// A transport that heard nothing for this long is lost (RFC 7675 allows 30 s).
pub const LOST: Duration = Duration::from_secs(30);
/// … and is shown as not connected after this long. Firefox checks consent every 5 s.
pub const SILENT: Duration = Duration::from_secs(12);
/// Who was not heard for this long has left their address: another may have it now.
const GONE: Duration = Duration::from_secs(5);

/// On which path a handshake goes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Hands {
    #[default]
    None,
    /// All of it on this one: who finishes it has received there what we sent.
    On(Path),
    /// The last of several.
    Moved(Path),
}

/// See the module.
pub struct Transport {
    ufrag: String,
    password: String,
    dtls: Dtls,
    srtp: Option<Srtp>,
    credentials: Option<Credentials>,
    paths: CandidatePaths,
    hands: Hands,
    checks: TokenBucket,
    pub heard: Instant,
    packets: TokenBucket,
    bytes: TokenBucket,
    reports: TokenBucket,
    pub rtx_limiter: RtxLimiter,
    batch: Batch,
    paced: PacedQueue,
    /// What leaves, against what the estimate has room for.
    room: Pacer,
    voice_repeats: VoiceRepeats,
    /// Which packets of ours are voices.
    voices: PayloadTypes,
    pub sent: SentLog,
    pub arrivals: ArrivalLog,
    pub estimate: SendSideEstimate,
}

impl Transport {
    #[must_use]
    pub fn new(plan: &Plan, identity: &Identity, packets_per_second: u32, now: Instant) -> Self {
        Self {
            ufrag: plan.ufrag.clone(),
            password: plan.password.clone(),
            dtls: Dtls::new(identity, plan.fingerprint.clone()),
            srtp: None,
            credentials: plan.credentials.clone(),
            paths: CandidatePaths::default(),
            hands: Hands::default(),
            checks: TokenBucket::with_burst(CHECKS.0, CHECKS.1),
            heard: now,
            packets: TokenBucket::new(f64::from(packets_per_second)),
            bytes: TokenBucket::new(f64::from(packets_per_second) * AVERAGE),
            reports: TokenBucket::new(RTCP_PER_SECOND),
            rtx_limiter: RtxLimiter::default(),
            batch: Batch::default(),
            paced: PacedQueue::default(),
            room: Pacer::default(),
            voice_repeats: VoiceRepeats::default(),
            voices: plan.voices(),
            sent: SentLog::new(now),
            arrivals: ArrivalLog::default(),
            estimate: SendSideEstimate::default(),
        }
    }

    /// Our ICE user fragment.
    #[must_use]
    pub fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// Addresses that may send to us.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.paths.addresses()
    }

    /// Whether media can flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.srtp.is_some() && self.paths.selected().is_some()
    }

    /// Whether one more packet of so many bytes may be read from this participant now.
    pub fn may_receive(&mut self, now: Instant, bytes: usize) -> bool {
        self.packets.takes(now, 1.0) && self.bytes.takes(now, bytes as f64)
    }

    /// Whether one more RTCP datagram may be read from this participant now.
    pub fn may_receive_rtcp(&mut self, now: Instant) -> bool {
        self.reports.takes(now, 1.0)
    }

    /// Whether this address is the one that this participant is at, as we know and hear.
    #[must_use]
    pub fn holds(&self, now: Instant, address: SocketAddr) -> bool {
        now.saturating_duration_since(self.heard) < GONE && self.paths.holds(now, address)
    }

    /// There is no such address any more.
    pub fn address_ended(&mut self, address: SocketAddr) {
        self.paths.ended(address);
    }

    /// Reads a connectivity check; `None`: it is not authentic, or one too many.
    pub fn authentic(
        &mut self,
        now: Instant,
        datagram: &[u8],
        path: Path,
        identity: &Identity,
    ) -> Option<stun::Checked> {
        let checked = stun::answer(
            datagram,
            &self.password,
            path.remote,
            identity.provider().crypto(),
        )?;
        self.checks.takes(now, 1.0).then_some(checked)
    }

    /// Answers a connectivity check of `size` bytes that is authentic. `member`: whose transport this is. Gives the address
    /// that is none of theirs any more, because this one took its place.
    #[allow(
        clippy::too_many_arguments,
        reason = "a check, where it came from, and what an answer needs"
    )]
    pub fn check(
        &mut self,
        now: Instant,
        checked: &stun::Checked,
        size: usize,
        path: Path,
        identity: &Identity,
        socket: &Socket,
        member: MemberKey,
    ) -> Option<SocketAddr> {
        self.heard = now;
        let before = self.paths.selected();
        let forgotten = self.paths.heard(now, path, size, checked.nominated);
        self.moved_from(before);
        if self.paths.may_send(now, path, checked.response.len()) {
            socket.send(path, &checked.response, None);
        }
        self.check_path(now, identity, socket, member);
        forgotten
    }

    /// Sends the check of ours that is due: whether the browser is where media are to go, or still is where they go.
    pub fn check_path(
        &mut self,
        now: Instant,
        identity: &Identity,
        socket: &Socket,
        member: MemberKey,
    ) {
        let Some(credentials) = &self.credentials else {
            return;
        };
        let new = || {
            let mut id: CheckId = rand::random();
            // Answers do not say for whom they are.
            id[..4].copy_from_slice(&member.to_bytes());
            id
        };
        let Some((path, id)) = self.paths.check_due(now, new) else {
            return;
        };
        let crypto = identity.provider().crypto();
        let Some(check) = stun::request(id, &self.ufrag, credentials, crypto) else {
            return;
        };
        if self.paths.may_send(now, path, check.len()) {
            socket.send(path, &check, None);
        }
    }

    /// A check of ours was answered. False: it was none of ours, or somebody else answered.
    pub fn answered(
        &mut self,
        now: Instant,
        datagram: &[u8],
        path: Path,
        id: CheckId,
        identity: &Identity,
    ) -> bool {
        let is_ours = self.paths.awaits(path, id)
            && self.credentials.as_ref().is_some_and(|credentials| {
                stun::is_authentic(datagram, credentials, identity.provider().crypto())
            });
        if is_ours {
            self.heard = now;
            let before = self.paths.selected();
            self.paths.answered(now, path);
            self.moved_from(before);
        }
        is_ours
    }

    /// Media do not go on to where nobody answers.
    pub fn expire(&mut self, now: Instant) {
        self.paths.expire(now);
    }

    fn moved_from(&mut self, before: Option<Path>) {
        if self.paths.selected() != before {
            self.estimate.path_changed();
        }
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
        self.paths.received(path, datagram.len());
        self.hands = match self.hands {
            Hands::None => Hands::On(path),
            Hands::On(on) if on == path => Hands::On(path),
            _ => Hands::Moved(path),
        };
        let keys = self.dtls.read(now, datagram);
        self.send_handshake(now, path, socket);
        let Some(keys) = keys? else { return Ok(false) };
        let srtp = Srtp::new(&keys, identity.provider());
        self.srtp = srtp.ok();
        if self.hands == Hands::On(path) {
            let before = self.paths.selected();
            self.paths.prove(now, path);
            self.moved_from(before);
        }
        Ok(self.srtp.is_some())
    }

    /// Sends handshake packets again that got lost.
    ///
    /// # Errors
    /// When they were repeated often enough.
    pub fn handshake_timeout(&mut self, now: Instant, socket: &Socket) -> Result<(), DtlsError> {
        if self.dtls.poll_timeout().is_none_or(|at| at > now) {
            return Ok(());
        }
        let (Hands::On(path) | Hands::Moved(path)) = self.hands else {
            return Ok(());
        };
        self.dtls.handle_timeout(now)?;
        self.send_handshake(now, path, socket);
        Ok(())
    }

    fn send_handshake(&mut self, now: Instant, path: Path, socket: &Socket) {
        while let Some(datagram) = self.dtls.poll_transmit() {
            if self.paths.may_send(now, path, datagram.len()) {
                socket.send(path, &datagram, None);
            }
        }
    }

    /// Tells the browser that it is over.
    pub fn close(&mut self, now: Instant, socket: &Socket) {
        self.dtls.close(now);
        if let Some(path) = self.paths.selected() {
            self.send_handshake(now, path, socket);
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
}
