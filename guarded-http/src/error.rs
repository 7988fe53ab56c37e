//! Errors.

use std::fmt;
use std::time::Duration;

/// Why no answer came.
///
/// The texts suit an operator's log as well as the person who entered the address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy does not permit the address; the text says what is wrong with it, without a subject.
    #[error("the address {0}")]
    Forbidden(&'static str),
    /// The host has no address, or its name server does not answer.
    #[error("the host name cannot be resolved")]
    Unresolved,
    /// The body is longer than the policy permits.
    #[error("the answer is larger than {}", Size(*max_bytes))]
    TooLarge {
        /// The size that the policy permits, in bytes.
        max_bytes: usize,
    },
    /// The policy's time was over before the answer was whole.
    #[error("there was no whole answer within {}", Time(*timeout))]
    TimedOut {
        /// The time that the policy permits.
        timeout: Duration,
    },
    /// Anything else between here and there: no connection, no TLS, no HTTP.
    #[error("the connection failed")]
    Failed,
}

struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes.is_multiple_of(1024) => write!(formatter, "{} KiB", bytes / 1024),
            bytes => write!(formatter, "{bytes} bytes"),
        }
    }
}

struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_nanos() == 0 {
            write!(formatter, "{} seconds", self.0.as_secs())
        } else {
            write!(formatter, "{:?}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_a_limit_names_the_limit() {
        for (error, text) in [
            (
                Error::TooLarge {
                    max_bytes: 256 * 1024,
                },
                "the answer is larger than 256 KiB",
            ),
            (
                Error::TooLarge { max_bytes: 1000 },
                "the answer is larger than 1000 bytes",
            ),
            (
                Error::TimedOut {
                    timeout: Duration::from_secs(5),
                },
                "there was no whole answer within 5 seconds",
            ),
            (
                Error::TimedOut {
                    timeout: Duration::from_millis(250),
                },
                "there was no whole answer within 250ms",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
