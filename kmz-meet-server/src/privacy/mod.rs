//! Privacy that can be shown: papers on data protection and accessibility, made of what this server is set to, and the report that
//! checks whether what they say holds.

mod accessibility;
pub mod connections;
pub mod html;
mod information;
mod kept;
pub mod papers;
pub mod report;

pub use accessibility::accessibility;
pub use information::{InformationLanguage, OfSchool, information};

use crate::clock::Timestamp;
use crate::config::Config;
use crate::contracts::line;
use crate::language::Language;

/// Of what the papers are made.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// As it is set for this server.
    pub config: &'a Config,
    /// Where the service is reached.
    pub service: &'a str,
    pub now: Timestamp,
}

/// The words for a key that is not set.
#[must_use]
pub(crate) fn missing(language: Language, key: &str) -> String {
    match language {
        Language::German => format!("(fehlt: Der Betreiber hat {key} nicht eingetragen)"),
        Language::English => format!("(missing: the operator has not set {key})"),
    }
}

/// What the operator set, or that it is missing.
fn or_missing(value: Option<&String>, language: Language, key: &str) -> String {
    let value = value.map(|value| line(value)).unwrap_or_default();
    if value.is_empty() {
        missing(language, key)
    } else {
        value
    }
}
