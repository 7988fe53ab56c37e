//! What the checks look at, and what they saw.

use axum::http::HeaderMap;

use crate::clock::Timestamp;
use crate::config::{Config, PublicUrl};
use crate::language::Language;
use crate::privacy::missing;
use crate::store::Database;

/// What is looked at.
pub struct Subject<'a> {
    pub config: &'a Config,
    /// Under which browsers reach the server.
    pub service: &'a PublicUrl,
    pub store: &'a Database,
    pub now: Timestamp,
    pub language: Language,
    /// The files that browsers load: name and text.
    pub client: &'a [(String, String)],
    /// The description of the REST API.
    pub interface: &'a str,
    /// The headers of the start page, if the server runs.
    pub answered: Option<&'a HeaderMap>,
    /// What other users of this machine may look into.
    pub open_files: &'a [String],
}

impl Subject<'_> {
    pub(super) fn say<'t>(&self, german: &'t str, english: &'t str) -> &'t str {
        self.language.say(german, english)
    }
}

/// What a check saw.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) proofs: Vec<String>,
    pub(super) violations: Vec<String>,
}

impl Seen {
    /// Notes one thing: what proves it, or what is wrong.
    pub(super) fn must(
        &mut self,
        holds: bool,
        proof: impl Into<String>,
        violation: impl Into<String>,
    ) {
        if holds {
            self.proofs.push(proof.into());
        } else {
            self.violations.push(violation.into());
        }
    }

    /// What is wrong, each for itself; `proof` if nothing is.
    pub(super) fn none(&mut self, wrong: Vec<String>, proof: impl Into<String>) {
        if wrong.is_empty() {
            self.proofs.push(proof.into());
        }
        self.violations.extend(wrong);
    }
}

/// The words for a key that is not set.
pub(super) fn not_set(on: &Subject<'_>, key: &str) -> String {
    missing(on.language, key)
}
