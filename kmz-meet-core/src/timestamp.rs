//! Points in wall time.

use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in wall time: milliseconds since the Unix epoch, in UTC. It is stored and sent as that number.
///
/// Lengths are [`Duration`]; what has to be measured while the process runs is a [`std::time::Instant`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Later than any other.
    pub const MAX: Self = Self(u64::MAX);

    /// So many milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// What the clock of the machine says; the epoch if it is set to a time before.
    #[must_use]
    pub fn now() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(in_millis(since_epoch))
    }

    /// The time from an earlier point to this one; zero if that one is not earlier.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// At [`Timestamp::MAX`] time stands still.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(in_millis(length)))
    }
}

/// There is nothing before the epoch.
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(in_millis(length)))
    }
}

fn in_millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// For serde: a length of time as its whole milliseconds.
pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(super::in_millis(*length))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamp_is_written_and_read_as_its_number() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(
            serde_json::to_string(&at).expect("a number"),
            "1700000000123"
        );
        let read: Timestamp = serde_json::from_str("1700000000123").expect("a timestamp");
        assert_eq!(read, at);
    }

    #[test]
    fn timestamp_at_the_ends_of_time_stays_there() {
        let hour = Duration::from_hours(1);
        assert_eq!(Timestamp::MAX + hour, Timestamp::MAX);
        assert_eq!(Timestamp::from_millis(1) - hour, Timestamp::default());
        let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(9));
        assert_eq!(
            late.saturating_duration_since(early),
            Duration::from_millis(4)
        );
        assert_eq!(early.saturating_duration_since(late), Duration::ZERO);
    }
}
