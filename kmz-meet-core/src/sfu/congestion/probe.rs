//! Probing: how many bytes to send beside the media, so that the connection shows whether it carries a larger picture
//! before that picture is tried.

use std::time::Instant;

/// Fewer bytes are not worth a packet.
const MIN_PADDING: f64 = 1_000.0;

/// The difference between what the estimate allows and what was sent.
#[derive(Default)]
pub struct Prober {
    sent_bytes: usize,
    /// By how many bytes less than the estimate was sent of late.
    owed: f64,
    asked: Option<Instant>,
}

impl Prober {
    /// A packet of media left.
    pub fn sent(&mut self, bytes: usize) {
        self.sent_bytes += bytes;
    }

    /// Bytes to send now for the estimate of `rate` bits per second; nothing unless `probes`. To be asked every few
    /// milliseconds.
    pub fn due(&mut self, now: Instant, rate: f64, probes: bool) -> usize {
        let sent = std::mem::take(&mut self.sent_bytes) as f64;
        let passed = self.asked.replace(now).map_or(0.0, |at| {
            now.saturating_duration_since(at).as_secs_f64().min(0.1)
        });
        let rate = rate / 8.0;
        // At low rates one packet is owed for longer.
        let most = (0.03 * rate).max(MIN_PADDING);
        self.owed = (self.owed + rate * passed - sent).clamp(-0.3 * rate, most);
        if self.owed < MIN_PADDING || !probes {
            return 0;
        }
        std::mem::take(&mut self.owed) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn due_at_a_low_rate_is_a_packet_now_and_then() {
        let start = Instant::now();
        let mut prober = Prober::default();
        let steps = (0..=500).map(|step| {
            prober.sent(200);
            prober.due(start + Duration::from_millis(20 * step), 120_000.0, true)
        });
        let padded = steps.sum::<usize>();
        // 15,000 bytes a second, of which 10,000 are media.
        assert!(
            (45_000..=51_000).contains(&padded),
            "{padded} in ten seconds"
        );
    }

    #[test]
    fn due_is_what_was_not_sent_and_only_when_probing() {
        let start = Instant::now();
        let due = |sent: usize, probes: bool| {
            let mut prober = Prober::default();
            let steps = (0..=50).map(|step| {
                prober.sent(sent);
                prober.due(start + Duration::from_millis(20 * step), 1e6, probes)
            });
            steps.sum::<usize>()
        };
        assert_eq!(due(0, false), 0);
        assert_eq!(due(2_500, true), 0, "the media fill it");
        let padded = due(1_250, true);
        assert!((60_000..=65_000).contains(&padded), "{padded} in a second");
    }
}
