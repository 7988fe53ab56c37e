//! How the estimate of a viewer's connection is shared out among the pictures that the viewer shows.

use std::time::{Duration, Instant};

use crate::sfu::congestion::estimate::Budget;
use crate::sfu::ids::{Encoding, PerEncoding};

/// A larger encoding is taken only if so much is left beyond it.
const HEADROOM: f64 = 1.2;
/// After a picture got larger or smaller nothing grows for this time; after a growth that did not last, for twice as long as
/// the last time.
const AFTER_GROWTH: Duration = Duration::from_secs(1);
const MIN_PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_secs(8);
/// A growth that lasted this long was right.
const LASTING: Duration = Duration::from_secs(10);

/// A picture that a viewer wants: the bit rates of its encodings (0: absent), and the largest encoding worth sending at the
/// size in which it is shown.
#[derive(Clone, Copy, Debug)]
pub struct StreamRequest {
    pub rates: PerEncoding<f64>,
    pub best: Encoding,
}

impl StreamRequest {
    fn smallest(&self) -> Option<Encoding> {
        Encoding::ALL
            .into_iter()
            .find(|encoding| self.has(*encoding))
    }

    fn has(&self, encoding: Encoding) -> bool {
        self.rates[encoding] > 0.0
    }

    /// Whether there is anything to show.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.smallest().is_some()
    }

    fn rate(&self, encoding: Option<Encoding>) -> f64 {
        encoding.map_or(0.0, |encoding| self.rates[encoding])
    }

    /// The next encoding above this one, as far as worth sending.
    fn above(&self, encoding: Option<Encoding>) -> Option<Encoding> {
        match encoding {
            None => self.smallest(),
            Some(encoding) => encoding.above(self.best).find(|next| self.has(*next)),
        }
    }
}

/// Shares out a bit rate: first each picture in order its smallest encoding, then in order the larger ones up to the best.
/// A picture without an encoding is paused. So resolution goes down before pictures stop or stutter. The first picture is
/// sent up to `budget.floor` whatever is left: without packets there is no estimate.
pub fn allocate(budget: Budget, requests: &[StreamRequest], chosen: &mut Vec<Option<Encoding>>) {
    let mut left = budget.pictures;
    chosen.clear();
    for (index, request) in requests.iter().enumerate() {
        let most = if index == 0 {
            left.max(budget.floor)
        } else {
            left
        };
        let encoding = request
            .smallest()
            .filter(|encoding| request.rates[*encoding] <= most);
        left -= request.rate(encoding);
        chosen.push(encoding);
    }
    for (request, encoding) in requests.iter().zip(chosen.iter_mut()) {
        let Some(current) = *encoding else { continue };
        for better in current.above(request.best).rev() {
            let more = request.rates[better] - request.rates[current];
            if request.has(better) && more <= left {
                left -= more;
                *encoding = Some(better);
                break;
            }
        }
    }
}

/// Keeps a viewer's pictures from changing to and fro: what grows waits until it is likely to last.
#[derive(Debug)]
pub struct LayerHysteresis {
    not_before: Option<Instant>,
    pause: Duration,
    grew: Option<Instant>,
    /// Pictures had to be paused by the last decision.
    short: bool,
    careful: Vec<Option<Encoding>>,
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
    /// Shares out like [`allocate`], but what grows waits and needs some room. `before`: the encodings of the same pictures
    /// until now. Gives what the next larger picture would take in all.
    pub fn allocate(
        &mut self,
        now: Instant,
        budget: Budget,
        requests: &[StreamRequest],
        before: &[Option<Encoding>],
        chosen: &mut Vec<Option<Encoding>>,
    ) -> f64 {
        allocate(budget, requests, chosen);
        let careful = Budget {
            pictures: budget.pictures / HEADROOM,
            floor: budget.floor,
        };
        allocate(careful, requests, &mut self.careful);
        let waits = self.not_before.is_some_and(|at| now < at);
        let mut grows = false;
        let mut shrinks = false;
        for (index, (request, encoding)) in requests.iter().zip(chosen.iter_mut()).enumerate() {
            let former = before
                .get(index)
                .copied()
                .flatten()
                .filter(|former| request.has(*former));
            let careful = self.careful[index];
            match (former, *encoding) {
                (Some(former), Some(now)) if now > former => {
                    let next = careful.filter(|_| !waits).unwrap_or(former);
                    *encoding = Some(next.clamp(former, now));
                    grows |= next > former;
                }
                // A picture that is shown smaller gets smaller, which says nothing about the connection.
                (Some(former), now) => {
                    shrinks |= now.is_none_or(|now| now < former.min(request.best));
                }
                // One that was paused; others begin at once.
                (None, Some(_)) if self.short && index > 0 => {
                    *encoding = careful.filter(|_| !waits).and(request.smallest());
                    grows |= encoding.is_some();
                }
                (None, Some(_)) if waits => *encoding = request.smallest(),
                _ => {}
            }
        }
        self.short = requests
            .iter()
            .zip(chosen.iter())
            .any(|(request, encoding)| encoding.is_none() && request.smallest().is_some());
        self.wait(now, grows, shrinks);
        let all: f64 = requests
            .iter()
            .zip(chosen.iter())
            .map(|(request, encoding)| request.rate(*encoding))
            .sum();
        let next = requests
            .iter()
            .zip(chosen.iter())
            .filter_map(|(request, encoding)| {
                Some(request.rates[request.above(*encoding)?] - request.rate(*encoding))
            })
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

    const CAMERA: PerEncoding<f64> = PerEncoding([150_000.0, 500_000.0, 1_500_000.0]);
    const SMALL: Option<Encoding> = Some(Encoding::SMALL);
    const MIDDLE: Option<Encoding> = Some(Encoding::MIDDLE);
    const LARGE: Option<Encoding> = Some(Encoding::LARGE);
    const FLOOR: f64 = 300_000.0;

    fn budget(pictures: f64) -> Budget {
        Budget {
            pictures,
            floor: FLOOR,
        }
    }

    fn shared(rate: f64, requests: &[StreamRequest]) -> Vec<Option<Encoding>> {
        let mut chosen = Vec::new();
        allocate(budget(rate), requests, &mut chosen);
        chosen
    }

    fn camera(best: Encoding) -> StreamRequest {
        StreamRequest {
            rates: CAMERA,
            best,
        }
    }

    #[test]
    fn allocate_gives_the_first_request_the_largest_encoding() {
        assert_eq!(
            shared(2e6, &[camera(Encoding::LARGE), camera(Encoding::SMALL)]),
            [LARGE, SMALL]
        );
    }

    #[test]
    fn allocate_with_little_budget_lowers_encodings_before_it_stops_pictures() {
        let requests = [camera(Encoding::LARGE); 4];
        assert_eq!(shared(700_000.0, &requests), [SMALL; 4]);
        assert_eq!(shared(320_000.0, &requests), [SMALL, SMALL, None, None]);
    }

    #[test]
    fn allocate_with_absent_encodings_skips_them() {
        let only_small = StreamRequest {
            rates: PerEncoding([150_000.0, 0.0, 0.0]),
            best: Encoding::LARGE,
        };
        let off = StreamRequest {
            rates: PerEncoding([0.0; 3]),
            best: Encoding::LARGE,
        };
        assert_eq!(shared(9e6, &[only_small, off]), [SMALL, None]);
    }

    #[test]
    fn allocate_leaves_out_a_screen_beyond_the_budget() {
        let screen = |rate| StreamRequest {
            rates: PerEncoding([rate, 0.0, 0.0]),
            best: Encoding::LARGE,
        };
        assert_eq!(shared(900_000.0, &[screen(2_500_000.0)]), [None]);
        assert_eq!(shared(0.0, &[screen(250_000.0)]), [SMALL], "the floor");
        let simulcast = StreamRequest {
            rates: PerEncoding([0.0, 400_000.0, 2_000_000.0]),
            best: Encoding::LARGE,
        };
        assert_eq!(shared(900_000.0, &[simulcast]), [MIDDLE]);
        let none = Budget {
            pictures: 0.0,
            floor: 0.0,
        };
        let mut chosen = Vec::new();
        allocate(none, &[camera(Encoding::LARGE)], &mut chosen);
        assert_eq!(chosen, [None], "while the queue empties");
    }

    #[test]
    fn hysteresis_after_a_failure_waits_longer_each_time() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut hysteresis = LayerHysteresis::default();
        let mut chosen = Vec::new();
        let requests = [camera(Encoding::MIDDLE)];
        let mut step = |now, rate, before| {
            hysteresis.allocate(now, budget(rate), &requests, &[before], &mut chosen);
            chosen[0]
        };
        assert_eq!(step(at(0), 550_000.0, SMALL), SMALL, "too close");
        assert_eq!(step(at(0), 550_000.0, MIDDLE), MIDDLE, "but it stays");
        assert_eq!(step(at(100), 650_000.0, SMALL), MIDDLE);
        assert_eq!(step(at(500), 400_000.0, MIDDLE), SMALL);
        assert_eq!(step(at(4_000), 650_000.0, SMALL), SMALL, "waits 4 s");
        assert_eq!(step(at(4_600), 650_000.0, SMALL), MIDDLE);
        assert_eq!(step(at(5_000), 400_000.0, MIDDLE), SMALL);
        assert_eq!(step(at(12_000), 650_000.0, SMALL), SMALL, "waits 8 s");
        assert_eq!(step(at(13_100), 650_000.0, SMALL), MIDDLE);
    }

    #[test]
    fn hysteresis_starts_a_new_picture_at_once_and_returns_the_next_rate() {
        let mut hysteresis = LayerHysteresis::default();
        let mut chosen = Vec::new();
        let requests = [camera(Encoding::LARGE), camera(Encoding::SMALL)];
        let before = [SMALL, None];
        let next = hysteresis.allocate(
            Instant::now(),
            budget(310_000.0),
            &requests,
            &before,
            &mut chosen,
        );
        assert_eq!(chosen, [SMALL, SMALL]);
        assert!((next - 650_000.0 * HEADROOM).abs() < 1.0, "{next}");
    }

    fn encodings() -> impl Strategy<Value = Encoding> {
        prop::sample::select(&Encoding::ALL[..])
    }

    proptest! {
        /// Never more than the budget (beyond the first picture's floor), never above what is shown.
        #[test]
        fn allocate_of_any_requests_stays_within_the_budget(
            rate in 0.0..9e6f64,
            bests in prop::collection::vec((encodings(), prop::option::of(encodings())), 1..30),
        ) {
            let requests: Vec<StreamRequest> = bests.iter().map(|(best, _)| camera(*best)).collect();
            let before: Vec<Option<Encoding>> = bests.iter().map(|(_, before)| *before).collect();
            let mut chosen = Vec::new();
            LayerHysteresis::default().allocate(Instant::now(), budget(rate), &requests, &before, &mut chosen);
            let used: f64 = chosen.iter().flatten().map(|encoding| CAMERA[*encoding]).sum();
            prop_assert!(used <= rate.max(FLOOR) + 1.0);
            for (request, encoding) in requests.iter().zip(&chosen) {
                prop_assert!(encoding.is_none_or(|encoding| encoding <= request.best));
            }
        }
    }
}
