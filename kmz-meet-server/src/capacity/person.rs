//! One person of the class: sends what is theirs, counts what comes, and reports it as browsers do.

use std::time::{Duration, Instant};

use kmz_meet_core::sfu::internals::{Header, Kind, kind};
use kmz_meet_core::sfu::testing::{ArrivalLog, Peer, TRANSPORT_CC};

use super::class::Sender;

const FEEDBACK_EVERY: Duration = Duration::from_millis(100);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Person {
    peer: Peer,
    sender: Sender,
    arrivals: ArrivalLog,
    begun: Instant,
    reported: Instant,
    alive: Instant,
    /// Media packets that came.
    pub(super) received: u64,
}

impl Person {
    pub(super) fn new(peer: Peer, sender: Sender) -> Self {
        let socket = socket2::SockRef::from(peer.socket());
        let _ = (
            socket.set_nonblocking(true),
            socket.set_recv_buffer_size(1 << 20),
        );
        let now = Instant::now();
        Self {
            peer,
            sender,
            arrivals: ArrivalLog::default(),
            begun: now,
            reported: now,
            alive: now,
            received: 0,
        }
    }

    /// Whether they send anything.
    pub(super) fn sends(&self) -> bool {
        self.sender.sends()
    }

    /// Does what is due.
    pub(super) fn step(&mut self) {
        let now = Instant::now();
        self.sender.send(&mut self.peer, now);
        self.take();
        if now.duration_since(self.reported) > FEEDBACK_EVERY {
            self.reported = now;
            if let Some(report) = self.arrivals.feedback(1) {
                self.peer.send_rtcp(&report);
            }
        }
        if now.duration_since(self.alive) > KEEP_ALIVE_EVERY {
            self.alive = now;
            self.peer.keep_alive();
        }
    }

    /// Takes what waits.
    fn take(&mut self) {
        let mut buffer = [0u8; 2_048];
        while let Ok((length, _)) = self.peer.socket().recv_from(&mut buffer) {
            let datagram = &buffer[..length];
            if kind(datagram) != Kind::Rtp {
                self.peer.answer(datagram);
                continue;
            }
            self.received += 1;
            let number = Header::parse(datagram)
                .and_then(|header| header.extension(datagram, TRANSPORT_CC)?.try_into().ok());
            if let Some(number) = number {
                let at = self.begun.elapsed().as_micros() as i64;
                self.arrivals.record(u16::from_be_bytes(number), at);
            }
        }
    }
}
