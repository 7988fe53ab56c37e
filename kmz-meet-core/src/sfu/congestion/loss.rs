//! Loss: how much is lost, and the loss-based estimator for browsers that give no transport-wide feedback
//! (draft-ietf-rmcat-gcc-02, section 6).

use std::time::{Duration, Instant};

use super::limits::{MAX_BITRATE, MIN_BITRATE};

/// The draft's thresholds: above the first the rate falls by half of the loss, below the second it grows.
const HIGH_LOSS: f64 = 0.1;
const LOW_LOSS: f64 = 0.02;
/// The draft's growth for each report.
const GROWTH: f64 = 1.05;
/// One report in this time counts: a viewer may send as many as it likes.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);

/// A share of lost packets, smoothed.
#[derive(Clone, Copy, Debug, Default)]
pub struct SmoothedLoss(f64);

impl SmoothedLoss {
    /// So many packets out of `all` were lost; `weight`: how much that counts beside what was before.
    pub fn add(&mut self, lost: usize, all: usize, weight: f64) {
        self.add_fraction(lost as f64 / all as f64, weight);
    }

    /// The same with a fraction from 0 to 1.
    pub fn add_fraction(&mut self, fraction: f64, weight: f64) {
        self.0 = (1.0 - weight) * self.0 + weight * fraction;
    }

    /// From 0 to 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        self.0
    }
}

/// See the module.
pub struct LossBasedEstimator {
    rate: f64,
    last_report: Option<Instant>,
}

impl LossBasedEstimator {
    /// Starts with this many bits per second.
    #[must_use]
    pub fn new(start: f64) -> Self {
        Self {
            rate: start,
            last_report: None,
        }
    }

    /// Bits per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// A receiver report said that this share of packets was lost. False: it came too soon after the last one.
    pub fn on_report(&mut self, now: Instant, share: f64) -> bool {
        let is_due = self
            .last_report
            .is_none_or(|at| now.saturating_duration_since(at) > REPORT_INTERVAL);
        if !is_due {
            return false;
        }
        self.last_report = Some(now);
        let factor = if share > HIGH_LOSS {
            1.0 - 0.5 * share
        } else if share < LOW_LOSS {
            GROWTH
        } else {
            1.0
        };
        self.rate = (self.rate * factor).clamp(MIN_BITRATE, MAX_BITRATE);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_report_falls_by_half_of_much_loss_and_grows_without() {
        let start = Instant::now();
        let mut estimator = LossBasedEstimator::new(1e6);
        assert!(estimator.on_report(start, 0.2));
        assert!((estimator.rate() - 900_000.0).abs() < 1.0);
        assert!(!estimator.on_report(start, 0.2), "too soon");
        let later = start + Duration::from_secs(1);
        assert!(estimator.on_report(later, 0.05));
        assert!((estimator.rate() - 900_000.0).abs() < 1.0, "neither");
        assert!(estimator.on_report(later + Duration::from_secs(1), 0.0));
        assert!((estimator.rate() - 945_000.0).abs() < 1.0);
    }
}
