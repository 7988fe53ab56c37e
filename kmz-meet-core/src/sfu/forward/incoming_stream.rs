//! One incoming stream: a microphone, a screen, or one simulcast encoding of a camera.

use std::time::{Duration, Instant};

use rtc_rtcp::reception_report::ReceptionReport;

use super::bitrate_meter::BitrateMeter;
use super::missing::MissingPackets;
use super::packet_cache::PacketCache;
use super::reception::Reception;
use crate::sfu::ids::{StreamKey, Subscriber};
use crate::sfu::rtp::header::Unwrapper;
use crate::sfu::token_bucket::TokenBucket;

/// Key frame requests to a browser are merged: at most one in this time for each stream.
pub const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(500);
/// … and over a longer time fewer still, however many viewers ask.
const KEY_FRAMES_PER_SECOND: f64 = 1.0;
const KEY_FRAME_BURST: f64 = 10.0;
/// What a voice may send: each packet of it goes to everybody, without a look at their connections. Opus at 10 ms with
/// redundancy is 100 packets, in stereo at its best 510 kbit/s.
const AUDIO_PACKETS_PER_SECOND: f64 = 120.0;
const AUDIO_BYTES_PER_SECOND: f64 = 600_000.0 / 8.0;
/// Headers of a packet in bytes, for its bit rate.
const OVERHEAD: usize = 40;

/// Header fields of an incoming packet.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
}

/// See the module.
pub struct IncomingStream {
    pub key: StreamKey,
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    numbers: Unwrapper,
    missing: MissingPackets,
    /// Video only.
    pub cache: Option<PacketCache>,
    pub subscribers: Vec<Subscriber>,
    pub meter: BitrateMeter,
    /// Of the pictures that others need.
    needed: BitrateMeter,
    reception: Reception,
    key_frame_asked: Option<Instant>,
    key_frame_wanted: bool,
    /// Asked for, and it has not come yet.
    key_frame_awaited: bool,
    key_frames: TokenBucket,
    audio_packets: TokenBucket,
    audio_bytes: TokenBucket,
}

impl IncomingStream {
    #[must_use]
    pub fn video(key: StreamKey, ssrc: u32, rtx_ssrc: Option<u32>, cache: PacketCache) -> Self {
        Self {
            cache: Some(cache),
            reception: Reception::new(90_000.0),
            rtx_ssrc,
            ..Self::audio(key, ssrc)
        }
    }

    #[must_use]
    pub fn audio(key: StreamKey, ssrc: u32) -> Self {
        Self {
            key,
            ssrc,
            rtx_ssrc: None,
            numbers: Unwrapper::default(),
            missing: MissingPackets::default(),
            cache: None,
            subscribers: Vec::new(),
            meter: BitrateMeter::default(),
            needed: BitrateMeter::default(),
            reception: Reception::new(48_000.0),
            key_frame_asked: None,
            key_frame_wanted: false,
            key_frame_awaited: false,
            key_frames: TokenBucket::with_burst(KEY_FRAMES_PER_SECOND, KEY_FRAME_BURST),
            audio_packets: TokenBucket::new(AUDIO_PACKETS_PER_SECOND),
            audio_bytes: TokenBucket::new(AUDIO_BYTES_PER_SECOND),
        }
    }

    /// Takes note of a packet; gives its extended sequence number, or `None` for one that came before.
    /// `repaired`: it came as a retransmission and says nothing about the path's jitter.
    pub fn receive(
        &mut self,
        now: Instant,
        epoch: Instant,
        fields: Fields,
        payload: &[u8],
        repaired: bool,
    ) -> Option<u64> {
        let before = self.numbers.newest();
        let number = self.numbers.unwrap(fields.sequence);
        if let Some(cache) = &mut self.cache {
            // Of one that is older than what is kept nobody knows whether it came before: a second one under its
            // number would break the protection of the first.
            if before.is_some_and(|newest| number + cache.packets() <= newest) {
                return None;
            }
            if !cache.insert(number, fields.timestamp, fields.marker, payload) {
                return None;
            }
        }
        self.meter.add(now, payload.len() + OVERHEAD);
        self.reception.received(number);
        if !repaired {
            let arrival = now.saturating_duration_since(epoch).as_secs_f64();
            self.reception.timed(arrival, fields.timestamp);
        }
        if self.cache.is_some() {
            self.note_gaps(before, number);
        }
        Some(number)
    }

    /// A packet of a picture that others need came.
    pub fn add_needed(&mut self, now: Instant, bytes: usize) {
        self.needed.add(now, bytes + OVERHEAD);
    }

    /// What share of its bits is left when the pictures that no other one needs are left out.
    #[must_use]
    pub fn needed_share(&self, now: Instant) -> f64 {
        let all = self.meter.rate(now, 0.0);
        let needed = self.needed.rate(now, 0.0);
        if all > 0.0 && needed > 0.0 {
            (needed / all).min(1.0)
        } else {
            1.0
        }
    }

    /// Takes note of a packet without content; gives its extended number if it is the newest.
    pub fn padding(&mut self, sequence: u16) -> Option<u64> {
        let before = self.numbers.newest();
        let number = self.numbers.unwrap(sequence);
        self.reception.received(number);
        self.note_gaps(before, number);
        before
            .is_none_or(|newest| newest < number)
            .then_some(number)
    }

    /// Whether a voice may send one more packet now.
    pub fn admit_audio(&mut self, now: Instant, bytes: usize) -> bool {
        self.audio_packets.takes(now, 1.0) && self.audio_bytes.takes(now, bytes as f64)
    }

    fn note_gaps(&mut self, before: Option<u64>, number: u64) {
        if !self.missing.note(before, number) {
            self.key_frame_wanted = true;
        }
    }

    /// The packets to ask for now.
    pub fn nacks(&mut self, now: Instant, into: &mut Vec<u16>) {
        if !self.missing.due(now, into) && !self.subscribers.is_empty() {
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

    /// A sender report with this NTP time arrived.
    pub fn sender_report(&mut self, now: Instant, ntp_time: u64) {
        self.reception.sender_report(now, ntp_time);
    }

    /// The report on this stream since the last call.
    pub fn report(&mut self, now: Instant) -> Option<ReceptionReport> {
        let newest = self.numbers.newest()?;
        self.reception.report(now, self.ssrc, newest)
    }

    /// Share of packets lost on the way to us since the last report.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.reception.loss()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::forward::missing::NACK_INTERVAL;

    fn camera() -> (IncomingStream, Instant) {
        (
            IncomingStream::video(StreamKey::of(1), 7, None, PacketCache::new(64, 10_000)),
            Instant::now(),
        )
    }

    fn take(stream: &mut IncomingStream, now: Instant, sequence: u16) -> Option<u64> {
        let fields = Fields {
            sequence,
            timestamp: 0,
            marker: false,
        };
        stream.receive(now, now, fields, b"x", false)
    }

    #[test]
    fn nacks_of_a_lost_packet_repeat_until_it_comes() {
        let (mut stream, now) = camera();
        for sequence in [1, 2, 5] {
            assert!(take(&mut stream, now, sequence).is_some());
        }
        let mut asked = Vec::new();
        stream.nacks(now, &mut asked);
        assert_eq!(asked, [3, 4]);
        asked.clear();
        stream.nacks(now, &mut asked);
        assert!(asked.is_empty(), "not again at once");
        take(&mut stream, now, 3);
        stream.nacks(now + NACK_INTERVAL, &mut asked);
        assert_eq!(asked, [4]);
    }

    #[test]
    fn receive_of_a_packet_that_came_twice_refuses_the_second() {
        let (mut stream, now) = camera();
        assert!(take(&mut stream, now, 9).is_some());
        assert!(take(&mut stream, now, 9).is_none());
    }

    #[test]
    fn receive_of_a_packet_older_than_the_cache_refuses_it() {
        let (mut stream, now) = camera();
        take(&mut stream, now, 1);
        take(&mut stream, now, 2);
        for sequence in 4..67 {
            take(&mut stream, now, sequence);
        }
        // The place of 2 was taken by 66: whether 2 came cannot be known any more.
        assert!(take(&mut stream, now, 2).is_none());
        assert!(take(&mut stream, now, 3).is_some(), "missing and repaired");
        assert!(take(&mut stream, now, 3).is_none());
    }

    #[test]
    fn padding_leaves_nothing_missing() {
        let (mut stream, now) = camera();
        take(&mut stream, now, 1);
        assert!(stream.padding(2).is_some() && stream.padding(3).is_some());
        assert!(stream.padding(2).is_none(), "late");
        take(&mut stream, now, 4);
        let mut asked = Vec::new();
        stream.nacks(now, &mut asked);
        assert!(asked.is_empty());
        assert_eq!(stream.report(now).expect("a report").total_lost, 0);
    }

    #[test]
    fn key_frame_requests_of_a_second_are_two() {
        let (mut stream, now) = camera();
        let mut sent = 0;
        for step in 0..1_000 {
            stream.want_key_frame();
            sent += usize::from(stream.key_frame_due(now + Duration::from_millis(step)));
        }
        assert_eq!(sent, 2);
    }

    #[test]
    fn key_frame_request_within_the_interval_is_due_at_its_end() {
        let (mut stream, now) = camera();
        stream.want_key_frame();
        assert!(stream.key_frame_due(now));
        stream.want_key_frame();
        assert!(!stream.key_frame_due(now + Duration::from_millis(100)));
        assert!(stream.key_frame_due(now + KEY_FRAME_INTERVAL));
    }

    #[test]
    fn report_of_a_loss_counts_it_once() {
        let (mut stream, now) = camera();
        for sequence in [10, 11, 13] {
            take(&mut stream, now, sequence);
        }
        let report = stream.report(now).expect("a report");
        assert_eq!((report.fraction_lost, report.total_lost), (64, 1));
        assert_eq!(report.last_sequence_number, 13);
        take(&mut stream, now, 14);
        assert_eq!(stream.report(now).expect("a report").fraction_lost, 0);
    }
}
