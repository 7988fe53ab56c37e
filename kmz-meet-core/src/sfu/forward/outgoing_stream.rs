//! One outgoing stream: what a viewer receives in one slot, while its content comes from changing encodings and people.
//!
//! To the browser it never restarts: sequence numbers ([`PacketMap`]), timestamps ([`SenderStats`]) and VP8's running
//! numbers go on over every change. This file decides what is shown, and when another stream is entered.

use std::time::Instant;

use super::packet_map::{Mapped, PacketMap, RtxRequest, Shifts};
use super::sender_stats::SenderStats;
use crate::sfu::ids::{StreamKey, StreamRef};
use crate::sfu::rtp::vp8::{Descriptor, Shift};
use crate::sfu::sdp::answer::SlotPlan;

/// A sender whose numbers jump further is entered anew, so that the viewer's numbers go on: one that misses half of the
/// range loses count of the rounds and can decrypt nothing any more (RFC 3711, section 3.3.1).
const MAX_JUMP: u64 = 512;
/// A picture has fewer packets. Its count comes again after 128 or 32,768 others (RFC 7741, section 4.2).
const MAX_PICTURE_PACKETS: u64 = 512;

/// What is needed of an incoming packet to give it the numbers of the outgoing stream.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    pub key: StreamKey,
    /// Extended sequence number.
    pub sequence: u64,
    pub timestamp: u32,
    pub descriptor: Option<&'a Descriptor>,
    /// The stream can be entered here: the first packet of a key frame; any audio packet.
    pub is_entry: bool,
}

/// The numbers that an outgoing packet bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewritten {
    pub sequence: u64,
    pub timestamp: u32,
    pub vp8: Shift,
    /// The first packet after a change of person (audio marks it).
    pub starts: bool,
}

/// See the module.
pub struct OutgoingStream {
    pub plan: SlotPlan,
    current: Option<StreamRef>,
    /// Waiting for a key frame of this one.
    wanted: Option<StreamRef>,
    map: PacketMap,
    last_picture: u16,
    last_tl0: u8,
    /// Pictures that no other one needs are left out: the connection has no room for them.
    pub thinned: bool,
    /// The picture that was left out last: its sender's count, which comes again, and the number of a packet of it.
    left_out: Option<(u16, u64)>,
    /// The number of the key frame with which what is shown was entered.
    entered: u64,
    /// That key frame's timestamp at its sender, and the number of its last packet.
    entry: Option<(u32, u64)>,
    rtx_next: u64,
    pub stats: SenderStats,
}

/// Below half of the range, so that the receiver's first rollover count is surely zero (RFC 3711, section 3.3.1).
fn first_sequence() -> u64 {
    u64::from(rand::random_range(1..0x4000u16))
}

impl OutgoingStream {
    #[must_use]
    pub fn new(plan: SlotPlan, clock_rate: u32) -> Self {
        Self {
            plan,
            current: None,
            wanted: None,
            map: PacketMap::new(first_sequence()),
            last_picture: 0,
            last_tl0: 0,
            thinned: false,
            left_out: None,
            entered: 0,
            entry: None,
            rtx_next: first_sequence(),
            stats: SenderStats::new(clock_rate),
        }
    }

    /// What is shown now.
    #[must_use]
    pub fn current(&self) -> Option<StreamRef> {
        self.current
    }

    /// What is shown, or will be with the next key frame.
    #[must_use]
    pub fn target(&self) -> Option<StreamRef> {
        self.wanted.or(self.current)
    }

    /// Whether what is shown is about to be left for a smaller encoding: the connection does not carry it.
    #[must_use]
    pub fn is_left(&self) -> bool {
        match (self.wanted, self.current) {
            (Some(wanted), Some(current)) => wanted.encoding < current.encoding,
            _ => false,
        }
    }

    /// Whether this packet belongs to the key frame with which what is shown was entered.
    #[must_use]
    pub fn is_of_entry(&self, packet: &Arrived<'_>) -> bool {
        self.current
            .is_some_and(|current| current.key == packet.key)
            && self
                .entry
                .is_some_and(|(timestamp, _)| timestamp == packet.timestamp)
    }

    /// The number of the last packet that left of that key frame; 0 when nothing was entered.
    #[must_use]
    pub fn entry_end(&self) -> u64 {
        self.entry.map_or(0, |(_, end)| end)
    }

    /// Show this from its next key frame on (audio: from its next packet on); until then what is shown goes on,
    /// unless it is somebody else's. Returns what is not needed any more.
    pub fn want(&mut self, stream: Option<StreamRef>) -> [Option<StreamRef>; 2] {
        let before = [self.current, self.wanted];
        match stream {
            None => {
                self.current = None;
                self.wanted = None;
            }
            Some(stream) if self.current == Some(stream) => self.wanted = None,
            Some(stream) => {
                if self.current.is_some_and(|current| {
                    current.member != stream.member || current.track != stream.track
                }) {
                    self.current = None;
                }
                self.wanted = Some(stream);
            }
        }
        let keeps = [self.current, self.wanted];
        before.map(|one| one.filter(|one| !keeps.contains(&Some(*one))))
    }

    /// The numbers for an incoming packet; `None` when it is not for this slot.
    pub fn rewrite(&mut self, now: Instant, packet: &Arrived<'_>) -> Option<Rewritten> {
        let mut starts = false;
        if self.current.is_none_or(|current| current.key != packet.key) {
            let wanted = self
                .wanted
                .filter(|wanted| wanted.key == packet.key && packet.is_entry)?;
            starts = true;
            self.enter(now, wanted, packet);
        }
        let mut mapped = self.map.map(packet.key, packet.sequence)?;
        if mapped.sequence > self.map.next() + MAX_JUMP {
            let current = self.current?;
            if !packet.is_entry {
                // Waits for a key frame like one that is new here.
                if self.wanted.is_none() {
                    self.wanted = self.current.take();
                }
                return None;
            }
            starts = true;
            self.enter(now, current, packet);
            mapped = self.map.map(packet.key, packet.sequence)?;
        }
        let Mapped { sequence, shifts } = mapped;
        let timestamp = packet.timestamp.wrapping_add(shifts.timestamp_by);
        if let Some((_, end)) = self
            .entry
            .as_mut()
            .filter(|(at, _)| *at == packet.timestamp)
        {
            *end = sequence.max(*end);
        }
        if self.map.leave(sequence) {
            self.stats.timestamp_sent(now, timestamp);
            if let Some(descriptor) = packet.descriptor {
                if let Some((_, picture)) = descriptor.picture {
                    self.last_picture = picture.wrapping_add(shifts.vp8.picture_by);
                }
                if let Some((_, tl0)) = descriptor.tl0 {
                    self.last_tl0 = tl0.wrapping_add(shifts.vp8.tl0_by);
                }
            }
        }
        Some(Rewritten {
            sequence,
            timestamp,
            vp8: shifts.vp8,
            starts,
        })
    }

    /// Whether this packet belongs to a picture that is left out; one that begins is if it is not needed, and `thin`.
    pub fn leaves_out(&mut self, packet: &Arrived<'_>, thin: bool) -> bool {
        let Some((descriptor, (_, picture))) = packet
            .descriptor
            .and_then(|descriptor| Some((descriptor, descriptor.picture?)))
            .filter(|_| {
                self.current
                    .is_some_and(|current| current.key == packet.key)
            })
        else {
            return false;
        };
        let count: u16 = if descriptor.wide { 1 << 15 } else { 1 << 7 };
        if let Some((left_out, number)) = self.left_out {
            let is_near =
                packet.sequence.abs_diff(number) < MAX_PICTURE_PACKETS.min(u64::from(count));
            if is_near && left_out == picture {
                self.map.leave_out_rest(packet.sequence);
                return true;
            }
            // Where the picture after it begins, all that is missing in between belonged to it.
            let is_next = (left_out + 1) % count == picture && descriptor.begins;
            if is_near && is_next && packet.sequence > number {
                self.map.leave_out_rest(packet.sequence - 1);
            }
        }
        let leaves_out = thin
            && descriptor.droppable
            && descriptor.begins
            && self.map.leave_out(packet.sequence);
        if leaves_out {
            self.left_out = Some((picture, packet.sequence));
        }
        leaves_out
    }

    /// Nothing more of what is shown leaves before a key frame of what is wanted: the connection is too far behind.
    /// Gives what a key frame is needed of.
    pub fn suspend(&mut self) -> Option<StreamRef> {
        let current = self.current.take()?;
        Some(*self.wanted.get_or_insert(current))
    }

    /// A packet of this stream has no content: see [`PacketMap::skip`].
    pub fn skip(&mut self, key: StreamKey, sequence: u64) {
        if self.current.is_some_and(|current| current.key == key) {
            self.map.skip(sequence);
        }
    }

    /// The number that left last.
    #[must_use]
    pub fn newest_number(&self) -> u16 {
        self.map.newest_number()
    }

    /// Where the packet that left with this number is kept.
    #[must_use]
    pub fn requested(&self, number: u16) -> Option<RtxRequest> {
        self.map.reverse(number)
    }

    /// Whether what is shown needs the packet that left with this number: what came before its key frame it does not.
    #[must_use]
    pub fn is_needed(&self, number: u16) -> bool {
        let age = u64::from(self.newest_number().wrapping_sub(number));
        self.current.is_some() && age < self.map.next() - self.entered
    }

    /// The number of the next retransmission (RFC 4588: a stream of its own).
    pub fn next_rtx(&mut self) -> u64 {
        self.rtx_next += 1;
        self.rtx_next - 1
    }

    fn enter(&mut self, now: Instant, stream: StreamRef, packet: &Arrived<'_>) {
        let timestamp = self.stats.entry_timestamp(now, packet.timestamp);
        let picture = packet.descriptor.and_then(|descriptor| descriptor.picture);
        let tl0 = packet.descriptor.and_then(|descriptor| descriptor.tl0);
        let vp8 = Shift {
            picture_by: picture.map_or(0, |(_, picture)| {
                self.last_picture.wrapping_add(1).wrapping_sub(picture)
            }),
            tl0_by: tl0.map_or(0, |(_, tl0)| {
                self.last_tl0.wrapping_add(1).wrapping_sub(tl0)
            }),
        };
        let shifts = Shifts {
            timestamp_by: timestamp.wrapping_sub(packet.timestamp),
            vp8,
        };
        self.map.enter(stream, packet.sequence, shifts);
        self.left_out = None;
        self.entry = Some((packet.timestamp, self.map.next()));
        self.entered = self.map.next();
        self.current = Some(stream);
        self.wanted = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::ids::{Encoding, MemberKey, Track};
    use crate::sfu::sdp::section::Codecs;
    use proptest::prelude::*;
    use std::time::Duration;

    fn slot() -> OutgoingStream {
        let plan = SlotPlan {
            ssrc: 1,
            rtx_ssrc: 2,
            codecs: Codecs::default(),
            transport_cc: None,
        };
        OutgoingStream::new(plan, 90_000)
    }

    fn stream(key: u64) -> StreamRef {
        StreamRef {
            member: MemberKey::from_index(key as usize),
            track: Track::Camera,
            encoding: Encoding::SMALL,
            key: StreamKey::of(key),
        }
    }

    fn rewrite(
        slot: &mut OutgoingStream,
        now: Instant,
        key: u64,
        (sequence, timestamp): (u64, u32),
        descriptor: Option<&Descriptor>,
        is_entry: bool,
    ) -> Option<Rewritten> {
        let packet = Arrived {
            key: StreamKey::of(key),
            sequence,
            timestamp,
            descriptor,
            is_entry,
        };
        slot.rewrite(now, &packet)
    }

    fn picture(id: u16) -> Descriptor {
        Descriptor {
            picture: Some((2, id)),
            wide: true,
            tl0: Some((4, id as u8)),
            key_frame: true,
            begins: true,
            droppable: false,
        }
    }

    #[test]
    fn rewrite_after_a_change_of_stream_continues_the_numbers() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        let a = rewrite(&mut slot, now, 1, (70_000, 5_000), Some(&picture(10)), true)
            .expect("forwarded");
        let b = rewrite(
            &mut slot,
            now,
            1,
            (70_001, 8_000),
            Some(&picture(11)),
            false,
        )
        .expect("forwarded");
        assert_eq!(
            (b.sequence, b.timestamp - a.timestamp),
            (a.sequence + 1, 3_000)
        );
        slot.want(Some(stream(2)));
        assert_eq!(
            slot.current(),
            None,
            "the former person is not shown under the new name"
        );
        assert_eq!(
            rewrite(&mut slot, now, 2, (90_000, 77), Some(&picture(500)), false),
            None
        );
        let later = now + Duration::from_millis(100);
        let c = rewrite(&mut slot, later, 2, (90_001, 99), Some(&picture(501)), true)
            .expect("forwarded");
        assert_eq!(c.sequence, b.sequence + 1);
        assert_eq!(c.timestamp.wrapping_sub(b.timestamp), 9_000);
        assert_eq!(
            501u16.wrapping_add(c.vp8.picture_by),
            11u16.wrapping_add(b.vp8.picture_by).wrapping_add(1)
        );
        assert_eq!(
            rewrite(&mut slot, later, 1, (70_002, 9_000), None, true),
            None
        );
    }

    #[test]
    fn rewrite_forwards_the_smaller_encoding_until_the_larger_enters() {
        let mut slot = slot();
        let now = Instant::now();
        let small = stream(10);
        let large = StreamRef {
            encoding: Encoding::LARGE,
            key: StreamKey::of(12),
            ..small
        };
        slot.want(Some(small));
        assert!(rewrite(&mut slot, now, 10, (70_000, 0), None, true).is_some());
        slot.want(Some(large));
        assert!(rewrite(&mut slot, now, 10, (70_001, 0), None, false).is_some());
        assert!(rewrite(&mut slot, now, 12, (80_000, 0), None, true).is_some());
        assert_eq!(rewrite(&mut slot, now, 10, (70_002, 0), None, false), None);
    }

    #[test]
    fn rewrite_of_a_packet_before_the_entry_is_none() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        assert!(rewrite(&mut slot, now, 1, (70_010, 0), None, true).is_some());
        assert_eq!(rewrite(&mut slot, now, 1, (70_009, 0), None, false), None);
    }

    #[test]
    fn rewrite_after_a_jump_of_the_sender_continues_the_numbers() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        let a =
            rewrite(&mut slot, now, 1, (70_000, 0), Some(&picture(1)), true).expect("forwarded");
        let far = 70_000 + 30_000;
        let delta = rewrite(&mut slot, now, 1, (far, 0), Some(&picture(2)), false);
        assert_eq!(delta, None, "the picture before it is missing");
        assert_eq!(slot.target(), Some(stream(1)));
        let b =
            rewrite(&mut slot, now, 1, (far + 1, 0), Some(&picture(3)), true).expect("a key frame");
        assert_eq!(b.sequence, a.sequence + 1);
        // Voices are entered with any packet.
        let c = rewrite(&mut slot, now, 1, (far + 20_000, 0), None, true);
        assert_eq!(c.expect("forwarded").sequence, b.sequence + 1);
        let d = rewrite(&mut slot, now, 1, (far + 20_100, 0), None, true);
        assert_eq!(
            d.expect("forwarded").sequence,
            b.sequence + 101,
            "a loss stays visible"
        );
    }

    #[test]
    fn rewrite_after_skipped_padding_leaves_no_gap() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        let number = |slot: &mut OutgoingStream, sequence| {
            rewrite(slot, now, 1, (sequence, 0), None, sequence == 70_000).map(|out| out.sequence)
        };
        let first = number(&mut slot, 70_000).expect("forwarded");
        assert_eq!(number(&mut slot, 70_002), Some(first + 2));
        for padding in 70_003..70_043 {
            slot.skip(StreamKey::of(1), padding);
        }
        assert_eq!(number(&mut slot, 70_043), Some(first + 3));
        assert_eq!(number(&mut slot, 70_001), Some(first + 1), "repaired");
        assert_eq!(number(&mut slot, 70_004), None, "that was padding");
        let traced = slot
            .requested(((first + 3) & 0xffff) as u16)
            .expect("known");
        assert_eq!(traced.sequence_in, 70_043);
        let traced = slot
            .requested(((first + 2) & 0xffff) as u16)
            .expect("known");
        assert_eq!(traced.sequence_in, 70_002);
    }

    #[test]
    fn leaves_out_a_picture_without_a_gap_in_the_numbers() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        let mut take = |sequence: u64, id: u16, droppable: bool, begins: bool, thin: bool| {
            let descriptor = Descriptor {
                droppable,
                begins,
                key_frame: false,
                ..picture(id)
            };
            let packet = Arrived {
                key: StreamKey::of(1),
                sequence,
                timestamp: 0,
                descriptor: Some(&descriptor),
                is_entry: sequence == 70_000,
            };
            if slot.leaves_out(&packet, thin) {
                return None;
            }
            let out = slot.rewrite(now, &packet).expect("forwarded");
            Some((out.sequence, id.wrapping_add(out.vp8.picture_by)))
        };
        let (number, id) = take(70_000, 10, false, true, true).expect("needed");
        assert_eq!(take(70_001, 11, true, true, true), None);
        assert_eq!(take(70_002, 11, true, false, false), None, "the rest of it");
        assert_eq!(
            take(70_003, 12, false, true, true),
            Some((number + 1, id + 1))
        );
        assert_eq!(
            take(70_004, 13, true, true, false),
            Some((number + 2, id + 2))
        );
        // 70_005 is missing: where it belongs is not known, so the next one cannot be left out.
        assert_eq!(
            take(70_006, 15, true, true, true),
            Some((number + 4, id + 4))
        );
        assert_eq!(
            take(70_005, 14, true, true, true),
            Some((number + 3, id + 3)),
            "late"
        );
        // The middle of a picture that is left out is missing: it belonged to it.
        assert_eq!(take(70_007, 16, true, true, true), None);
        assert_eq!(take(70_009, 16, true, false, true), None);
        assert_eq!(
            take(70_010, 17, false, true, true),
            Some((number + 5, id + 5))
        );
        assert_eq!(take(70_008, 16, true, false, true), None, "late");
        let traced = slot
            .requested(((number + 1) & 0xffff) as u16)
            .expect("known");
        assert_eq!(
            (
                traced.sequence_in,
                traced.shifts.vp8.picture_by.wrapping_add(12)
            ),
            (70_003, id + 1)
        );
    }

    #[test]
    fn leaves_out_a_picture_whose_rest_is_missing_or_late_without_a_gap() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        let mut take = |sequence: u64, id: u16, droppable: bool, begins: bool| {
            let descriptor = Descriptor {
                droppable,
                begins,
                wide: false,
                key_frame: false,
                ..picture(id)
            };
            let packet = Arrived {
                key: StreamKey::of(1),
                sequence,
                timestamp: 0,
                descriptor: Some(&descriptor),
                is_entry: sequence == 70_000,
            };
            let thin = sequence < 70_010;
            if slot.leaves_out(&packet, thin) {
                return None;
            }
            slot.rewrite(now, &packet).map(|out| out.sequence)
        };
        let first = take(70_000, 10, false, true).expect("needed");
        assert_eq!(take(70_001, 11, true, true), None);
        // 70_002 is missing: the next picture begins, so it belonged to the one that was left out.
        assert_eq!(take(70_003, 12, false, true), Some(first + 1));
        assert_eq!(take(70_002, 11, true, false), None, "late");
        assert_eq!(take(70_004, 13, false, true), Some(first + 2));
        assert_eq!(take(70_005, 14, true, true), None);
        // The beginning of the next picture is missing as well: what else is, nobody knows.
        assert_eq!(take(70_008, 15, false, false), Some(first + 5));
        assert_eq!(take(70_006, 14, true, false), None, "late");
        assert_eq!(take(70_009, 16, false, true), Some(first + 6));
        // The count of a sender with seven bits comes again.
        for step in 10..140u16 {
            let sequence = 70_000 + u64::from(step);
            let out = take(sequence, (7 + step) % 128, false, true);
            assert_eq!(out, Some(sequence - 70_003 + first), "{step}");
        }
    }

    #[test]
    fn suspend_waits_for_a_key_frame_of_what_is_wanted() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(stream(1)));
        assert!(rewrite(&mut slot, now, 1, (70_000, 0), None, true).is_some());
        let number = slot.newest_number();
        assert!(slot.is_needed(number) && !slot.is_needed(number.wrapping_sub(1)));
        assert_eq!(slot.suspend(), Some(stream(1)));
        assert!(!slot.is_needed(number), "a key frame comes");
        assert_eq!(rewrite(&mut slot, now, 1, (70_001, 0), None, false), None);
        assert_eq!(slot.suspend(), None, "nothing is shown");
        assert!(rewrite(&mut slot, now, 1, (70_002, 0), None, true).is_some());
        let small = StreamRef {
            encoding: Encoding::MIDDLE,
            key: StreamKey::of(2),
            ..stream(1)
        };
        slot.want(Some(small));
        assert_eq!(slot.suspend(), Some(small));
    }

    proptest! {
        /// Every number that left can be traced back to the packet that bore it; none is given twice.
        #[test]
        fn requested_finds_the_packet_of_every_number(changes in prop::collection::vec((1u64..4, 1u64..40), 1..7)) {
            let mut slot = slot();
            let now = Instant::now();
            let mut left = std::collections::HashMap::new();
            let mut base = [70_000u64, 170_000, 270_000, 370_000];
            for (change, (person, packets)) in changes.iter().enumerate() {
                let key = person + 10 * change as u64;
                slot.want(Some(stream(key)));
                for packet in 0..*packets {
                    let sequence = base[*person as usize];
                    base[*person as usize] += 1;
                    let out = rewrite(&mut slot, now, key, (sequence, 0), None, packet == 0).expect("forwarded");
                    prop_assert!(left.insert(out.sequence, (key, sequence)).is_none());
                }
            }
            for (out, (key, sequence)) in left {
                let asked = slot.requested((out & 0xffff) as u16).expect("known");
                prop_assert_eq!((asked.stream.key, asked.sequence_in), (StreamKey::of(key), sequence));
            }
        }
    }
}
