//! The emergency stop: what it does to the room, and how people are released from it. Whom it holds is in
//! `features::emergency_stop`. The policy stays as it is, so that everyone has again what it gives when it is over.

use super::command::{Effect, Refusal};
use super::incident::IncidentKind;
use super::state::Room;
use crate::signal::{ParticipantId, Right, Role, ServerMessage, Target};
use crate::timestamp::Timestamp;

impl Room {
    /// Nothing goes on but what moderators send. Once more, it holds again those who were released.
    pub(super) fn lock_all(
        &mut self,
        now: Timestamp,
        by: Option<&ParticipantId>,
        effects: &mut Vec<Effect>,
    ) {
        let mut stopped = Vec::new();
        // The record says who sent something until now.
        let incident = if self.features.emergency_stop.is_complete() {
            None
        } else {
            self.record_incident(now, IncidentKind::EmergencyStop, by, &mut stopped)
        };
        self.features.emergency_stop.begin(incident);
        self.close_door(now);
        if let Some(id) = self.features.floor.clear() {
            stopped.push(Effect::Forward {
                participant: id.clone(),
                forwarding: self.forwarding(&id),
            });
        }
        // A right that the closed lesson would give back is gone, too.
        self.features.closed_lesson.forget_grants(|_| true);
        let mut changed = Vec::new();
        for (id, person) in &mut self.people {
            if person.role == Role::Participant && !person.grants.is_empty() {
                person.grants.clear();
                changed.push(id.clone());
            }
        }
        stopped.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        self.enforce(by, &mut stopped);
        for id in &changed {
            self.tell_changed(id, &mut stopped);
        }
        // The media of everybody first: from the next packet on. Then the picture that covers all of it.
        stopped.sort_by_key(|effect| match effect {
            Effect::Forward { .. } => 0,
            Effect::ToAll(ServerMessage::RoomChanged { .. }) => 1,
            _ => 2,
        });
        effects.append(&mut stopped);
    }

    /// Releases people, or ends the stop. What they had on stays off: they turn it on themselves.
    pub(super) fn release(
        &mut self,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.features.emergency_stop.is_off() {
            return Ok(());
        }
        if *target == Target::All {
            for id in self.features.emergency_stop.end() {
                self.show_chat(id, effects);
            }
        } else {
            for id in self.targets(target)? {
                if self.role(&id) == Some(Role::Participant) {
                    self.features.emergency_stop.release(id.clone());
                    self.show_owed_chat(id, effects);
                }
            }
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        effects.push(Effect::Save);
        Ok(())
    }

    /// Whether the emergency stop holds this person now.
    #[must_use]
    pub fn is_held(&self, id: &ParticipantId) -> bool {
        let role = self.people.get(id).map(|person| person.role);
        role.is_some_and(|role| self.features.emergency_stop.holds(id, role))
    }

    /// Whether this person holds no right to see the chat for now; they are given it when they are released.
    pub(super) fn hide_chat_from_held(&mut self, id: &ParticipantId) {
        if self.is_held(id) {
            self.features.emergency_stop.hides_chat_from(id);
        }
    }

    /// Somebody is not held any more, and was not given the chat when they came in.
    pub(super) fn show_owed_chat(&mut self, id: ParticipantId, effects: &mut Vec<Effect>) {
        if self.features.emergency_stop.owes_chat(&id) {
            self.show_chat(id, effects);
        }
    }

    fn show_chat(&self, participant: ParticipantId, effects: &mut Vec<Effect>) {
        if self.role(&participant).is_some() {
            effects.push(Effect::To {
                participant,
                message: ServerMessage::ChatShown {
                    messages: self.chat().to_vec(),
                },
            });
        }
    }

    /// Somebody says that something is wrong: moderators hear it, and a record is kept; of one person once in a while.
    pub(super) fn report(
        &mut self,
        now: Timestamp,
        by: &ParticipantId,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let person = self.people.get(by).ok_or(Refusal::UnknownParticipant)?;
        let name = person.name.to_string();
        let who = match (&person.user, &person.device) {
            (Some(user), _) => format!("user {user}"),
            (None, Some(device)) => format!("device {device}"),
            (None, None) => format!("seat {}", by.0),
        };
        if self.features.reports.note(now, who) {
            self.record_incident(now, IncidentKind::Report, Some(by), effects);
            effects.push(Effect::ToModerators(ServerMessage::Reported {
                by: by.clone(),
                name,
            }));
            effects.push(Effect::Save);
        }
        effects.push(Effect::To {
            participant: by.clone(),
            message: ServerMessage::ReportNoted,
        });
        Ok(())
    }

    /// A right was taken back by hand: a closed lesson does not give it again.
    pub(super) fn forget_locked_grant(&mut self, id: &ParticipantId, right: Right, granted: bool) {
        if right == Right::Camera && !granted {
            self.features.closed_lesson.forget_grants(|one| one == id);
        }
    }
}
