//! What people are called here: everyone otherwise, and nobody but a moderator like a moderator.

use super::command::Effect;
use super::names::{distinct, same_name};
use super::state::{Person, Room};
use crate::signal::{ParticipantId, Role};

impl Room {
    /// The name that someone gets who asks for this one. Moderators are told apart from one another only: whoever else has
    /// their name gives it up. All others are told apart from everyone here, from moderators who are gone (and whose name
    /// people know), and from whom the room belongs to.
    pub(super) fn free_name(&self, id: &ParticipantId, name: &str, role: Role) -> String {
        let moderates = role == Role::Moderator;
        let is_taken = |person: &&Person| {
            if moderates {
                person.present && person.role == Role::Moderator
            } else {
                person.present || person.role == Role::Moderator
            }
        };
        let people = self.people.iter().filter(|(other, _)| *other != id);
        let mut taken: Vec<&str> = people
            .map(|(_, person)| person)
            .filter(is_taken)
            .map(|person| person.name.as_str())
            .collect();
        if !moderates {
            let waiting = self.lobby.iter().filter(|one| one.id != *id);
            taken.extend(waiting.map(|one| one.name.as_str()));
            taken.extend(self.owner_name.as_deref());
        }
        distinct(name, taken.into_iter())
    }

    /// A moderator is here: who is called alike is called otherwise from now on.
    pub(super) fn push_aside(&mut self, moderator: &ParticipantId, effects: &mut Vec<Effect>) {
        let Some(name) = self.people.get(moderator).map(|person| person.name.clone()) else {
            return;
        };
        let alike: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, one)| one.present && one.role != Role::Moderator)
            .filter(|(_, one)| same_name(&one.name, &name))
            .map(|(id, _)| id.clone())
            .collect();
        for id in alike {
            let other = self.free_name(&id, &name, Role::Participant);
            if let Some(person) = self.people.get_mut(&id) {
                person.name = other;
            }
            self.tell_changed(&id, effects);
        }
        let alike: Vec<ParticipantId> = self
            .lobby
            .iter()
            .filter(|one| same_name(&one.name, &name))
            .map(|one| one.id.clone())
            .collect();
        for id in alike {
            let other = self.free_name(&id, &name, Role::Participant);
            if let Some(one) = self.lobby.iter_mut().find(|one| one.id == id) {
                one.name = other;
            }
            effects.push(Effect::LobbyChanged);
        }
    }
}
