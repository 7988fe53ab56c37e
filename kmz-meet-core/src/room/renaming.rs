//! Moderators give people other names, and say who belongs to the class.
//!
//! Messages: `rename`, `mark` (moderators) → `participant_changed` to all, and `chat_renamed` where the person has written.
//! A name that an account or a platform gave is not theirs to change: others rely on it.

use super::command::{Effect, Refusal};
use super::names::DisplayName;
use super::person::{Person, Waiting};
use super::seen_name::SeenName;
use super::state::Room;
use crate::signal::{ParticipantId, Role};

impl Person {
    /// Whether nobody but this person, or a moderator, vouches for the name.
    fn may_be_renamed(&self) -> bool {
        !self.owner && (self.user.is_none() || self.typed_name || self.renamed)
    }
}

impl Waiting {
    /// See [`Person::may_be_renamed`].
    fn may_be_renamed(&self) -> bool {
        self.user.is_none() || self.typed_name || self.given_name.is_some()
    }
}

impl Room {
    /// A moderator gives someone a name, inside or in the lobby. It is made unique like any other, and stands on the messages
    /// of before, too: a name that nobody should read is read nowhere.
    pub(super) fn rename(
        &mut self,
        id: &ParticipantId,
        name: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let name = DisplayName::typed(name).ok_or(Refusal::BadMessage)?;
        let waiting = self.lobby.iter().find(|one| one.id == *id);
        let person = self.people.get(id);
        if waiting.is_none() && !person.is_some_and(|one| one.present) {
            return Err(Refusal::UnknownParticipant);
        }
        if !waiting.is_none_or(Waiting::may_be_renamed)
            || !person.is_none_or(Person::may_be_renamed)
        {
            return Err(Refusal::NotPermitted);
        }
        // Told apart from all others also where a moderator gets it: they had another one, which people know.
        let name = SeenName::from(String::from(name));
        let name = self.unique_name(id, name, Role::Participant);
        if let Some(waiting) = self.lobby.iter_mut().find(|one| one.id == *id) {
            waiting.name = name.clone();
            waiting.given_name = Some(name.clone());
            effects.push(Effect::LobbyChanged);
        }
        if let Some(person) = self.people.get_mut(id) {
            person.name = name.clone();
            person.renamed = true;
            person.typed_name = false;
            self.tell_changed(id, effects);
        }
        self.features.chat.rename(id, &name, effects);
        self.features.attendance.renamed(id, &name);
        effects.push(Effect::NamesChanged);
        effects.push(Effect::Save);
        Ok(())
    }

    /// A moderator says that someone belongs to the class, or takes that back. It opens no door and gives no right: who
    /// is marked stays where all who are not on the list go, and comes in where all who are on it do.
    pub(super) fn mark(
        &mut self,
        id: &ParticipantId,
        marked: bool,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let waiting = self.lobby.iter_mut().find(|one| one.id == *id);
        let waits = waiting.is_some();
        if let Some(waiting) = waiting {
            waiting.marked = marked;
            effects.push(Effect::LobbyChanged);
        }
        match self.people.get_mut(id) {
            Some(person) if person.present || waits => {
                person.marked = marked;
                self.tell_changed(id, effects);
            }
            _ if waits => {}
            _ => return Err(Refusal::UnknownParticipant),
        }
        effects.push(Effect::NamesChanged);
        effects.push(Effect::Save);
        Ok(())
    }
}
