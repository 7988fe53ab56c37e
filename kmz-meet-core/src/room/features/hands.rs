//! The queue of raised hands, first come first. It is sent as a whole: a hand that goes down moves everyone behind it.
//!
//! Messages: `set_hand` (everyone), `lower_hand` (moderators) → `hands_changed` to all.

use serde::{Deserialize, Serialize};

use crate::room::command::{Effect, Refusal};
use crate::room::state::Room;
use crate::signal::{ParticipantId, ServerMessage, Target};

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
}

impl Room {
    pub(in crate::room) fn set_hand(
        &mut self,
        id: &ParticipantId,
        raised: bool,
        effects: &mut Vec<Effect>,
    ) {
        match (self.features.hands.contains(id), raised) {
            (false, true) => {
                self.features.hands.0.push(id.clone());
                self.features.attendance.raised(id);
                self.tell_changed(id, effects);
                self.tell_hands(effects);
            }
            (true, false) => self.lower(|hand| hand == id, effects),
            _ => return,
        }
        effects.push(Effect::Save);
    }

    /// A moderator takes hands down.
    pub(in crate::room) fn lower_hands(
        &mut self,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        match target {
            Target::All => self.lower(|_| true, effects),
            Target::These(ids) => self.lower(|hand| ids.contains(hand), effects),
            Target::Unlisted => {
                let these = self.targets(target)?;
                self.lower(|hand| these.contains(hand), effects);
            }
        }
        effects.push(Effect::Save);
        Ok(())
    }

    /// Takes hands down.
    pub(in crate::room) fn lower(
        &mut self,
        which: impl Fn(&ParticipantId) -> bool,
        effects: &mut Vec<Effect>,
    ) {
        let (down, up): (Vec<_>, Vec<_>) = std::mem::take(&mut self.features.hands.0)
            .into_iter()
            .partition(which);
        self.features.hands.0 = up;
        for id in &down {
            self.tell_changed(id, effects);
        }
        if !down.is_empty() {
            self.tell_hands(effects);
        }
    }

    fn tell_hands(&self, effects: &mut Vec<Effect>) {
        effects.push(Effect::ToAll(ServerMessage::HandsChanged {
            hands: self.features.hands.0.clone(),
        }));
    }
}
