//! How fast a client may send messages.

use std::time::{Duration, Instant};

use kmz_meet_core::signal::{MESSAGES_BURST, MESSAGES_PER_SECOND};

/// A client that was too fast this often does not listen and is disconnected.
const PATIENCE: u32 = 1_000;

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// Drop it; `tell`: and say so (once a second).
    Drop {
        tell: bool,
    },
    Disconnect,
}

/// A bucket of messages.
pub(crate) struct Limit {
    left: f64,
    at: Instant,
    dropped: u32,
    told: Option<Instant>,
}

impl Limit {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            left: f64::from(MESSAGES_BURST),
            at: now,
            dropped: 0,
            told: None,
        }
    }

    /// A message came.
    pub(crate) fn message(&mut self, now: Instant) -> Verdict {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.left =
            (self.left + passed * f64::from(MESSAGES_PER_SECOND)).min(f64::from(MESSAGES_BURST));
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Verdict::Take;
        }
        self.dropped += 1;
        if self.dropped > PATIENCE {
            return Verdict::Disconnect;
        }
        let tell = self
            .told
            .is_none_or(|told| now.saturating_duration_since(told) >= Duration::from_secs(1));
        if tell {
            self.told = Some(now);
        }
        Verdict::Drop { tell }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_messages_a_second_end_the_connection() {
        let now = Instant::now();
        let mut limit = Limit::new(now);
        let verdicts: Vec<Verdict> = (0..10_000)
            .map(|number| limit.message(now + Duration::from_micros(100 * number)))
            .take_while(|verdict| *verdict != Verdict::Disconnect)
            .collect();
        let taken = verdicts
            .iter()
            .filter(|verdict| **verdict == Verdict::Take)
            .count();
        assert!(taken <= (MESSAGES_BURST + MESSAGES_PER_SECOND) as usize);
        assert!(verdicts.len() < 1_200);
        assert_eq!(
            verdicts
                .iter()
                .filter(|verdict| **verdict == Verdict::Drop { tell: true })
                .count(),
            1
        );
    }

    #[test]
    fn a_steady_client_is_never_dropped() {
        let now = Instant::now();
        let mut limit = Limit::new(now);
        for number in 0..1_000 {
            assert_eq!(
                limit.message(now + Duration::from_millis(60 * number)),
                Verdict::Take
            );
        }
    }
}
