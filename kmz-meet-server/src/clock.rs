//! The time of day. Functions take it as an argument or from a [`Clock`], so that tests decide it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, as the database, tokens and the API have them: a
/// [`kmz_meet_core::Timestamp`] as a number.
pub type Timestamp = i64;

/// The same point in time as conferences have it. Before the epoch there is none.
pub fn to_conference(at: Timestamp) -> kmz_meet_core::Timestamp {
    kmz_meet_core::Timestamp::from_millis(u64::try_from(at).unwrap_or(0))
}

/// A point in time that a conference gave.
pub fn from_conference(at: kmz_meet_core::Timestamp) -> Timestamp {
    Timestamp::try_from(at.as_millis()).unwrap_or(Timestamp::MAX)
}

/// A length of time in the unit of [`Timestamp`], to be added to one.
pub const fn millis(length: Duration) -> i64 {
    let millis = length.as_millis();
    if millis > i64::MAX as u128 {
        i64::MAX
    } else {
        millis as i64
    }
}

/// A length of time as it is added to a NumericDate (RFC 7519, 2): whole seconds.
pub const fn seconds(length: Duration) -> i64 {
    millis(length) / 1_000
}

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Formats a time by RFC 3339, in UTC, to the second.
pub fn rfc3339(at: Timestamp) -> String {
    time::OffsetDateTime::from_unix_timestamp(at / 1_000)
        .ok()
        .and_then(|at| {
            at.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_default()
}

/// The clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A shared [`SystemClock`].
pub fn system() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}
