//! How much of a viewer's line is there for pictures.

use std::time::{Duration, Instant};

use rtc_interceptor::PacketReport;

use crate::sfu::congestion::delay::Line;

/// Where an estimate starts: enough for one large and some small pictures; the estimator finds the rest.
const START: f64 = 4_000_000.0;
const MIN: f64 = 100_000.0;
const MAX: f64 = 60_000_000.0;
/// Kept free for voices before any were heard, at least, and at most.
const SOUND: f64 = 100_000.0;
const LEAST_SOUND: f64 = 50_000.0;
const MOST_SOUND: f64 = 600_000.0;
/// The first picture is sent up to this rate whatever the estimate says: without packets there is no estimate. Larger
/// ones are tried too, unless the line was full a short while ago.
const FLOOR: f64 = 300_000.0;

/// Less is not worth a packet.
const LEAST_PADDING: f64 = 1_000.0;

/// What is there for pictures, in bits per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    pub pictures: f64,
    /// The first picture may take so much in any case.
    pub floor: f64,
}

/// Send-side bandwidth estimation for one viewer.
pub struct Estimate {
    line: Line,
    /// For browsers without transport-wide feedback: moved by the loss in their receiver reports alone.
    by_reports: f64,
    has_feedback: bool,
    last_report: Option<Instant>,
    loss: f64,
    sound: f64,
    sound_bytes: usize,
    sound_since: Option<Instant>,
    sent_bytes: usize,
    /// By how many bytes less than the estimate was sent of late.
    owed: f64,
    padded: Option<Instant>,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            line: Line::new(START),
            by_reports: START,
            has_feedback: false,
            last_report: None,
            loss: 0.0,
            sound: SOUND,
            sound_bytes: 0,
            sound_since: None,
            sent_bytes: 0,
            owed: 0.0,
            padded: None,
        }
    }
}

impl Estimate {
    /// Feedback on packets sent. True: there is less for pictures from now on.
    pub fn on_feedback(&mut self, now: Instant, reports: &[PacketReport]) -> bool {
        if reports.is_empty() {
            return false;
        }
        self.has_feedback = true;
        let lost = reports.iter().filter(|report| !report.arrived).count();
        self.loss = 0.9 * self.loss + 0.1 * (lost as f64 / reports.len() as f64);
        self.line.on_feedback(now, reports)
    }

    /// A receiver report said that this share of packets was lost.
    pub fn on_loss(&mut self, now: Instant, share: f64) {
        if self.has_feedback {
            return;
        }
        let due = self
            .last_report
            .is_none_or(|at| now.saturating_duration_since(at) > Duration::from_millis(500));
        if !due {
            return;
        }
        self.last_report = Some(now);
        self.loss = 0.5 * self.loss + 0.5 * share;
        let factor = if share > 0.1 {
            1.0 - 0.5 * share
        } else if share < 0.02 {
            1.05
        } else {
            1.0
        };
        self.by_reports = (self.by_reports * factor).clamp(MIN, MAX);
    }

    /// A packet of a voice left; voices come before pictures.
    pub fn sounded(&mut self, bytes: usize) {
        self.sound_bytes += bytes;
    }

    /// Packets take another path from now on.
    pub fn moved(&mut self) {
        self.line.moved();
    }

    /// What all pictures and the next larger one of them would take; 0: there is none. `pads`: see [`Self::padding`].
    pub fn wants(&mut self, pictures: f64, pads: bool) {
        let all = if pictures > 0.0 {
            pictures + self.sound
        } else {
            0.0
        };
        self.line.wants(all, pads);
    }

    /// A packet left for the first time.
    pub fn sent(&mut self, bytes: usize) {
        self.sent_bytes += bytes;
    }

    /// Bytes to send beside what is sent anyway, so that the line shows whether it carries a larger picture before that
    /// picture is tried. To be asked every few milliseconds.
    pub fn padding(&mut self, now: Instant) -> usize {
        let sent = std::mem::take(&mut self.sent_bytes) as f64;
        let passed = self.padded.replace(now).map_or(0.0, |at| {
            now.saturating_duration_since(at).as_secs_f64().min(0.1)
        });
        let rate = self.line.rate() / 8.0;
        self.owed = (self.owed + rate * passed - sent).clamp(-0.3 * rate, 0.03 * rate);
        if self.owed < LEAST_PADDING || !self.has_feedback || !self.line.probes(now) {
            return 0;
        }
        std::mem::take(&mut self.owed) as usize
    }

    /// What is there for pictures now.
    pub fn for_pictures(&mut self, now: Instant) -> Budget {
        self.measure_sound(now);
        let (all, drains, strained) = if self.has_feedback {
            let line = &self.line;
            (line.rate(), line.drains(now), line.is_strained(now))
        } else {
            (self.by_reports, false, self.loss > 0.1)
        };
        if drains {
            return Budget {
                pictures: 0.0,
                floor: 0.0,
            };
        }
        Budget {
            pictures: (all - self.sound).max(0.0),
            floor: if strained { FLOOR } else { f64::INFINITY },
        }
    }

    /// What voices take, and a little more: up at once, down slowly.
    fn measure_sound(&mut self, now: Instant) {
        let since = *self.sound_since.get_or_insert(now);
        let passed = now.saturating_duration_since(since).as_secs_f64();
        if passed < 0.5 {
            return;
        }
        let rate = std::mem::take(&mut self.sound_bytes) as f64 * 8.0 / passed;
        self.sound_since = Some(now);
        self.sound = (1.1 * rate)
            .max(0.9 * self.sound)
            .clamp(LEAST_SOUND, MOST_SOUND);
    }

    /// Smoothed share of packets lost on the way to this viewer.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use rtc_rtcp::transport_feedbacks::cc_feedback_report::Ecn;

    use super::*;
    use crate::sfu::allocation::allocator::{Steady, Wish};

    const CAMERA: [f64; 3] = [150_000.0, 500_000.0, 1_700_000.0];
    const VOICE: f64 = 48_000.0;
    const STEP: Duration = Duration::from_millis(5);

    /// A viewer behind a line of some rate with a queue of one second, watching one large and three small pictures.
    struct World {
        now: Instant,
        start: Instant,
        estimate: Estimate,
        steady: Steady,
        layers: Vec<Option<usize>>,
        wishes: Vec<Wish>,
        owed: Vec<f64>,
        /// When the line is free again, in seconds.
        free: f64,
        number: u64,
        reports: VecDeque<PacketReport>,
        jitter: f64,
        lost_voice: usize,
        changes: usize,
        longest_queue: f64,
    }

    impl World {
        fn new() -> Self {
            let start = Instant::now();
            let small = |best| Wish {
                rates: CAMERA,
                best,
            };
            Self {
                now: start,
                start,
                estimate: Estimate::default(),
                steady: Steady::default(),
                layers: vec![None; 4],
                wishes: vec![small(2), small(0), small(0), small(0)],
                owed: vec![0.0; 5],
                free: 0.0,
                number: 0,
                reports: VecDeque::new(),
                jitter: 0.0,
                lost_voice: 0,
                changes: 0,
                longest_queue: 0.0,
            }
        }

        fn seconds(&self) -> f64 {
            (self.now - self.start).as_secs_f64()
        }

        /// One packet over the line; false: the queue was full.
        fn send(&mut self, size: usize, line: f64) -> bool {
            let now = self.seconds();
            let queue = (self.free - now).max(0.0);
            self.longest_queue = self.longest_queue.max(queue);
            let arrived = queue < 1.0;
            if arrived {
                self.free = now + queue + size as f64 * 8.0 / line;
            }
            self.number += 1;
            let shake = (self.number * 7_919 % 100) as f64 / 100.0 * self.jitter;
            let arrival = Duration::from_secs_f64(100.0 + self.free.max(now) + 0.02 + shake);
            self.reports.push_back(PacketReport {
                ssrc: 0,
                id: self.number,
                rtp_sequence_number: 0,
                is_twcc: true,
                twcc_sequence_number: 0,
                size,
                arrived,
                departure: self.now,
                arrival: arrived.then_some(arrival),
                ecn: Ecn::NotEct,
            });
            arrived
        }

        fn run(&mut self, seconds: f64, line: f64) {
            let end = self.seconds() + seconds;
            self.changes = 0;
            self.lost_voice = 0;
            self.longest_queue = 0.0;
            let mut step = 0u32;
            while self.seconds() < end {
                if step.is_multiple_of(50) {
                    self.decide();
                }
                let seconds = STEP.as_secs_f64();
                self.owed[4] += VOICE * seconds / 8.0;
                if self.owed[4] > 120.0 {
                    self.owed[4] -= 120.0;
                    self.estimate.sounded(120);
                    self.estimate.sent(120);
                    self.lost_voice += usize::from(!self.send(120, line));
                }
                for index in 0..4 {
                    let Some(layer) = self.layers[index] else {
                        continue;
                    };
                    self.owed[index] += self.wishes[index].rates[layer] * seconds / 8.0;
                    while self.owed[index] > 1_000.0 {
                        self.owed[index] -= 1_000.0;
                        self.estimate.sent(1_000);
                        self.send(1_000, line);
                    }
                }
                if step.is_multiple_of(4) {
                    for _ in 0..self.estimate.padding(self.now) / 1_000 {
                        self.send(1_000, line);
                    }
                }
                if step.is_multiple_of(20) {
                    self.feed_back();
                }
                self.now += STEP;
                step += 1;
            }
        }

        fn decide(&mut self) {
            let budget = self.estimate.for_pictures(self.now);
            let before = self.layers.clone();
            let next = self
                .steady
                .share(self.now, budget, &self.wishes, &before, &mut self.layers);
            self.estimate.wants(next, true);
            self.changes += before
                .iter()
                .zip(&self.layers)
                .filter(|(a, b)| a != b)
                .count();
        }

        /// What arrived by now, or was passed over by what arrived.
        fn feed_back(&mut self) {
            let now = Duration::from_secs_f64(100.0 + self.seconds());
            let known = self
                .reports
                .iter()
                .rposition(|report| report.arrival.is_some_and(|at| at <= now))
                .map_or(0, |last| last + 1);
            let reports: Vec<_> = self.reports.drain(..known).collect();
            if self.estimate.on_feedback(self.now, &reports) {
                self.decide();
            }
        }
    }

    const ALL: [Option<usize>; 4] = [Some(2), Some(0), Some(0), Some(0)];

    #[test]
    fn a_good_line_gets_everything_at_once_and_keeps_it() {
        let mut world = World::new();
        world.run(60.0, 20e6);
        assert_eq!(world.layers, ALL);
        assert_eq!(world.changes, 4);
    }

    #[test]
    fn jitter_alone_lowers_nothing_for_long() {
        for jitter in [0.1, 0.2] {
            let mut world = World::new();
            world.jitter = jitter;
            world.run(60.0, 20e6);
            assert_eq!(world.layers, ALL);
            assert!(world.changes <= 8, "{} with {jitter}", world.changes);
        }
    }

    #[test]
    fn a_line_that_stands_still_for_a_moment_loses_nothing_for_long() {
        let mut world = World::new();
        world.run(10.0, 20e6);
        let mut full = 0;
        for _ in 0..20 {
            world.free = world.seconds() + 0.4;
            world.run(3.0, 20e6);
            full += usize::from(world.layers == ALL);
        }
        assert!(full >= 18, "{full} of 20");
    }

    #[test]
    fn a_narrow_line_keeps_the_voice_and_one_picture_and_recovers() {
        let mut world = World::new();
        world.run(10.0, 20e6);
        world.run(5.0, 300_000.0);
        let mut shown = 0;
        let mut lost = 0;
        let mut longest: f64 = 0.0;
        for _ in 0..120 {
            world.run(0.25, 300_000.0);
            shown += usize::from(world.layers[0].is_some());
            lost += world.lost_voice;
            longest = longest.max(world.longest_queue);
        }
        assert!(shown >= 108, "shown in {shown} of 120");
        assert!(longest < 0.5, "a queue of {longest} s");
        assert_eq!(lost, 0);
        world.run(15.0, 20e6);
        assert_eq!(world.layers, ALL);
        world.run(30.0, 20e6);
        assert_eq!(world.layers, ALL);
        assert_eq!(world.changes, 0);
    }

    #[test]
    fn a_screen_without_layers_is_tried_seldom_on_a_line_that_does_not_carry_it() {
        let mut world = World::new();
        world.wishes[0].rates = [2_500_000.0, 0.0, 0.0];
        world.run(10.0, 20e6);
        assert_eq!(world.layers[0], Some(0));
        world.run(5.0, 1e6);
        let (mut shown, mut lost) = (0, 0);
        for _ in 0..240 {
            world.run(0.25, 1e6);
            shown += usize::from(world.layers[0].is_some());
            lost += world.lost_voice;
        }
        assert!(shown <= 12, "shown in {shown} of 240");
        assert!(lost <= 20, "{lost} of 24,000 lost");
        world.run(25.0, 20e6);
        assert_eq!(world.layers[0], Some(0));
    }

    #[test]
    fn a_picture_that_grows_on_a_free_line_goes_on() {
        let mut world = World::new();
        for rate in [1e6, 4e6, 9e6, 15e6] {
            world.wishes[0].rates = [rate, 0.0, 0.0];
            world.run(0.5, 20e6);
            for _ in 0..8 {
                world.run(0.25, 20e6);
                assert_eq!(world.layers[0], Some(0), "{rate}");
            }
        }
    }

    #[test]
    fn a_middling_line_is_used_without_collapses() {
        let mut world = World::new();
        world.run(10.0, 20e6);
        world.run(10.0, 1e6);
        let mut sum = 0.0;
        let mut changes = 0;
        let mut longest: f64 = 0.0;
        for _ in 0..240 {
            world.run(0.25, 1e6);
            sum += world
                .layers
                .iter()
                .flatten()
                .map(|layer| CAMERA[*layer])
                .sum::<f64>();
            changes += world.changes;
            assert!(world.layers[0].is_some(), "the first picture never stops");
            longest = longest.max(world.longest_queue);
        }
        assert!(longest < 0.5, "a queue of {longest} s");
        assert!(sum / 240.0 > 550_000.0, "{} used", sum / 240.0);
        assert!(changes < 40, "{changes} changes in a minute");
    }

    #[test]
    fn loss_by_the_air_does_not_stop_the_picture() {
        let mut estimate = Estimate::default();
        let start = Instant::now();
        for step in 0..600u64 {
            let now = start + Duration::from_millis(100 * step);
            let reports: Vec<_> = (0..20)
                .map(|index| PacketReport {
                    ssrc: 0,
                    id: index,
                    rtp_sequence_number: 0,
                    is_twcc: true,
                    twcc_sequence_number: 0,
                    size: 1_000,
                    arrived: index % 10 != 0,
                    departure: now,
                    arrival: (index % 10 != 0)
                        .then(|| Duration::from_millis(100 * step + index / 2 + 20)),
                    ecn: Ecn::NotEct,
                })
                .collect();
            estimate.on_feedback(now, &reports);
        }
        let budget = estimate.for_pictures(start + Duration::from_secs(61));
        assert!(budget.pictures > 1e6, "{budget:?} at a tenth lost");
    }

    #[test]
    fn pictures_leave_room_for_the_voices_that_there_are() {
        let mut estimate = Estimate::default();
        let start = Instant::now();
        estimate.for_pictures(start);
        estimate.sounded(20_000);
        let loud = estimate.for_pictures(start + Duration::from_millis(500));
        assert!((START - 360_000.0..START - 340_000.0).contains(&loud.pictures));
        let quiet = (2..60).fold(loud, |_, half| {
            estimate.for_pictures(start + Duration::from_millis(500 * half))
        });
        assert!((quiet.pictures - (START - LEAST_SOUND)).abs() < 1.0);
    }
}
