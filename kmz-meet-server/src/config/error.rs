//! What is wrong with the configuration, in one line.

use std::path::Path;

/// Names the key and how to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// The value of a key is not what it must be.
    pub(super) fn wrong_value(key: &str, value: &str, expected: &str) -> Self {
        // `{:?}` escapes line breaks: the message stays one line.
        Self(format!(
            "{key} = {value:?} cannot be used: it must be {expected}"
        ))
    }

    /// The same for values that may hold a password.
    pub(super) fn wrong_secret(key: &str, expected: &str) -> Self {
        Self(format!(
            "the value of {key} cannot be used: it must be {expected}"
        ))
    }

    pub(super) fn unknown(key: &str, nearest: Option<&str>, all: &str) -> Self {
        Self(match nearest {
            Some(nearest) => format!("{key} is not a known key; did you mean {nearest}?"),
            None => format!("{key} is not a known key; remove it or use one of {all}"),
        })
    }

    /// Two keys name one port.
    pub(super) fn one_port(key: &str, other: &str) -> Self {
        Self(format!(
            "{key} ({}) has the port of {other} ({}): give it another one",
            variable(key),
            variable(other)
        ))
    }

    /// Ports of a list that are not told apart, or not by browsers.
    pub(super) fn ports(key: &str, other: &str, most: usize) -> Self {
        Self(format!(
            "{key} ({}) cannot be used: it must be at most {most} different UDP ports from 1 to 65535, without that of {other} ({})",
            variable(key),
            variable(other)
        ))
    }

    /// A listener at which nobody may connect.
    pub(super) fn nobody_trusted(key: &str, trusted: &str) -> Self {
        Self(format!(
            "{key} ({}) is set, and {trusted} ({}) names nobody who may connect to it: set it to the addresses of your proxy, such as 127.0.0.1",
            variable(key),
            variable(trusted)
        ))
    }

    pub(super) fn missing(key: &str, because_of: &str) -> Self {
        Self(format!(
            "{key} ({}) is missing: {because_of} ({}) is set, and HTTPS needs both; set both or neither",
            variable(key),
            variable(because_of)
        ))
    }

    pub(super) fn needed(key: &str, because_of: &str, expected: &str) -> Self {
        Self(format!(
            "{key} ({}) is missing: {because_of} ({}) is set; set it to {expected}",
            variable(key),
            variable(because_of)
        ))
    }

    pub(super) fn unreadable(file: &Path, reason: &str) -> Self {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(format!(
            "the configuration file {} cannot be read: {reason}",
            file.display()
        ))
    }
}

/// The variable of a key.
fn variable(key: &str) -> String {
    format!("{}{}", super::prefix::PREFIX, key.to_uppercase())
}
