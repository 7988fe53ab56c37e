//! Moderators send people who are inside back to the lobby.
//!
//! Messages: `send_to_lobby` (moderators) → `sent_to_lobby` to those whom it is about, `participant_left` to all, and
//! `lobby_changed` to moderators. They stay connected, hear and say nothing more, and come in again when they are admitted.
//! Until then neither their seat nor another one of the same account or browser is a way round it, whatever the door says
//! (`admission`).

use super::command::{Effect, LeaveNotice, Refusal};
use super::lobby::Place;
use super::person::{Person, Waiting};
use super::state::Room;
use crate::signal::{Door, LeaveReason, ParticipantId, RefusalReason, Role, ServerMessage, Target};
use crate::timestamp::Timestamp;

impl Room {
    /// People leave the roster for the lobby. Never moderators: whoever moderates comes in whatever holds.
    pub(super) fn send_to_lobby(
        &mut self,
        now: Timestamp,
        by: Option<&ParticipantId>,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let may_go = |id: &ParticipantId, person: &Person| {
            person.present && person.role == Role::Participant && Some(id) != by
        };
        let named: Vec<ParticipantId> = self.targets(target)?;
        let named: Vec<&Person> = named
            .iter()
            .filter_map(|id| self.people.get_key_value(id))
            .filter(|(id, person)| may_go(id, person))
            .map(|(_, person)| person)
            .collect();
        if named.is_empty() {
            return match target {
                Target::These(_) => Err(Refusal::NotPermitted),
                _ => Ok(()),
            };
        }
        // The same person may be here by a second seat.
        let is_theirs = |person: &Person| {
            let (user, device) = (person.user.as_deref(), person.device.as_deref());
            named
                .iter()
                .any(|one| one.number == person.number || one.is_of(user, device))
        };
        let ids: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(id, person)| may_go(id, person) && is_theirs(person))
            .map(|(id, _)| id.clone())
            .collect();
        for id in &ids {
            self.move_to_lobby(now, id, effects);
        }
        if self.policy.door == Door::Open {
            // The same person under a new name and with a clean browser is to end in the lobby as well.
            self.policy.door = Door::Knock;
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
        }
        effects.push(Effect::LobbyChanged);
        effects.push(Effect::Save);
        Ok(())
    }

    fn move_to_lobby(&mut self, now: Timestamp, id: &ParticipantId, effects: &mut Vec<Effect>) {
        self.features.attendance.went(now, id);
        // To the others it is no removal.
        self.leave_roster(now, id, LeaveReason::Left, effects);
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        person.sent_to_lobby = true;
        // Whoever is not connected knocks when they come back.
        if person.lost_at.is_some() {
            effects.push(Effect::Out {
                participant: id.clone(),
                notice: LeaveNotice::Lost,
            });
            return;
        }
        let waiting = Waiting {
            id: id.clone(),
            name: person.name.clone(),
            asked_name: person.asked_name.clone(),
            user: person.user.clone(),
            device: person.device.clone(),
            address: person.address.clone(),
            session: person.session.clone(),
            since: person.known_since.unwrap_or(now),
            listed: person.listed,
            marked: person.marked,
            typed_name: person.typed_name,
            given_name: person.renamed.then(|| person.name.clone()),
            sent: true,
            unidentified: person.unidentified,
            unproven: false,
            card: person.card,
            resembles_pupil: person.resembles_pupil,
            second_use: false,
        };
        // They had a place inside, so they have one here, also in a full lobby; but no more than anybody has.
        let (user, device) = (waiting.user.as_deref(), waiting.device.as_deref());
        let place = match self.too_many_own(user, device) {
            gone if gone.is_empty() => Place::Free,
            gone => Place::Of(gone, RefusalReason::TooManyPlaces),
        };
        effects.push(Effect::SentToLobby {
            participant: id.clone(),
        });
        self.knock(place, waiting, effects);
    }

    /// Whether a moderator sent this person to the lobby and has not let them in again: by this seat, or by another one of
    /// the same account or browser.
    pub(super) fn was_sent_to_lobby(
        &self,
        id: &ParticipantId,
        user: Option<&str>,
        device: Option<&str>,
    ) -> bool {
        self.people
            .iter()
            .filter(|(_, person)| person.sent_to_lobby)
            .any(|(other, person)| other == id || person.is_of(user, device))
    }

    /// Whether this knocker is there because a moderator sent them.
    #[must_use]
    pub fn is_sent_to_lobby(&self, id: &ParticipantId) -> bool {
        self.lobby.iter().any(|one| one.id == *id && one.sent)
    }

    /// A moderator lets someone in again, and so all their seats.
    pub(super) fn may_enter(&mut self, waiting: &Waiting) {
        let (user, device) = (waiting.user.as_deref(), waiting.device.as_deref());
        for (id, person) in &mut self.people {
            if *id == waiting.id || person.is_of(user, device) {
                person.sent_to_lobby = false;
            }
        }
    }
}
