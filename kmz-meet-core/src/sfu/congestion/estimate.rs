//! How much of a viewer's connection is there for pictures.

use std::time::{Duration, Instant};

use super::audio::AudioReserve;
use super::delay::DelayBasedEstimator;
use super::loss::{LossBasedEstimator, SmoothedLoss};
use super::pacer::Pacing;
use super::probe::Prober;
use crate::sfu::rtp::transport_feedback::PacketReport;

/// Where an estimate starts: enough for one large and some small pictures; the estimator finds the rest.
pub const START: f64 = 4_000_000.0;
/// The first picture is sent up to this rate whatever the estimate says: without packets there is no estimate. Larger
/// ones are tried too, unless the connection was full a short while ago.
const FLOOR: f64 = 300_000.0;
/// Without transport-wide feedback a connection that loses more than this is strained.
const STRAINING_LOSS: f64 = 0.1;
/// Pictures are paced on connections that are thought to carry less: they were full once.
const PACED_BELOW: f64 = 3_000_000.0;
/// What leaves at most, in parts of the estimate: a little more, so that what waits gets less.
const PACE: f64 = 1.15;
/// On connections that carry less, voices leave without redundancy unless packets get lost; and while they are full, voices
/// are not repeated.
const NARROW: f64 = 500_000.0;
/// Shares of lost packets from which on a voice is sent again unasked: once without redundancy in its packets; then twice,
/// or once beside the redundancy.
const SOME_LOSS: f64 = 0.02;
const MUCH_LOSS: f64 = 0.08;
/// A share of lost packets is told from few packets and varies: what was seen once counts for so long.
const LOSS_HOLDS: Duration = Duration::from_secs(10);

/// What is there for pictures, in bits per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    pub pictures: f64,
    /// The first picture may take so much in any case.
    pub floor: f64,
}

/// Send-side bandwidth estimation for one viewer.
pub struct SendSideEstimate {
    pub(super) by_delay: DelayBasedEstimator,
    /// For browsers without transport-wide feedback.
    by_loss: LossBasedEstimator,
    has_feedback: bool,
    loss: SmoothedLoss,
    /// Until when some and much loss count.
    some_loss_until: Option<Instant>,
    much_loss_until: Option<Instant>,
    audio: AudioReserve,
    prober: Prober,
}

impl Default for SendSideEstimate {
    fn default() -> Self {
        Self {
            by_delay: DelayBasedEstimator::new(START),
            by_loss: LossBasedEstimator::new(START),
            has_feedback: false,
            loss: SmoothedLoss::default(),
            some_loss_until: None,
            much_loss_until: None,
            audio: AudioReserve::default(),
            prober: Prober::default(),
        }
    }
}

impl SendSideEstimate {
    /// Feedback on packets sent. True: there is less for pictures from now on.
    pub fn on_feedback(&mut self, now: Instant, reports: &[PacketReport]) -> bool {
        if reports.is_empty() {
            return false;
        }
        self.has_feedback = true;
        let once = || reports.iter().filter(|report| !report.is_repeated);
        let all = once().count();
        if all > 0 {
            let lost = once().filter(|report| !report.arrived).count();
            self.loss.add(lost, all, 0.1);
            self.note_loss(now);
        }
        if reports
            .iter()
            .any(|report| report.is_repeated && !report.arrived)
        {
            self.repeats_still_help(now);
        }
        self.by_delay.on_feedback(now, reports)
    }

    /// A receiver report said that this share of packets was lost.
    pub fn on_loss(&mut self, now: Instant, share: f64) {
        if !self.has_feedback && self.by_loss.on_report(now, share) {
            self.loss.add_fraction(share, 0.5);
            self.note_loss(now);
        }
    }

    fn note_loss(&mut self, now: Instant) {
        let loss = self.loss.fraction();
        if loss > SOME_LOSS {
            self.some_loss_until = Some(now + LOSS_HOLDS);
        }
        if loss > MUCH_LOSS {
            self.much_loss_until = Some(now + LOSS_HOLDS);
        }
    }

    /// All copies of a packet were lost: the line still loses what the repeats are there for.
    fn repeats_still_help(&mut self, now: Instant) {
        for until in [&mut self.some_loss_until, &mut self.much_loss_until] {
            if until.is_some_and(|until| now < until) {
                *until = Some(now + LOSS_HOLDS);
            }
        }
    }

    /// A packet of a voice left; voices come before pictures.
    pub fn audio_sent(&mut self, bytes: usize) {
        self.audio.sent(bytes);
    }

    /// Packets take another path from now on.
    pub fn path_changed(&mut self) {
        self.by_delay.path_changed();
    }

    /// What all pictures and the next larger one of them would take; 0: there is none. `pads`: see [`Self::padding`].
    pub fn wants(&mut self, pictures: f64, pads: bool) {
        let all = if pictures > 0.0 {
            pictures + self.audio.rate()
        } else {
            0.0
        };
        self.by_delay.wants(all, pads);
    }

    /// A packet left for the first time.
    pub fn sent(&mut self, bytes: usize) {
        self.prober.sent(bytes);
    }

    /// Bytes to send again beside what is sent anyway. To be asked every few milliseconds.
    pub fn padding(&mut self, now: Instant) -> usize {
        let probes = self.has_feedback && self.by_delay.probes(now);
        let due = self.prober.due(now, self.by_delay.rate(), probes);
        if due > 0 {
            self.by_delay.padded(now);
        }
        due
    }

    /// What is there for pictures now.
    pub fn for_pictures(&mut self, now: Instant) -> Budget {
        self.audio.measure(now);
        let (all, strained) = if self.has_feedback {
            (self.by_delay.rate(), self.by_delay.is_strained(now))
        } else {
            (self.by_loss.rate(), self.loss.fraction() > STRAINING_LOSS)
        };
        Budget {
            pictures: (all - self.audio.rate()).max(0.0),
            floor: if strained { FLOOR } else { f64::INFINITY },
        }
    }

    /// How pictures may leave now.
    #[must_use]
    pub fn pacing(&self, now: Instant) -> Pacing {
        let rate = self.by_delay.rate();
        if !self.has_feedback || rate >= PACED_BELOW {
            Pacing::Free
        } else if self.by_delay.drains(now) {
            Pacing::Hold(PACE * rate)
        } else {
            Pacing::Rate(PACE * rate)
        }
    }

    /// How pictures that no other one needs may leave now, where they are thinned: as far as the estimate has room for them.
    #[must_use]
    pub fn room(&self, now: Instant) -> Pacing {
        match self.pacing(now) {
            Pacing::Rate(_) => Pacing::Rate(self.by_delay.rate()),
            other => other,
        }
    }

    /// Whether so much gets lost by chance that what is asked for again would often get lost again.
    #[must_use]
    pub fn loses_much(&self, now: Instant) -> bool {
        self.voice_repeats(now, true) > 0
    }

    /// Whether the redundancy in the packets of voices costs more than it gives.
    #[must_use]
    pub fn is_narrow(&self, now: Instant) -> bool {
        let loses = self.some_loss_until.is_some_and(|until| now < until);
        self.has_feedback && self.by_delay.rate() < NARROW && !loses
    }

    /// How often a packet of a voice is sent again unasked, because so many get lost by chance.
    #[must_use]
    pub fn voice_repeats(&self, now: Instant, is_redundant: bool) -> u8 {
        let holds = |until: Option<Instant>| until.is_some_and(|until| now < until);
        // Of a line that is too full less is lost by sending less. On a wide line the pictures fill it.
        let is_full =
            || self.has_feedback && self.by_delay.rate() < NARROW && self.by_delay.is_full(now);
        if !holds(self.some_loss_until) || is_full() {
            0
        } else {
            u8::from(holds(self.much_loss_until)) + u8::from(!is_redundant)
        }
    }

    /// Smoothed share of packets lost on the way to this viewer.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss.fraction()
    }
}
