//! A name beside what a reader takes it for, which is worked out once: everyone who comes is compared with everyone here.

use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::folded_name::looks;
use super::names::{numbered, skeletons};

/// See the module. Snapshots have the name alone.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SeenName {
    name: String,
    skeletons: [String; 3],
    /// What others may take it for at a glance. Only names that are looked for are folded.
    looks: OnceLock<Vec<String>>,
}

impl SeenName {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether a reader takes these names for the same.
    #[must_use]
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let both = self.skeletons.iter().zip(&other.skeletons);
        both.into_iter().any(|(one, other)| one == other)
    }

    /// What it may be taken for at a glance: names that have one of these in common are alike.
    pub(super) fn looks(&self) -> impl Iterator<Item = &str> {
        let looks = self.looks.get_or_init(|| looks(&self.name));
        looks.iter().map(String::as_str)
    }

    /// This name, or the first with a number behind it that none of the others looks like.
    pub(super) fn distinct_from<'a>(self, taken: impl Iterator<Item = &'a Self>) -> Self {
        let taken: HashSet<(usize, &str)> = taken.flat_map(Self::places).collect();
        let is_free = |name: &Self| !name.places().any(|place| taken.contains(&place));
        if is_free(&self) {
            return self;
        }
        let free = numbered(&self.name).map(Self::from).find(is_free);
        free.unwrap_or(self)
    }

    /// Skeletons are compared with those of the same kind only.
    fn places(&self) -> impl Iterator<Item = (usize, &str)> {
        self.skeletons.iter().map(String::as_str).enumerate()
    }
}

/// A name that nobody here has yet: a second 'Anna' becomes 'Anna (2)', and so does who only looks like Anna.
#[must_use]
pub fn distinct<'a>(name: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let taken: Vec<SeenName> = taken.map(SeenName::from).collect();
    SeenName::from(name).distinct_from(taken.iter()).into()
}

impl From<String> for SeenName {
    fn from(name: String) -> Self {
        let skeletons = skeletons(&name);
        Self {
            name,
            skeletons,
            looks: OnceLock::new(),
        }
    }
}

impl From<&str> for SeenName {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<SeenName> for String {
    fn from(name: SeenName) -> Self {
        name.name
    }
}

impl Deref for SeenName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl PartialEq for SeenName {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for SeenName {}

impl fmt::Debug for SeenName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(formatter)
    }
}
