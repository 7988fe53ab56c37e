//! When each thing that is done by the clock is due.

use std::time::{Duration, Instant};

/// One thing that is done again and again.
pub struct Timer {
    at: Instant,
    interval: Duration,
}

impl Timer {
    fn new(now: Instant, interval: Duration) -> Self {
        Self { at: now, interval }
    }

    /// Whether it is to be done now; then it is not due again for its interval.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.at;
        if is_due {
            self.at = now + self.interval;
        }
        is_due
    }
}

/// See the module.
pub struct Timers {
    /// Every other one is looked at only when this one is due.
    pub repairs: Timer,
    pub feedback: Timer,
    pub speakers: Timer,
    pub allocation: Timer,
    pub reports: Timer,
}

impl Timers {
    pub fn new(now: Instant) -> Self {
        let each = |interval| Timer::new(now, interval);
        Self {
            repairs: each(Duration::from_millis(20)),
            feedback: each(Duration::from_millis(100)),
            speakers: each(Duration::from_millis(100)),
            allocation: each(Duration::from_millis(250)),
            reports: each(Duration::from_secs(1)),
        }
    }

    /// When something is due next.
    pub fn next(&self) -> Instant {
        self.repairs.at
    }
}
