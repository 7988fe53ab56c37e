//! What the media thread counted, for metrics. No person and no address is in it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Totals since the start, as the media thread keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Media packets that arrived and were authentic.
    pub received: u64,
    /// Copies of them that left.
    pub forwarded: u64,
    /// Packets sent again on request.
    pub resent: u64,
    /// Key frames asked of browsers.
    pub key_frames_asked: u64,
    /// Packets dropped because a participant sent more than allowed.
    pub over_limit: u64,
    /// Datagrams of nobody that is known.
    pub unknown: u64,
    /// Steps that panicked; each cost one participant's transport.
    pub panics: u64,
    /// Transports through which media can flow now.
    pub connected: u64,
}

/// The same for other threads to read.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; 8]);

impl Counters {
    pub(in crate::sfu) fn publish(&self, totals: &Totals) {
        let values = [
            totals.received,
            totals.forwarded,
            totals.resent,
            totals.key_frames_asked,
            totals.over_limit,
            totals.unknown,
            totals.panics,
            totals.connected,
        ];
        for (cell, value) in self.0.iter().zip(values) {
            cell.store(value, Ordering::Relaxed);
        }
    }

    pub(in crate::sfu) fn read(&self) -> Totals {
        let [
            received,
            forwarded,
            resent,
            key_frames_asked,
            over_limit,
            unknown,
            panics,
            connected,
        ] = std::array::from_fn(|index| self.0[index].load(Ordering::Relaxed));
        Totals {
            received,
            forwarded,
            resent,
            key_frames_asked,
            over_limit,
            unknown,
            panics,
            connected,
        }
    }
}
