//! What people do in a room, one file for each: its state, its rules, and what the others are told.
//!
//! # How to add one
//! A poll, for example:
//! 1. `signal.rs`: `ClientMessage::AnswerPoll { … }` and what it leads to, `ServerMessage::PollChanged { … }`.
//! 2. `features/poll.rs`: `struct Poll`, its state, with private fields; and `impl Room { fn answer_poll(…) }`, which checks
//!    the message, changes `self.features.poll` and pushes effects: messages, and [`Effect::Save`] for what has to outlive a
//!    restart. That the sender has the right was checked before.
//! 3. `permission.rs`: one row says what the message needs.
//! 4. Here: a field of [`Features`], with `#[serde(default)]` because stored snapshots do not have it; and one line in
//!    `on_message`. The compiler asks for both rows. Who leaves the roster, and who becomes a moderator, is a matter of
//!    `leave_features` and of `tell_moderator`.
//! 5. Tests: how people live through it beside `stories`, and what always holds in `model` and `invariants`.
//!
//! Fields here are fields of the stored snapshot. Their names and forms stay (see the tests in `snapshots`).

mod alerts;
mod attendance;
mod chat;
mod floor;
mod hands;
mod policy;
mod sources;

use serde::{Deserialize, Serialize};

use super::command::{Effect, Millis, Refusal};
use super::state::Room;
use crate::signal::{ClientMessage, ParticipantId};

pub use attendance::Attended;
pub use chat::{MAX_CHAT_BYTES_KEPT, MAX_CHAT_KEPT};
pub use policy::changed;

use alerts::Alerts;
use attendance::Attendance;
use chat::Chat;
use floor::Floor;
use hands::Hands;

/// The states of all features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Features {
    #[serde(default)]
    pub(super) attendance: Attendance,
    pub(super) floor: Floor,
    #[serde(default)]
    pub(super) alerts: Alerts,
    pub(super) hands: Hands,
    #[serde(rename = "messages")]
    pub(super) chat: Chat,
}

impl Room {
    /// Carries out a message; `by` is `None` for the server itself. Permission was checked.
    pub(super) fn on_message(
        &mut self,
        now: Millis,
        by: Option<&ParticipantId>,
        message: ClientMessage,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        // What only a person can do is no business of the server.
        let person = || by.ok_or(Refusal::NotPermitted);
        match message {
            ClientMessage::Leave => self.leave(now, person()?, effects),
            ClientMessage::Away => self.away(now, person()?, effects),
            ClientMessage::SetSource { source, on } => {
                self.set_source(person()?, source, on, effects);
            }
            ClientMessage::SendChat { text } => self.say(now, person()?, &text, effects)?,
            ClientMessage::SetHand { raised } => self.set_hand(person()?, raised, effects),
            ClientMessage::LowerHand { target } => self.lower_hands(&target, effects)?,
            ClientMessage::SetFloor { participant } => self.set_floor(by, participant, effects)?,
            ClientMessage::Mute { target, source } => self.mute(by, &target, source, effects)?,
            ClientMessage::Ask {
                participant,
                source,
            } => self.ask(by, participant, source, effects)?,
            ClientMessage::SetPolicy { change } => self.change_policy(now, by, change, effects),
            ClientMessage::SetPassword { password } => self.set_password(password, effects)?,
            ClientMessage::Grant {
                participant,
                right,
                granted,
            } => self.grant(by, &participant, right, granted, effects)?,
            ClientMessage::Admit { target } => self.admit_target(now, &target, effects)?,
            ClientMessage::Refuse { target } => self.refuse_target(&target, effects),
            ClientMessage::Remove { target } => self.remove(now, by, &target, effects)?,
            ClientMessage::SetRole { participant, role } => {
                self.set_role(by, &participant, role, effects)?;
            }
            ClientMessage::StopEverything => self.stop_everything(by, effects),
            ClientMessage::EndForAll => effects.push(Effect::End),
            ClientMessage::Join { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::View { .. }
            | ClientMessage::Ping => return Err(Refusal::BadMessage),
        }
        Ok(())
    }

    /// Someone leaves the roster, and loses what only those in it have.
    pub(super) fn leave_features(&mut self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        self.lower(|hand| hand == id, effects);
        self.leave_floor(id, effects);
    }
}
