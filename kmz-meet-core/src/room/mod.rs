//! The room as a pure state machine: commands in, effects out; no I/O, no clock, no randomness of its own.
//!
//! Where is what:
//! * `command`: what goes in and what comes out; `state`: what a room knows, and its snapshot.
//! * `permission`: the one table of who may do what. `admission`: the one decision on who comes in, with `applicant` (what
//!   it looks at), `full` (who gives way in a full conference), `lobby` and `lobby_places` (who waits, and for how many there
//!   is room), `cards` (one place for a pupil card), `places` (how many one person takes, and what a seat is worth to those who are gone).
//! * `messages`: what each message of a client does. Its rules are in `features`, one file for each, and in `sources`,
//!   `policy`, `moderation`, `renaming`, `sending_out`, `lobby`, `speaker`, `lesson` (a closed lesson) and `emergency` (the
//!   emergency stop, reports).
//! * `incident`: what an incident record says; `incidents`: makes one.
//! * `names`, `naming`, `seen_name`, `folded_name`, `letters`, `text`, `room_name`, `password`: what may be written, and what
//!   looks alike; `look_alikes`: whose name looks like whose, for moderators,
//!   with `names_gone`.

mod admission;
mod applicant;
mod cards;
mod command;
mod emergency;
mod features;
mod folded_name;
mod full;
mod incident;
mod incidents;
mod lesson;
mod letters;
mod limits;
mod lobby;
mod lobby_places;
mod look_alikes;
mod messages;
mod moderation;
pub mod names;
mod names_gone;
mod naming;
pub mod password;
mod permission;
mod person;
mod places;
mod policy;
mod policy_limits;
mod renaming;
pub mod room_name;
mod seen_name;
mod sending_out;
mod sources;
mod speaker;
mod state;
#[cfg(test)]
mod tests;
pub mod text;

pub use command::{
    Action, Admission, Arrival, By, Command, Effect, Ended, Forwarding, Identity, LeaveNotice,
    Refusal, SeatOwner, Visitor,
};
pub use features::{Attended, MAX_CHAT_BYTES_KEPT, MAX_CHAT_KEPT};
pub use incident::{Incident, IncidentKind, IncidentSeat, SeatKind, Sent};
pub use letters::is_visible;
pub use limits::{AWAY_SHOWN, MAX_PLACES_PER_PERSON, SEAT_SHOWN};
pub use names::{DisplayName, NoName, clean, same_name, skeleton};
pub use permission::{Needs, Standing, holds, needs, permits, right_of};
pub use policy::changed;
pub use policy_limits::{PolicyLimits, narrowed};
pub use seen_name::distinct;
pub use state::{Room, Setup};

use crate::signal::{LeaveReason, ParticipantId, Role, ServerMessage};
use crate::timestamp::Timestamp;

impl Room {
    /// Takes a command; gives what has to be done about it, in order.
    ///
    /// # Errors
    /// When it was not carried out. Nothing has changed then.
    pub fn handle(&mut self, now: Timestamp, command: Command) -> Result<Vec<Effect>, Refusal> {
        let before = self.features.speakers_only.info();
        let mut effects = match command {
            Command::Arrive(arrival) => self.arrive(now, arrival),
            Command::Act { by, action } => self.act(now, &by, action)?,
            Command::Gone { participant } => self.gone(now, &participant),
            Command::Speaking { participants } => self.heard(now, participants),
            Command::Lines { poor, of } => self.note_lines(now, &poor, of),
            Command::Tick => self.tick(now),
        };
        self.hand_over(now, &before, &mut effects);
        let comes_or_goes =
            |effect: &Effect| matches!(effect, Effect::Joined(_) | Effect::Left { .. });
        if effects.iter().any(comes_or_goes) {
            effects.push(Effect::NamesChanged);
        }
        Ok(effects)
    }

    fn act(&mut self, now: Timestamp, by: &By, action: Action) -> Result<Vec<Effect>, Refusal> {
        let who = match by {
            By::Server => None,
            By::Person(id) => {
                self.role(id).ok_or(Refusal::UnknownParticipant)?;
                if !self.permits(id, &action) {
                    return Err(Refusal::NotPermitted);
                }
                Some(id)
            }
        };
        let mut effects = Vec::new();
        match action {
            Action::Message(message) => self.on_message(now, who, message, &mut effects)?,
            Action::Alert(alert) => self.features.alerts.raise(now, alert, &mut effects),
            Action::WithdrawUser { user } => self.withdraw(now, user, &mut effects),
            Action::SignOut { user, ended } => self.sign_out(now, &user, &ended, &mut effects),
            Action::ReadmitUser { user } => self.readmit(&user, &mut effects),
            Action::EndCards { users } => self.end_cards(now, &users, &mut effects),
            Action::SetClassList { exists } => self.set_class_list(exists, &mut effects),
        }
        Ok(without_repetitions(effects))
    }

    fn leave(&mut self, now: Timestamp, id: &ParticipantId, effects: &mut Vec<Effect>) {
        self.features.attendance.went(now, id);
        self.leave_roster(now, id, LeaveReason::Left, effects);
        self.features.emergency_stop.forget(id);
        self.keep_name_of(id);
        let person = self.people.remove(id);
        if let Some(person) = person.filter(|person| person.role != Role::Moderator) {
            self.names_gone.add(&person);
        }
        effects.push(Effect::Out {
            participant: id.clone(),
            notice: LeaveNotice::Left,
        });
        effects.push(Effect::Save);
    }

    fn tell_changed(&self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        if let Some(participant) = self.participant(id) {
            effects.push(Effect::ToAll(ServerMessage::ParticipantChanged {
                participant,
            }));
        }
    }

    /// Someone goes out of the roster: hand, floor and sources with them. The seat is the caller's business.
    fn leave_roster(
        &mut self,
        now: Timestamp,
        id: &ParticipantId,
        reason: LeaveReason,
        effects: &mut Vec<Effect>,
    ) {
        let Some(person) = self.people.get_mut(id).filter(|person| person.present) else {
            return;
        };
        person.present = false;
        person.left_at = Some(now);
        person.sources.clear();
        self.leave_features(id, effects);
        effects.push(Effect::Left {
            participant: id.clone(),
        });
        effects.push(Effect::ToAll(ServerMessage::ParticipantLeft {
            participant: id.clone(),
            reason,
        }));
    }

    fn gone(&mut self, now: Timestamp, id: &ParticipantId) -> Vec<Effect> {
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
            self.features.attendance.went(now, id);
            self.tell_changed(id, &mut effects);
            effects.push(Effect::Save);
        }
        effects
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let expired: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, person)| {
                person.present
                    && person
                        .lost_at
                        .is_some_and(|at| now.saturating_duration_since(at) >= person.shown_for())
            })
            .map(|(id, _)| id.clone())
            .collect();
        let mut effects = Vec::new();
        for id in expired {
            self.leave_roster(now, &id, LeaveReason::Lost, &mut effects);
            effects.push(Effect::Out {
                participant: id,
                notice: LeaveNotice::Lost,
            });
            effects.push(Effect::Save);
        }
        effects
    }
}

/// The state of someone or something is told once for one command, as it is in the end: whatever a command changes, it is
/// at most one message for each person that it is about.
fn without_repetitions(effects: Vec<Effect>) -> Vec<Effect> {
    let mut told = std::collections::HashSet::new();
    let mut is_last = |effect: &Effect| match effect {
        Effect::ToAll(ServerMessage::ParticipantChanged { participant }) => {
            told.insert(("participant", participant.id.0.clone()))
        }
        Effect::ToAll(ServerMessage::HandsChanged { .. }) => told.insert(("hands", String::new())),
        Effect::ToAll(ServerMessage::RoomChanged { .. }) => told.insert(("room", String::new())),
        Effect::LobbyChanged => told.insert(("lobby", String::new())),
        Effect::NamesChanged => told.insert(("names", String::new())),
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
