//! What the members of one conference together may send, and may be sent.

use std::time::Instant;

use crate::sfu::api::TrafficLimit;
use crate::sfu::token_bucket::TokenBucket;

/// See the module.
pub struct Traffic {
    incoming: OneWay,
    outgoing: OneWay,
}

struct OneWay {
    packets: TokenBucket,
    bytes: TokenBucket,
}

impl OneWay {
    fn new(limit: TrafficLimit) -> Self {
        Self {
            packets: TokenBucket::new(f64::from(limit.packets_per_second)),
            bytes: TokenBucket::new(f64::from(limit.bytes_per_second)),
        }
    }

    fn takes(&mut self, now: Instant, bytes: usize) -> bool {
        self.packets.takes(now, 1.0) && self.bytes.takes(now, bytes as f64)
    }
}

impl Traffic {
    #[must_use]
    pub fn new(limit: TrafficLimit) -> Self {
        Self {
            incoming: OneWay::new(limit),
            outgoing: OneWay::new(limit),
        }
    }

    /// Whether one more datagram of so many bytes may be read now.
    pub fn may_receive(&mut self, now: Instant, bytes: usize) -> bool {
        self.incoming.takes(now, bytes)
    }

    /// Whether one more packet with so many bytes of payload may be sent now.
    pub fn may_send(&mut self, now: Instant, bytes: usize) -> bool {
        self.outgoing.takes(now, bytes)
    }
}
