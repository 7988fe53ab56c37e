//! How often one viewer may ask for key frames. Each costs the one who sends it many times an ordinary picture, and all
//! who watch get it: what one viewer needs must not decide what everybody sends.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::sfu::token_bucket::Allowance;

/// The first key frame of each stream is asked for at once, the second after this time, and so on with twice the time.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);
/// Who asks for nothing for so long begins anew.
const QUIET: Duration = Duration::from_secs(10);
/// Beside the first of each stream: for all of them together, in a second and at once. Who turns the pages of a class
/// with 49 pictures is within it.
const PER_SECOND: f64 = 0.5;
const AT_ONCE: f64 = 50.0;
/// Streams that are remembered: more than a full class sends.
const MOST: usize = 512;

#[derive(Clone, Copy)]
struct Asked {
    at: Instant,
    again_after: Duration,
}

impl Asked {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) >= self.again_after + QUIET
    }
}

/// What one viewer asked for. It outlives a media session: a new one is no new beginning.
pub struct Asking {
    streams: FxHashMap<u64, Asked>,
    all: Allowance,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            streams: FxHashMap::default(),
            all: Allowance::with_burst(PER_SECOND, AT_ONCE),
        }
    }
}

impl Asking {
    /// Whether a key frame of this stream is asked for now, for this viewer.
    pub fn may(&mut self, now: Instant, stream: u64) -> bool {
        let again_after = match self.streams.get(&stream) {
            None => {
                if self.streams.len() >= MOST {
                    self.streams.retain(|_, asked| !asked.is_over(now));
                }
                if self.streams.len() >= MOST {
                    return false;
                }
                FIRST
            }
            Some(asked) => {
                if now.saturating_duration_since(asked.at) < asked.again_after {
                    return false;
                }
                if !self.all.takes(now, 1.0) {
                    return false;
                }
                if asked.is_over(now) {
                    FIRST
                } else {
                    (asked.again_after * 2).min(LONGEST)
                }
            }
        };
        self.streams.insert(
            stream,
            Asked {
                at: now,
                again_after,
            },
        );
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often it is asked when there are so many requests a second for a minute.
    fn in_a_minute(per_second: u64, streams: u64) -> usize {
        let start = Instant::now();
        let mut asking = Asking::default();
        (0..60 * per_second)
            .filter(|step| {
                let now = start + Duration::from_millis(step * 1_000 / per_second);
                asking.may(now, step % streams)
            })
            .count()
    }

    #[test]
    fn the_first_of_each_stream_is_asked_for_at_once() {
        let now = Instant::now();
        let mut asking = Asking::default();
        assert!((0..150).all(|stream| asking.may(now, stream)));
        assert!((0..150).all(|stream| !asking.may(now, stream)));
    }

    #[test]
    fn asking_without_end_brings_a_few_in_a_minute() {
        for per_second in [1, 2, 5, 20, 400] {
            let asked = in_a_minute(per_second, 1);
            assert!((6..=13).contains(&asked), "{asked} at {per_second}/s");
        }
        // Three layers of thirty people by turns, each of which is asked for the first time once.
        let asked = in_a_minute(450, 90);
        assert!(asked <= 90 + 50 + 30, "{asked}");
    }

    #[test]
    fn a_viewer_with_honest_loss_is_helped_soon_and_again() {
        let start = Instant::now();
        let mut asking = Asking::default();
        assert!(asking.may(start, 1));
        assert!(asking.may(start + FIRST, 1), "the first one got lost");
        // A loss now and then, minutes long.
        for minute in 1..10 {
            let now = start + Duration::from_mins(minute);
            assert!(asking.may(now, 1));
            assert!(asking.may(now + FIRST, 1));
        }
    }

    #[test]
    fn one_viewer_does_not_stand_in_the_way_of_another() {
        let now = Instant::now();
        let mut greedy = Asking::default();
        while greedy.may(now, 1) {}
        assert!(Asking::default().may(now, 1));
    }

    #[test]
    fn streams_that_come_and_go_are_bounded() {
        let start = Instant::now();
        let mut asking = Asking::default();
        let asked = (0..10_000).filter(|key| asking.may(start, *key)).count();
        assert_eq!(asked, MOST);
        assert!(asking.may(start + QUIET * 2, 10_001), "and forgotten");
    }
}
