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

/// How busy the thread is.
pub struct Business {
    since: Instant,
    waited: Duration,
}

impl Business {
    pub fn new(now: Instant) -> Self {
        Self {
            since: now,
            waited: Duration::ZERO,
        }
    }

    /// For so long nothing was to be done.
    pub fn waited(&mut self, time: Duration) {
        self.waited += time;
    }

    /// The share of the time since this was asked last in which something was done.
    pub fn busy_since_last(&mut self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        let waited = self.waited.as_secs_f64();
        *self = Self::new(now);
        (1.0 - waited / passed.max(f64::EPSILON)).clamp(0.0, 1.0)
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
