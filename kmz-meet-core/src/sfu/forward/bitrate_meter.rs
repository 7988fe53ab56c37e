//! The bit rate of an incoming stream.

use std::time::{Duration, Instant};

/// A stream that sent nothing for this long is not there.
const ALIVE: Duration = Duration::from_millis(1_500);
/// A stream that sent something within this time is under way.
const UNDER_WAY: Duration = Duration::from_secs(1);
/// Over how long it is measured.
const INTERVAL: Duration = Duration::from_millis(500);

/// Bits per second over about the last second.
#[derive(Debug, Default)]
pub struct BitrateMeter {
    bytes: usize,
    since: Option<Instant>,
    rate: f64,
    last: Option<Instant>,
}

impl BitrateMeter {
    /// So many bytes arrived.
    pub fn add(&mut self, now: Instant, bytes: usize) {
        if !self.is_alive(now) {
            // What was before a pause says nothing of what comes after it.
            *self = Self::default();
        }
        self.bytes += bytes;
        self.last = Some(now);
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= INTERVAL {
            let rate = self.bytes as f64 * 8.0 / passed.as_secs_f64();
            self.rate = if self.rate == 0.0 {
                rate
            } else {
                0.5 * self.rate + 0.5 * rate
            };
            self.bytes = 0;
            self.since = Some(now);
        }
    }

    /// The rate; `typical` until it was measured, 0 when nothing comes any more.
    #[must_use]
    pub fn rate(&self, now: Instant, typical: f64) -> f64 {
        match self.last {
            Some(last) if now.saturating_duration_since(last) < ALIVE => {
                if self.rate == 0.0 {
                    typical
                } else {
                    self.rate
                }
            }
            _ => 0.0,
        }
    }

    /// For how long nothing has come; `None`: nothing ever came.
    #[must_use]
    pub fn silent_for(&self, now: Instant) -> Option<Duration> {
        Some(now.saturating_duration_since(self.last?))
    }

    /// Whether anything comes.
    #[must_use]
    pub fn is_alive(&self, now: Instant) -> bool {
        self.last
            .is_some_and(|last| now.saturating_duration_since(last) < ALIVE)
    }

    /// Whether something came within the last second.
    #[must_use]
    pub fn is_under_way(&self, now: Instant) -> bool {
        self.last
            .is_some_and(|last| now.saturating_duration_since(last) < UNDER_WAY)
    }
}
