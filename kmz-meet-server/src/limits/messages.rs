//! How fast a client may send messages.

use std::time::{Duration, Instant};

use kmz_meet_core::signal::{MESSAGES_BURST, MESSAGES_PER_SECOND};

use super::rate::{Rate, Usage};

const MESSAGES: Rate = Rate {
    at_once: MESSAGES_BURST,
    each: Duration::from_nanos(1_000_000_000 / MESSAGES_PER_SECOND as u64),
};
const WARNINGS: Rate = Rate {
    at_once: 1,
    each: Duration::from_secs(1),
};
/// A client that was too fast this often does not listen and is disconnected.
const MAX_DROPPED: u32 = 1_000;

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// Drop it; `tell`: and warn the client.
    Drop {
        tell: bool,
    },
    Disconnect,
}

/// The messages of one client.
#[derive(Default)]
pub(crate) struct MessageLimit {
    messages: Usage,
    warnings: Usage,
    dropped: u32,
}

impl MessageLimit {
    /// A message came.
    pub(crate) fn message(&mut self, now: Instant) -> Verdict {
        if self.messages.try_acquire(MESSAGES, now) {
            return Verdict::Take;
        }
        self.dropped += 1;
        if self.dropped > MAX_DROPPED {
            return Verdict::Disconnect;
        }
        Verdict::Drop {
            tell: self.warnings.try_acquire(WARNINGS, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ten_thousand_times_a_second_ends_the_connection() {
        let now = Instant::now();
        let mut limit = MessageLimit::default();
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
    fn message_of_a_steady_client_is_always_taken() {
        let now = Instant::now();
        let mut limit = MessageLimit::default();
        for number in 0..1_000 {
            assert_eq!(
                limit.message(now + Duration::from_millis(60 * number)),
                Verdict::Take
            );
        }
    }
}
