//! The bit rate that arrives at the viewer, by what the viewer acknowledged ("incoming bitrate", draft-ietf-rmcat-gcc-02,
//! section 5.5).

use std::collections::VecDeque;

/// Seconds over which the rate is measured. The draft has 0.5 to 1 s.
const WINDOW: f64 = 0.4;
/// A shorter span in seconds says nothing.
const MIN_SPAN: f64 = 0.1;

/// What one feedback acknowledged.
#[derive(Clone, Copy)]
struct Acked {
    /// The newest arrival, in seconds of the viewer's clock.
    at: f64,
    bytes: usize,
}

/// See the module.
#[derive(Default)]
pub struct AckedBitrate {
    window: VecDeque<Acked>,
    rate: Option<f64>,
}

impl AckedBitrate {
    /// A feedback acknowledged so many bytes, the last of which arrived at `newest` seconds of the viewer's clock.
    pub fn add(&mut self, newest: f64, bytes: usize) {
        let newest = self
            .window
            .back()
            .map_or(newest, |last| newest.max(last.at));
        self.window.push_back(Acked { at: newest, bytes });
        while self.window.len() > 2
            && self
                .window
                .front()
                .is_some_and(|oldest| newest - oldest.at > WINDOW)
        {
            self.window.pop_front();
        }
        let Some(oldest) = self.window.front() else {
            return;
        };
        let span = newest - oldest.at;
        if span < MIN_SPAN {
            return;
        }
        // The bytes of the oldest arrived before the span began.
        let all: usize = self.window.iter().skip(1).map(|acked| acked.bytes).sum();
        let rate = all as f64 * 8.0 / span;
        self.rate = Some(self.rate.map_or(rate, |last| 0.5 * last + 0.5 * rate));
    }

    /// Bits per second, smoothed; `None` until it was measured.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_over_a_long_enough_span_gives_what_arrived() {
        let mut acked = AckedBitrate::default();
        acked.add(10.0, 99_999);
        acked.add(10.05, 1_250);
        assert_eq!(acked.rate(), None, "too short a span");
        acked.add(10.2, 1_250);
        let rate = acked.rate().expect("measured");
        assert!((rate - 100_000.0).abs() < 1.0, "{rate}");
    }
}
