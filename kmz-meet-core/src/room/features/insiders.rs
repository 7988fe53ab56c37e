//! Who was inside when a lesson was closed or stopped: they keep coming back by their seats as long as the door is closed,
//! also those who dropped out for longer than the roster shows them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::signal::ParticipantId;

/// See the module. `None` inside: nothing was closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Insiders(Option<BTreeSet<ParticipantId>>);

impl Insiders {
    pub(in crate::room) fn are_none(&self) -> bool {
        self.0.is_none()
    }

    /// The door is closed with these people inside. Those of a former closing stay, for the door was closed since.
    pub(in crate::room) fn close(&mut self, inside: impl IntoIterator<Item = ParticipantId>) {
        self.0.get_or_insert_default().extend(inside);
    }

    /// Somebody was let in meanwhile.
    pub(in crate::room) fn add(&mut self, id: &ParticipantId) {
        if let Some(inside) = &mut self.0 {
            inside.insert(id.clone());
        }
    }

    pub(in crate::room) fn contains(&self, id: &ParticipantId) -> bool {
        self.0.as_ref().is_some_and(|inside| inside.contains(id))
    }

    /// The door is not closed any more.
    pub(in crate::room) fn open(&mut self) {
        self.0 = None;
    }

    #[cfg(test)]
    pub(in crate::room) fn ids(&self) -> Option<&BTreeSet<ParticipantId>> {
        self.0.as_ref()
    }
}
