//! What people are called here: everyone otherwise, and nobody but a moderator like a moderator.

use super::command::Effect;
use super::person::Person;
use super::seen_name::SeenName;
use super::state::Room;
use crate::signal::{ParticipantId, Role};

/// Names of moderators who left that are kept. A lesson has few moderators.
const MAX_MODERATORS_GONE: usize = 20;

impl Room {
    /// A moderator leaves for good. People know the name: for the rest of the conference nobody else is called so.
    pub(super) fn keep_name_of(&mut self, id: &ParticipantId) {
        let person = self.people.get(id);
        let Some(person) = person.filter(|person| person.role == Role::Moderator) else {
            return;
        };
        let name = person.name.clone();
        self.moderators_gone.retain(|kept| *kept != name);
        self.moderators_gone.push(name);
        if self.moderators_gone.len() > MAX_MODERATORS_GONE {
            self.moderators_gone.remove(0);
        }
    }

    /// The name that someone gets who asks for this one. Moderators are told apart from one another only: whoever else has
    /// their name gives it up. All others are told apart from everyone here, from moderators who are gone (and whose name
    /// people know), and from whom the room belongs to.
    pub(super) fn unique_name(&self, id: &ParticipantId, name: SeenName, role: Role) -> SeenName {
        let moderates = role == Role::Moderator;
        let is_taken = |person: &&Person| {
            if moderates {
                person.present && person.role == Role::Moderator
            } else {
                person.present || person.role == Role::Moderator
            }
        };
        let people = self.people.iter().filter(|(other, _)| *other != id);
        let mut taken: Vec<&SeenName> = people
            .map(|(_, person)| person)
            .filter(is_taken)
            .map(|person| &person.name)
            .collect();
        let owner = self.owner_name.as_deref().map(SeenName::from);
        if !moderates {
            let waiting = self.lobby.iter().filter(|one| one.id != *id);
            taken.extend(waiting.map(|one| &one.name));
            taken.extend(&owner);
            taken.extend(&self.moderators_gone);
        }
        name.distinct_from(taken.into_iter())
    }

    /// A moderator is here: who is called alike is called otherwise from now on.
    pub(super) fn rename_conflicting(
        &mut self,
        moderator: &ParticipantId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(name) = self.people.get(moderator).map(|person| person.name.clone()) else {
            return;
        };
        let alike: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, one)| one.present && one.role != Role::Moderator)
            .filter(|(_, one)| one.name.looks_like(&name))
            .map(|(id, _)| id.clone())
            .collect();
        for id in alike {
            let other = self.unique_name(&id, name.clone(), Role::Participant);
            if let Some(person) = self.people.get_mut(&id) {
                person.name = other;
            }
            self.tell_changed(&id, effects);
        }
        let alike: Vec<ParticipantId> = self
            .lobby
            .iter()
            .filter(|one| one.name.looks_like(&name))
            .map(|one| one.id.clone())
            .collect();
        for id in alike {
            let other = self.unique_name(&id, name.clone(), Role::Participant);
            if let Some(one) = self.lobby.iter_mut().find(|one| one.id == id) {
                one.name = other;
            }
            effects.push(Effect::LobbyChanged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::command::Admission;
    use crate::room::names::tests::WORKED_OUT;
    use crate::room::tests::fixtures::{act, arrive, at, door, guest, id, room, teacher};
    use crate::signal::{ClientMessage, Door, Policy};

    fn knocking() -> Room {
        let policy = Policy {
            door: Door::Knock,
            ..Policy::default()
        };
        room(policy, None)
    }

    fn names_in_lobby(room: &Room) -> Vec<String> {
        room.knockers().into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn lobby_name_that_is_taken_gets_the_next_number() {
        let mut room = knocking();
        arrive(&mut room, "Anna", guest("a"), None);
        arrive(&mut room, "ANNA", guest("b"), None);
        // A Cyrillic letter.
        arrive(&mut room, "Аnna", guest("c"), None);
        assert_eq!(names_in_lobby(&room), ["Anna", "ANNA (2)", "Аnna (3)"]);
    }

    #[test]
    fn knocker_named_like_an_arriving_moderator_is_renamed() {
        let mut room = knocking();
        arrive(&mut room, "FRAU MAlER", guest("a"), None);
        arrive(&mut room, "Ben", guest("b"), None);
        let (_, effects) = arrive(&mut room, "Frau Maier", teacher(), None);
        let moderator = room.participant(&id("Frau Maier")).expect("in");
        assert_eq!(moderator.name, "Frau Maier");
        assert_eq!(names_in_lobby(&room), ["Frau Maier (2)", "Ben"]);
        assert!(effects.contains(&Effect::LobbyChanged));
    }

    #[test]
    fn name_of_a_moderator_who_left_stays_reserved() {
        let mut room = room(Policy::default(), None);
        arrive(&mut room, "Frau Maier", teacher(), None);
        act(&mut room, "Frau Maier", ClientMessage::Leave).expect("a way out");
        let restored = serde_json::to_string(&room).expect("a snapshot");
        for mut room in [
            room.clone(),
            serde_json::from_str(&restored).expect("a room"),
        ] {
            for (number, name) in ["Frau Maier", "FrauMaier", "frau-maier"].iter().enumerate() {
                let (admission, _) = arrive(&mut room, name, guest(&number.to_string()), None);
                let Admission::Admitted { participant, .. } = admission else {
                    panic!("{admission:?}");
                };
                let person = room.participant(&participant).expect("in");
                assert_eq!(person.name, format!("{name} ({})", number + 2));
            }
            // She herself comes back under her name.
            let (admission, _) = arrive(&mut room, "Frau Maier", teacher(), None);
            let Admission::Admitted { participant, .. } = admission else {
                panic!("{admission:?}");
            };
            let person = room.participant(&participant).expect("in");
            assert_eq!(person.name, "Frau Maier");
        }
    }

    /// A full class, and a lobby that is full as well: a further arrival is compared with 220 names.
    #[test]
    fn skeleton_of_a_name_in_a_full_room_is_computed_once() {
        let mut room = room(Policy::default(), None);
        arrive(&mut room, "Frau Maier", teacher(), None);
        for number in 0..68 {
            arrive(
                &mut room,
                &format!("Kind {number}"),
                guest(&format!("k{number}")),
                None,
            );
        }
        act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
        for number in 0..149 {
            arrive(
                &mut room,
                &format!("Gast {number}"),
                guest(&format!("g{number}")),
                None,
            );
        }
        assert_eq!((room.present(), room.knockers().len()), (69, 149));
        let worked_out = |room: &mut Room, name: &str| {
            let before = WORKED_OUT.get();
            arrive(room, name, guest(name), None);
            WORKED_OUT.get() - before
        };
        assert!(worked_out(&mut room, "Neu") <= 2);
        // One more for each number that is tried.
        assert!(worked_out(&mut room, "neu") <= 4);
        // A snapshot has names only.
        let mut room = Room::restore(&room.snapshot(), at(5), Vec::new(), at(5)).expect("restored");
        assert!(worked_out(&mut room, "kind 7") <= 4);
        assert_eq!(names_in_lobby(&room), ["kind 7 (2)"]);
    }
}
