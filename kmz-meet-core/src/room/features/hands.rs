//! The queue of raised hands, first come first. It is sent as a whole: a hand that goes down moves everyone behind it.
//!
//! Messages: `set_hand` (everyone), `lower_hand` (moderators) → `hands_changed` to all.

use serde::{Deserialize, Serialize};

use crate::signal::{ParticipantId, ServerMessage};

/// Who has raised a hand. A snapshot has the list alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Hands(Vec<ParticipantId>);

impl Hands {
    pub(in crate::room) fn contains(&self, id: &ParticipantId) -> bool {
        self.0.contains(id)
    }

    /// The place in the queue, from 1; `None`: the hand is down.
    pub(in crate::room) fn place(&self, id: &ParticipantId) -> Option<u32> {
        let index = self.0.iter().position(|hand| hand == id)?;
        u32::try_from(index + 1).ok()
    }

    #[cfg(test)]
    pub(in crate::room) fn iter(&self) -> impl Iterator<Item = &ParticipantId> {
        self.0.iter()
    }

    /// Raises or lowers a hand; says whether that changed anything.
    pub(in crate::room) fn set(&mut self, id: &ParticipantId, raised: bool) -> bool {
        let changes = self.contains(id) != raised;
        match (changes, raised) {
            (true, true) => self.0.push(id.clone()),
            (true, false) => self.0.retain(|hand| hand != id),
            (false, _) => {}
        }
        changes
    }

    /// Takes hands down; gives those that were up.
    pub(in crate::room) fn lower(
        &mut self,
        which: impl Fn(&ParticipantId) -> bool,
    ) -> Vec<ParticipantId> {
        self.0.extract_if(.., |hand| which(hand)).collect()
    }

    /// What everyone is sent after a change.
    pub(in crate::room) fn message(&self) -> ServerMessage {
        ServerMessage::HandsChanged {
            hands: self.0.clone(),
        }
    }
}
