//! Voices that are sent again unasked, on lines that lose much by chance: a moment later, and the very same datagram. The
//! receiver takes the first that comes and drops the other, as the network may have doubled it (RFC 3711, section 3.3.2).
//!
//! It needs nothing that is negotiated, and no round trip.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A packet is sent again after this time: what was lost together with it is over by then, and the second repeat still
/// comes before the next voice. A receiver sees no jitter in it, so its buffer stays short and waits for all of them.
const AFTER: Duration = Duration::from_millis(8);
/// Packets that wait: five voices for a tenth of a second.
const MAX_KEPT: usize = 32;

struct Kept {
    again_at: Instant,
    left: u8,
    datagram: Box<[u8]>,
}

/// See the module.
#[derive(Default)]
pub struct VoiceRepeats(VecDeque<Kept>);

impl VoiceRepeats {
    /// A protected packet left, and is to be sent again so often.
    pub fn keep(&mut self, now: Instant, datagram: &[u8], times: u8) {
        if self.0.len() >= MAX_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Kept {
            again_at: now + AFTER,
            left: times,
            datagram: datagram.into(),
        });
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands out each that is due.
    pub fn due(&mut self, now: Instant, mut send: impl FnMut(&[u8])) {
        for kept in self.0.iter_mut().filter(|kept| kept.again_at <= now) {
            send(&kept.datagram);
            kept.left = kept.left.saturating_sub(1);
            kept.again_at = now + AFTER;
        }
        self.0.retain(|kept| kept.left > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_hands_each_out_as_often_as_wanted_and_not_at_once() {
        let start = Instant::now();
        let mut repeats = VoiceRepeats::default();
        repeats.keep(start, b"a", 2);
        repeats.keep(start + Duration::from_millis(20), b"b", 1);
        let mut sent = Vec::new();
        for milliseconds in (0..200).step_by(4) {
            repeats.due(start + Duration::from_millis(milliseconds), |datagram| {
                sent.push((milliseconds, datagram[0]));
            });
        }
        assert_eq!(sent, [(8, b'a'), (16, b'a'), (28, b'b')]);
        assert!(repeats.is_empty());
    }

    #[test]
    fn keep_without_end_is_bounded() {
        let now = Instant::now();
        let mut repeats = VoiceRepeats::default();
        for _ in 0..1_000 {
            repeats.keep(now, b"a", 1);
        }
        let mut sent = 0;
        repeats.due(now + AFTER, |_| sent += 1);
        assert_eq!(sent, MAX_KEPT);
    }
}
