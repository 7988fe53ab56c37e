//! How often packets are sent again to one viewer: a viewer that asks for everything, or for the same packet again and
//! again, must not make the server send more than the others get.

use std::time::{Duration, Instant};

use crate::sfu::token_bucket::TokenBucket;

/// Packets that may be sent again in a second, and at once, whatever else is sent.
const PER_SECOND: f64 = 640.0;
const BURST: f64 = 128.0;
/// … and beside them this share of what is sent.
const SHARE: f64 = 0.1;
/// The same packet is not sent again within this time: the last one may still be under way. Browsers ask again after a
/// round trip.
const INTERVAL: Duration = Duration::from_millis(20);
/// Packets remembered; a power of two.
const RECENT: usize = 256;

/// See the module. Of fixed size.
pub struct RtxLimiter {
    bucket: TokenBucket,
    recent: Box<[Option<(u32, u16, Instant)>]>,
    sent: u32,
}

impl Default for RtxLimiter {
    fn default() -> Self {
        Self {
            bucket: TokenBucket::with_burst(PER_SECOND, BURST),
            recent: vec![None; RECENT].into_boxed_slice(),
            sent: 0,
        }
    }
}

impl RtxLimiter {
    /// A packet left for the first time.
    pub fn sent(&mut self) {
        self.sent += 1;
    }

    /// Whether this packet of a slot may be looked for and sent again now.
    pub fn may(&mut self, now: Instant, ssrc: u32, number: u16) -> bool {
        let place = (usize::from(number) ^ (ssrc as usize)) % RECENT;
        if self.recent[place].is_some_and(|(of, which, at)| {
            of == ssrc && which == number && now.saturating_duration_since(at) < INTERVAL
        }) {
            return false;
        }
        let sent = std::mem::take(&mut self.sent);
        self.bucket.gives(f64::from(sent) * SHARE);
        let may = self.bucket.takes(now, 1.0);
        if may {
            self.recent[place] = Some((ssrc, number, now));
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packet_sent_again_must_wait_for_the_interval() {
        let now = Instant::now();
        let mut repeats = RtxLimiter::default();
        assert!(repeats.may(now, 7, 1));
        assert!(!repeats.may(now, 7, 1));
        assert!(repeats.may(now, 8, 1), "of another slot");
        assert!(repeats.may(now + INTERVAL, 7, 1));
    }

    #[test]
    fn rtx_of_a_third_passes_and_a_flood_of_requests_does_not() {
        let start = Instant::now();
        let mut repeats = RtxLimiter::default();
        for packet in 0..2_000u16 {
            let now = start + Duration::from_micros(1_250 * u64::from(packet));
            repeats.sent();
            assert!(packet % 3 != 0 || repeats.may(now, 7, packet), "{packet}");
        }
        let mut repeats = RtxLimiter::default();
        let sent = (0..60_000u16)
            .filter(|number| {
                let now = start + Duration::from_micros(u64::from(*number) * 1_000_000 / 60_000);
                repeats.may(now, 7, *number)
            })
            .count();
        assert!(sent <= 770, "{sent} in a second");
    }
}
