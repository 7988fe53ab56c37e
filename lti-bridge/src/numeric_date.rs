//! Times in tokens (RFC 7519, 2: NumericDate): seconds since the Unix epoch, with decimals or without.

use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Whole seconds since the Unix epoch. Decimals are cut off; numbers beyond 2^53 are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NumericDate(pub i64);

/// The last number that is exact as a decimal one.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

impl NumericDate {
    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl NumericDate {
    /// The time from an earlier date to this one; zero if that one is not earlier.
    #[must_use]
    pub fn saturating_duration_since(self, earlier: Self) -> Duration {
        let seconds = self.0.saturating_sub(earlier.0);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

impl From<SystemTime> for NumericDate {
    fn from(time: SystemTime) -> Self {
        Self(in_seconds(
            time.duration_since(UNIX_EPOCH).unwrap_or_default(),
        ))
    }
}

/// Parts of a second are cut off.
impl Add<Duration> for NumericDate {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(in_seconds(length)))
    }
}

/// Parts of a second are cut off.
impl Sub<Duration> for NumericDate {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(in_seconds(length)))
    }
}

fn in_seconds(length: Duration) -> i64 {
    i64::try_from(length.as_secs()).unwrap_or(i64::MAX)
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Decimal(f64),
        }
        match Written::deserialize(deserializer)? {
            Written::Whole(seconds) => Ok(Self(seconds)),
            Written::Decimal(seconds) if seconds.abs() < MAX_EXACT => {
                Ok(Self(seconds.floor() as i64))
            }
            Written::Decimal(_) => Err(D::Error::custom("a time beyond all calendars")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_date_with_decimals_is_cut_to_seconds() {
        for (written, seconds) in [
            ("1795829999", 1_795_829_999),
            ("1795829999.5", 1_795_829_999),
            ("1795829999.0", 1_795_829_999),
            ("1.795829999e9", 1_795_829_999),
            ("-0.5", -1),
        ] {
            let date: NumericDate = serde_json::from_str(written).unwrap_or_default();
            assert_eq!(date.seconds(), seconds, "{written}");
        }
    }

    #[test]
    fn numeric_date_that_is_no_number_is_refused() {
        for written in [
            "\"1795829999\"",
            "1e30",
            "-1e300",
            "18446744073709551615",
            "null",
            "true",
            "[1]",
        ] {
            assert!(
                serde_json::from_str::<NumericDate>(written).is_err(),
                "{written}"
            );
        }
    }
}
