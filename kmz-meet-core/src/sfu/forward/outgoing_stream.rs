//! A fixed place where a participant receives: one outgoing stream whose content comes from changing layers and people.
//!
//! To the browser it is one stream that never restarts: sequence numbers, timestamps and VP8's running numbers go on
//! over every change.

use std::time::Instant;

use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::sdp::answer::SlotPlan;

/// Changes that a late retransmission request can still be traced over.
const SEGMENTS: usize = 8;
/// A sender whose numbers jump further is entered anew, so that the viewer's numbers go on: one that misses half of the
/// range loses count of the rounds and can decrypt nothing any more (RFC 3711, section 3.3.1).
const MAX_JUMP: u64 = 512;

/// An incoming stream: whose it is, which track, which layer, and its unique key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub member: usize,
    pub track: usize,
    pub layer: usize,
    pub key: u64,
}

/// From one change to the next the distances between incoming and outgoing numbers are constant.
#[derive(Clone, Copy, Debug)]
struct Segment {
    origin: Origin,
    /// First incoming and outgoing sequence number.
    from_in: u64,
    from_out: u64,
    timestamp_by: u32,
    picture_by: u16,
    tl0_by: u8,
}

/// The numbers that an outgoing packet bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewritten {
    pub sequence: u64,
    pub timestamp: u32,
    pub picture_by: u16,
    pub tl0_by: u8,
    /// The first packet after a change of person (audio marks it).
    pub starts: bool,
}

/// A packet that was asked for again: where it is kept, and the numbers it bore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub origin: Origin,
    pub sequence_in: u64,
    pub timestamp_by: u32,
    pub picture_by: u16,
    pub tl0_by: u8,
}

/// One outgoing stream.
pub struct Slot {
    pub plan: SlotPlan,
    clock_rate: u32,
    current: Option<Origin>,
    /// Waiting for a key frame of this one.
    wanted: Option<Origin>,
    segments: [Option<Segment>; SEGMENTS],
    newest: usize,
    next: u64,
    last: Option<(u32, Instant)>,
    last_picture: u16,
    last_tl0: u8,
    pub rtx_next: u64,
    pub packets: u32,
    pub octets: u32,
}

impl Slot {
    #[must_use]
    pub fn new(plan: SlotPlan, clock_rate: u32) -> Self {
        Self {
            plan,
            clock_rate,
            current: None,
            wanted: None,
            segments: [None; SEGMENTS],
            newest: 0,
            // Below half of the range, so that the receiver's first rollover count is surely zero (RFC 3711, 3.3.1).
            next: u64::from(rand::random_range(1..0x4000u16)),
            last: None,
            last_picture: 0,
            last_tl0: 0,
            rtx_next: u64::from(rand::random_range(1..0x4000u16)),
            packets: 0,
            octets: 0,
        }
    }

    /// What is shown now.
    #[must_use]
    pub fn current(&self) -> Option<Origin> {
        self.current
    }

    /// What is shown, or will be with the next key frame.
    #[must_use]
    pub fn target(&self) -> Option<Origin> {
        self.wanted.or(self.current)
    }

    /// Show this from its next key frame on (audio: from its next packet on); until then what is shown goes on,
    /// unless it is somebody else's. Returns what is not needed any more.
    pub fn want(&mut self, origin: Option<Origin>) -> [Option<Origin>; 2] {
        let before = [self.current, self.wanted];
        match origin {
            None => {
                self.current = None;
                self.wanted = None;
            }
            Some(origin) if self.current == Some(origin) => self.wanted = None,
            Some(origin) => {
                if self.current.is_some_and(|current| {
                    current.member != origin.member || current.track != origin.track
                }) {
                    self.current = None;
                }
                self.wanted = Some(origin);
            }
        }
        let keeps = [self.current, self.wanted];
        before.map(|one| one.filter(|one| !keeps.contains(&Some(*one))))
    }

    /// The numbers for an incoming packet; `None` when it is not for this slot.
    /// `entry`: the stream can be entered here (the first packet of a key frame; any audio packet).
    pub fn rewrite(
        &mut self,
        now: Instant,
        key: u64,
        (sequence, timestamp): (u64, u32),
        descriptor: Option<&Descriptor>,
        entry: bool,
    ) -> Option<Rewritten> {
        let mut starts = false;
        if self.current.is_none_or(|current| current.key != key) {
            let wanted = self.wanted.filter(|wanted| wanted.key == key && entry)?;
            starts = true;
            self.enter(now, wanted, sequence, timestamp, descriptor);
        }
        let (mut segment, mut out) = self.place(key, sequence)?;
        if out > self.next + MAX_JUMP {
            let current = self.current?;
            if !entry {
                // Waits for a key frame like one that is new here.
                if self.wanted.is_none() {
                    self.wanted = self.current.take();
                }
                return None;
            }
            starts = true;
            self.enter(now, current, sequence, timestamp, descriptor);
            (segment, out) = self.place(key, sequence)?;
        }
        let out_timestamp = timestamp.wrapping_add(segment.timestamp_by);
        if out >= self.next {
            self.next = out + 1;
            self.last = Some((out_timestamp, now));
            if let Some(descriptor) = descriptor {
                if let Some((_, picture)) = descriptor.picture {
                    self.last_picture = picture.wrapping_add(segment.picture_by);
                }
                if let Some((_, tl0)) = descriptor.tl0 {
                    self.last_tl0 = tl0.wrapping_add(segment.tl0_by);
                }
            }
        }
        Some(Rewritten {
            sequence: out,
            timestamp: out_timestamp,
            picture_by: segment.picture_by,
            tl0_by: segment.tl0_by,
            starts,
        })
    }

    /// The segment of an incoming packet of what is shown, and its outgoing number. A late one may belong to a former
    /// segment; one from before the entry would get a number that is taken.
    fn place(&self, key: u64, sequence: u64) -> Option<(Segment, u64)> {
        let newest = self.segments[self.newest]?;
        if sequence >= newest.from_in {
            return Some((newest, newest.from_out + (sequence - newest.from_in)));
        }
        let all = || self.segments.iter().flatten();
        let segment = all()
            .filter(|segment| segment.origin.key == key && segment.from_in <= sequence)
            .max_by_key(|segment| segment.from_in)?;
        let out = segment.from_out + (sequence - segment.from_in);
        let is_taken =
            all().any(|other| other.from_out > segment.from_out && other.from_out <= out);
        (!is_taken).then_some((*segment, out))
    }

    /// The packet with this number has no content: the viewer's numbers go on as if it had never been. Where one before
    /// it is still missing it leaves a gap.
    pub fn skip(&mut self, key: u64, sequence: u64) {
        if self.current.is_none_or(|current| current.key != key) {
            return;
        }
        let Some(segment) = self.segments[self.newest] else {
            return;
        };
        if sequence >= segment.from_in
            && segment.from_out + (sequence - segment.from_in) == self.next
        {
            self.begin(Segment {
                from_in: sequence + 1,
                from_out: self.next,
                ..segment
            });
        }
    }

    /// Starts a segment, in the place of one that was never used.
    fn begin(&mut self, segment: Segment) {
        let is_unused =
            self.segments[self.newest].is_some_and(|newest| newest.from_out == segment.from_out);
        if !is_unused {
            self.newest = (self.newest + 1) % SEGMENTS;
        }
        self.segments[self.newest] = Some(segment);
    }

    fn enter(
        &mut self,
        now: Instant,
        origin: Origin,
        sequence: u64,
        timestamp: u32,
        descriptor: Option<&Descriptor>,
    ) {
        let out_timestamp = self.last.map_or(timestamp, |(last, at)| {
            let passed =
                now.saturating_duration_since(at).as_secs_f64() * f64::from(self.clock_rate);
            // At least a sixtieth of a second later, so that no two pictures share a timestamp.
            last.wrapping_add((passed as u32).max(self.clock_rate / 60))
        });
        let picture_by = descriptor
            .and_then(|descriptor| descriptor.picture)
            .map_or(0, |(_, picture)| {
                self.last_picture.wrapping_add(1).wrapping_sub(picture)
            });
        let tl0_by = descriptor
            .and_then(|descriptor| descriptor.tl0)
            .map_or(0, |(_, tl0)| {
                self.last_tl0.wrapping_add(1).wrapping_sub(tl0)
            });
        self.begin(Segment {
            origin,
            from_in: sequence,
            from_out: self.next,
            timestamp_by: out_timestamp.wrapping_sub(timestamp),
            picture_by,
            tl0_by,
        });
        self.current = Some(origin);
        self.wanted = None;
    }

    /// The number that left last.
    #[must_use]
    pub fn newest_number(&self) -> u16 {
        (self.next.wrapping_sub(1) & 0xffff) as u16
    }

    /// Where the packet that left with this number is kept.
    #[must_use]
    pub fn asked(&self, sequence: u16) -> Option<Asked> {
        let behind = (self.next & 0xffff) as u16;
        let age = u64::from(behind.wrapping_sub(sequence));
        let out = self
            .next
            .checked_sub(age)
            .filter(|_| (1..=0x7fff).contains(&age))?;
        let segment = self
            .segments
            .iter()
            .flatten()
            .filter(|segment| segment.from_out <= out)
            .max_by_key(|segment| segment.from_out)?;
        Some(Asked {
            origin: segment.origin,
            sequence_in: segment.from_in + (out - segment.from_out),
            timestamp_by: segment.timestamp_by,
            picture_by: segment.picture_by,
            tl0_by: segment.tl0_by,
        })
    }

    /// The RTP time that belongs to now, for sender reports.
    #[must_use]
    pub fn rtp_time(&self, now: Instant) -> Option<u32> {
        let (last, at) = self.last?;
        let passed = now.saturating_duration_since(at).as_secs_f64() * f64::from(self.clock_rate);
        Some(last.wrapping_add(passed as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::sdp::offer::Codecs;
    use proptest::prelude::*;
    use std::time::Duration;

    fn slot() -> Slot {
        let plan = SlotPlan {
            ssrc: 1,
            rtx_ssrc: 2,
            codecs: Codecs::default(),
            transport_cc: None,
        };
        Slot::new(plan, 90_000)
    }

    fn origin(key: u64) -> Origin {
        Origin {
            member: key as usize,
            track: 1,
            layer: 0,
            key,
        }
    }

    fn picture(id: u16) -> Descriptor {
        Descriptor {
            picture: Some((2, id)),
            wide: true,
            tl0: Some((4, id as u8)),
            key_frame: true,
        }
    }

    #[test]
    fn numbers_go_on_over_a_change_of_person() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(origin(1)));
        let a = slot
            .rewrite(now, 1, (70_000, 5_000), Some(&picture(10)), true)
            .expect("forwarded");
        let b = slot
            .rewrite(now, 1, (70_001, 8_000), Some(&picture(11)), false)
            .expect("forwarded");
        assert_eq!(
            (b.sequence, b.timestamp - a.timestamp),
            (a.sequence + 1, 3_000)
        );
        slot.want(Some(origin(2)));
        assert_eq!(
            slot.current(),
            None,
            "the former person is not shown under the new name"
        );
        assert_eq!(
            slot.rewrite(now, 2, (90_000, 77), Some(&picture(500)), false),
            None
        );
        let later = now + Duration::from_millis(100);
        let c = slot
            .rewrite(later, 2, (90_001, 99), Some(&picture(501)), true)
            .expect("forwarded");
        assert_eq!(c.sequence, b.sequence + 1);
        assert_eq!(c.timestamp.wrapping_sub(b.timestamp), 9_000);
        assert_eq!(
            501u16.wrapping_add(c.picture_by),
            11u16.wrapping_add(b.picture_by).wrapping_add(1)
        );
        assert_eq!(slot.rewrite(later, 1, (70_002, 9_000), None, true), None);
    }

    #[test]
    fn a_larger_layer_of_the_same_person_is_awaited_while_the_smaller_goes_on() {
        let mut slot = slot();
        let now = Instant::now();
        let small = Origin {
            member: 5,
            track: 1,
            layer: 0,
            key: 10,
        };
        let large = Origin {
            member: 5,
            track: 1,
            layer: 2,
            key: 12,
        };
        slot.want(Some(small));
        assert!(slot.rewrite(now, 10, (70_000, 0), None, true).is_some());
        slot.want(Some(large));
        assert!(slot.rewrite(now, 10, (70_001, 0), None, false).is_some());
        assert!(slot.rewrite(now, 12, (80_000, 0), None, true).is_some());
        assert_eq!(slot.rewrite(now, 10, (70_002, 0), None, false), None);
    }

    #[test]
    fn packets_from_before_the_entry_are_not_forwarded() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(origin(1)));
        assert!(slot.rewrite(now, 1, (70_010, 0), None, true).is_some());
        assert_eq!(slot.rewrite(now, 1, (70_009, 0), None, false), None);
    }

    #[test]
    fn numbers_go_on_when_a_sender_jumps() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(origin(1)));
        let a = slot
            .rewrite(now, 1, (70_000, 0), Some(&picture(1)), true)
            .expect("forwarded");
        let far = 70_000 + 30_000;
        let delta = slot.rewrite(now, 1, (far, 0), Some(&picture(2)), false);
        assert_eq!(delta, None, "the picture before it is missing");
        assert_eq!(slot.target(), Some(origin(1)));
        let b = slot
            .rewrite(now, 1, (far + 1, 0), Some(&picture(3)), true)
            .expect("a key frame");
        assert_eq!(b.sequence, a.sequence + 1);
        // Voices are entered with any packet.
        let c = slot.rewrite(now, 1, (far + 20_000, 0), None, true);
        assert_eq!(c.expect("forwarded").sequence, b.sequence + 1);
        let d = slot.rewrite(now, 1, (far + 20_100, 0), None, true);
        assert_eq!(
            d.expect("forwarded").sequence,
            b.sequence + 101,
            "a loss stays visible"
        );
    }

    #[test]
    fn padding_leaves_no_gap_and_late_packets_before_it_keep_their_numbers() {
        let mut slot = slot();
        let now = Instant::now();
        slot.want(Some(origin(1)));
        let number = |slot: &mut Slot, sequence| {
            slot.rewrite(now, 1, (sequence, 0), None, sequence == 70_000)
                .map(|out| out.sequence)
        };
        let first = number(&mut slot, 70_000).expect("forwarded");
        assert_eq!(number(&mut slot, 70_002), Some(first + 2));
        for padding in 70_003..70_043 {
            slot.skip(1, padding);
        }
        assert_eq!(number(&mut slot, 70_043), Some(first + 3));
        assert_eq!(number(&mut slot, 70_001), Some(first + 1), "repaired");
        assert_eq!(number(&mut slot, 70_004), None, "that was padding");
        let traced = slot.asked(((first + 3) & 0xffff) as u16).expect("known");
        assert_eq!(traced.sequence_in, 70_043);
        let traced = slot.asked(((first + 2) & 0xffff) as u16).expect("known");
        assert_eq!(traced.sequence_in, 70_002);
    }

    proptest! {
        /// Every number that left can be traced back to the packet that bore it; none is given twice.
        #[test]
        fn every_number_is_traced_back(changes in prop::collection::vec((1u64..4, 1u64..40), 1..7)) {
            let mut slot = slot();
            let now = Instant::now();
            let mut left = std::collections::HashMap::new();
            let mut base = [70_000u64, 170_000, 270_000, 370_000];
            for (change, (person, packets)) in changes.iter().enumerate() {
                let key = person + 10 * change as u64;
                slot.want(Some(origin(key)));
                for packet in 0..*packets {
                    let sequence = base[*person as usize];
                    base[*person as usize] += 1;
                    let out = slot.rewrite(now, key, (sequence, 0), None, packet == 0).expect("forwarded");
                    prop_assert!(left.insert(out.sequence, (key, sequence)).is_none());
                }
            }
            for (out, (key, sequence)) in left {
                let asked = slot.asked((out & 0xffff) as u16).expect("known");
                prop_assert_eq!((asked.origin.key, asked.sequence_in), (key, sequence));
            }
        }
    }
}
