//! Pacing: pictures leave no faster than the connection carries, so that the queue at its narrow place stays short and a
//! voice, which does not wait here, does not wait there either (RFC 8836, requirement 4, asks for it;
//! draft-ietf-rmcat-gcc-02, section 4, has a pacer too).

use std::time::{Duration, Instant};

/// How pictures may leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pacing {
    /// At once.
    Free,
    /// At this rate in bits per second, voices counted.
    Rate(f64),
    /// Not at all, until the queue at the narrow place is empty; then at this rate.
    Hold(f64),
}

/// Nothing is owed for longer: a pause is no right to a burst, and voices may not stop pictures for ever.
const MAX_DEBT: Duration = Duration::from_millis(500);
const BURST: Duration = Duration::from_millis(5);

/// A leaky bucket over all that leaves.
#[derive(Default)]
pub struct Pacer {
    /// Bytes that left before their time.
    debt: f64,
    at: Option<Instant>,
}

impl Pacer {
    /// So many bytes leave.
    pub fn sent(&mut self, bytes: usize) {
        self.debt += bytes as f64;
    }

    /// What left was not paced: nothing is owed for it later.
    pub fn forgive(&mut self, now: Instant) {
        self.debt = 0.0;
        self.at = Some(now);
    }

    /// Whether a packet of a picture may leave now.
    pub fn may_send(&mut self, now: Instant, pacing: Pacing) -> bool {
        let passed = self
            .at
            .replace(now)
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        match pacing {
            Pacing::Free => {
                self.debt = 0.0;
                true
            }
            Pacing::Rate(rate) => {
                let rate = rate / 8.0;
                self.debt = (self.debt - rate * passed.as_secs_f64())
                    .clamp(-rate * BURST.as_secs_f64(), rate * MAX_DEBT.as_secs_f64());
                self.debt <= 0.0
            }
            Pacing::Hold(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of 1,000 bytes that leave in a second beside a voice of so many bytes every 20 ms.
    fn sent_in_a_second(pacing: Pacing, voice: usize) -> usize {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        let mut sent = 0;
        for millisecond in 0..1_000 {
            if millisecond % 20 == 0 {
                pacer.sent(voice);
            }
            let now = start + Duration::from_millis(millisecond);
            while sent < 5_000 && pacer.may_send(now, pacing) {
                pacer.sent(1_000);
                sent += 1;
            }
        }
        sent
    }

    #[test]
    fn pacer_lets_pictures_leave_at_the_rate_that_voices_leave_over() {
        assert!((124..=126).contains(&sent_in_a_second(Pacing::Rate(1e6), 0)));
        assert!((74..=76).contains(&sent_in_a_second(Pacing::Rate(1e6), 1_000)));
        assert_eq!(sent_in_a_second(Pacing::Hold(1e6), 0), 0);
        assert_eq!(sent_in_a_second(Pacing::Free, 0), 5_000);
    }

    #[test]
    fn pacer_after_a_free_line_lets_the_first_picture_leave_at_once() {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        for _ in 0..500 {
            pacer.sent(1_000);
            pacer.forgive(start);
        }
        assert!(pacer.may_send(start, Pacing::Rate(1e6)));
    }

    #[test]
    fn pacer_after_a_pause_gives_no_burst() {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        pacer.sent(1_000);
        assert!(!pacer.may_send(start, Pacing::Rate(1e6)));
        let later = start + Duration::from_secs(9);
        let mut sent = 0;
        while pacer.may_send(later, Pacing::Rate(1e6)) {
            pacer.sent(1_000);
            sent += 1;
        }
        assert!(sent <= 2, "{sent}");
    }
}
