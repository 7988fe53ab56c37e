//! The room as a pure state machine: commands in, effects out; no I/O, no clock, no randomness of its own.
//!
//! Who may do what is decided in `permission`, who comes in is decided in `admission`, and nowhere else.

mod admission;
mod attendance;
mod command;
#[cfg(test)]
mod invariants;
mod letters;
#[cfg(test)]
mod model;
mod moderation;
pub mod names;
pub mod password;
mod permission;
pub mod room_name;
mod state;
#[cfg(test)]
mod stories;
pub mod text;

pub use attendance::Attended;
pub use command::{
    Action, Admission, Arrival, By, Command, Effect, Forwarding, Goodbye, Identity, Millis,
    Refusal, Whose,
};
pub use letters::is_visible;
pub use moderation::changed;
pub use names::{DisplayName, NoName, clean, distinct, same_name, skeleton};
pub use permission::{Needs, Standing, holds, needs, right_of};
pub use state::{CHAT_BYTES_KEPT, CHAT_KEPT, Room, SEAT_SHOWN, Setup};

use crate::signal::{
    ChatMessage, LeaveReason, MAX_CHAT_CHARS, ParticipantId, Role, ServerMessage, Source,
};

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
            (Action::Away, Some(_)) => {}
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
        Ok(effects)
    }

    fn leave(&mut self, now: Millis, id: &ParticipantId, effects: &mut Vec<Effect>) {
        self.attendance.went(now, id);
        self.take_out(id, LeaveReason::Left, effects);
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

    fn say(
        &mut self,
        now: Millis,
        id: &ParticipantId,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let text = text::lines(text)
            .filter(|text| text.chars().count() <= MAX_CHAT_CHARS)
            .ok_or(Refusal::BadMessage)?;
        let name = self
            .people
            .get(id)
            .map(|person| person.name.clone())
            .unwrap_or_default();
        self.messages += 1;
        self.attendance.said(id);
        let message = ChatMessage {
            id: self.messages,
            from: id.clone(),
            name,
            role: Role::Participant,
            verified: false,
            listed: false,
            typed_name: false,
            text,
            at: now,
        };
        self.chat.push(message.clone());
        self.trim_chat();
        effects.push(Effect::ToAll(ServerMessage::Chat {
            message: message.clone(),
        }));
        effects.push(Effect::Keep(message));
        Ok(())
    }

    fn set_hand(&mut self, id: &ParticipantId, raised: bool, effects: &mut Vec<Effect>) {
        let place = self.hands.iter().position(|hand| hand == id);
        match (place, raised) {
            (None, true) => {
                self.hands.push(id.clone());
                self.attendance.raised(id);
                self.tell_changed(id, effects);
            }
            (Some(_), false) => self.lower(|hand| hand == id, effects),
            _ => return,
        }
        effects.push(Effect::Save);
    }

    /// Takes hands down; the places of those behind them change with it.
    fn lower(&mut self, which: impl Fn(&ParticipantId) -> bool, effects: &mut Vec<Effect>) {
        let before = self.hands.clone();
        self.hands.retain(|hand| !which(hand));
        let first = before.iter().position(which).unwrap_or(before.len());
        for id in &before[first..] {
            self.tell_changed(id, effects);
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
        if let Some(place) = self.lobby.iter().position(|waiting| waiting.id == *id) {
            self.lobby.remove(place);
            effects.push(Effect::ToModerators(ServerMessage::LobbyChanged {
                knockers: self.knockers(),
            }));
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
                        .is_some_and(|at| now.saturating_sub(at) >= SEAT_SHOWN)
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
