//! The room as a pure state machine: commands in, effects out; no I/O, no clock, no randomness of its own.
//!
//! Who may do what is decided in `permission`, who comes in is decided in `admission`, and nowhere else.

mod admission;
mod applicant;
mod attendance;
mod chat;
mod command;
#[cfg(test)]
mod crowds;
mod full;
mod hands;
#[cfg(test)]
mod invariants;
mod letters;
mod limits;
mod lobby;
mod lobby_places;
#[cfg(test)]
mod model;
mod moderation;
pub mod names;
mod naming;
pub mod password;
mod permission;
mod person;
mod places;
pub mod room_name;
mod seen_name;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod snapshots;
mod state;
#[cfg(test)]
mod stories;
pub mod text;

pub use attendance::Attended;
pub use chat::{CHAT_BYTES_KEPT, CHAT_KEPT};
pub use command::{
    Action, Admission, Arrival, By, Command, Effect, Ended, Forwarding, Goodbye, Identity, Millis,
    Refusal, Whose,
};
pub use letters::is_visible;
pub use limits::{AWAY_SHOWN, MAX_PLACES_PER_PERSON, SEAT_SHOWN};
pub use moderation::changed;
pub use names::{DisplayName, NoName, clean, same_name, skeleton};
pub use permission::{Needs, Standing, holds, needs, right_of};
pub use seen_name::distinct;
pub use state::{Room, Setup};

use crate::signal::{LeaveReason, ParticipantId, Role, ServerMessage, Source};

impl Room {
    /// Takes a command; gives what has to be done about it, in order.
    ///
    /// # Errors
    /// When it was not carried out. Nothing has changed then.
    pub fn handle(&mut self, now: Millis, command: Command) -> Result<Vec<Effect>, Refusal> {
        match command {
            Command::Arrive(arrival) => Ok(self.arrive(now, arrival)),
            Command::Act { by, action } => self.act(now, &by, action),
            Command::Gone { participant } => Ok(self.gone(now, &participant)),
            Command::Tick => Ok(self.tick(now)),
        }
    }

    fn act(&mut self, now: Millis, by: &By, action: Action) -> Result<Vec<Effect>, Refusal> {
        let who = match by {
            By::Server => None,
            By::Person(id) => {
                let role = self.role(id).ok_or(Refusal::UnknownParticipant)?;
                let permitted = match needs(&action) {
                    Needs::Nothing => true,
                    Needs::Holding(right) => self.has(id, right),
                    Needs::Moderator => role == Role::Moderator,
                    Needs::Server => false,
                };
                if !permitted {
                    return Err(Refusal::NotPermitted);
                }
                Some(id)
            }
        };
        let mut effects = Vec::new();
        match (action, who) {
            (Action::Leave, Some(id)) => self.leave(now, id, &mut effects),
            (Action::Away, Some(id)) => self.away(now, id, &mut effects),
            (Action::SetSource { source, on }, Some(id)) => {
                self.set_source(id, source, on, &mut effects);
            }
            (Action::SendChat { text }, Some(id)) => self.say(now, id, &text, &mut effects)?,
            (Action::SetHand { raised }, Some(id)) => self.set_hand(id, raised, &mut effects),
            // What only a person can do is no business of the server.
            (
                Action::Leave
                | Action::Away
                | Action::SetSource { .. }
                | Action::SendChat { .. }
                | Action::SetHand { .. },
                None,
            ) => return Err(Refusal::NotPermitted),
            (action, who) => self.moderate(now, who, action, &mut effects)?,
        }
        Ok(once_each(effects))
    }

    fn leave(&mut self, now: Millis, id: &ParticipantId, effects: &mut Vec<Effect>) {
        self.attendance.went(now, id);
        self.take_out(id, LeaveReason::Left, effects);
        self.keep_name_of(id);
        self.people.remove(id);
        effects.push(Effect::Out {
            participant: id.clone(),
            goodbye: Goodbye::Left,
        });
        effects.push(Effect::Save);
    }

    fn set_source(
        &mut self,
        id: &ParticipantId,
        source: Source,
        on: bool,
        effects: &mut Vec<Effect>,
    ) {
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        let changed = if on {
            person.sources.insert(source)
        } else {
            person.sources.remove(&source)
        };
        if changed {
            self.tell_changed(id, effects);
            effects.push(Effect::Forward {
                participant: id.clone(),
                forwarding: self.forwarding(id),
            });
            effects.push(Effect::Save);
        }
    }

    fn tell_changed(&self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        if let Some(participant) = self.participant(id) {
            effects.push(Effect::ToAll(ServerMessage::ParticipantChanged {
                participant,
            }));
        }
    }

    /// Someone goes out of the roster: hand, floor and sources with them. The seat is the caller's business.
    fn take_out(&mut self, id: &ParticipantId, reason: LeaveReason, effects: &mut Vec<Effect>) {
        let Some(person) = self.people.get_mut(id).filter(|person| person.present) else {
            return;
        };
        person.present = false;
        person.sources.clear();
        self.lower(|hand| hand == id, effects);
        if self.floor.as_ref() == Some(id) {
            self.floor = None;
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
        }
        effects.push(Effect::ToAll(ServerMessage::ParticipantLeft {
            participant: id.clone(),
            reason,
        }));
    }

    fn gone(&mut self, now: Millis, id: &ParticipantId) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.leave_lobby(id, &mut effects) {
            return effects;
        }
        if let Some(person) = self
            .people
            .get_mut(id)
            .filter(|person| person.present && person.lost_at.is_none())
        {
            person.lost_at = Some(now);
            self.attendance.went(now, id);
            self.tell_changed(id, &mut effects);
            effects.push(Effect::Save);
        }
        effects
    }

    fn tick(&mut self, now: Millis) -> Vec<Effect> {
        let expired: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, person)| {
                person.present
                    && person
                        .lost_at
                        .is_some_and(|at| now.saturating_sub(at) >= person.shown_for())
            })
            .map(|(id, _)| id.clone())
            .collect();
        let mut effects = Vec::new();
        for id in expired {
            self.take_out(&id, LeaveReason::Lost, &mut effects);
            effects.push(Effect::Out {
                participant: id,
                goodbye: Goodbye::Lost,
            });
            effects.push(Effect::Save);
        }
        effects
    }
}

/// The state of someone or something is told once for one command, as it is in the end: whatever a command changes, it is
/// at most one message for each person that it is about.
fn once_each(effects: Vec<Effect>) -> Vec<Effect> {
    let mut told = std::collections::HashSet::new();
    let mut is_last = |effect: &Effect| match effect {
        Effect::ToAll(ServerMessage::ParticipantChanged { participant }) => {
            told.insert(("participant", participant.id.0.clone()))
        }
        Effect::ToAll(ServerMessage::HandsChanged { .. }) => told.insert(("hands", String::new())),
        Effect::ToAll(ServerMessage::RoomChanged { .. }) => told.insert(("room", String::new())),
        Effect::LobbyChanged => told.insert(("lobby", String::new())),
        _ => true,
    };
    let mut effects: Vec<Effect> = effects
        .into_iter()
        .rev()
        .filter(|effect| is_last(effect))
        .collect();
    effects.reverse();
    effects
}
