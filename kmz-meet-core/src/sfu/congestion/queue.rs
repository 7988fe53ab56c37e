//! How long the queue at the bottleneck is, told from when packets left and when they arrived.

use std::time::{Duration, Instant};

/// A queue of so many seconds is a sign of too much, beside what the jitter explains; for so many feedbacks.
const MAX_QUEUE: f64 = 0.06;
const PATIENCE: u32 = 3;
/// … of a queue that is made to see what the connection carries.
const PROBE_SHARE: f64 = 0.6;
/// So much more leaves no time: pictures stop until the queue is empty.
const SEVERE: f64 = 0.25;
/// The least delay is that of an empty queue; it is looked for in the last one to two of these (RFC 6817, section 4.2,
/// keeps a list of such minimums).
const BASE_PERIOD: Duration = Duration::from_secs(10);
/// A queue gets shorter when less is sent. One that has not, after this time, by more than the rest of this share, is none: the
/// way has become longer (another network, another route), or others fill it and starving helps nobody.
const DRAINS_WITHIN: Duration = Duration::from_secs(2);
const DRAINS_TO: f64 = 0.6;
/// No way becomes longer by so many seconds. What our own packets filled for seconds still grows after less is sent.
const MAX_LONGER_WAY: f64 = 0.5;
/// A queue that became shorter by so many seconds is about to empty.
const FALL: f64 = 0.005;
/// A growing queue is no jitter: one step counts so many seconds at most.
const MAX_JITTER_STEP: f64 = 0.06;

/// What the queue says after a feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "answers to four questions")]
pub struct QueueState {
    /// Far too long.
    pub is_severe: bool,
    /// Too long for some feedbacks, or far too long, and not about to empty.
    pub is_long: bool,
    /// So short that more can be sent.
    pub is_short: bool,
    /// What looked like a queue was a longer way: decreases were mistakes.
    pub was_none: bool,
}

/// A queue that was too long, and since then less was sent. Least lengths are compared with least lengths: jitter lengthens one
/// feedback and not the next. Times are those at which packets left: what was on its way already says nothing of less, and
/// its feedback comes as late as the way and the queue are long.
#[derive(Clone, Copy)]
struct Draining {
    since: Instant,
    /// The least length in the first quarter of the time.
    first: f64,
    /// The least length in the second half.
    last: f64,
    /// It was too long in the second half as well. One that is not is only no longer than may be.
    stays: bool,
}

/// See the module. Delays are in seconds, between two clocks that know nothing of each other: only differences count.
pub struct QueueDetector {
    /// Least delays of this and of the former period.
    bases: [f64; 2],
    base_since: Option<Instant>,
    delay: Option<f64>,
    jitter: f64,
    length: f64,
    /// When the packet left that met this length.
    left: Option<Instant>,
    /// Feedbacks in a row with too long a queue.
    above: u32,
    drains_until: Option<Instant>,
    draining: Option<Draining>,
}

impl Default for QueueDetector {
    fn default() -> Self {
        Self {
            bases: [f64::INFINITY; 2],
            base_since: None,
            delay: None,
            jitter: 0.0,
            length: 0.0,
            left: None,
            above: 0,
            drains_until: None,
            draining: None,
        }
    }
}

impl QueueDetector {
    /// The length in seconds.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.length
    }

    /// Whether the queue is so long that it should empty first.
    #[must_use]
    pub fn drains(&self, now: Instant) -> bool {
        self.drains_until.is_some_and(|until| now < until)
    }

    /// Whether there is room for more.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.length < self.limit() / 2.0
    }

    /// Packets take another path now: their delays cannot be compared with those of before.
    pub fn path_changed(&mut self) {
        self.bases = [f64::INFINITY; 2];
        self.delay = None;
        self.above = 0;
        self.drains_until = None;
        self.draining = None;
    }

    /// Less is sent from now on: that must show before the queue counts as too long again.
    pub fn rate_decreased(&mut self) {
        self.above = 0;
    }

    /// The least delay of the packets of a feedback, and when the packet left that had it.
    pub fn observe(&mut self, now: Instant, delay: f64, left: Instant) {
        self.left = Some(left);
        let since = *self.base_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= BASE_PERIOD {
            self.bases = [f64::INFINITY, self.bases[0]];
            self.base_since = Some(now);
        }
        self.bases[0] = self.bases[0].min(delay);
        self.length = delay - self.bases[0].min(self.bases[1]);
        if let Some(last) = self.delay.replace(delay) {
            let step = (delay - last).abs().min(MAX_JITTER_STEP);
            self.jitter = 0.95 * self.jitter + 0.05 * step;
        }
    }

    /// What the queue says now; `before`: its length at the feedback before. `probes`: it is that of padding, which nobody
    /// needs: it is too long sooner.
    pub fn state(&mut self, now: Instant, before: f64, probes: bool) -> QueueState {
        let limit = self.limit();
        let too_long = if probes { PROBE_SHARE * limit } else { limit };
        self.above = if self.length > too_long {
            self.above + 1
        } else {
            0
        };
        // One late feedback alone may be a connection that stood still for a moment.
        let is_severe = self.length > limit + SEVERE && self.above > 1;
        if is_severe {
            let pause = Duration::from_secs_f64(self.length.clamp(0.0, 1.0));
            self.drains_until = Some(now + pause);
        } else if self.length < limit {
            self.drains_until = None;
        }
        let falls = self.length < before - FALL;
        let is_long = (is_severe || self.above >= PATIENCE) && !falls;
        if self.was_none(now, limit, is_long) {
            self.path_changed();
            return QueueState {
                is_severe: false,
                is_long: false,
                is_short: false,
                was_none: true,
            };
        }
        QueueState {
            is_severe,
            is_long,
            is_short: self.is_short(),
            was_none: false,
        }
    }

    /// Whether the queue has not become shorter although less was sent.
    fn was_none(&mut self, now: Instant, limit: f64, is_long: bool) -> bool {
        // Between short and too long it may be jitter that comes and goes.
        if self.is_short() {
            self.draining = None;
            return false;
        }
        let begins = Draining {
            since: now,
            first: self.length,
            last: f64::INFINITY,
            stays: false,
        };
        let Some(draining) = &mut self.draining else {
            self.draining = is_long.then_some(begins);
            return false;
        };
        let Some(passed) = self
            .left
            .and_then(|left| left.checked_duration_since(draining.since))
        else {
            return false;
        };
        if passed < DRAINS_WITHIN / 4 {
            draining.first = draining.first.min(self.length);
        } else if passed >= DRAINS_WITHIN / 2 {
            draining.last = draining.last.min(self.length);
            draining.stays |= self.length > limit;
        }
        if passed < DRAINS_WITHIN {
            return false;
        }
        let was_none = draining.stays
            && draining.last > DRAINS_TO * draining.first
            && draining.last < MAX_LONGER_WAY;
        self.draining = Some(begins);
        was_none
    }

    fn limit(&self) -> f64 {
        MAX_QUEUE + 2.0 * self.jitter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The states after feedbacks with these queues in milliseconds, a tenth of a second apart.
    fn states(queues: &[u32]) -> Vec<QueueState> {
        late_states(queues, Duration::ZERO)
    }

    /// The same where a feedback comes so long after its packet left.
    fn late_states(queues: &[u32], way: Duration) -> Vec<QueueState> {
        let start = Instant::now();
        let mut detector = QueueDetector::default();
        let all = queues.iter().enumerate().map(|(index, queue)| {
            let left = start + Duration::from_millis(100 * index as u64);
            let now = left + way;
            let before = detector.length();
            detector.observe(now, 5.0 + f64::from(*queue) / 1_000.0, left);
            detector.state(now, before, false)
        });
        all.collect()
    }

    #[test]
    fn state_of_one_late_feedback_is_not_long() {
        let states = states(&[0, 0, 400, 0]);
        assert!(
            states
                .iter()
                .all(|state| !state.is_long && !state.is_severe)
        );
        assert!(states[3].is_short);
    }

    #[test]
    fn state_of_a_queue_that_stays_is_long_at_the_third_feedback() {
        let long: Vec<_> = states(&[0, 100, 110, 120]);
        let long: Vec<_> = long.iter().map(|state| state.is_long).collect();
        assert_eq!(long, [false, false, false, true]);
    }

    #[test]
    fn state_of_a_queue_that_does_not_drain_is_that_of_a_longer_way() {
        let mut queues = vec![0; 10];
        queues.extend([90; 60]);
        let states = states(&queues);
        let found = states.iter().position(|state| state.was_none);
        let found = found.expect("the way has become longer");
        assert!((30..=36).contains(&found), "{found}");
        assert!(states[found + 1..].iter().all(|state| !state.is_long));
    }

    #[test]
    fn state_of_a_longer_way_with_jitter_is_found_as_well() {
        // The feedback at which it counts as too long is the latest of them all.
        let mut queues = vec![0; 10];
        queues.extend([100, 110, 160]);
        queues.extend([88, 96, 90, 99, 87, 94].iter().cycle().take(60));
        let states = states(&queues);
        let found = states.iter().position(|state| state.was_none);
        assert!(found.is_some_and(|found| found <= 50), "{found:?}");
    }

    #[test]
    fn state_of_a_queue_of_seconds_that_still_grows_is_no_longer_way() {
        let mut queues = vec![0; 10];
        queues.extend((0..60).map(|step| 300 + 50 * step));
        assert!(states(&queues).iter().all(|state| !state.was_none));
    }

    #[test]
    fn state_of_a_queue_that_drains_is_no_longer_way() {
        let mut queues = vec![0; 10];
        queues.extend((0..60).map(|step| 200u32.saturating_sub(10 * step)));
        assert!(states(&queues).iter().all(|state| !state.was_none));
    }

    /// Less is sent from the third feedback with the queue on, which is told a second later: until then it stays as it is.
    #[test]
    fn state_of_a_queue_that_drains_is_no_longer_way_however_late_that_is_told() {
        const WAY: usize = 12;
        let mut queues = vec![0; 10];
        queues.extend([200; 3 + WAY]);
        // It empties within three seconds after less is sent.
        queues.extend((0..60).map(|step| 200u32.saturating_sub(8 * step)));
        let way = Duration::from_millis(100 * WAY as u64);
        assert!(
            late_states(&queues, way)
                .iter()
                .all(|state| !state.was_none)
        );
        // One that does not is found as well.
        queues.truncate(13 + WAY);
        queues.extend([200; 60]);
        let states = late_states(&queues, way);
        assert!(states.iter().any(|state| state.was_none));
    }

    #[test]
    fn state_of_a_queue_that_falls_is_not_long() {
        let states = states(&[0, 140, 130, 120, 110]);
        assert!(states.iter().all(|state| !state.is_long));
    }
}
