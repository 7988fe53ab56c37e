//! The packets of one stream that were received last, kept once for all viewers and sent again on request.

/// One kept packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'a [u8],
}

#[derive(Clone, Copy, Default)]
struct Entry {
    /// Extended sequence number; 0 is an empty entry (numbers start above 65,535).
    sequence: u64,
    /// Position in the endless row of bytes; the ring keeps the last `bytes.len()` of it.
    position: u64,
    length: u16,
    marker: bool,
    timestamp: u32,
}

/// A ring of payload bytes with an index by sequence number. Never grows after it was made.
pub struct PacketCache {
    bytes: Box<[u8]>,
    entries: Box<[Entry]>,
    written: u64,
}

impl PacketCache {
    /// Room for `packets` (a power of two) of together `bytes`.
    #[must_use]
    pub fn new(packets: usize, bytes: usize) -> Self {
        Self {
            bytes: vec![0; bytes].into_boxed_slice(),
            entries: vec![Entry::default(); packets.next_power_of_two()].into_boxed_slice(),
            written: 0,
        }
    }

    /// For how many packets there is room.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.entries.len() as u64
    }

    fn index(&self, sequence: u64) -> usize {
        // The length is a power of two, so the low bits of the number are enough.
        (sequence as usize) & (self.entries.len() - 1)
    }

    /// Keeps a packet; returns false when it is kept already.
    pub fn insert(&mut self, sequence: u64, timestamp: u32, marker: bool, payload: &[u8]) -> bool {
        let index = self.index(sequence);
        if self.entries[index].sequence == sequence {
            return false;
        }
        let size = self.bytes.len();
        let Ok(length) = u16::try_from(payload.len()) else {
            return true;
        };
        if payload.len() > size {
            return true;
        }
        // A packet lies in one piece: skip the end of the ring when it does not fit there.
        let mut start = (self.written % size as u64) as usize;
        if start + payload.len() > size {
            self.written += (size - start) as u64;
            start = 0;
        }
        self.bytes[start..start + payload.len()].copy_from_slice(payload);
        self.entries[index] = Entry {
            sequence,
            position: self.written,
            length,
            marker,
            timestamp,
        };
        self.written += payload.len() as u64;
        true
    }

    /// The packet with this number, if it is still there.
    #[must_use]
    pub fn get(&self, sequence: u64) -> Option<Kept<'_>> {
        let entry = self.entries[self.index(sequence)];
        let size = self.bytes.len() as u64;
        if entry.sequence != sequence || entry.position + size < self.written {
            return None;
        }
        let start = (entry.position % size) as usize;
        Some(Kept {
            timestamp: entry.timestamp,
            marker: entry.marker,
            payload: &self.bytes[start..start + usize::from(entry.length)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn insert_of_a_kept_packet_is_refused() {
        let mut cache = PacketCache::new(8, 100);
        assert!(cache.insert(70_000, 1, true, b"abc"));
        assert!(!cache.insert(70_000, 1, true, b"abc"));
        assert_eq!(
            cache.get(70_000),
            Some(Kept {
                timestamp: 1,
                marker: true,
                payload: b"abc"
            })
        );
        assert_eq!(cache.get(70_008), None);
    }

    proptest! {
        /// What comes out is exactly what went in, however often the ring went round.
        #[test]
        fn get_after_any_inserts_gives_what_went_in(lengths in prop::collection::vec(0usize..60, 1..300)) {
            let mut cache = PacketCache::new(16, 256);
            for (number, length) in lengths.iter().enumerate() {
                let sequence = 70_000 + number as u64;
                let payload = vec![(number % 251) as u8; *length];
                cache.insert(sequence, number as u32, false, &payload);
                for back in 0..=number.min(20) {
                    if let Some(kept) = cache.get(sequence - back as u64) {
                        let origin = number - back;
                        prop_assert_eq!(kept.payload, vec![(origin % 251) as u8; lengths[origin]]);
                        prop_assert_eq!(kept.timestamp, origin as u32);
                    }
                }
                prop_assert!(cache.get(sequence).is_some());
            }
        }
    }
}
