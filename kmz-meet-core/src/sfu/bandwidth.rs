//! How much a viewer's line carries, and how it is shared out among the pictures that the viewer shows.

use std::time::{Duration, Instant};

use rtc_interceptor::{BandwidthEstimator, Gcc, PacketReport};

/// Where an estimate starts: enough for one large and some small pictures; the estimator finds the rest.
const START: f64 = 4_000_000.0;
const MIN: f64 = 100_000.0;
const MAX: f64 = 60_000_000.0;
/// Kept free for five voices with redundancy, and for feedback.
const AUDIO: f64 = 250_000.0;

/// Send-side bandwidth estimation for one viewer.
pub struct Estimate {
    gcc: Gcc,
    /// For browsers without transport-wide feedback: moved by the loss in their receiver reports alone.
    by_reports: f64,
    has_feedback: bool,
    last_report: Option<Instant>,
    loss: f64,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            gcc: Gcc::new(START, MIN, MAX),
            by_reports: START,
            has_feedback: false,
            last_report: None,
            loss: 0.0,
        }
    }
}

impl Estimate {
    /// Feedback on packets sent.
    pub fn on_feedback(&mut self, now: Instant, reports: &[PacketReport]) {
        if reports.is_empty() {
            return;
        }
        self.has_feedback = true;
        let lost = reports.iter().filter(|report| !report.arrived).count();
        self.loss = 0.9 * self.loss + 0.1 * (lost as f64 / reports.len() as f64);
        self.gcc.on_reports(now, reports);
    }

    /// A receiver report said that this share of packets was lost.
    pub fn on_loss(&mut self, now: Instant, share: f64) {
        if self.has_feedback {
            return;
        }
        let due = self
            .last_report
            .is_none_or(|at| now.saturating_duration_since(at) > Duration::from_millis(500));
        if !due {
            return;
        }
        self.last_report = Some(now);
        self.loss = 0.5 * self.loss + 0.5 * share;
        let factor = if share > 0.1 {
            1.0 - 0.5 * share
        } else if share < 0.02 {
            1.05
        } else {
            1.0
        };
        self.by_reports = (self.by_reports * factor).clamp(MIN, MAX);
    }

    /// Bits per second for pictures.
    #[must_use]
    pub fn for_pictures(&self) -> f64 {
        let all = if self.has_feedback {
            self.gcc.target_bitrate()
        } else {
            self.by_reports
        };
        (all - AUDIO).max(0.0)
    }

    /// Smoothed share of packets lost on the way to this viewer.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }
}

/// A picture that a viewer wants: the bit rates of its layers from the smallest on (0: layer absent), and the
/// largest layer worth sending at the size in which it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub rates: [f64; 3],
    pub best: usize,
}

impl Wish {
    fn smallest(&self) -> Option<usize> {
        (0..3).find(|layer| self.rates[*layer] > 0.0)
    }
}

/// Shares out a bit rate: first each picture in order its smallest layer, then in order the larger ones up to the best.
/// A picture without a layer is paused. So resolution goes down before pictures stop or stutter.
pub fn share(mut budget: f64, wishes: &[Wish], chosen: &mut Vec<Option<usize>>) {
    chosen.clear();
    for (index, wish) in wishes.iter().enumerate() {
        let layer = wish.smallest().filter(|layer| {
            // The first picture is sent whatever the estimate says: without packets there is no estimate.
            index == 0 || wish.rates[*layer] <= budget
        });
        if let Some(layer) = layer {
            budget -= wish.rates[layer];
        }
        chosen.push(layer);
    }
    for (wish, layer) in wishes.iter().zip(chosen.iter_mut()) {
        let Some(current) = *layer else { continue };
        for better in (current + 1..=wish.best.min(2)).rev() {
            let more = wish.rates[better] - wish.rates[current];
            if wish.rates[better] > 0.0 && more <= budget {
                budget -= more;
                *layer = Some(better);
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAMERA: [f64; 3] = [150_000.0, 500_000.0, 1_500_000.0];

    fn shared(budget: f64, wishes: &[Wish]) -> Vec<Option<usize>> {
        let mut chosen = Vec::new();
        share(budget, wishes, &mut chosen);
        chosen
    }

    #[test]
    fn the_first_picture_is_the_largest_one() {
        let wishes = [
            Wish {
                rates: CAMERA,
                best: 2,
            },
            Wish {
                rates: CAMERA,
                best: 0,
            },
        ];
        assert_eq!(shared(2e6, &wishes), [Some(2), Some(0)]);
    }

    #[test]
    fn shortage_lowers_resolution_before_pictures_stop() {
        let wishes = [Wish {
            rates: CAMERA,
            best: 2,
        }; 4];
        assert_eq!(shared(700_000.0, &wishes), [Some(0); 4]);
        assert_eq!(shared(320_000.0, &wishes), [Some(0), Some(0), None, None]);
    }

    #[test]
    fn absent_layers_are_skipped() {
        let only_small = Wish {
            rates: [150_000.0, 0.0, 0.0],
            best: 2,
        };
        let off = Wish {
            rates: [0.0; 3],
            best: 2,
        };
        assert_eq!(shared(9e6, &[only_small, off]), [Some(0), None]);
    }

    proptest! {
        /// Never more than the budget (beyond the first picture's smallest layer), never above what is shown.
        #[test]
        fn the_budget_holds(budget in 0.0..9e6f64, bests in prop::collection::vec(0usize..3, 1..30)) {
            let wishes: Vec<Wish> = bests.iter().map(|best| Wish { rates: CAMERA, best: *best }).collect();
            let chosen = shared(budget, &wishes);
            let used: f64 = chosen.iter().flatten().map(|layer| CAMERA[*layer]).sum();
            prop_assert!(used <= budget.max(CAMERA[0]) + 1.0);
            for (wish, layer) in wishes.iter().zip(&chosen) {
                prop_assert!(layer.is_none_or(|layer| layer <= wish.best));
            }
        }
    }
}
