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
    /// What share of the smallest encoding is left when the pictures that no other one needs are left out: half of the
    /// pictures, and more than half of the bits. 1: none can be left out.
    pub needed: f64,
}

impl StreamRequest {
    fn smallest(&self) -> Option<Encoding> {
        Encoding::ALL
            .into_iter()
            .find(|encoding| self.has(*encoding))
    }

    /// What the smallest encoding takes without the pictures that no other one needs.
    fn thinned(&self) -> f64 {
        self.needed * self.rate(self.smallest())
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

/// How a bit rate is shared out: the encoding of each picture (`None`: it is paused), and whether it is thinned: sent without
/// the pictures that no other one needs.
#[derive(Clone, Debug, Default)]
struct Allocation {
    encodings: Vec<Option<Encoding>>,
    thinned: Vec<bool>,
}

/// Shares out a bit rate: first each picture in order its smallest encoding, thinned; then whole; then in order the larger
/// ones up to the best. So resolution goes down before pictures stutter, and they stutter before any stops. The first picture
/// is sent, thinned at least, up to `budget.floor` whatever is left: without packets there is no estimate.
fn allocate(budget: Budget, requests: &[StreamRequest], into: &mut Allocation) {
    let mut left = budget.pictures;
    let Allocation { encodings, thinned } = into;
    encodings.clear();
    thinned.clear();
    let floor = |index| if index == 0 { budget.floor } else { 0.0 };
    for (index, request) in requests.iter().enumerate() {
        let encoding = request
            .smallest()
            .filter(|_| request.thinned() <= left.max(floor(index)));
        if encoding.is_some() {
            left -= request.thinned();
        }
        encodings.push(encoding);
    }
    for (index, (request, encoding)) in requests.iter().zip(encodings.iter()).enumerate() {
        let more = request.rate(*encoding) - request.thinned();
        // Nothing is known of a connection that was never full.
        let is_whole = encoding.is_none() || more <= left.max(0.0) || floor(index).is_infinite();
        if encoding.is_some() && is_whole {
            left -= more;
        }
        thinned.push(!is_whole);
    }
    for ((request, encoding), thinned) in requests.iter().zip(encodings).zip(thinned) {
        let Some(current) = *encoding else { continue };
        for better in current.above(request.best).rev() {
            let more = request.rates[better] - request.rates[current];
            if request.has(better) && more <= left && !*thinned {
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
    allocation: Allocation,
    careful: Allocation,
    /// Which pictures are thinned.
    thinned: Vec<bool>,
}

impl Default for LayerHysteresis {
    fn default() -> Self {
        Self {
            not_before: None,
            pause: MIN_PAUSE,
            grew: None,
            short: false,
            allocation: Allocation::default(),
            careful: Allocation::default(),
            thinned: Vec::new(),
        }
    }
}

impl LayerHysteresis {
    /// Which of the pictures of the last decision are sent without the pictures that no other one needs.
    #[must_use]
    pub fn thinned(&self) -> &[bool] {
        &self.thinned
    }

    /// Allocation out a bit rate: each picture in order gets its smallest encoding, thinned if need be, then larger ones. What
    /// grows waits and needs some room. `before`: the encodings of the same pictures until now. Gives what the next larger
    /// picture would take in all.
    pub fn allocate(
        &mut self,
        now: Instant,
        budget: Budget,
        requests: &[StreamRequest],
        before: &[Option<Encoding>],
        chosen: &mut Vec<Option<Encoding>>,
    ) -> f64 {
        allocate(budget, requests, &mut self.allocation);
        chosen.clone_from(&self.allocation.encodings);
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
            let careful = self.careful.encodings[index];
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
        // A picture that was thinned gets whole again when there is some room beyond it.
        let is_thin = |index: usize| {
            let was_thin = self.thinned.get(index).copied().unwrap_or(false);
            self.allocation.thinned[index] || (was_thin && self.careful.thinned[index])
        };
        self.thinned = (0..requests.len()).map(is_thin).collect();
        self.short = requests
            .iter()
            .zip(chosen.iter())
            .any(|(request, encoding)| encoding.is_none() && request.smallest().is_some());
        self.wait(now, grows, shrinks);
        let takes = |(index, request): (usize, &StreamRequest)| match chosen[index] {
            Some(_) if self.thinned[index] => request.thinned(),
            encoding => request.rate(encoding),
        };
        let all: f64 = requests.iter().enumerate().map(takes).sum();
        let next = requests
            .iter()
            .enumerate()
            .filter_map(|(index, request)| {
                let above = match chosen[index] {
                    Some(encoding) if self.thinned[index] => Some(encoding),
                    encoding => request.above(encoding),
                };
                Some(request.rates[above?] - takes((index, request)))
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
        let mut allocation = Allocation::default();
        allocate(budget(rate), requests, &mut allocation);
        assert!(
            !allocation.thinned.contains(&true),
            "nothing can be left out"
        );
        allocation.encodings
    }

    fn camera(best: Encoding) -> StreamRequest {
        StreamRequest {
            rates: CAMERA,
            best,
            needed: 1.0,
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
            needed: 1.0,
        };
        let off = StreamRequest {
            rates: PerEncoding([0.0; 3]),
            best: Encoding::LARGE,
            needed: 1.0,
        };
        assert_eq!(shared(9e6, &[only_small, off]), [SMALL, None]);
    }

    #[test]
    fn allocate_leaves_out_a_screen_beyond_the_budget() {
        let screen = |rate| StreamRequest {
            rates: PerEncoding([rate, 0.0, 0.0]),
            best: Encoding::LARGE,
            needed: 1.0,
        };
        assert_eq!(shared(900_000.0, &[screen(2_500_000.0)]), [None]);
        assert_eq!(shared(0.0, &[screen(250_000.0)]), [SMALL], "the floor");
        let simulcast = StreamRequest {
            rates: PerEncoding([0.0, 400_000.0, 2_000_000.0]),
            best: Encoding::LARGE,
            needed: 1.0,
        };
        assert_eq!(shared(900_000.0, &[simulcast]), [MIDDLE]);
    }

    #[test]
    fn allocate_with_little_budget_thins_pictures_before_it_stops_any() {
        let request = StreamRequest {
            needed: 0.6,
            ..camera(Encoding::LARGE)
        };
        let shared = |rate| {
            let mut allocation = Allocation::default();
            allocate(budget(rate), &[request; 3], &mut allocation);
            (allocation.encodings, allocation.thinned)
        };
        assert_eq!(shared(460_000.0), (vec![SMALL; 3], vec![false; 3]));
        assert_eq!(shared(340_000.0), (vec![SMALL; 3], vec![false, true, true]));
        assert_eq!(shared(280_000.0), (vec![SMALL; 3], vec![true; 3]));
        assert_eq!(
            shared(100_000.0),
            (vec![SMALL, None, None], vec![true, false, false])
        );
        assert_eq!(
            shared(50_000.0),
            (vec![SMALL, None, None], vec![true, false, false]),
            "the floor"
        );
    }

    #[test]
    fn hysteresis_makes_a_thinned_picture_whole_when_there_is_room() {
        let mut hysteresis = LayerHysteresis::default();
        let requests = [StreamRequest {
            needed: 0.6,
            ..camera(Encoding::SMALL)
        }];
        let mut chosen = Vec::new();
        let mut thinned = |rate| {
            let next = hysteresis.allocate(
                Instant::now(),
                budget(rate),
                &requests,
                &[SMALL],
                &mut chosen,
            );
            (hysteresis.thinned()[0], next)
        };
        assert_eq!(thinned(160_000.0), (false, 0.0));
        let (thin, next) = thinned(120_000.0);
        assert!(thin && (next - 180_000.0).abs() < 1.0, "{next}");
        assert!(thinned(160_000.0).0, "too close");
        assert!(!thinned(190_000.0).0);
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
