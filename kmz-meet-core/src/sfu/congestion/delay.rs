//! The delay-based estimator: the queue's length and the arriving rate move the target rate.

use std::time::{Duration, Instant};

use super::acked_bitrate::AckedBitrate;
use super::queue::QueueDetector;
use super::random_loss::{LossVerdict, RandomLoss};
use super::rate::RateController;
use crate::sfu::rtp::transport_feedback::PacketReport;

/// A queue is that of the padding for so long after it.
const PROBED: Duration = Duration::from_millis(400);

/// See the module. Rates are in bits per second.
pub struct DelayBasedEstimator {
    epoch: Option<Instant>,
    acked: AckedBitrate,
    queue: QueueDetector,
    rate: RateController,
    loss: RandomLoss,
    /// What was sent before less was tried because of the loss.
    before_trial: f64,
    /// What was sent before less was sent because of the queue that is there now.
    before_queue: Option<f64>,
    wanted: f64,
    /// What is sent can be filled up to the estimate.
    pads: bool,
    /// When that was done last.
    padded: Option<Instant>,
}

impl DelayBasedEstimator {
    /// Starts with this rate.
    #[must_use]
    pub fn new(start: f64) -> Self {
        Self {
            epoch: None,
            acked: AckedBitrate::default(),
            queue: QueueDetector::default(),
            rate: RateController::new(start),
            loss: RandomLoss::default(),
            before_trial: start,
            before_queue: None,
            wanted: 0.0,
            pads: false,
            padded: None,
        }
    }

    /// What the connection is thought to carry.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate.target()
    }

    /// Whether the queue is so long that it should empty first.
    #[must_use]
    pub fn drains(&self, now: Instant) -> bool {
        self.queue.drains(now)
    }

    /// Whether it was full a short while ago. Else the estimate only says what was tried, not what the connection carries.
    #[must_use]
    pub fn is_strained(&self, now: Instant) -> bool {
        self.rate.is_strained(now)
    }

    /// Whether its queue says that it is full, or said so a short while ago. Loss for which less is only tried says nothing.
    #[must_use]
    pub fn is_full(&self, now: Instant) -> bool {
        self.queue.drains(now) || (self.rate.is_strained(now) && !self.loss.is_trying())
    }

    /// What the next larger picture would take in all. `pads`: repeated packets can fill the connection up to there; where
    /// they cannot, the estimate may grow so far beyond what was ever tried.
    pub fn wants(&mut self, rate: f64, pads: bool) {
        self.wanted = rate;
        self.pads = pads;
    }

    /// Whether to send up to the estimate, to find out whether the connection carries the next larger picture.
    #[must_use]
    pub fn probes(&self, now: Instant) -> bool {
        self.pads
            && self.wanted > self.rate.target()
            && self.acked.rate().is_some()
            && !self.loss.is_trying()
            && self.queue.is_short()
            && !self.queue.drains(now)
            && !self.rate.is_near_ceiling(now)
    }

    /// What is sent was filled up.
    pub fn padded(&mut self, now: Instant) {
        self.padded = Some(now);
    }

    /// Packets take another path now.
    pub fn path_changed(&mut self) {
        self.queue.path_changed();
        self.before_queue = None;
    }

    /// Feedback on packets sent. True: less is to be sent from now on.
    pub fn on_feedback(&mut self, now: Instant, reports: &[PacketReport]) -> bool {
        let Some(first) = reports.first() else {
            return false;
        };
        let epoch = *self.epoch.get_or_insert(first.departure);
        let mut delay = f64::INFINITY;
        let mut left = first.departure;
        let mut newest = f64::NEG_INFINITY;
        let mut bytes = 0;
        let mut lost = 0;
        let mut once = 0;
        for report in reports {
            once += usize::from(!report.is_repeated);
            let Some(arrival) = report.arrival.filter(|_| report.arrived) else {
                lost += usize::from(!report.is_repeated);
                continue;
            };
            let arrival = arrival.as_secs_f64();
            let departure = report.departure.saturating_duration_since(epoch);
            let of_packet = arrival - departure.as_secs_f64();
            if of_packet < delay {
                delay = of_packet;
                left = report.departure;
            }
            newest = newest.max(arrival);
            bytes += report.size;
        }
        let verdict = self.loss.add(now, lost, once);
        let before = self.queue.length();
        if bytes > 0 {
            self.acked.add(newest, bytes);
            self.queue.observe(now, delay, left);
        }
        self.decide(now, before, verdict)
    }

    /// True: less is sent from now on.
    fn decide(&mut self, now: Instant, queue_before: f64, verdict: LossVerdict) -> bool {
        let probes = self
            .padded
            .is_some_and(|at| now.saturating_duration_since(at) < PROBED);
        let queue = self.queue.state(now, queue_before, probes);
        let waits = self.rate.is_waiting(now);
        if queue.is_long {
            self.loss.is_explained(now);
        }
        if queue.was_none {
            self.rate.restore(self.before_queue.unwrap_or(0.0));
        }
        if queue.was_none || queue.is_short {
            self.before_queue = None;
        }
        match verdict {
            LossVerdict::Chance => self.rate.restore(self.before_trial),
            LossVerdict::TooMuch if !queue.is_long => {
                self.before_trial = self.rate.target();
                if let Some(acked) = self.acked.rate() {
                    self.rate.decrease(now, acked, false);
                }
                return true;
            }
            _ => {}
        }
        if queue.is_long {
            if waits {
                return false;
            }
            if let Some(acked) = self.acked.rate() {
                self.before_queue.get_or_insert(self.rate.target());
                self.rate.decrease(now, acked, queue.is_severe);
                self.queue.rate_decreased();
            }
            return true;
        }
        if queue.is_short && !waits && !self.loss.is_trying() {
            let wanted = if self.pads { 0.0 } else { self.wanted };
            self.rate.increase(now, self.acked.rate(), wanted);
        }
        false
    }
}
