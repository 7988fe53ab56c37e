//! What moderators do.

use super::command::{Effect, Ended, Goodbye, Millis, Refusal};
use super::password::folded;
use super::permission::right_of;
use super::state::Room;
use crate::signal::{
    Alert, Door, LeaveReason, MAX_PASSWORD_CHARS, ParticipantId, Policy, PolicyChange,
    RefusalReason, Right, Role, ServerMessage, Source, Target, Who,
};

/// The same alert is not told again before this time.
const ALERT_AGAIN: Millis = 600_000;

const SOURCES: [Source; 3] = [Source::Microphone, Source::Camera, Source::Screen];

impl Room {
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
        if changed {
            self.tell_changed(participant, effects);
            self.enforce(by, effects);
        }
        Ok(())
    }

    /// Gives the floor to someone, or takes it back.
    pub(super) fn set_floor(
        &mut self,
        by: Option<&ParticipantId>,
        participant: Option<ParticipantId>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if let Some(id) = &participant {
            self.role(id).ok_or(Refusal::UnknownParticipant)?;
        }
        let before = std::mem::replace(&mut self.floor, participant);
        if before != self.floor {
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
            self.enforce(by, effects);
            // Who is heard first has changed also where no right has.
            for id in before.iter().chain(&self.floor) {
                effects.push(Effect::Forward {
                    participant: id.clone(),
                    forwarding: self.forwarding(id),
                });
            }
        }
        Ok(())
    }

    /// The people whom an action in the conference is about: all but moderators, or those named.
    pub(super) fn targets(&self, target: &Target) -> Result<Vec<ParticipantId>, Refusal> {
        match target {
            Target::All => Ok(self
                .people
                .iter()
                .filter(|(_, person)| person.present && person.role == Role::Participant)
                .map(|(id, _)| id.clone())
                .collect()),
            Target::Unlisted => Ok(self
                .people
                .iter()
                .filter(|(_, person)| {
                    person.present && person.role == Role::Participant && !person.listed
                })
                .map(|(id, _)| id.clone())
                .collect()),
            Target::These(ids) => {
                let known: Vec<ParticipantId> = ids
                    .iter()
                    .filter(|id| self.role(id).is_some())
                    .cloned()
                    .collect();
                if known.is_empty() {
                    Err(Refusal::UnknownParticipant)
                } else {
                    Ok(known)
                }
            }
        }
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
    fn enforce(&mut self, by: Option<&ParticipantId>, effects: &mut Vec<Effect>) {
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

    pub(super) fn change_policy(
        &mut self,
        now: Millis,
        by: Option<&ParticipantId>,
        change: PolicyChange,
        effects: &mut Vec<Effect>,
    ) {
        let before = self.policy.clone();
        let limit = self.capacity_limit.max(2);
        apply(&mut self.policy, change, limit);
        if before == self.policy {
            return;
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        self.enforce(by, effects);
        if before.door != Door::Open && self.policy.door == Door::Open && !self.lobby.is_empty() {
            // Who waited for the door only need not wait any more.
            self.admit(now, |waiting| !waiting.suspicious, effects);
        }
    }

    pub(super) fn set_password(
        &mut self,
        password: Option<String>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let password = password.as_deref().and_then(folded);
        // PostgreSQL keeps no NUL in a text.
        let unfit =
            |text: &String| text.chars().count() > MAX_PASSWORD_CHARS || text.contains('\0');
        if password.as_ref().is_some_and(unfit) {
            return Err(Refusal::BadMessage);
        }
        if password.is_some() && password != self.password {
            // A seat of who is gone stands for the password that they knew.
            self.forget_kept(|person| !person.listed && person.role != Role::Moderator);
        }
        if password != self.password {
            self.password_changes += 1;
            // Whoever guessed begins anew, and is told of anew.
            self.alerts
                .retain(|(alert, _)| *alert != Alert::WrongPasswords);
        }
        self.password = password;
        effects.push(Effect::ToModerators(ServerMessage::Password {
            password: self.password.clone(),
        }));
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        effects.push(Effect::Save);
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        now: Millis,
        by: Option<&ParticipantId>,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let ids = self.targets(target)?;
        let protected = |id: &ParticipantId| {
            self.people.get(id).is_some_and(|person| person.owner) || Some(id) == by
        };
        let ids: Vec<ParticipantId> = ids.into_iter().filter(|id| !protected(id)).collect();
        if ids.is_empty() && matches!(target, Target::These(_)) {
            return Err(Refusal::NotPermitted);
        }
        // All are all who were ever let in: also those who are out now, and those who keep a seat in stock.
        let kept = self.people.len();
        match target {
            Target::All => self.forget_kept(|_| true),
            Target::Unlisted => self.forget_kept(|person| !person.listed),
            Target::These(_) => {}
        }
        if ids.is_empty() {
            if self.people.len() != kept {
                effects.push(Effect::Save);
            }
            return Ok(());
        }
        let removed = LeaveReason::Removed;
        for id in &ids {
            let person = self.turn_out(now, id, removed, Goodbye::Removed, effects);
            let (user, device) = person.map_or((None, None), |one| (one.user, one.device));
            self.block(id, user, device);
        }
        // The same person may hold a second seat, and knock a third time.
        let others: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(id, person)| {
                let (user, device) = (person.user.as_deref(), person.device.as_deref());
                !person.owner && Some(*id) != by && self.blocked.has(user, device)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in &others {
            self.turn_out(now, id, removed, Goodbye::Removed, effects);
            self.block(id, None, None);
        }
        let knocking = self.lobby.len();
        self.turn_away_blocked(effects);
        if self.lobby.len() != knocking {
            effects.push(Effect::LobbyChanged);
        }
        self.wary = true;
        if self.policy.door == Door::Open {
            // The same person under a new name and with a clean browser is to end in the lobby, before a teacher's eyes.
            self.policy.door = Door::Knock;
            effects.push(Effect::ToAll(ServerMessage::RoomChanged {
                room: self.info(),
            }));
        }
        effects.push(Effect::Save);
        Ok(())
    }

    pub(super) fn set_role(
        &mut self,
        by: Option<&ParticipantId>,
        id: &ParticipantId,
        role: Role,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let person = self
            .people
            .get_mut(id)
            .filter(|person| person.present)
            .ok_or(Refusal::UnknownParticipant)?;
        if person.owner && role != Role::Moderator {
            return Err(Refusal::NotPermitted);
        }
        if person.role == role {
            return Ok(());
        }
        person.role = role;
        self.tell_changed(id, effects);
        if role == Role::Moderator {
            self.tell_moderator(id, effects);
            self.push_aside(id, effects);
        }
        effects.push(Effect::Forward {
            participant: id.clone(),
            forwarding: self.forwarding(id),
        });
        self.enforce(by, effects);
        Ok(())
    }

    /// Moderators are told once in a while, not each time.
    pub(super) fn alert(&mut self, now: Millis, alert: Alert, effects: &mut Vec<Effect>) {
        let before = self.alerts.iter_mut().find(|(one, _)| *one == alert);
        match before {
            Some((_, at)) if now.saturating_sub(*at) < ALERT_AGAIN => return,
            Some((_, at)) => *at = now,
            None => self.alerts.push((alert, now)),
        }
        effects.push(Effect::ToModerators(ServerMessage::Alert { alert }));
        effects.push(Effect::Save);
    }

    /// An account is gone, and everyone who came by it.
    pub(super) fn withdraw(&mut self, now: Millis, user: String, effects: &mut Vec<Effect>) {
        let is_theirs = |of: Option<&str>, _: Option<&str>| of == Some(user.as_str());
        let (reason, goodbye) = (LeaveReason::Removed, Goodbye::Removed);
        let out = self.put_out(now, is_theirs, reason, goodbye, effects);
        self.blocked.seats.extend(out);
        self.blocked.withdrawn.insert(user);
        effects.push(Effect::Save);
    }

    /// An account is as it was before it was withdrawn.
    pub(super) fn readmit(&mut self, user: &str, effects: &mut Vec<Effect>) {
        self.blocked.withdrawn.remove(user);
        effects.push(Effect::Save);
    }

    /// Sessions ended, and with them the places and seats of who came by them. It was no removal: nothing stands in the way
    /// of who signs in again, and others read that they left.
    pub(super) fn sign_out(
        &mut self,
        now: Millis,
        user: &str,
        ended: &Ended,
        effects: &mut Vec<Effect>,
    ) {
        let is_out = |of: Option<&str>, by: Option<&str>| of == Some(user) && ended.has(by);
        let goodbye = Goodbye::Refused(RefusalReason::SignedOut);
        self.put_out(now, is_out, LeaveReason::Left, goodbye, effects);
    }

    /// These go, with their seats and their knocks, by account and session. Gives the seats.
    fn put_out(
        &mut self,
        now: Millis,
        which: impl Fn(Option<&str>, Option<&str>) -> bool,
        reason: LeaveReason,
        goodbye: Goodbye,
        effects: &mut Vec<Effect>,
    ) -> Vec<ParticipantId> {
        let people = self.people.iter();
        let places: Vec<ParticipantId> = people
            .filter(|(_, one)| which(one.user.as_deref(), one.session.as_deref()))
            .map(|(id, _)| id.clone())
            .collect();
        let knocks: Vec<ParticipantId> = self
            .lobby
            .iter()
            .filter(|one| which(one.user.as_deref(), one.session.as_deref()))
            .map(|one| one.id.clone())
            .collect();
        for id in &places {
            self.turn_out(now, id, reason, goodbye, effects);
        }
        for participant in knocks {
            if self.leave_lobby(&participant, effects) {
                effects.push(Effect::Out {
                    participant,
                    goodbye,
                });
            }
        }
        places
    }

    pub(super) fn stop_everything(
        &mut self,
        by: Option<&ParticipantId>,
        effects: &mut Vec<Effect>,
    ) {
        self.policy.microphone = Who::Moderators;
        self.policy.camera = Who::Moderators;
        self.policy.screen = Who::Moderators;
        self.policy.chat = Who::Moderators;
        self.policy.door = Door::Closed;
        if let Some(id) = self.floor.take() {
            effects.push(Effect::Forward {
                participant: id.clone(),
                forwarding: self.forwarding(&id),
            });
        }
        let mut changed = Vec::new();
        for (id, person) in &mut self.people {
            if person.role == Role::Participant && !person.grants.is_empty() {
                person.grants.clear();
                changed.push(id.clone());
            }
        }
        self.enforce(by, effects);
        for id in &changed {
            self.tell_changed(id, effects);
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
    }
}

/// Applies a change; the capacity stays within what the operator allows.
fn apply(policy: &mut Policy, change: PolicyChange, limit: u32) {
    let PolicyChange {
        microphone,
        camera,
        screen,
        chat,
        door,
        microphone_on_at_join,
        camera_on_at_join,
        capacity,
    } = change;
    let set = |field: &mut Who, to: Option<Who>| *field = to.unwrap_or(*field);
    set(&mut policy.microphone, microphone);
    set(&mut policy.camera, camera);
    set(&mut policy.screen, screen);
    set(&mut policy.chat, chat);
    policy.door = door.unwrap_or(policy.door);
    policy.microphone_on_at_join = microphone_on_at_join.unwrap_or(policy.microphone_on_at_join);
    policy.camera_on_at_join = camera_on_at_join.unwrap_or(policy.camera_on_at_join);
    policy.capacity = capacity.unwrap_or(policy.capacity).clamp(2, limit);
}

/// A policy with a change applied, for rooms that do not run.
#[must_use]
pub fn changed(mut policy: Policy, change: PolicyChange, limit: u32) -> Policy {
    apply(&mut policy, change, limit.max(2));
    policy
}
