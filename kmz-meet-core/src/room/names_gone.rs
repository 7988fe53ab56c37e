//! The names of those who left a conference for good: `look_alikes` compares with them.

use serde::{Deserialize, Serialize};

use super::person::Person;
use super::seen_name::SeenName;
use crate::signal::Role;

/// Names of people who left that are kept for the comparison.
const MAX_NAMES_GONE: usize = 150;

/// Someone who left for good: whoever comes later under this name may be another person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NameGone {
    pub(super) name: SeenName,
    pub(super) user: Option<String>,
    pub(super) device: Option<String>,
    /// Not only by their own word.
    pub(super) known: bool,
}

/// The names of those who left for good, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct NamesGone(Vec<NameGone>);

impl NamesGone {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &NameGone> {
        self.0.iter()
    }

    /// Someone leaves. One browser or account has one place here for each name, and of those of whom nothing is known the
    /// oldest gives way first: a stranger who comes and goes does not push out the class.
    pub(super) fn add(&mut self, person: &Person) {
        let gone = NameGone {
            name: person.name.clone(),
            user: person.user.clone(),
            device: person.device.clone(),
            known: is_known(person),
        };
        self.0.retain(|one| *one != gone);
        self.0.push(gone);
        if self.0.len() > MAX_NAMES_GONE {
            let place = self.0.iter().position(|one| !one.known).unwrap_or(0);
            self.0.remove(place);
        }
    }
}

/// Whether somebody else vouches for who this is.
pub(super) fn is_known(person: &Person) -> bool {
    person.role == Role::Moderator
        || person.is_listed()
        || person.renamed
        || (person.user.is_some() && !person.typed_name)
}
