//! What moderators do.

use super::command::{Effect, Ended, LeaveNotice, Refusal};
use super::password::folded;
use super::person::Person;
use super::state::Room;
use crate::signal::{
    Alert, Door, LeaveReason, MAX_PASSWORD_CHARS, ParticipantId, RefusalReason, Role,
    ServerMessage, Target,
};
use crate::timestamp::Timestamp;

impl Room {
    /// The people whom an action in the conference is about: all but moderators, or those named.
    pub(super) fn targets(&self, target: &Target) -> Result<Vec<ParticipantId>, Refusal> {
        match target {
            Target::All => Ok(self
                .people
                .iter()
                .filter(|(_, person)| person.present && person.role == Role::Participant)
                .map(|(id, _)| id.clone())
                .collect()),
            Target::Listed | Target::Unlisted => {
                let wanted = *target == Target::Listed;
                Ok(self
                    .people
                    .iter()
                    .filter(|(_, person)| {
                        person.present
                            && person.role == Role::Participant
                            && person.is_listed() == wanted
                    })
                    .map(|(id, _)| id.clone())
                    .collect())
            }
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
            self.features.alerts.forget(Alert::WrongPasswords);
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
        now: Timestamp,
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
            Target::Listed => self.forget_kept(Person::is_listed),
            Target::Unlisted => self.forget_kept(|person| !person.is_listed()),
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
            let person = self.evict(now, id, removed, LeaveNotice::Removed, effects);
            let user = person.as_ref().and_then(|one| self.user_to_block(one));
            self.block(id, user, person.and_then(|one| one.device));
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
            self.evict(now, id, removed, LeaveNotice::Removed, effects);
            self.block(id, None, None);
        }
        let knocking = self.lobby.len();
        self.turn_away_blocked(effects);
        if self.lobby.len() != knocking {
            effects.push(Effect::LobbyChanged);
        }
        self.after_removal = true;
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
        effects.push(Effect::NamesChanged);
        if role == Role::Moderator {
            self.show_owed_chat(id.clone(), effects);
            self.tell_moderator(id, effects);
            self.rename_conflicting(id, effects);
        }
        effects.push(Effect::Forward {
            participant: id.clone(),
            forwarding: self.forwarding(id),
        });
        self.enforce(by, effects);
        Ok(())
    }

    /// An account is gone, and everyone who came by it.
    pub(super) fn withdraw(&mut self, now: Timestamp, user: String, effects: &mut Vec<Effect>) {
        let is_theirs = |of: Option<&str>, _: Option<&str>| of == Some(user.as_str());
        let (reason, notice) = (LeaveReason::Removed, LeaveNotice::Removed);
        let out = self.evict_all(now, is_theirs, reason, notice, effects);
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
        now: Timestamp,
        user: &str,
        ended: &Ended,
        effects: &mut Vec<Effect>,
    ) {
        let is_out = |of: Option<&str>, by: Option<&str>| of == Some(user) && ended.has(by);
        let notice = LeaveNotice::Refused(RefusalReason::SignedOut);
        self.evict_all(now, is_out, LeaveReason::Left, notice, effects);
    }

    /// These go, with their seats and their knocks, by account and session. Gives the seats.
    pub(super) fn evict_all(
        &mut self,
        now: Timestamp,
        which: impl Fn(Option<&str>, Option<&str>) -> bool,
        reason: LeaveReason,
        notice: LeaveNotice,
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
            self.evict(now, id, reason, notice, effects);
        }
        for participant in knocks {
            if self.leave_lobby(&participant, effects) {
                effects.push(Effect::Out {
                    participant,
                    notice,
                });
            }
        }
        places
    }
}
