//! What voices take: they come before pictures.

use std::time::{Duration, Instant};

/// Bits per second kept free before any voice was heard, at least, and at most.
const START_AUDIO_BITRATE: f64 = 100_000.0;
pub const MIN_AUDIO_BITRATE: f64 = 50_000.0;
const MAX_AUDIO_BITRATE: f64 = 600_000.0;
/// How often it is measured.
const INTERVAL: Duration = Duration::from_millis(500);

/// The bit rate kept free for voices: what they take, and a little more.
pub struct AudioReserve {
    rate: f64,
    bytes: usize,
    since: Option<Instant>,
}

impl Default for AudioReserve {
    fn default() -> Self {
        Self {
            rate: START_AUDIO_BITRATE,
            bytes: 0,
            since: None,
        }
    }
}

impl AudioReserve {
    /// A packet of a voice left.
    pub fn sent(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Bits per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// To be called now and then. Up at once, down slowly.
    pub fn measure(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed < INTERVAL {
            return;
        }
        let rate = std::mem::take(&mut self.bytes) as f64 * 8.0 / passed.as_secs_f64();
        self.since = Some(now);
        self.rate = (1.1 * rate)
            .max(0.9 * self.rate)
            .clamp(MIN_AUDIO_BITRATE, MAX_AUDIO_BITRATE);
    }
}
