//! What a client received, slot by slot.

/// Counts of one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotCounts {
    /// Different packets; one that came twice counts once.
    pub packets: u64,
    /// Payload bytes of these.
    pub bytes: u64,
    /// Packets that came again.
    pub duplicates: u64,
    /// Numbers between the first and the newest packet that never came, not even when sent again.
    pub lost: u64,
    /// Packets in which a key frame starts.
    pub key_frames: u64,
}

impl SlotCounts {
    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            bytes: self.bytes + other.bytes,
            duplicates: self.duplicates + other.duplicates,
            lost: self.lost + other.lost,
            key_frames: self.key_frames + other.key_frames,
        }
    }
}

/// Counts of all slots, in the order of the offer.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub audio: Vec<SlotCounts>,
    pub video: Vec<SlotCounts>,
    pub screen: SlotCounts,
    /// Microseconds from a stamp being made to its packet being read here, for payloads that carry one.
    pub delay: Histogram,
}

impl Counts {
    /// All slots together.
    #[must_use]
    pub fn total(&self) -> SlotCounts {
        self.audio
            .iter()
            .chain(&self.video)
            .fold(self.screen.clone(), |sum, slot| sum.and(slot))
    }
}

/// How far behind the newest packet one may come and still be told from one that came twice.
const WINDOW: u64 = 1_024;

/// Follows one stream's sequence numbers.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    first: Option<u64>,
    newest: u64,
    seen: Box<[u64]>,
    unique: u64,
}

impl Sequence {
    /// Notes a packet; false when it came before.
    pub fn note(&mut self, number: u16) -> bool {
        if self.seen.is_empty() {
            self.seen = vec![0; (WINDOW / 64) as usize].into_boxed_slice();
        }
        let Some(first) = self.first else {
            // One cycle ahead, so that packets before the first one have a number too.
            let number = 0x1_0000 + u64::from(number);
            self.first = Some(number);
            self.newest = number;
            self.mark(number);
            return true;
        };
        let step = i64::from(number.wrapping_sub((self.newest & 0xffff) as u16) as i16);
        let Some(extended) = self.newest.checked_add_signed(step) else {
            return false;
        };
        if extended > self.newest {
            let gap = (extended - self.newest).min(WINDOW);
            for passed in 0..gap {
                self.clear(extended - passed);
            }
            self.newest = extended;
        } else if self.newest - extended >= WINDOW || self.is_marked(extended) {
            return false;
        }
        self.first = Some(first.min(extended));
        self.mark(extended);
        true
    }

    /// Numbers from the first to the newest that did not come.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.first.map_or(0, |first| {
            (self.newest + 1 - first).saturating_sub(self.unique)
        })
    }

    /// Different packets that came.
    #[must_use]
    pub fn unique(&self) -> u64 {
        self.unique
    }

    fn mark(&mut self, number: u64) {
        let bit = number % WINDOW;
        self.seen[(bit / 64) as usize] |= 1 << (bit % 64);
        self.unique += 1;
    }

    fn clear(&mut self, number: u64) {
        let bit = number % WINDOW;
        self.seen[(bit / 64) as usize] &= !(1 << (bit % 64));
    }

    fn is_marked(&self, number: u64) -> bool {
        let bit = number % WINDOW;
        self.seen[(bit / 64) as usize] & (1 << (bit % 64)) != 0
    }
}

/// Whole numbers, kept with a resolution of 3 %.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max: u64,
}

/// Steps within each power of two.
const STEPS: u64 = 32;

impl Histogram {
    /// Adds a number.
    pub fn add(&mut self, value: u64) {
        let bucket = bucket_of(value);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    /// Adds all of another one.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    /// How many numbers were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The number that this share (0 to 1) of all is not above; 0 when there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = (share.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut passed = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            passed += count;
            if passed >= wanted {
                return top_of(bucket).min(self.max);
            }
        }
        self.max
    }
}

fn bucket_of(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let power = u64::from(value.ilog2()) - 5;
    (power * STEPS + (value >> power)) as usize
}

fn top_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let power = bucket / STEPS - 1;
    (((bucket % STEPS) + STEPS + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequence_with_gaps_counts_them_as_lost_until_filled() {
        let mut sequence = Sequence::default();
        for number in [65_534, 65_535, 0, 3] {
            assert!(sequence.note(number));
        }
        assert_eq!(sequence.lost(), 2);
        assert!(sequence.note(1));
        assert!(!sequence.note(1), "came twice");
        assert_eq!((sequence.lost(), sequence.unique()), (1, 5));
    }

    #[test]
    fn sequence_with_a_packet_before_the_first_counts_nothing_as_lost() {
        let mut sequence = Sequence::default();
        sequence.note(10);
        assert!(sequence.note(9));
        assert_eq!(sequence.lost(), 0);
    }

    proptest! {
        /// Whatever the order within a window: what came plus what is lost is all that there is.
        #[test]
        fn sequence_in_any_order_counts_each_number_once(numbers in prop::collection::vec(0u16..600, 1..400)) {
            let mut sequence = Sequence::default();
            for number in &numbers {
                sequence.note(*number);
            }
            let mut distinct = numbers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let span = u64::from(distinct[distinct.len() - 1] - distinct[0]) + 1;
            prop_assert_eq!(sequence.unique(), distinct.len() as u64);
            prop_assert_eq!(sequence.lost(), span - distinct.len() as u64);
        }

        #[test]
        fn quantile_of_any_values_is_within_three_percent(values in prop::collection::vec(0u64..10_000_000, 1..200), share in 0.0..1.0f64) {
            let mut histogram = Histogram::default();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            for value in values {
                histogram.add(value);
            }
            let rank = ((share * sorted.len() as f64).ceil().max(1.0) as usize).min(sorted.len());
            let exact = sorted[rank - 1];
            let found = histogram.quantile(share);
            prop_assert!(found >= exact && found as f64 <= exact as f64 * 1.032 + 1.0, "{found} for {exact}");
        }
    }
}
