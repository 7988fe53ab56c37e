//! Times in tokens (RFC 7519, 2: NumericDate): seconds since the Unix epoch, with decimals or without.

use std::time::Duration;

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

/// A duration as it is added to a NumericDate.
pub(crate) const fn seconds(duration: Duration) -> i64 {
    duration.as_secs() as i64
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
    fn times_are_numbers_with_or_without_decimals() {
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
    fn what_is_no_time_is_refused() {
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
