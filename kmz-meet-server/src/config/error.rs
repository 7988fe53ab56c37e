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

    pub(super) fn missing(key: &str, because_of: &str) -> Self {
        let upper = |key: &str| format!("{}{}", super::prefix::PREFIX, key.to_uppercase());
        Self(format!(
            "{key} ({}) is missing: {because_of} ({}) is set, and HTTPS needs both; set both or neither",
            upper(key),
            upper(because_of)
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
