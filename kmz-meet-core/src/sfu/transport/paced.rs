//! Pictures that wait for their time: one after the other, what is sent again first. Voices never come here.
//!
//! They wait without protection, so that their transport-wide numbers are in the order in which they leave, and say when.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::sfu::congestion::pacer::{Pacer, Pacing};
use crate::sfu::transport::packet::Outgoing;

/// Packets that wait at most: seconds of the narrowest line. Beyond it the oldest goes.
const MAX_WAITING: usize = 256;

/// A packet that waits, with its running numbers written.
pub struct Waiting {
    pub out: Outgoing,
    /// RFC 4588: the number under which it left first.
    pub original: Option<u16>,
    pub payload: Box<[u8]>,
}

/// See the module.
#[derive(Default)]
pub struct PacedQueue {
    pub pacer: Pacer,
    first: VecDeque<Waiting>,
    again: VecDeque<Waiting>,
    bytes: usize,
}

impl PacedQueue {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.again.is_empty()
    }

    /// How long what waits takes at this pace.
    #[must_use]
    pub fn delay(&self, pacing: Pacing) -> Duration {
        let rate = match pacing {
            Pacing::Rate(rate) | Pacing::Hold(rate) if self.bytes > 0 => rate,
            _ => return Duration::ZERO,
        };
        Duration::try_from_secs_f64(self.bytes as f64 * 8.0 / rate).unwrap_or(Duration::MAX)
    }

    /// One more waits.
    pub fn add(&mut self, packet: Waiting) {
        self.bytes += packet.payload.len();
        let line = if packet.original.is_some() {
            &mut self.again
        } else {
            &mut self.first
        };
        line.push_back(packet);
        if line.len() > MAX_WAITING
            && let Some(gone) = line.pop_front()
        {
            self.bytes -= gone.payload.len();
        }
    }

    /// The next one, if its time has come.
    pub fn next(&mut self, now: Instant, pacing: Pacing) -> Option<Waiting> {
        if self.is_empty() || !self.pacer.may_send(now, pacing) {
            return None;
        }
        let packet = self.again.pop_front().or_else(|| self.first.pop_front())?;
        self.bytes -= packet.payload.len();
        Some(packet)
    }

    /// Nobody needs what waits of this slot after this number any more: a key frame follows.
    pub fn forget(&mut self, ssrc: u32, rtx_ssrc: u32, after: u64) {
        let bytes = &mut self.bytes;
        let lines = [
            (&mut self.first, ssrc, after),
            (&mut self.again, rtx_ssrc, 0),
        ];
        for (line, ssrc, after) in lines {
            line.retain(|packet| {
                let keeps = packet.out.ssrc != ssrc || packet.out.sequence <= after;
                if !keeps {
                    *bytes -= packet.payload.len();
                }
                keeps
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Pacing = Pacing::Rate(1e6);

    fn packet(ssrc: u32, sequence: u64, original: Option<u16>) -> Waiting {
        Waiting {
            out: Outgoing {
                ssrc,
                payload_type: 96,
                sequence,
                timestamp: 0,
                marker: false,
                transport_cc: None,
                repeats: 0,
            },
            original,
            payload: vec![0; 1_250].into_boxed_slice(),
        }
    }

    fn all(queue: &mut PacedQueue, now: Instant) -> Vec<u64> {
        std::iter::from_fn(|| queue.next(now, Pacing::Free))
            .map(|packet| packet.out.sequence)
            .collect()
    }

    #[test]
    fn next_is_first_what_is_sent_again() {
        let mut queue = PacedQueue::default();
        queue.add(packet(1, 1, None));
        queue.add(packet(1, 2, None));
        queue.add(packet(2, 9, Some(7)));
        assert_eq!(queue.delay(RATE), Duration::from_millis(30));
        assert_eq!(all(&mut queue, Instant::now()), [9, 1, 2]);
        assert!(queue.is_empty() && queue.delay(RATE).is_zero());
    }

    #[test]
    fn next_waits_until_the_former_one_has_left_the_line() {
        let start = Instant::now();
        let mut queue = PacedQueue::default();
        queue.add(packet(1, 1, None));
        queue.add(packet(1, 2, None));
        assert!(queue.next(start, Pacing::Hold(1e6)).is_none());
        let sent = queue.next(start, RATE).expect("the first");
        queue.pacer.sent(sent.payload.len());
        assert!(queue.next(start + Duration::from_millis(5), RATE).is_none());
        assert!(
            queue
                .next(start + Duration::from_millis(10), RATE)
                .is_some()
        );
    }

    #[test]
    fn forget_leaves_the_packets_of_other_slots() {
        let mut queue = PacedQueue::default();
        for (ssrc, original) in [(1, None), (2, Some(1)), (3, None), (4, Some(1))] {
            queue.add(packet(ssrc, u64::from(ssrc), original));
        }
        queue.forget(1, 2, 0);
        assert_eq!(queue.delay(RATE), Duration::from_millis(20));
        assert_eq!(all(&mut queue, Instant::now()), [4, 3]);
    }

    #[test]
    fn add_without_end_keeps_a_bounded_number() {
        let mut queue = PacedQueue::default();
        for number in 0..2_000 {
            queue.add(packet(1, number, None));
        }
        assert_eq!(all(&mut queue, Instant::now()).len(), MAX_WAITING);
    }
}
