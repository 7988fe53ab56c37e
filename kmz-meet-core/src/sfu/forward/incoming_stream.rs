//! One incoming stream: a microphone, a screen, or one simulcast layer of a camera.

use std::time::{Duration, Instant};

use rtc_rtcp::reception_report::ReceptionReport;

use crate::sfu::forward::packet_cache::PacketCache;
use crate::sfu::rtp::header::Unwrapper;
use crate::sfu::token_bucket::TokenBucket;

/// Key frame requests to a browser are merged: at most one in this time for each layer.
pub const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(500);
/// … and over a longer time fewer still, however many viewers ask.
const KEY_FRAMES_PER_SECOND: f64 = 1.0;
const KEY_FRAMES_AT_ONCE: f64 = 10.0;
/// A lost packet is asked for again after this time, so often, and not when it is too old to be shown.
const NACK_INTERVAL: Duration = Duration::from_millis(40);
const NACK_TRIES: u8 = 8;
/// Most packets that can be missing at once; beyond it a key frame is the better cure.
const MAX_MISSING: usize = 96;
/// A layer that sent nothing for this long is not there.
const ALIVE: Duration = Duration::from_millis(1_500);

/// A stream is not replaced by another within this time after its last packet.
const UNDER_WAY: Duration = Duration::from_secs(1);
/// What a voice may send: each packet of it goes to everybody, without a look at their lines. Opus at 10 ms with
/// redundancy is 100 packets, in stereo at its best 510 kbit/s.
const SOUND_PACKETS: f64 = 120.0;
const SOUND_BYTES: f64 = 600_000.0 / 8.0;

/// A slot that shows this layer or waits for its key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscriber {
    pub viewer: usize,
    pub slot: SlotId,
}

/// One of a viewer's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotId {
    Video(usize),
    Screen,
}

#[derive(Clone, Copy, Debug)]
struct Missing {
    sequence: u64,
    tries: u8,
    asked: Option<Instant>,
}

/// Bits per second over about the last second.
#[derive(Debug, Default)]
pub struct Meter {
    bytes: usize,
    since: Option<Instant>,
    rate: f64,
    last: Option<Instant>,
}

impl Meter {
    fn add(&mut self, now: Instant, bytes: usize) {
        self.bytes += bytes;
        self.last = Some(now);
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= Duration::from_millis(500) {
            let rate = self.bytes as f64 * 8.0 / passed.as_secs_f64();
            self.rate = if self.rate == 0.0 {
                rate
            } else {
                0.5 * self.rate + 0.5 * rate
            };
            self.bytes = 0;
            self.since = Some(now);
        }
    }

    /// The rate; `typical` until it was measured, 0 when nothing comes any more.
    #[must_use]
    pub fn rate(&self, now: Instant, typical: f64) -> f64 {
        match self.last {
            Some(last) if now.saturating_duration_since(last) < ALIVE => {
                if self.rate == 0.0 {
                    typical
                } else {
                    self.rate
                }
            }
            _ => 0.0,
        }
    }
}

/// What reception reports need (RFC 3550, section 6.4).
#[derive(Debug, Default)]
struct Reception {
    first: Option<u64>,
    received: u64,
    expected_before: u64,
    received_before: u64,
    jitter: f64,
    transit: Option<f64>,
    sender_report: Option<(u32, Instant)>,
}

/// State of one incoming stream.
pub struct Layer {
    /// Unique in the process: a slot that was bound to another stream under the same SSRC notices.
    pub key: u64,
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    clock_rate: f64,
    numbers: Unwrapper,
    missing: Vec<Missing>,
    /// Video only.
    pub history: Option<PacketCache>,
    pub subscribers: Vec<Subscriber>,
    pub meter: Meter,
    reception: Reception,
    key_frame_asked: Option<Instant>,
    key_frame_wanted: bool,
    /// Asked for, and it has not come yet.
    key_frame_awaited: bool,
    key_frames: TokenBucket,
    sound: [TokenBucket; 2],
    /// Share of packets lost on the way to us since the last report.
    pub loss: f64,
}

impl Layer {
    #[must_use]
    pub fn video(key: u64, ssrc: u32, rtx_ssrc: Option<u32>, history: PacketCache) -> Self {
        Self {
            history: Some(history),
            clock_rate: 90_000.0,
            rtx_ssrc,
            ..Self::audio(key, ssrc)
        }
    }

    #[must_use]
    pub fn audio(key: u64, ssrc: u32) -> Self {
        Self {
            key,
            ssrc,
            rtx_ssrc: None,
            clock_rate: 48_000.0,
            numbers: Unwrapper::default(),
            missing: Vec::new(),
            history: None,
            subscribers: Vec::new(),
            meter: Meter::default(),
            reception: Reception::default(),
            key_frame_asked: None,
            key_frame_wanted: false,
            key_frame_awaited: false,
            key_frames: TokenBucket::with_burst(KEY_FRAMES_PER_SECOND, KEY_FRAMES_AT_ONCE),
            sound: [
                TokenBucket::new(SOUND_PACKETS),
                TokenBucket::new(SOUND_BYTES),
            ],
            loss: 0.0,
        }
    }

    /// Takes note of a packet; gives its extended sequence number, or `None` for one that came before.
    /// `repaired`: it came as a retransmission and says nothing about the path's jitter.
    pub fn receive(
        &mut self,
        now: Instant,
        epoch: Instant,
        (sequence, timestamp, marker): (u16, u32, bool),
        payload: &[u8],
        repaired: bool,
    ) -> Option<u64> {
        let before = self.numbers.newest();
        let number = self.numbers.unwrap(sequence);
        if let Some(history) = &mut self.history {
            // Of one that is older than what is kept nobody knows whether it came before: a second one under its
            // number would break the protection of the first.
            if before.is_some_and(|newest| number + history.packets() <= newest) {
                return None;
            }
            if !history.insert(number, timestamp, marker, payload) {
                return None;
            }
        }
        self.meter.add(now, payload.len() + 40);
        self.reception.received += 1;
        self.reception.first.get_or_insert(number);
        if !repaired {
            let arrival = now.saturating_duration_since(epoch).as_secs_f64() * self.clock_rate;
            // Only differences matter, so the wrap of the timestamp shows as one outlier, which is left out.
            let transit = arrival - f64::from(timestamp);
            if let Some(last) = self.reception.transit.replace(transit) {
                let step = (transit - last).abs();
                if step < self.clock_rate {
                    self.reception.jitter += (step - self.reception.jitter) / 16.0;
                }
            }
        }
        if self.history.is_some() {
            self.note_gaps(before, number);
        }
        Some(number)
    }

    /// Takes note of a packet without content; gives its extended number if it is the newest.
    pub fn padding(&mut self, sequence: u16) -> Option<u64> {
        let before = self.numbers.newest();
        let number = self.numbers.unwrap(sequence);
        self.reception.received += 1;
        self.reception.first.get_or_insert(number);
        self.note_gaps(before, number);
        before
            .is_none_or(|newest| newest < number)
            .then_some(number)
    }

    /// Whether something came within the last second.
    #[must_use]
    pub fn is_under_way(&self, now: Instant) -> bool {
        self.meter
            .last
            .is_some_and(|last| now.saturating_duration_since(last) < UNDER_WAY)
    }

    /// Whether a voice may send one more packet now.
    pub fn admit_audio(&mut self, now: Instant, bytes: usize) -> bool {
        let [packets, all] = &mut self.sound;
        packets.takes(now, 1.0) && all.takes(now, bytes as f64)
    }

    fn note_gaps(&mut self, before: Option<u64>, number: u64) {
        let Some(before) = before else { return };
        if number <= before {
            self.missing.retain(|missing| missing.sequence != number);
            return;
        }
        let gap = number - before - 1;
        if gap as usize + self.missing.len() > MAX_MISSING {
            // Too much is gone to be repaired one by one.
            self.missing.clear();
            self.key_frame_wanted = true;
            return;
        }
        self.missing
            .extend((before + 1..number).map(|sequence| Missing {
                sequence,
                tries: 0,
                asked: None,
            }));
    }

    /// The packets to ask for now.
    pub fn nacks(&mut self, now: Instant, into: &mut Vec<u16>) {
        let mut given_up = false;
        self.missing.retain_mut(|missing| {
            let due = missing
                .asked
                .is_none_or(|at| now.saturating_duration_since(at) >= NACK_INTERVAL);
            if !due {
                return true;
            }
            if missing.tries >= NACK_TRIES {
                given_up = true;
                return false;
            }
            missing.tries += 1;
            missing.asked = Some(now);
            into.push((missing.sequence & 0xffff) as u16);
            true
        });
        if given_up && !self.subscribers.is_empty() {
            self.key_frame_wanted = true;
        }
    }

    /// Someone needs a key frame.
    pub fn want_key_frame(&mut self) {
        self.key_frame_wanted = true;
    }

    /// A key frame has begun to come.
    pub fn key_frame_came(&mut self) {
        self.key_frame_awaited = false;
    }

    /// Whether a key frame will come that nobody has to ask for: it is about to be asked for, or was a moment ago.
    #[must_use]
    pub fn key_frame_comes(&self, now: Instant) -> bool {
        let just_asked = || {
            self.key_frame_asked
                .is_some_and(|at| now.saturating_duration_since(at) < KEY_FRAME_INTERVAL)
        };
        self.key_frame_wanted || (self.key_frame_awaited && just_asked())
    }

    /// Whether to ask the browser for a key frame now. Requests of all viewers are merged into one.
    pub fn key_frame_due(&mut self, now: Instant) -> bool {
        let due = self.key_frame_wanted
            && self
                .key_frame_asked
                .is_none_or(|at| now.saturating_duration_since(at) >= KEY_FRAME_INTERVAL)
            && self.key_frames.takes(now, 1.0);
        if due {
            self.key_frame_wanted = false;
            self.key_frame_awaited = true;
            self.key_frame_asked = Some(now);
        }
        due
    }

    /// A sender report with these middle bits of its NTP time arrived.
    pub fn sender_report(&mut self, now: Instant, ntp_time: u64) {
        self.reception.sender_report = Some(((ntp_time >> 16) as u32, now));
    }

    /// The report on this stream since the last call.
    pub fn report(&mut self, now: Instant) -> Option<ReceptionReport> {
        let newest = self.numbers.newest()?;
        let reception = &mut self.reception;
        let expected = newest + 1 - reception.first?;
        let expected_now = expected.saturating_sub(reception.expected_before);
        let received_now = reception.received.saturating_sub(reception.received_before);
        reception.expected_before = expected;
        reception.received_before = reception.received;
        let lost_now = expected_now.saturating_sub(received_now);
        self.loss = if expected_now == 0 {
            0.0
        } else {
            lost_now as f64 / expected_now as f64
        };
        let (last_sender_report, delay) = reception.sender_report.map_or((0, 0), |(middle, at)| {
            let delay = now.saturating_duration_since(at).as_secs_f64() * 65_536.0;
            (middle, delay as u32)
        });
        Some(ReceptionReport {
            ssrc: self.ssrc,
            fraction_lost: (self.loss * 256.0).min(255.0) as u8,
            total_lost: expected.saturating_sub(reception.received).min(0x7f_ffff) as u32,
            // The first cycle is ours (see Unwrapper), not the sender's.
            last_sequence_number: (newest - 0x1_0000) as u32,
            jitter: reception.jitter as u32,
            last_sender_report,
            delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> (Layer, Instant) {
        (
            Layer::video(1, 7, None, PacketCache::new(64, 10_000)),
            Instant::now(),
        )
    }

    fn take(layer: &mut Layer, now: Instant, sequence: u16) -> Option<u64> {
        layer.receive(now, now, (sequence, 0, false), b"x", false)
    }

    #[test]
    fn a_lost_packet_is_asked_for_until_it_comes() {
        let (mut layer, now) = camera();
        for sequence in [1, 2, 5] {
            assert!(take(&mut layer, now, sequence).is_some());
        }
        let mut asked = Vec::new();
        layer.nacks(now, &mut asked);
        assert_eq!(asked, [3, 4]);
        asked.clear();
        layer.nacks(now, &mut asked);
        assert!(asked.is_empty(), "not again at once");
        take(&mut layer, now, 3);
        layer.nacks(now + NACK_INTERVAL, &mut asked);
        assert_eq!(asked, [4]);
    }

    #[test]
    fn a_packet_that_came_twice_counts_once() {
        let (mut layer, now) = camera();
        assert!(take(&mut layer, now, 9).is_some());
        assert!(take(&mut layer, now, 9).is_none());
    }

    #[test]
    fn a_packet_older_than_all_that_is_kept_is_refused() {
        let (mut layer, now) = camera();
        take(&mut layer, now, 1);
        take(&mut layer, now, 2);
        for sequence in 4..67 {
            take(&mut layer, now, sequence);
        }
        // The place of 2 was taken by 66: whether 2 came cannot be known any more.
        assert!(take(&mut layer, now, 2).is_none());
        assert!(take(&mut layer, now, 3).is_some(), "missing and repaired");
        assert!(take(&mut layer, now, 3).is_none());
    }

    #[test]
    fn padding_is_not_missing() {
        let (mut layer, now) = camera();
        take(&mut layer, now, 1);
        assert!(layer.padding(2).is_some() && layer.padding(3).is_some());
        assert!(layer.padding(2).is_none(), "late");
        take(&mut layer, now, 4);
        let mut asked = Vec::new();
        layer.nacks(now, &mut asked);
        assert!(asked.is_empty());
        assert_eq!(layer.report(now).expect("a report").total_lost, 0);
    }

    #[test]
    fn a_thousand_requests_make_one_every_half_second() {
        let (mut layer, now) = camera();
        let mut sent = 0;
        for step in 0..1_000 {
            layer.want_key_frame();
            sent += usize::from(layer.key_frame_due(now + Duration::from_millis(step)));
        }
        assert_eq!(sent, 2);
    }

    #[test]
    fn a_request_within_the_interval_is_sent_at_its_end() {
        let (mut layer, now) = camera();
        layer.want_key_frame();
        assert!(layer.key_frame_due(now));
        layer.want_key_frame();
        assert!(!layer.key_frame_due(now + Duration::from_millis(100)));
        assert!(layer.key_frame_due(now + KEY_FRAME_INTERVAL));
    }

    #[test]
    fn loss_is_reported_once() {
        let (mut layer, now) = camera();
        for sequence in [10, 11, 13] {
            take(&mut layer, now, sequence);
        }
        let report = layer.report(now).expect("a report");
        assert_eq!((report.fraction_lost, report.total_lost), (64, 1));
        assert_eq!(report.last_sequence_number, 13);
        take(&mut layer, now, 14);
        assert_eq!(layer.report(now).expect("a report").fraction_lost, 0);
    }
}
