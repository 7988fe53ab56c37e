//! What a viewer's line carries, told from when packets left and when they arrived (the idea of Google Congestion Control,
//! draft-ietf-rmcat-gcc-02, with the queue itself as the sign instead of its slope: a queue that grows slowly shows too).
//!
//! The library's controller is not used: it notices only lines that are far too narrow, and needs half a minute and more to
//! come back.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rtc_interceptor::PacketReport;

const MIN: f64 = 100_000.0;
const MAX: f64 = 60_000_000.0;
/// A queue so long (in seconds) is a sign of too much, beside what the line's jitter explains; for so many feedbacks.
const QUEUE: f64 = 0.06;
const PATIENCE: u32 = 3;
/// So much more leaves no time: pictures stop until the queue is empty.
const SEVERE: f64 = 0.25;
/// The shortest delay is that of an empty queue; it is looked for in the last one to two of these.
const BASE: Duration = Duration::from_secs(10);
/// Seconds over which the arriving rate is measured.
const WINDOW: f64 = 0.4;
/// A decrease must show before the next one.
const PAUSE: Duration = Duration::from_millis(400);
/// Growth in a second, without and with some loss, and in bits near the rate at which the line was full last.
const GROWTH: f64 = 1.5;
const CAREFUL_GROWTH: f64 = 1.05;
const NEAR_GROWTH: f64 = 20_000.0;
/// How long that rate is remembered: for the first time, and when the line was full again soon after.
const MEMORY: Duration = Duration::from_secs(5);
const LONG_MEMORY: Duration = Duration::from_secs(8);
/// How long after it was full a line is strained: for the first time, and at most when that comes again and again.
const STRAIN: Duration = Duration::from_secs(5);
const LONGEST_STRAIN: Duration = Duration::from_secs(20);
/// Shares of lost packets: below the first it may be the air, above the second it is too much.
const SOME_LOSS: f64 = 0.03;
const MUCH_LOSS: f64 = 0.12;

/// The rate at which the line was full.
#[derive(Clone, Copy)]
struct Ceiling {
    rate: f64,
    at: Instant,
    memory: Duration,
}

/// See the module.
pub struct Line {
    target: f64,
    epoch: Option<Instant>,
    /// Newest arrival (in seconds of the viewer's clock) and bytes of each of the last feedbacks.
    window: VecDeque<(f64, usize)>,
    arriving: Option<f64>,
    /// Shortest delays of this and of the former period.
    bases: [f64; 2],
    base_since: Option<Instant>,
    delay: Option<f64>,
    jitter: f64,
    queue: f64,
    above: u32,
    decreased: Option<Instant>,
    grown: Option<Instant>,
    ceiling: Option<Ceiling>,
    drains_until: Option<Instant>,
    strained_until: Option<Instant>,
    strain: Duration,
    loss: f64,
    wanted: f64,
    /// What is sent can be filled up to the estimate.
    pads: bool,
}

impl Line {
    /// Starts with this many bits a second.
    #[must_use]
    pub fn new(start: f64) -> Self {
        Self {
            target: start,
            epoch: None,
            window: VecDeque::new(),
            arriving: None,
            bases: [f64::INFINITY; 2],
            base_since: None,
            delay: None,
            jitter: 0.0,
            queue: 0.0,
            above: 0,
            decreased: None,
            grown: None,
            ceiling: None,
            drains_until: None,
            strained_until: None,
            strain: STRAIN,
            loss: 0.0,
            wanted: 0.0,
            pads: false,
        }
    }

    /// Bits per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.target
    }

    /// Whether the queue is so long that it should empty first.
    #[must_use]
    pub fn drains(&self, now: Instant) -> bool {
        self.drains_until.is_some_and(|until| now < until)
    }

    /// Whether it was full a short while ago. Else the estimate only says what was tried, not what the line carries.
    #[must_use]
    pub fn is_strained(&self, now: Instant) -> bool {
        self.strained_until.is_some_and(|until| now < until)
    }

    /// What the next larger picture would take in all. `pads`: repeated packets can fill the line up to there; where they
    /// cannot, the estimate may grow so far beyond what was ever tried.
    pub fn wants(&mut self, rate: f64, pads: bool) {
        self.wanted = rate;
        self.pads = pads;
    }

    /// Whether the line should be filled up to the estimate, to find out whether it carries the next larger picture.
    #[must_use]
    pub fn probes(&self, now: Instant) -> bool {
        self.pads
            && self.wanted > self.target
            && self.arriving.is_some()
            && self.loss < SOME_LOSS
            && self.queue < self.limit() / 2.0
            && !self.drains(now)
            && !self.is_near(now)
    }

    /// Packets take another path now: their delays cannot be compared with those of before.
    pub fn moved(&mut self) {
        self.bases = [f64::INFINITY; 2];
        self.delay = None;
        self.above = 0;
    }

    /// Feedback on packets sent. True: less is to be sent from now on.
    pub fn on_feedback(&mut self, now: Instant, reports: &[PacketReport]) -> bool {
        let Some(first) = reports.first() else {
            return false;
        };
        let epoch = *self.epoch.get_or_insert(first.departure);
        let mut delay = f64::INFINITY;
        let mut newest = f64::NEG_INFINITY;
        let mut bytes = 0;
        let mut lost = 0;
        for report in reports {
            let Some(arrival) = report.arrival.filter(|_| report.arrived) else {
                lost += 1;
                continue;
            };
            let arrival = arrival.as_secs_f64();
            let departure = report.departure.saturating_duration_since(epoch);
            delay = delay.min(arrival - departure.as_secs_f64());
            newest = newest.max(arrival);
            bytes += report.size;
        }
        self.loss = 0.8 * self.loss + 0.2 * f64::from(lost) / reports.len() as f64;
        let before = self.queue;
        if bytes > 0 {
            self.measure(newest, bytes);
            self.look_at(now, delay);
        }
        self.decide(now, before)
    }

    /// The rate that arrives.
    fn measure(&mut self, newest: f64, bytes: usize) {
        let newest = self
            .window
            .back()
            .map_or(newest, |(last, _)| newest.max(*last));
        self.window.push_back((newest, bytes));
        while self.window.len() > 2
            && self
                .window
                .front()
                .is_some_and(|(at, _)| newest - at > WINDOW)
        {
            self.window.pop_front();
        }
        let Some((oldest, _)) = self.window.front().copied() else {
            return;
        };
        let span = newest - oldest;
        if span < 0.1 {
            return;
        }
        let all: usize = self.window.iter().skip(1).map(|(_, bytes)| bytes).sum();
        let rate = all as f64 * 8.0 / span;
        self.arriving = Some(self.arriving.map_or(rate, |last| 0.5 * last + 0.5 * rate));
    }

    /// How long the queue is.
    fn look_at(&mut self, now: Instant, delay: f64) {
        let since = *self.base_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= BASE {
            self.bases = [f64::INFINITY, self.bases[0]];
            self.base_since = Some(now);
        }
        self.bases[0] = self.bases[0].min(delay);
        let queue = delay - self.bases[0].min(self.bases[1]);
        if let Some(last) = self.delay.replace(delay) {
            // A growing queue is no jitter: one step counts little.
            let step = (delay - last).abs().min(0.06);
            self.jitter = 0.95 * self.jitter + 0.05 * step;
        }
        self.queue = queue;
    }

    fn limit(&self) -> f64 {
        QUEUE + 2.0 * self.jitter
    }

    /// Whether the line was full about here a moment ago.
    fn is_near(&self, now: Instant) -> bool {
        self.ceiling.is_some_and(|ceiling| {
            now.saturating_duration_since(ceiling.at) < ceiling.memory
                && self.target > 0.8 * ceiling.rate
        })
    }

    /// True: less is sent from now on.
    fn decide(&mut self, now: Instant, queue_before: f64) -> bool {
        let limit = self.limit();
        self.above = if self.queue > limit {
            self.above + 1
        } else {
            0
        };
        // One late feedback alone may be a line that stood still for a moment.
        let severe = self.queue > limit + SEVERE && self.above > 1;
        if severe {
            let pause = Duration::from_secs_f64(self.queue.clamp(0.0, 1.0));
            self.drains_until = Some(now + pause);
        } else if self.queue < limit {
            self.drains_until = None;
        }
        let paused = self
            .decreased
            .is_some_and(|at| now.saturating_duration_since(at) < PAUSE);
        let falls = self.queue < queue_before - 0.005;
        if (severe || self.above >= PATIENCE) && !falls || self.loss > MUCH_LOSS {
            if !paused {
                self.decrease(now, if severe { 0.7 } else { 0.85 });
                return true;
            }
        } else if self.queue < limit / 2.0 && !paused {
            self.grow(now);
        }
        false
    }

    fn decrease(&mut self, now: Instant, factor: f64) {
        let Some(arriving) = self.arriving else {
            return;
        };
        self.target = self.target.min(arriving * factor).max(MIN);
        let again = self
            .ceiling
            .is_some_and(|last| now.saturating_duration_since(last.at) < 3 * MEMORY);
        self.ceiling = Some(Ceiling {
            rate: arriving,
            at: now,
            memory: if again { LONG_MEMORY } else { MEMORY },
        });
        if !self.is_strained(now) {
            let soon = self
                .strained_until
                .is_some_and(|until| now.saturating_duration_since(until) < LONGEST_STRAIN);
            self.strain = if soon {
                (self.strain * 2).min(LONGEST_STRAIN)
            } else {
                STRAIN
            };
        }
        self.strained_until = Some(now + self.strain);
        self.decreased = Some(now);
        self.grown = None;
        self.above = 0;
    }

    fn grow(&mut self, now: Instant) {
        let passed = self
            .grown
            .replace(now)
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64())
            .min(0.5);
        let grown = if self.is_near(now) {
            self.target + NEAR_GROWTH * passed
        } else if self.loss < SOME_LOSS {
            self.target * GROWTH.powf(passed)
        } else {
            self.target * CAREFUL_GROWTH.powf(passed)
        };
        // Not far beyond what was tried: who sends little learns little.
        let wanted = if self.pads { 0.0 } else { self.wanted };
        let tried = (1.5 * self.arriving.unwrap_or(0.0) + 300_000.0).max(wanted);
        self.target = grown.min(tried.max(self.target)).min(MAX);
    }
}
