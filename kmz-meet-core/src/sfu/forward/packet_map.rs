//! The map between the sequence numbers of what comes in and of what goes out: to the viewer it is one stream that never
//! restarts. `map` gives a packet its number, `skip` leaves one out, `reverse` finds the packet that bore a number.
//!
//! Numbers are extended (RFC 3711, section 3.3.1): they never wrap.

use crate::sfu::ids::{StreamKey, StreamRef};
use crate::sfu::rtp::vp8::Shift;

/// Changes that a late retransmission request can still be traced over: for a second, where every other picture of a
/// camera is left out.
const SEGMENTS: usize = 16;

/// From one change to the next the distances between incoming and outgoing numbers are constant.
#[derive(Clone, Copy, Debug)]
struct Segment {
    stream: StreamRef,
    /// First incoming and outgoing sequence number.
    from_in: u64,
    from_out: u64,
    shifts: Shifts,
}

/// How far the other running numbers of a packet are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shifts {
    pub timestamp_by: u32,
    pub vp8: Shift,
}

/// Where a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    pub sequence: u64,
    pub shifts: Shifts,
}

/// A packet that was asked for again: where it is kept, and the numbers it bore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtxRequest {
    pub stream: StreamRef,
    pub sequence_in: u64,
    pub shifts: Shifts,
}

/// See the module.
pub struct PacketMap {
    segments: [Option<Segment>; SEGMENTS],
    newest: usize,
    next: u64,
}

impl PacketMap {
    /// The first packet gets this number.
    #[must_use]
    pub fn new(first: u64) -> Self {
        Self {
            segments: [None; SEGMENTS],
            newest: 0,
            next: first,
        }
    }

    /// The number that the next packet without a gap gets.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The number that left last.
    #[must_use]
    pub fn newest_number(&self) -> u16 {
        (self.next.wrapping_sub(1) & 0xffff) as u16
    }

    /// From this packet of another stream (or of the same after a jump) on, the numbers go on without a gap.
    pub fn enter(&mut self, stream: StreamRef, sequence: u64, shifts: Shifts) {
        self.begin(Segment {
            stream,
            from_in: sequence,
            from_out: self.next,
            shifts,
        });
    }

    /// The number for a packet of the stream that is shown. A late one may belong to a former segment; one from before the
    /// entry would get a number that is taken, so it gets none.
    #[must_use]
    pub fn map(&self, key: StreamKey, sequence: u64) -> Option<Mapped> {
        let newest = self.segments[self.newest]?;
        if sequence >= newest.from_in {
            return Some(newest.mapped(sequence));
        }
        let all = || self.segments.iter().flatten();
        let segment = all()
            .filter(|segment| segment.stream.key == key && segment.from_in <= sequence)
            .max_by_key(|segment| segment.from_in)?;
        let mapped = segment.mapped(sequence);
        let is_taken = all()
            .any(|other| other.from_out > segment.from_out && other.from_out <= mapped.sequence);
        (!is_taken).then_some(mapped)
    }

    /// A packet with this number leaves; true: it is the newest.
    pub fn leave(&mut self, out: u64) -> bool {
        let is_newest = out >= self.next;
        if is_newest {
            self.next = out + 1;
        }
        is_newest
    }

    /// The packet with this number has no content: the viewer's numbers go on as if it had never been. Where one before it
    /// is still missing it leaves a gap.
    pub fn skip(&mut self, sequence: u64) {
        let Some(segment) = self.segments[self.newest] else {
            return;
        };
        if sequence >= segment.from_in && segment.mapped(sequence).sequence == self.next {
            self.begin(Segment {
                from_in: sequence + 1,
                from_out: self.next,
                ..segment
            });
        }
    }

    /// A picture is left out, of which this is the first packet: neither the viewer's packets nor its pictures count it.
    /// False: it has to be sent, because it is late or one before it is missing.
    pub fn leave_out(&mut self, sequence: u64) -> bool {
        let Some(segment) = self.segments[self.newest] else {
            return false;
        };
        if sequence < segment.from_in || segment.mapped(sequence).sequence != self.next {
            return false;
        }
        self.begin(Segment {
            from_in: sequence + 1,
            from_out: self.next,
            shifts: Shifts {
                vp8: Shift {
                    picture_by: segment.shifts.vp8.picture_by.wrapping_sub(1),
                    ..segment.shifts.vp8
                },
                ..segment.shifts
            },
            ..segment
        });
        true
    }

    /// A further packet of the picture that was left out last; what is missing before it belonged to the picture, too. A
    /// late one changes nothing: what came after it has its number already.
    pub fn leave_out_rest(&mut self, sequence: u64) {
        if let Some(segment) = self.segments[self.newest]
            && sequence >= segment.from_in
            && segment.mapped(sequence).sequence >= self.next
        {
            self.begin(Segment {
                from_in: sequence + 1,
                from_out: self.next,
                ..segment
            });
        }
    }

    /// Where the packet that left with this number is kept.
    #[must_use]
    pub fn reverse(&self, number: u16) -> Option<RtxRequest> {
        let behind = (self.next & 0xffff) as u16;
        let age = u64::from(behind.wrapping_sub(number));
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
        Some(RtxRequest {
            stream: segment.stream,
            sequence_in: segment.from_in + (out - segment.from_out),
            shifts: segment.shifts,
        })
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
}

impl Segment {
    fn mapped(&self, sequence: u64) -> Mapped {
        Mapped {
            sequence: self.from_out + (sequence - self.from_in),
            shifts: self.shifts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::ids::{Encoding, MemberKey, Track};

    fn stream(number: u64) -> StreamRef {
        StreamRef {
            member: MemberKey::from_index(1),
            track: Track::Camera,
            encoding: Encoding::SMALL,
            key: StreamKey::of(number),
        }
    }

    const STILL: Shifts = Shifts {
        timestamp_by: 0,
        vp8: Shift {
            picture_by: 0,
            tl0_by: 0,
        },
    };

    fn number(map: &mut PacketMap, key: u64, sequence: u64) -> Option<u64> {
        let mapped = map.map(StreamKey::of(key), sequence)?;
        map.leave(mapped.sequence);
        Some(mapped.sequence)
    }

    #[test]
    fn map_after_another_stream_entered_goes_on_without_a_gap() {
        let mut map = PacketMap::new(7);
        assert_eq!(number(&mut map, 1, 70_000), None, "nothing entered");
        map.enter(stream(1), 70_000, STILL);
        assert_eq!(number(&mut map, 1, 70_000), Some(7));
        assert_eq!(number(&mut map, 1, 70_002), Some(9), "a loss stays visible");
        map.enter(stream(2), 90_000, STILL);
        assert_eq!(number(&mut map, 2, 90_000), Some(10));
        assert_eq!(number(&mut map, 2, 89_999), None, "from before the entry");
    }

    #[test]
    fn rest_of_a_picture_that_comes_late_skips_no_number() {
        let mut map = PacketMap::new(7);
        map.enter(stream(1), 70_000, STILL);
        assert_eq!(number(&mut map, 1, 70_000), Some(7));
        assert!(map.leave_out(70_001));
        // The rest of the picture, 70,002 and 70,003, is missing when the next one comes.
        assert_eq!(number(&mut map, 1, 70_004), Some(10));
        map.leave_out_rest(70_002);
        assert_eq!(number(&mut map, 1, 70_005), Some(11));
        map.leave_out_rest(70_003);
        assert_eq!(number(&mut map, 1, 70_006), Some(12));
        let asked = map.reverse(12).expect("known");
        assert_eq!(asked.sequence_in, 70_006);
    }

    #[test]
    fn reverse_finds_the_packet_over_skips_and_changes() {
        let mut map = PacketMap::new(7);
        map.enter(stream(1), 70_000, STILL);
        number(&mut map, 1, 70_000);
        map.skip(70_001);
        assert_eq!(number(&mut map, 1, 70_002), Some(8));
        map.enter(stream(2), 90_000, STILL);
        assert_eq!(number(&mut map, 2, 90_000), Some(9));
        let asked = |number| {
            map.reverse(number)
                .map(|asked| (asked.stream.key, asked.sequence_in))
        };
        assert_eq!(asked(8), Some((StreamKey::of(1), 70_002)));
        assert_eq!(asked(9), Some((StreamKey::of(2), 90_000)));
        assert_eq!(asked(10), None, "has not left");
        assert_eq!(map.newest_number(), 9);
    }
}
