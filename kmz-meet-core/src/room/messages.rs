//! What each message of a client does: the rules of its feature, and what the room around it has to do with it.

use super::command::{Effect, Refusal};
use super::state::Room;
use crate::signal::{ChatMessage, ClientMessage, ParticipantId, ServerMessage, Target};
use crate::timestamp::Timestamp;

impl Room {
    /// Carries out a message; `by` is `None` for the server itself. Permission was checked.
    pub(super) fn on_message(
        &mut self,
        now: Timestamp,
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
            ClientMessage::LowerHand { target } => self.lower_hands_of(&target, effects)?,
            ClientMessage::SetFloor { participant } => self.set_floor(by, participant, effects)?,
            ClientMessage::SetSpeakersOnly { on } => self.set_speakers_only(now, by, on, effects),
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
            ClientMessage::Rename { participant, name } => {
                self.rename(&participant, &name, effects)?;
            }
            ClientMessage::Mark {
                participant,
                marked,
            } => self.mark(&participant, marked, effects)?,
            ClientMessage::SendToLobby { target } => {
                self.send_to_lobby(now, by, &target, effects)?;
            }
            ClientMessage::DeleteMessage { id } => {
                self.features.chat.delete(|one| one.id == id, effects);
            }
            ClientMessage::DeleteMessagesOf { participant } => {
                let is_theirs = |one: &ChatMessage| one.from == participant;
                self.features.chat.delete(is_theirs, effects);
            }
            ClientMessage::LockAll => self.lock_all(now, by, effects),
            ClientMessage::Release { target } => self.release(&target, effects)?,
            ClientMessage::SetLessonClosed { closed } => {
                self.set_lesson_closed(now, by, closed, effects);
            }
            ClientMessage::ReleaseCameras => self.release_cameras(effects),
            ClientMessage::Report => self.report(now, person()?, effects)?,
            ClientMessage::EndForAll => effects.push(Effect::End),
            ClientMessage::Join { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::Probe { .. }
            | ClientMessage::View { .. }
            | ClientMessage::Ping => return Err(Refusal::BadMessage),
        }
        Ok(())
    }

    /// Someone leaves the roster, and loses what only those in it have.
    pub(super) fn leave_features(&mut self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        self.lower_hands(|hand| hand == id, effects);
        self.features.speakers_only.leave(id);
        if self.features.floor.leave(id) {
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
        }
    }

    fn say(
        &mut self,
        now: Timestamp,
        id: &ParticipantId,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let author = self.participant(id).ok_or(Refusal::UnknownParticipant)?;
        self.features.chat.say(now, author, text, effects)?;
        self.features.attendance.said(id);
        Ok(())
    }

    fn set_hand(&mut self, id: &ParticipantId, raised: bool, effects: &mut Vec<Effect>) {
        if !self.features.hands.set(id, raised) {
            return;
        }
        if raised {
            self.features.attendance.raised(id);
        }
        self.tell_changed(id, effects);
        effects.push(Effect::ToAll(self.features.hands.message()));
        effects.push(Effect::Save);
    }

    /// A moderator takes hands down.
    fn lower_hands_of(
        &mut self,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        match target {
            Target::All => self.lower_hands(|_| true, effects),
            Target::These(ids) => self.lower_hands(|hand| ids.contains(hand), effects),
            Target::Listed | Target::Unlisted => {
                let these = self.targets(target)?;
                self.lower_hands(|hand| these.contains(hand), effects);
            }
        }
        effects.push(Effect::Save);
        Ok(())
    }

    fn lower_hands(&mut self, which: impl Fn(&ParticipantId) -> bool, effects: &mut Vec<Effect>) {
        let down = self.features.hands.lower(which);
        for id in &down {
            self.tell_changed(id, effects);
        }
        if !down.is_empty() {
            effects.push(Effect::ToAll(self.features.hands.message()));
        }
    }

    /// A moderator gives the floor to someone, or takes it back.
    fn set_floor(
        &mut self,
        by: Option<&ParticipantId>,
        participant: Option<ParticipantId>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if let Some(id) = &participant {
            self.role(id).ok_or(Refusal::UnknownParticipant)?;
        }
        let concerned = self.features.floor.set(participant);
        if concerned.is_empty() {
            return Ok(());
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        self.enforce(by, effects);
        // Who is heard first has changed also where no right has.
        for id in concerned {
            effects.push(Effect::Forward {
                forwarding: self.forwarding(&id),
                participant: id,
            });
        }
        Ok(())
    }
}
