//! How what a line carries is shared out among the pictures that the viewer shows.

use std::time::{Duration, Instant};

use crate::sfu::congestion::estimate::Budget;

/// A larger layer is taken only if so much is left beyond it.
const HEADROOM: f64 = 1.2;
/// After a picture got larger or smaller nothing grows for this time; after a growth that did not last, for twice as long as
/// the last time.
const AFTER_GROWTH: Duration = Duration::from_secs(1);
const MIN_PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_secs(8);
/// A growth that lasted this long was right.
const LASTING: Duration = Duration::from_secs(10);

/// A picture that a viewer wants: the bit rates of its layers from the smallest on (0: layer absent), and the
/// largest layer worth sending at the size in which it is shown.
#[derive(Clone, Copy, Debug)]
pub struct StreamRequest {
    pub rates: [f64; 3],
    pub best: usize,
}

impl StreamRequest {
    fn smallest(&self) -> Option<usize> {
        (0..3).find(|layer| self.rates[*layer] > 0.0)
    }

    /// Whether there is anything to show.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.smallest().is_some()
    }

    fn rate(&self, layer: Option<usize>) -> f64 {
        layer.map_or(0.0, |layer| self.rates[layer])
    }

    /// The next layer above this one, as far as worth sending.
    fn above(&self, layer: Option<usize>) -> Option<usize> {
        match layer {
            None => self.smallest(),
            Some(layer) => (layer + 1..=self.best.min(2)).find(|next| self.rates[*next] > 0.0),
        }
    }
}

/// Shares out a bit rate: first each picture in order its smallest layer, then in order the larger ones up to the best.
/// A picture without a layer is paused. So resolution goes down before pictures stop or stutter. The first picture is
/// sent up to `budget.floor` whatever is left: without packets there is no estimate.
pub fn share(budget: Budget, wishes: &[StreamRequest], chosen: &mut Vec<Option<usize>>) {
    let mut left = budget.pictures;
    chosen.clear();
    for (index, wish) in wishes.iter().enumerate() {
        let most = if index == 0 {
            left.max(budget.floor)
        } else {
            left
        };
        let layer = wish.smallest().filter(|layer| wish.rates[*layer] <= most);
        left -= wish.rate(layer);
        chosen.push(layer);
    }
    for (wish, layer) in wishes.iter().zip(chosen.iter_mut()) {
        let Some(current) = *layer else { continue };
        for better in (current + 1..=wish.best.min(2)).rev() {
            let more = wish.rates[better] - wish.rates[current];
            if wish.rates[better] > 0.0 && more <= left {
                left -= more;
                *layer = Some(better);
                break;
            }
        }
    }
}

/// Keeps a viewer's pictures from changing to and fro.
#[derive(Debug)]
pub struct LayerHysteresis {
    not_before: Option<Instant>,
    pause: Duration,
    grew: Option<Instant>,
    /// Pictures had to be paused by the last decision.
    short: bool,
    careful: Vec<Option<usize>>,
}

impl Default for LayerHysteresis {
    fn default() -> Self {
        Self {
            not_before: None,
            pause: MIN_PAUSE,
            grew: None,
            short: false,
            careful: Vec::new(),
        }
    }
}

impl LayerHysteresis {
    /// Shares out like [`share`], but what grows waits and needs some room. `before`: the layers of the same pictures
    /// until now. Gives what the next larger picture would take in all.
    pub fn share(
        &mut self,
        now: Instant,
        budget: Budget,
        wishes: &[StreamRequest],
        before: &[Option<usize>],
        chosen: &mut Vec<Option<usize>>,
    ) -> f64 {
        share(budget, wishes, chosen);
        let careful = Budget {
            pictures: budget.pictures / HEADROOM,
            floor: budget.floor,
        };
        share(careful, wishes, &mut self.careful);
        let waits = self.not_before.is_some_and(|at| now < at);
        let mut grows = false;
        let mut shrinks = false;
        for (index, (wish, layer)) in wishes.iter().zip(chosen.iter_mut()).enumerate() {
            let former = before
                .get(index)
                .copied()
                .flatten()
                .filter(|former| wish.rates[*former] > 0.0);
            let careful = self.careful[index];
            match (former, *layer) {
                (Some(former), Some(now)) if now > former => {
                    let next = careful.filter(|_| !waits).unwrap_or(former);
                    *layer = Some(next.clamp(former, now));
                    grows |= next > former;
                }
                // A picture that is shown smaller gets smaller, which says nothing about the line.
                (Some(former), now) => shrinks |= now.is_none_or(|now| now < former.min(wish.best)),
                // One that was paused; others begin at once.
                (None, Some(_)) if self.short && index > 0 => {
                    *layer = careful.filter(|_| !waits).and(wish.smallest());
                    grows |= layer.is_some();
                }
                (None, Some(_)) if waits => *layer = wish.smallest(),
                _ => {}
            }
        }
        self.short = wishes
            .iter()
            .zip(chosen.iter())
            .any(|(wish, layer)| layer.is_none() && wish.smallest().is_some());
        self.wait(now, grows, shrinks);
        let all: f64 = wishes
            .iter()
            .zip(chosen.iter())
            .map(|(wish, layer)| wish.rate(*layer))
            .sum();
        let next = wishes
            .iter()
            .zip(chosen.iter())
            .filter_map(|(wish, layer)| Some(wish.rates[wish.above(*layer)?] - wish.rate(*layer)))
            .fold(f64::INFINITY, f64::min);
        if next.is_finite() {
            (all + next) * HEADROOM
        } else {
            0.0
        }
    }

    fn wait(&mut self, now: Instant, grows: bool, shrinks: bool) {
        if shrinks {
            let was_right = self
                .grew
                .take()
                .is_none_or(|at| now.saturating_duration_since(at) >= LASTING);
            self.pause = if was_right {
                MIN_PAUSE
            } else {
                (self.pause * 2).min(MAX_PAUSE)
            };
            self.not_before = Some(now + self.pause);
        } else if grows {
            self.grew = Some(now);
            self.not_before = Some(now + AFTER_GROWTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAMERA: [f64; 3] = [150_000.0, 500_000.0, 1_500_000.0];
    const FLOOR: f64 = 300_000.0;

    fn budget(pictures: f64) -> Budget {
        Budget {
            pictures,
            floor: FLOOR,
        }
    }

    fn shared(rate: f64, wishes: &[StreamRequest]) -> Vec<Option<usize>> {
        let mut chosen = Vec::new();
        share(budget(rate), wishes, &mut chosen);
        chosen
    }

    fn camera(best: usize) -> StreamRequest {
        StreamRequest {
            rates: CAMERA,
            best,
        }
    }

    #[test]
    fn the_first_picture_is_the_largest_one() {
        assert_eq!(shared(2e6, &[camera(2), camera(0)]), [Some(2), Some(0)]);
    }

    #[test]
    fn shortage_lowers_resolution_before_pictures_stop() {
        let wishes = [camera(2); 4];
        assert_eq!(shared(700_000.0, &wishes), [Some(0); 4]);
        assert_eq!(shared(320_000.0, &wishes), [Some(0), Some(0), None, None]);
    }

    #[test]
    fn absent_layers_are_skipped() {
        let only_small = StreamRequest {
            rates: [150_000.0, 0.0, 0.0],
            best: 2,
        };
        let off = StreamRequest {
            rates: [0.0; 3],
            best: 2,
        };
        assert_eq!(shared(9e6, &[only_small, off]), [Some(0), None]);
    }

    #[test]
    fn a_screen_that_the_line_does_not_carry_does_not_drown_the_voices() {
        let screen = |rate| StreamRequest {
            rates: [rate, 0.0, 0.0],
            best: 2,
        };
        assert_eq!(shared(900_000.0, &[screen(2_500_000.0)]), [None]);
        assert_eq!(shared(0.0, &[screen(250_000.0)]), [Some(0)], "the floor");
        let layers = StreamRequest {
            rates: [0.0, 400_000.0, 2_000_000.0],
            best: 2,
        };
        assert_eq!(shared(900_000.0, &[layers]), [Some(1)]);
        let none = Budget {
            pictures: 0.0,
            floor: 0.0,
        };
        let mut chosen = Vec::new();
        share(none, &[camera(2)], &mut chosen);
        assert_eq!(chosen, [None], "while the queue empties");
    }

    #[test]
    fn what_grows_needs_room_and_what_failed_waits_longer_each_time() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut steady = LayerHysteresis::default();
        let mut chosen = Vec::new();
        let wishes = [camera(1)];
        let mut step = |now, rate, before| {
            steady.share(now, budget(rate), &wishes, &[before], &mut chosen);
            chosen[0]
        };
        assert_eq!(step(at(0), 550_000.0, Some(0)), Some(0), "too close");
        assert_eq!(step(at(0), 550_000.0, Some(1)), Some(1), "but it stays");
        assert_eq!(step(at(100), 650_000.0, Some(0)), Some(1));
        assert_eq!(step(at(500), 400_000.0, Some(1)), Some(0));
        assert_eq!(step(at(4_000), 650_000.0, Some(0)), Some(0), "waits 4 s");
        assert_eq!(step(at(4_600), 650_000.0, Some(0)), Some(1));
        assert_eq!(step(at(5_000), 400_000.0, Some(1)), Some(0));
        assert_eq!(step(at(12_000), 650_000.0, Some(0)), Some(0), "waits 8 s");
        assert_eq!(step(at(13_100), 650_000.0, Some(0)), Some(1));
    }

    #[test]
    fn a_new_picture_begins_at_once_and_the_next_larger_one_is_named() {
        let mut steady = LayerHysteresis::default();
        let mut chosen = Vec::new();
        let wishes = [camera(2), camera(0)];
        let before = [Some(0), None];
        let next = steady.share(
            Instant::now(),
            budget(310_000.0),
            &wishes,
            &before,
            &mut chosen,
        );
        assert_eq!(chosen, [Some(0), Some(0)]);
        assert!((next - 650_000.0 * HEADROOM).abs() < 1.0, "{next}");
    }

    proptest! {
        /// Never more than the budget (beyond the first picture's floor), never above what is shown.
        #[test]
        fn the_budget_holds(
            rate in 0.0..9e6f64,
            bests in prop::collection::vec((0usize..3, prop::option::of(0usize..3)), 1..30),
        ) {
            let wishes: Vec<StreamRequest> = bests.iter().map(|(best, _)| camera(*best)).collect();
            let before: Vec<Option<usize>> = bests.iter().map(|(_, before)| *before).collect();
            let mut chosen = Vec::new();
            LayerHysteresis::default().share(Instant::now(), budget(rate), &wishes, &before, &mut chosen);
            let used: f64 = chosen.iter().flatten().map(|layer| CAMERA[*layer]).sum();
            prop_assert!(used <= rate.max(FLOOR) + 1.0);
            for (wish, layer) in wishes.iter().zip(&chosen) {
                prop_assert!(layer.is_none_or(|layer| layer <= wish.best));
            }
        }
    }
}
