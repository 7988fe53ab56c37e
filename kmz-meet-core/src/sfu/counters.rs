//! What the media threads counted, for metrics. No person and no address is in it.
//!
//! A packet that does not go on has a reason: steps return it as an error, and it is counted where the step was begun.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a packet was dropped, or a copy of it not sent to a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// A datagram of nobody that is known: of an address without a connectivity check, or a check that is not authentic.
    UnknownSender,
    /// The sender sent more than is allowed.
    OverLimit,
    /// Not the packet that its first bytes promise.
    Malformed,
    /// The protection is wrong, the packet came before, or there are no keys yet.
    NotAuthentic,
    /// An SSRC or payload type that the offer does not explain.
    NotNegotiated,
    /// A payload for which a datagram has no room with our headers.
    TooLarge,
    /// A number that came before, or is too old to tell.
    Repeated,
    /// The track is switched off by its owner or by a moderator.
    NotPermitted,
    /// More voices than audio slots, and louder ones are in them.
    NoAudioSlot,
    /// A copy for a viewer without a media path.
    ViewerNotConnected,
    /// A copy for a viewer that has no slot for it.
    NoViewerSlot,
    /// A copy for a slot that waits for a key frame, or has another stream in it by now.
    NotEntered,
    /// Something for a client over TCP whose line does not carry what is sent to it.
    NotRelayed,
    /// A datagram for another media thread, which has not taken so many that wait for it already.
    ThreadFull,
}

impl Dropped {
    pub const ALL: [Self; 14] = [
        Self::UnknownSender,
        Self::OverLimit,
        Self::Malformed,
        Self::NotAuthentic,
        Self::NotNegotiated,
        Self::TooLarge,
        Self::Repeated,
        Self::NotPermitted,
        Self::NoAudioSlot,
        Self::ViewerNotConnected,
        Self::NoViewerSlot,
        Self::NotEntered,
        Self::NotRelayed,
        Self::ThreadFull,
    ];

    /// Its name in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownSender => "unknown_sender",
            Self::OverLimit => "over_limit",
            Self::Malformed => "malformed",
            Self::NotAuthentic => "not_authentic",
            Self::NotNegotiated => "not_negotiated",
            Self::TooLarge => "too_large",
            Self::Repeated => "repeated",
            Self::NotPermitted => "not_permitted",
            Self::NoAudioSlot => "no_audio_slot",
            Self::ViewerNotConnected => "viewer_not_connected",
            Self::NoViewerSlot => "no_viewer_slot",
            Self::NotEntered => "not_entered",
            Self::NotRelayed => "not_relayed",
            Self::ThreadFull => "thread_full",
        }
    }
}

/// How often each reason occurred since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops([u64; Dropped::ALL.len()]);

impl Drops {
    /// Packets dropped for this reason.
    #[must_use]
    pub fn of(&self, reason: Dropped) -> u64 {
        self.0[reason as usize]
    }
}

/// Totals since the start, as the media thread keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Media packets that arrived and were authentic.
    pub received: u64,
    /// Copies of them that left.
    pub forwarded: u64,
    /// Packets sent again on request.
    pub resent: u64,
    /// Key frames asked of browsers.
    pub key_frames_asked: u64,
    /// Packets dropped because a participant sent more than allowed: [`Dropped::OverLimit`].
    pub over_limit: u64,
    /// Datagrams of nobody that is known: [`Dropped::UnknownSender`].
    pub unknown: u64,
    /// Steps that panicked; each cost one participant's transport.
    pub panics: u64,
    /// Transports through which media can flow now.
    pub connected: u64,
    /// What did not go on, by its reason.
    pub dropped: Drops,
}

impl Totals {
    /// Adds what another thread counted.
    pub(in crate::sfu) fn add(&mut self, other: &Self) {
        let Self {
            received,
            forwarded,
            resent,
            key_frames_asked,
            over_limit,
            unknown,
            panics,
            connected,
            dropped,
        } = other;
        self.received += received;
        self.forwarded += forwarded;
        self.resent += resent;
        self.key_frames_asked += key_frames_asked;
        self.over_limit += over_limit;
        self.unknown += unknown;
        self.panics += panics;
        self.connected += connected;
        for (sum, one) in self.dropped.0.iter_mut().zip(&dropped.0) {
            *sum += one;
        }
    }

    /// Counts a drop where its step was begun.
    pub(in crate::sfu) fn count(&mut self, outcome: Result<(), Dropped>) {
        if let Err(reason) = outcome {
            self.count_many(reason, 1);
        }
    }

    /// Counts so many drops.
    pub(in crate::sfu) fn count_many(&mut self, reason: Dropped, times: u64) {
        self.dropped.0[reason as usize] += times;
    }
}

const PLAIN: usize = 6;

/// The same for other threads to read.
#[derive(Debug, Default)]
pub struct Counters {
    plain: [AtomicU64; PLAIN],
    dropped: [AtomicU64; Dropped::ALL.len()],
    /// Thousandths of the last second in which the thread did not wait.
    busy: AtomicU64,
}

impl Counters {
    /// The thread did not wait for this share of the last second or so.
    pub(in crate::sfu) fn publish_busy(&self, share: f64) {
        self.busy.store((share * 1_000.0) as u64, Ordering::Relaxed);
    }

    /// The share of the last second or so in which the thread did not wait.
    pub(in crate::sfu) fn busy(&self) -> f64 {
        self.busy.load(Ordering::Relaxed) as f64 / 1_000.0
    }

    pub(in crate::sfu) fn publish(&self, totals: &Totals) {
        let plain = [
            totals.received,
            totals.forwarded,
            totals.resent,
            totals.key_frames_asked,
            totals.panics,
            totals.connected,
        ];
        let values = plain.iter().chain(&totals.dropped.0);
        for (cell, value) in self.plain.iter().chain(&self.dropped).zip(values) {
            cell.store(*value, Ordering::Relaxed);
        }
    }

    pub(in crate::sfu) fn read(&self) -> Totals {
        let [
            received,
            forwarded,
            resent,
            key_frames_asked,
            panics,
            connected,
        ] = std::array::from_fn(|index| self.plain[index].load(Ordering::Relaxed));
        let dropped = Drops(std::array::from_fn(|index| {
            self.dropped[index].load(Ordering::Relaxed)
        }));
        Totals {
            received,
            forwarded,
            resent,
            key_frames_asked,
            over_limit: dropped.of(Dropped::OverLimit),
            unknown: dropped.of(Dropped::UnknownSender),
            panics,
            connected,
            dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_after_publish_gives_each_count_back_under_its_name() {
        let mut totals = Totals {
            received: 1,
            forwarded: 2,
            resent: 3,
            key_frames_asked: 4,
            panics: 5,
            connected: 6,
            ..Totals::default()
        };
        totals.count(Ok(()));
        for (index, reason) in Dropped::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason:?}");
            for _ in 0..=index {
                totals.count(Err(reason));
            }
        }
        let counters = Counters::default();
        counters.publish(&totals);
        let read = counters.read();
        assert_eq!(read.dropped, totals.dropped);
        let mut twice = read;
        twice.add(&read);
        assert_eq!((twice.received, twice.connected), (2, 12));
        assert_eq!((twice.unknown, twice.over_limit), (2, 4));
        let doubled = |reason| twice.dropped.of(reason) == 2 * read.dropped.of(reason);
        assert!(Dropped::ALL.into_iter().all(doubled));
        assert_eq!((read.unknown, read.over_limit), (1, 2));
        assert_eq!((read.received, read.forwarded, read.resent), (1, 2, 3));
        assert_eq!(
            (read.key_frames_asked, read.panics, read.connected),
            (4, 5, 6)
        );
    }
}
