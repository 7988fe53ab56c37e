//! The queue of raised hands, first come first. It is told as a whole: a hand that goes down moves everyone behind it.

use crate::room::command::{Effect, Refusal};
use crate::room::state::Room;
use crate::signal::{ParticipantId, ServerMessage, Target};

impl Room {
    pub(in crate::room) fn set_hand(
        &mut self,
        id: &ParticipantId,
        raised: bool,
        effects: &mut Vec<Effect>,
    ) {
        match (self.hands.contains(id), raised) {
            (false, true) => {
                self.hands.push(id.clone());
                self.attendance.raised(id);
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
        let (down, up): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.hands).into_iter().partition(which);
        self.hands = up;
        for id in &down {
            self.tell_changed(id, effects);
        }
        if !down.is_empty() {
            self.tell_hands(effects);
        }
    }

    fn tell_hands(&self, effects: &mut Vec<Effect>) {
        effects.push(Effect::ToAll(ServerMessage::HandsChanged {
            hands: self.hands.clone(),
        }));
    }
}
