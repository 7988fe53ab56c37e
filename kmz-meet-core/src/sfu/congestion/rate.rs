//! The target rate: multiplicative increase and decrease, and careful steps near the rate at which the connection was full
//! last (draft-ietf-rmcat-gcc-02, section 5.5).

use std::time::{Duration, Instant};

use super::limits::{MAX_BITRATE, MIN_BITRATE};

/// Decrease to this share of what arrives. 0.85 is the draft's beta; the other lets a far too long queue empty.
const DECREASE: f64 = 0.85;
const SEVERE_DECREASE: f64 = 0.7;
/// A decrease must show before the next one.
const DECREASE_INTERVAL: Duration = Duration::from_millis(400);
/// Growth in a second, without and with some loss, and in bits near the rate at which the connection was full last. The
/// draft has 1.08 in a second everywhere; pictures of a class need more.
const GROWTH: f64 = 1.5;
const CAREFUL_GROWTH: f64 = 1.05;
const NEAR_GROWTH: f64 = 20_000.0;
/// Below this share of lost packets it may be the air.
pub const SOME_LOSS: f64 = 0.03;
/// The target goes at most so far beyond what arrives (draft, section 5.5: 1.5 times).
const MAX_UNTRIED: f64 = 1.5;
const MIN_UNTRIED: f64 = 300_000.0;
/// How long the rate at which the connection was full is remembered: for the first time, and when it was full again soon.
const MEMORY: Duration = Duration::from_secs(5);
const LONG_MEMORY: Duration = Duration::from_secs(8);
/// How long after it was full a connection is strained: for the first time, and at most when that comes again and again.
const MIN_STRAIN: Duration = Duration::from_secs(5);
const MAX_STRAIN: Duration = Duration::from_secs(20);

/// The rate at which the connection was full.
#[derive(Clone, Copy)]
struct Ceiling {
    rate: f64,
    at: Instant,
    memory: Duration,
}

/// See the module. Rates are in bits per second.
pub struct RateController {
    target: f64,
    decreased: Option<Instant>,
    grown: Option<Instant>,
    ceiling: Option<Ceiling>,
    strained_until: Option<Instant>,
    strain: Duration,
}

impl RateController {
    /// Starts with this rate.
    #[must_use]
    pub fn new(start: f64) -> Self {
        Self {
            target: start,
            decreased: None,
            grown: None,
            ceiling: None,
            strained_until: None,
            strain: MIN_STRAIN,
        }
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> f64 {
        self.target
    }

    /// Whether the connection was full a short while ago. Else the target only says what was tried, not what the
    /// connection carries.
    #[must_use]
    pub fn is_strained(&self, now: Instant) -> bool {
        self.strained_until.is_some_and(|until| now < until)
    }

    /// Whether the last decrease has not had the time to show.
    #[must_use]
    pub fn is_waiting(&self, now: Instant) -> bool {
        self.decreased
            .is_some_and(|at| now.saturating_duration_since(at) < DECREASE_INTERVAL)
    }

    /// Whether the connection was full about here a moment ago.
    #[must_use]
    pub fn is_near_ceiling(&self, now: Instant) -> bool {
        self.ceiling.is_some_and(|ceiling| {
            now.saturating_duration_since(ceiling.at) < ceiling.memory
                && self.target > 0.8 * ceiling.rate
        })
    }

    /// The connection is full while so much arrives.
    pub fn decrease(&mut self, now: Instant, acked: f64, is_severe: bool) {
        let share = if is_severe { SEVERE_DECREASE } else { DECREASE };
        self.target = self.target.min(acked * share).max(MIN_BITRATE);
        let again = self
            .ceiling
            .is_some_and(|last| now.saturating_duration_since(last.at) < 3 * MEMORY);
        self.ceiling = Some(Ceiling {
            rate: acked,
            at: now,
            memory: if again { LONG_MEMORY } else { MEMORY },
        });
        if !self.is_strained(now) {
            let soon = self
                .strained_until
                .is_some_and(|until| now.saturating_duration_since(until) < MAX_STRAIN);
            self.strain = if soon {
                (self.strain * 2).min(MAX_STRAIN)
            } else {
                MIN_STRAIN
            };
        }
        self.strained_until = Some(now + self.strain);
        self.decreased = Some(now);
        self.grown = None;
    }

    /// There is room for more while so much arrives. `wanted`: the target may grow up to it even if it was never tried.
    pub fn increase(&mut self, now: Instant, loss: f64, acked: Option<f64>, wanted: f64) {
        let passed = self
            .grown
            .replace(now)
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64())
            .min(0.5);
        let grown = if self.is_near_ceiling(now) {
            self.target + NEAR_GROWTH * passed
        } else if loss < SOME_LOSS {
            self.target * GROWTH.powf(passed)
        } else {
            self.target * CAREFUL_GROWTH.powf(passed)
        };
        // Not far beyond what was tried: a sender of little learns little.
        let tried = (MAX_UNTRIED * acked.unwrap_or(0.0) + MIN_UNTRIED).max(wanted);
        self.target = grown.min(tried.max(self.target)).min(MAX_BITRATE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decrease_goes_below_what_arrives_and_waits_before_the_next() {
        let now = Instant::now();
        let mut rate = RateController::new(4e6);
        rate.decrease(now, 1e6, false);
        assert!((rate.target() - 850_000.0).abs() < 1.0);
        assert!(rate.is_waiting(now) && rate.is_strained(now) && rate.is_near_ceiling(now));
        assert!(!rate.is_waiting(now + DECREASE_INTERVAL));
        assert!(!rate.is_strained(now + MIN_STRAIN));
        rate.decrease(now, 0.0, true);
        assert!((rate.target() - MIN_BITRATE).abs() < 1.0, "never below");
    }

    #[test]
    fn increase_does_not_go_far_beyond_what_arrives_unless_it_is_wanted() {
        let start = Instant::now();
        let grown = |wanted| {
            let mut rate = RateController::new(1e6);
            for step in 0..200 {
                let now = start + Duration::from_millis(100 * step);
                rate.increase(now, 0.0, Some(1e6), wanted);
            }
            rate.target()
        };
        assert!((grown(0.0) - 1.8e6).abs() < 1.0);
        assert!((grown(3e6) - 3e6).abs() < 1.0);
    }
}
