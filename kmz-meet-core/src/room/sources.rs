//! Microphones, cameras and screens: who turns them on and off, and what becomes of them when rights change. Their state
//! belongs to the people ([`super::person::Person`]).
//!
//! Messages: `set_source` (its right), `mute`, `ask`, `grant` (moderators) → `participant_changed` to all, and `turned_off`
//! or `asked` to one. No message turns on a source of somebody else.

use super::command::{Effect, Refusal};
use super::permission::right_of;
use super::state::Room;
use crate::signal::{ParticipantId, Right, ServerMessage, Source, Target};

const SOURCES: [Source; 3] = [Source::Microphone, Source::Camera, Source::Screen];

impl Room {
    /// Turns one's own source on or off. The right to turn it on was checked.
    pub(super) fn set_source(
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

    /// Turns sources of others off. They can turn them on again as far as the policy permits it.
    pub(super) fn mute(
        &mut self,
        by: Option<&ParticipantId>,
        target: &Target,
        source: Source,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        for id in self.targets(target)? {
            self.turn_off(&id, source, by, effects);
        }
        Ok(())
    }

    /// Asks someone to turn a source on. The server asks nobody.
    pub(super) fn ask(
        &self,
        by: Option<&ParticipantId>,
        participant: ParticipantId,
        source: Source,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.role(&participant).ok_or(Refusal::UnknownParticipant)?;
        if let Some(by) = by {
            let message = ServerMessage::Asked {
                source,
                by: by.clone(),
            };
            effects.push(Effect::To {
                participant,
                message,
            });
        }
        Ok(())
    }

    /// Gives someone a right, or takes it back.
    pub(super) fn grant(
        &mut self,
        by: Option<&ParticipantId>,
        participant: &ParticipantId,
        right: Right,
        granted: bool,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let person = self
            .people
            .get_mut(participant)
            .filter(|person| person.present)
            .ok_or(Refusal::UnknownParticipant)?;
        let changed = if granted {
            person.grants.insert(right)
        } else {
            person.grants.remove(&right)
        };
        self.forget_locked_grant(participant, right, granted);
        if changed {
            self.tell_changed(participant, effects);
            self.enforce(by, effects);
        }
        Ok(())
    }

    fn turn_off(
        &mut self,
        id: &ParticipantId,
        source: Source,
        by: Option<&ParticipantId>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        if !person.sources.remove(&source) {
            return;
        }
        // The media first: from the next packet on.
        effects.push(Effect::Forward {
            participant: id.clone(),
            forwarding: self.forwarding(id),
        });
        effects.push(Effect::To {
            participant: id.clone(),
            message: ServerMessage::TurnedOff {
                source,
                by: by.cloned(),
            },
        });
        self.tell_changed(id, effects);
        effects.push(Effect::Save);
    }

    /// Turns off what nobody may have on any more, after any change of rights.
    pub(super) fn enforce(&mut self, by: Option<&ParticipantId>, effects: &mut Vec<Effect>) {
        let ids: Vec<ParticipantId> = self.people.keys().cloned().collect();
        for id in ids {
            for source in SOURCES {
                if !self.has(&id, right_of(source)) {
                    self.turn_off(&id, source, by, effects);
                }
            }
        }
        effects.push(Effect::Save);
    }
}
