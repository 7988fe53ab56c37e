//! Whether packets get lost because too much is sent, or by chance: in the air, or in a bad cable.
//!
//! A line that is too full shows it by its queue; one with hardly a queue (a policer) shows it only by what it drops. So
//! much loss without a queue is answered by one trial: less is sent for one window. Where that mends nothing, the loss is
//! chance, and less would only make a smaller picture (RFC 8698, section 5.1.3, speaks of the same trap).

use std::time::{Duration, Instant};

/// Shares of lost packets are of no use over a shorter time, or of fewer packets.
const WINDOW: Duration = Duration::from_secs(2);
const MIN_PACKETS: usize = 40;
/// More than this share may be too much, whatever the queue says (the loss-based controller of
/// draft-ietf-rmcat-gcc-02 has 0.1).
pub const MAX_LOSS: f64 = 0.12;
/// A trial that leaves more than this of the loss has mended nothing.
const MENDED: f64 = 0.6;
/// A share is told from some packets only: the line's own is between so many standard errors (of the binomial distribution)
/// below and above it. What is decided must hold for all of that.
const ERRORS: f64 = 2.0;
/// Loss by chance varies: so much more than what a trial found is taken for the same.
const VARIATION: f64 = 1.3;
const MORE: f64 = 0.03;
/// How long a trial is believed.
const MEMORY: Duration = Duration::from_secs(90);

/// What the loss of the last window says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossVerdict {
    /// Nothing new.
    Usual,
    /// Perhaps too much is sent: send less, for one window at least.
    TooMuch,
    /// Less did not mend it: send what was sent before.
    Chance,
}

/// See the module.
#[derive(Default)]
pub struct RandomLoss {
    since: Option<Instant>,
    lost: usize,
    all: usize,
    /// The loss for which less is tried.
    trial: Option<f64>,
    /// The loss that is taken for chance, and since when.
    chance: Option<(f64, Instant)>,
}

impl RandomLoss {
    /// Whether less is being tried.
    #[must_use]
    pub fn is_trying(&self) -> bool {
        self.trial.is_some()
    }

    /// The queue shows that it is not chance.
    pub fn is_explained(&mut self, now: Instant) {
        self.trial = None;
        self.begin(now);
    }

    /// So many of the packets of a feedback were lost.
    pub fn add(&mut self, now: Instant, lost: usize, all: usize) -> LossVerdict {
        let since = *self.since.get_or_insert(now);
        self.lost += lost;
        self.all += all;
        if now.saturating_duration_since(since) < WINDOW || self.all < MIN_PACKETS {
            return LossVerdict::Usual;
        }
        let loss = self.lost as f64 / self.all as f64;
        let error = ERRORS * (loss * (1.0 - loss) / self.all as f64).sqrt();
        if let Some(before) = self.trial {
            let mended = MENDED * before;
            let is_mended = loss + error < mended;
            // It may seem mended by chance: the packets of one more window tell. Less for longer is what a line with hardly a queue
            // would need, and most lines that lose are none.
            if !is_mended && loss < mended && now.saturating_duration_since(since) < 2 * WINDOW {
                return LossVerdict::Usual;
            }
            self.trial = None;
            self.begin(now);
            if is_mended {
                self.chance = None;
                return LossVerdict::Usual;
            }
            self.chance = Some((VARIATION * loss.max(before) + MORE, now));
            return LossVerdict::Chance;
        }
        self.begin(now);
        let tolerated = self
            .chance
            .filter(|(_, at)| now.saturating_duration_since(*at) < MEMORY)
            .map_or(MAX_LOSS, |(tolerated, _)| tolerated.max(MAX_LOSS));
        if loss - error <= tolerated {
            return LossVerdict::Usual;
        }
        self.trial = Some(loss);
        LossVerdict::TooMuch
    }

    fn begin(&mut self, now: Instant) {
        self.since = Some(now);
        self.lost = 0;
        self.all = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LossVerdict::{Chance, TooMuch, Usual};

    /// The verdicts other than `Usual` on a second by second share of loss in percent, ten feedbacks of ten packets each.
    fn verdicts(percents: impl IntoIterator<Item = usize>) -> Vec<(usize, LossVerdict)> {
        let start = Instant::now();
        let mut loss = RandomLoss::default();
        let mut found = Vec::new();
        for (second, percent) in percents.into_iter().enumerate() {
            for step in 0..10 {
                let now = start + Duration::from_millis((1_000 * second + 100 * step) as u64);
                let lost = (percent * (step + 1)) / 10 - (percent * step) / 10;
                let verdict = loss.add(now, lost, 10);
                if verdict != Usual {
                    found.push((second, verdict));
                }
            }
        }
        found
    }

    #[test]
    fn loss_of_a_tenth_is_no_reason_to_send_less() {
        assert_eq!(verdicts([10; 100]), []);
    }

    #[test]
    fn loss_that_less_does_not_mend_is_chance_and_tried_seldom() {
        let verdicts = verdicts([20; 120]);
        let which: Vec<_> = verdicts.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(which, [TooMuch, Chance, TooMuch, Chance]);
        assert!(verdicts[2].0 - verdicts[1].0 >= 90);
    }

    #[test]
    fn loss_that_less_mends_was_too_much_sent() {
        let verdicts = verdicts([30, 30, 30, 0, 0, 0, 0, 30, 30, 30]);
        let which: Vec<_> = verdicts.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(which, [TooMuch, TooMuch]);
    }
}
