//! What sender reports say of an outgoing stream (RFC 3550, section 6.4.1): how much left, and the RTP time of now.

use std::time::Instant;

/// See the module.
pub struct SenderStats {
    /// Ticks of the RTP timestamp in a second.
    clock_rate: u32,
    /// The timestamp that left last, and when.
    last: Option<(u32, Instant)>,
    pub packets: u32,
    pub octets: u32,
}

impl SenderStats {
    #[must_use]
    pub fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            last: None,
            packets: 0,
            octets: 0,
        }
    }

    /// A packet with so many bytes of payload left. Both counts wrap, as RFC 3550 wants.
    pub fn sent(&mut self, bytes: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(bytes as u32);
    }

    /// This timestamp leaves now.
    pub fn timestamp_sent(&mut self, now: Instant, timestamp: u32) {
        self.last = Some((timestamp, now));
    }

    /// The RTP time that belongs to now; `None` before the first packet.
    #[must_use]
    pub fn rtp_time(&self, now: Instant) -> Option<u32> {
        let (last, at) = self.last?;
        Some(last.wrapping_add(self.ticks(now, at)))
    }

    /// The timestamp with which another stream is entered: at least a sixtieth of a second after the last, so that no two
    /// pictures share one. The first stream keeps its own.
    #[must_use]
    pub fn entry_timestamp(&self, now: Instant, timestamp: u32) -> u32 {
        self.last.map_or(timestamp, |(last, at)| {
            last.wrapping_add(self.ticks(now, at).max(self.clock_rate / 60))
        })
    }

    fn ticks(&self, now: Instant, since: Instant) -> u32 {
        let passed = now.saturating_duration_since(since).as_secs_f64();
        (passed * f64::from(self.clock_rate)) as u32
    }
}
