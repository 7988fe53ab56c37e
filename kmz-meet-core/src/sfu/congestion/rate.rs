//! The target rate: multiplicative increase and decrease, and careful steps near the rate at which the connection was full
//! last (draft-ietf-rmcat-gcc-02, section 5.5).

use std::time::{Duration, Instant};

use super::limits::{MAX_BITRATE, MIN_BITRATE};

/// Decrease to this share of what arrives. 0.85 is the draft's beta; the other lets a far too long queue empty.
const DECREASE: f64 = 0.85;
const SEVERE_DECREASE: f64 = 0.7;
/// A decrease must show before the next one.
const DECREASE_INTERVAL: Duration = Duration::from_millis(400);
/// Growth in a second where nothing is known of the line. The draft has 1.08 everywhere; pictures of a class need more.
const GROWTH: f64 = 1.5;
/// … and near the rate at which it was full last: there it goes up to just below while that is remembered, and then over it
/// in steps so small that the queue which shows that it is still full stays short.
const NEAR_GROWTH: f64 = 1.03;
const OVER_GROWTH: f64 = 1.12;
const NEAR: (f64, f64) = (0.8, 0.97);
/// So far above that rate the line has become another one.
const PASSED: f64 = 1.15;
/// The target goes at most so far beyond what arrives (draft, section 5.5: 1.5 times).
const MAX_UNTRIED: f64 = 1.5;
const MIN_UNTRIED: f64 = 300_000.0;
/// … and on a connection that was full not long ago only so far: what is beyond was tried by padding, or not at all.
const MAX_CAREFUL: f64 = 1.25;
const MIN_CAREFUL: f64 = 40_000.0;
/// For how long nothing beyond the rate at which the connection was full is tried: for the first time, and when it was
/// full again soon.
const MEMORY: Duration = Duration::from_secs(4);
const LONG_MEMORY: Duration = Duration::from_secs(5);
/// For how long that rate is passed carefully.
const CARE: Duration = Duration::from_mins(1);
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
                && self.target > NEAR.0 * ceiling.rate
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

    /// The connection was not full: it was a mistake to send less than this. Nothing is known of where it is full.
    pub fn restore(&mut self, target: f64) {
        self.target = self.target.max(target);
        self.ceiling = None;
        self.strained_until = None;
        self.decreased = None;
        self.grown = None;
    }

    /// There is room for more while so much arrives. `wanted`: the target may grow up to it even if it was never tried.
    pub fn increase(&mut self, now: Instant, acked: Option<f64>, wanted: f64) {
        let passed = self
            .grown
            .replace(now)
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64())
            .min(0.5);
        let known = self
            .ceiling
            .filter(|ceiling| now.saturating_duration_since(ceiling.at) < CARE);
        let near = known.filter(|ceiling| (NEAR.0..PASSED).contains(&(self.target / ceiling.rate)));
        let grown = match near {
            Some(ceiling) if self.is_near_ceiling(now) => {
                (self.target * NEAR_GROWTH.powf(passed)).min(NEAR.1 * ceiling.rate)
            }
            Some(_) => self.target * OVER_GROWTH.powf(passed),
            None => self.target * GROWTH.powf(passed),
        };
        // Not far beyond what was tried: a sender of little learns little.
        let (times, more) = if known.is_some() {
            (MAX_CAREFUL, MIN_CAREFUL)
        } else {
            (MAX_UNTRIED, MIN_UNTRIED)
        };
        let tried = (times * acked.unwrap_or(0.0) + more).max(wanted);
        self.target = grown.min(tried).max(self.target).min(MAX_BITRATE);
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
                rate.increase(now, Some(1e6), wanted);
            }
            rate.target()
        };
        assert!((grown(0.0) - 1.8e6).abs() < 1.0);
        assert!((grown(3e6) - 3e6).abs() < 1.0);
    }

    #[test]
    fn increase_waits_below_the_rate_at_which_it_was_full_and_then_passes_it_slowly() {
        let start = Instant::now();
        let mut rate = RateController::new(4e6);
        rate.decrease(start, 1e6, false);
        let mut at = |seconds: u64| {
            for step in 10 * seconds..10 * seconds + 10 {
                rate.increase(start + Duration::from_millis(100 * step), Some(1e6), 9e6);
            }
            rate.target()
        };
        let targets: Vec<f64> = (0..9).map(&mut at).collect();
        assert!(
            targets[..4].iter().all(|target| *target <= 970_000.0),
            "{targets:?}"
        );
        assert!((1e6..1.15e6).contains(&targets[4]), "{targets:?}");
        assert!(targets[8] > 2e6, "{targets:?}");
    }

    #[test]
    fn restore_takes_a_decrease_back() {
        let now = Instant::now();
        let mut rate = RateController::new(4e6);
        rate.decrease(now, 1e6, false);
        rate.restore(4e6);
        assert!((rate.target() - 4e6).abs() < 1.0);
        assert!(!rate.is_strained(now) && !rate.is_near_ceiling(now) && !rate.is_waiting(now));
    }
}
