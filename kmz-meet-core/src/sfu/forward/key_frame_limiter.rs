//! How often one viewer may ask for key frames. Each costs the one who sends it many times an ordinary picture, and all
//! who watch get it: what one viewer needs must not decide what everybody sends.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::sfu::ids::StreamKey;
use crate::sfu::token_bucket::TokenBucket;

/// The first key frame of each stream is asked for at once, the second after this time, and so on with twice the time.
const FIRST_INTERVAL: Duration = Duration::from_millis(500);
const MAX_INTERVAL: Duration = Duration::from_secs(8);
/// Who asks for nothing for so long begins anew.
const QUIET: Duration = Duration::from_secs(10);
/// Beside the first of each stream: for all of them together, in a second and at once. Who turns the pages of a class
/// with 49 pictures is within it.
const PER_SECOND: f64 = 0.5;
const BURST: f64 = 50.0;
/// Streams that are remembered: more than a full class sends.
const MAX_STREAMS: usize = 512;

#[derive(Clone, Copy)]
struct KeyFrameRequest {
    at: Instant,
    again_after: Duration,
}

impl KeyFrameRequest {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) >= self.again_after + QUIET
    }
}

/// What one viewer asked for. It outlives a media session: a new one is no new beginning.
pub struct KeyFrameLimiter {
    streams: FxHashMap<StreamKey, KeyFrameRequest>,
    all: TokenBucket,
}

impl Default for KeyFrameLimiter {
    fn default() -> Self {
        Self {
            streams: FxHashMap::default(),
            all: TokenBucket::with_burst(PER_SECOND, BURST),
        }
    }
}

impl KeyFrameLimiter {
    /// Whether a key frame of this stream is asked for now, for this viewer.
    pub fn may(&mut self, now: Instant, stream: StreamKey) -> bool {
        let again_after = match self.streams.get(&stream) {
            None => {
                if self.streams.len() >= MAX_STREAMS {
                    self.streams.retain(|_, asked| !asked.is_over(now));
                }
                if self.streams.len() >= MAX_STREAMS {
                    return false;
                }
                FIRST_INTERVAL
            }
            Some(asked) => {
                if now.saturating_duration_since(asked.at) < asked.again_after {
                    return false;
                }
                if !self.all.takes(now, 1.0) {
                    return false;
                }
                if asked.is_over(now) {
                    FIRST_INTERVAL
                } else {
                    (asked.again_after * 2).min(MAX_INTERVAL)
                }
            }
        };
        self.streams.insert(
            stream,
            KeyFrameRequest {
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
        let mut limiter = KeyFrameLimiter::default();
        (0..60 * per_second)
            .filter(|step| {
                let now = start + Duration::from_millis(step * 1_000 / per_second);
                limiter.may(now, StreamKey::of(step % streams))
            })
            .count()
    }

    #[test]
    fn limiter_passes_the_first_request_of_each_stream() {
        let now = Instant::now();
        let mut limiter = KeyFrameLimiter::default();
        assert!((0..150).all(|stream| limiter.may(now, StreamKey::of(stream))));
        assert!((0..150).all(|stream| !limiter.may(now, StreamKey::of(stream))));
    }

    #[test]
    fn limiter_under_endless_requests_passes_a_few_a_minute() {
        for per_second in [1, 2, 5, 20, 400] {
            let asked = in_a_minute(per_second, 1);
            assert!((6..=13).contains(&asked), "{asked} at {per_second}/s");
        }
        // Three encodings of thirty people by turns, each of which is asked for the first time once.
        let asked = in_a_minute(450, 90);
        assert!(asked <= 90 + 50 + 30, "{asked}");
    }

    #[test]
    fn limiter_under_rare_losses_passes_each_request() {
        let start = Instant::now();
        let mut limiter = KeyFrameLimiter::default();
        assert!(limiter.may(start, StreamKey::of(1)));
        assert!(
            limiter.may(start + FIRST_INTERVAL, StreamKey::of(1)),
            "the first one got lost"
        );
        // A loss now and then, minutes long.
        for minute in 1..10 {
            let now = start + Duration::from_mins(minute);
            assert!(limiter.may(now, StreamKey::of(1)));
            assert!(limiter.may(now + FIRST_INTERVAL, StreamKey::of(1)));
        }
    }

    #[test]
    fn limiter_of_one_viewer_leaves_another_alone() {
        let now = Instant::now();
        let mut greedy = KeyFrameLimiter::default();
        while greedy.may(now, StreamKey::of(1)) {}
        assert!(KeyFrameLimiter::default().may(now, StreamKey::of(1)));
    }

    #[test]
    fn limiter_under_endless_streams_is_bounded() {
        let start = Instant::now();
        let mut limiter = KeyFrameLimiter::default();
        let asked = (0..10_000)
            .filter(|key| limiter.may(start, StreamKey::of(*key)))
            .count();
        assert_eq!(asked, MAX_STREAMS);
        assert!(
            limiter.may(start + QUIET * 2, StreamKey::of(10_001)),
            "and forgotten"
        );
    }
}
