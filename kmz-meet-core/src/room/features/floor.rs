//! The floor: one person may be heard although microphones are locked, and is heard before others.
//!
//! Messages: `set_floor` (moderators) → `room_changed` to all. What the floor permits is in `permission`.

use serde::{Deserialize, Serialize};

use crate::room::command::{Effect, Refusal};
use crate::room::state::Room;
use crate::signal::{ParticipantId, ServerMessage};

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
}

impl Room {
    /// Gives the floor to someone, or takes it back.
    pub(in crate::room) fn set_floor(
        &mut self,
        by: Option<&ParticipantId>,
        participant: Option<ParticipantId>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if let Some(id) = &participant {
            self.role(id).ok_or(Refusal::UnknownParticipant)?;
        }
        let before = std::mem::replace(&mut self.features.floor.0, participant);
        let after = self.features.floor.0.clone();
        if before != after {
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
            self.enforce(by, effects);
            // Who is heard first has changed also where no right has.
            for id in before.iter().chain(&after) {
                effects.push(Effect::Forward {
                    participant: id.clone(),
                    forwarding: self.forwarding(id),
                });
            }
        }
        Ok(())
    }

    /// Someone leaves the roster, and the floor with it.
    pub(in crate::room) fn leave_floor(&mut self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        if self.features.floor.is_held_by(id) {
            self.features.floor.clear();
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
        }
    }
}
