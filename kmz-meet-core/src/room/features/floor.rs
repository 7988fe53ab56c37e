//! The floor: one person may be heard although microphones are locked, and is heard before others.
//!
//! Messages: `set_floor` (moderators) → `room_changed` to all. What the floor permits is in `permission`.

use serde::{Deserialize, Serialize};

use crate::signal::ParticipantId;

/// Who has the floor. A snapshot has the id alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Floor(Option<ParticipantId>);

impl Floor {
    pub(in crate::room) fn holder(&self) -> Option<&ParticipantId> {
        self.0.as_ref()
    }

    pub(in crate::room) fn is_held_by(&self, id: &ParticipantId) -> bool {
        self.0.as_ref() == Some(id)
    }

    /// Nobody has it any more; gives who had it.
    pub(in crate::room) fn clear(&mut self) -> Option<ParticipantId> {
        self.0.take()
    }

    /// Gives it to someone, or takes it back. Gives whom that concerns: who had it, and who has it now; nobody if it is the
    /// same one.
    pub(in crate::room) fn set(&mut self, holder: Option<ParticipantId>) -> Vec<ParticipantId> {
        if self.0 == holder {
            return Vec::new();
        }
        let before = std::mem::replace(&mut self.0, holder);
        before.into_iter().chain(self.0.clone()).collect()
    }

    /// This person does not have it any more; says whether they had it.
    pub(in crate::room) fn leave(&mut self, id: &ParticipantId) -> bool {
        self.0.take_if(|holder| holder == id).is_some()
    }
}
