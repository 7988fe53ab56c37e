//! The emergency stop: whom it holds. What it closes beside that is in `room::emergency`.
//!
//! Messages: `stop_everything`, `release` (moderators) → `room_changed` to all, and `chat_shown` to one who is released.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::signal::{EmergencyStop as Told, ParticipantId, Role};

/// What holds while it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    /// Whom moderators released one by one. They stay released when they come back.
    released: BTreeSet<ParticipantId>,
    /// Who came in while it held them, and was not given the chat.
    without_chat: BTreeSet<ParticipantId>,
    /// The incident record of it.
    incident: Option<String>,
}

/// Whether it holds, and for whom. It holds everyone who does not moderate and was not released, also those who come later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct EmergencyStop(Option<Held>);

impl EmergencyStop {
    pub(in crate::room) fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it holds someone of this role.
    pub(in crate::room) fn holds(&self, id: &ParticipantId, role: Role) -> bool {
        let released = |held: &Held| held.released.contains(id);
        role == Role::Participant && self.0.as_ref().is_some_and(|held| !released(held))
    }

    /// Whether it holds everyone it can: nobody is released.
    pub(in crate::room) fn is_complete(&self) -> bool {
        self.0.as_ref().is_some_and(|held| held.released.is_empty())
    }

    /// Begins, or holds again those who were released.
    pub(in crate::room) fn begin(&mut self, incident: Option<String>) {
        let held = self.0.get_or_insert_default();
        held.released.clear();
        held.incident = incident.or(held.incident.take());
    }

    /// Releases one.
    pub(in crate::room) fn release(&mut self, id: ParticipantId) {
        if let Some(held) = &mut self.0 {
            held.released.insert(id);
        }
    }

    /// It is over. Gives those who still have to be given the chat.
    pub(in crate::room) fn end(&mut self) -> BTreeSet<ParticipantId> {
        self.0.take().unwrap_or_default().without_chat
    }

    /// Someone whom it holds comes in, and is not given the chat.
    pub(in crate::room) fn hides_chat_from(&mut self, id: &ParticipantId) {
        if let Some(held) = &mut self.0 {
            held.without_chat.insert(id.clone());
        }
    }

    /// Whether this person still has to be given the chat; asked once.
    pub(in crate::room) fn owes_chat(&mut self, id: &ParticipantId) -> bool {
        self.0
            .as_mut()
            .is_some_and(|held| held.without_chat.remove(id))
    }

    /// Someone leaves for good.
    pub(in crate::room) fn forget(&mut self, id: &ParticipantId) {
        if let Some(held) = &mut self.0 {
            held.released.remove(id);
            held.without_chat.remove(id);
        }
    }

    /// What everyone is told of it, of those who are here.
    pub(in crate::room) fn info(&self, is_here: impl Fn(&ParticipantId) -> bool) -> Option<Told> {
        let held = self.0.as_ref()?;
        let released = held.released.iter().filter(|id| is_here(id));
        Some(Told {
            released: released.cloned().collect(),
            incident: held.incident.clone(),
        })
    }
}
