//! Places on the roster: how many one person may hold, who gives way, and what of a seat is left to who is gone.

use std::collections::HashSet;

use super::command::{Effect, LeaveNotice, SeatOwner};
use super::limits::{MAX_GUESTS_KEPT, MAX_PLACES_PER_PERSON};
use super::names::same_name;
use super::person::Person;
use super::state::{Room, SharedAccount};
use crate::signal::{Door, LeaveReason, ParticipantId, RefusalReason, Role, ServerMessage};
use crate::timestamp::Timestamp;

/// Moderators are told of so many shared accounts: then they know.
pub(super) const MAX_SHARED_ACCOUNTS_TOLD: usize = 3;

impl Person {
    /// Whether the seat opens whatever holds: its holder is on the roster, or moderates. For all others who are gone it
    /// says who they were, and no more: a door that was closed since, a removal or a full room is for them too.
    pub(super) fn is_key(&self) -> bool {
        self.present || self.role == Role::Moderator
    }

    fn is_lost(&self) -> bool {
        !self.present || self.lost_at.is_some()
    }
}

impl Room {
    /// The seat that fits, if there is one.
    pub(super) fn seat_of(&self, id: &ParticipantId, owner: &SeatOwner) -> Option<&Person> {
        let fits = |person: &&Person| match owner {
            SeatOwner::Bearer => true,
            SeatOwner::Guest => person.user.is_none(),
            SeatOwner::User(user) => person.user.as_deref() == Some(user),
        };
        self.people.get(id).filter(fits)
    }

    /// The seat of a verified person who is not connected.
    pub(super) fn dropped(&self, user: &str, owner: bool) -> Option<&ParticipantId> {
        let fits = |person: &Person| {
            person.user.as_deref() == Some(user) && person.owner == owner && person.is_lost()
        };
        let mut seats = self.people.iter().filter(|(_, person)| fits(person));
        // Rather the one that is a key.
        let key = seats.clone().find(|(_, person)| person.is_key());
        key.or_else(|| seats.next()).map(|(id, _)| id)
    }

    /// The seat of a guest who comes back in the same browser under the same name. Another name is another person, for many
    /// may use one computer; and what a moderator gave is not given to whoever sits there next.
    pub(super) fn same_guest(&self, device: &str, name: &str) -> Option<&ParticipantId> {
        let fits = |person: &Person| {
            person.user.is_none()
                && person.role == Role::Participant
                && person.device.as_deref() == Some(device)
                && person.is_lost()
                && (same_name(&person.asked_name, name) || same_name(&person.name, name))
        };
        let mut seats = self.people.iter().filter(|(_, person)| fits(person));
        let key = seats.clone().find(|(_, person)| person.is_key());
        key.or_else(|| seats.next()).map(|(id, _)| id)
    }

    /// Whoever holds too many places loses the oldest; never the one that they have just taken.
    pub(super) fn limit_places(
        &mut self,
        now: Timestamp,
        newest: &ParticipantId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(person) = self.people.get(newest) else {
            return;
        };
        let (user, device) = (person.user.clone(), person.device.clone());
        if let Some(user) = user {
            self.look_for_shared_account(newest, &user, effects);
            self.evict_oldest(now, newest, |one| one.user.as_ref() == Some(&user), effects);
        }
        if let Some(device) = device {
            let is_same = |one: &Person| one.device.as_ref() == Some(&device);
            self.evict_oldest(now, newest, is_same, effects);
        }
    }

    /// One person may have many devices, but does not use more at once than they have places: then moderators are told, once
    /// for an account, for whoever comes next throws out the one before.
    fn look_for_shared_account(
        &mut self,
        newest: &ParticipantId,
        user: &str,
        effects: &mut Vec<Effect>,
    ) {
        let used = self.people.values().filter(|one| {
            // A moderator who opens a fourth window knows of it.
            one.present && one.lost_at.is_none() && !one.owner && one.user.as_deref() == Some(user)
        });
        let devices: HashSet<&str> = used
            .clone()
            .filter_map(|one| one.device.as_deref())
            .collect();
        let without_device = used.filter(|one| one.device.is_none()).count();
        let is_known = self.shared_accounts.iter().any(|one| one.user == user);
        let has_many = devices.len() + without_device > MAX_PLACES_PER_PERSON;
        if !has_many || is_known || self.shared_accounts.len() >= MAX_SHARED_ACCOUNTS_TOLD {
            return;
        }
        let Some(name) = self.people.get(newest).map(|one| one.asked_name.clone()) else {
            return;
        };
        let (user, told) = (user.to_owned(), name.clone());
        self.shared_accounts.push(SharedAccount { user, name });
        let message = ServerMessage::SharedAccount { name: told };
        effects.push(Effect::ToModerators(message));
    }

    fn evict_oldest(
        &mut self,
        now: Timestamp,
        newest: &ParticipantId,
        is_same: impl Fn(&Person) -> bool,
        effects: &mut Vec<Effect>,
    ) {
        loop {
            let held = self
                .people
                .iter()
                .filter(|(_, one)| one.present && is_same(one));
            if held.clone().count() <= MAX_PLACES_PER_PERSON {
                return;
            }
            // A place that nobody uses rather than one in use, and a moderator's last.
            let oldest = held
                .filter(|(id, _)| *id != newest)
                .min_by_key(|(_, one)| {
                    let moderates = one.role == Role::Moderator;
                    (moderates, one.lost_at.is_none(), one.number)
                })
                .map(|(id, _)| id.clone());
            let Some(oldest) = oldest else {
                return;
            };
            let notice = LeaveNotice::Refused(RefusalReason::TooManyPlaces);
            self.evict(now, &oldest, LeaveReason::Left, notice, effects);
        }
    }

    /// Someone goes out with their seat.
    pub(super) fn evict(
        &mut self,
        now: Timestamp,
        id: &ParticipantId,
        reason: LeaveReason,
        notice: LeaveNotice,
        effects: &mut Vec<Effect>,
    ) -> Option<Person> {
        self.features.attendance.went(now, id);
        self.leave_roster(now, id, reason, effects);
        // Whoever held this seat may be knocking by it.
        self.leave_lobby(id, effects);
        effects.push(Effect::Out {
            participant: id.clone(),
            notice,
        });
        effects.push(Effect::Save);
        self.people.remove(id)
    }

    /// The page was closed. Who may come back as they like leaves the roster at once; all others have the time of a reload.
    pub(super) fn away(&mut self, now: Timestamp, id: &ParticipantId, effects: &mut Vec<Effect>) {
        let Some(person) = self.people.get(id) else {
            return;
        };
        let comes_back = person.role == Role::Moderator
            || (self.policy.door == Door::Open && !self.after_removal && !self.is_full());
        // Nobody loses their turn by a reload.
        let has_turn = self.features.hands.contains(id) || self.features.floor.is_held_by(id);
        self.features.attendance.went(now, id);
        if comes_back && !has_turn {
            self.leave_roster(now, id, LeaveReason::Left, effects);
        } else if let Some(person) = self.people.get_mut(id) {
            person.lost_at = Some(now);
            person.away = true;
            self.tell_changed(id, effects);
        }
        effects.push(Effect::Out {
            participant: id.clone(),
            notice: LeaveNotice::Left,
        });
        effects.push(Effect::Save);
    }

    /// Seats of those who are gone are no way in any more.
    pub(super) fn forget_kept(&mut self, which: impl Fn(&Person) -> bool) {
        self.people.retain(|_, person| {
            // Whom a moderator sent to the lobby waits there, and does not come in anew.
            person.present || person.owner || person.sent_to_lobby || !which(person)
        });
    }

    /// Guests who come again and again, each time anew, do not fill the memory.
    pub(super) fn give_up_old_seats(&mut self) {
        let kept = |person: &Person| {
            !person.present
                && (person.user.is_none() || person.unidentified)
                && person.role == Role::Participant
        };
        let gone = self.people.values().filter(|person| kept(person));
        // One came, so one goes: the others are within the limit already.
        if gone.clone().count() > MAX_GUESTS_KEPT
            && let Some(oldest) = gone.map(|person| person.number).min()
        {
            self.people.retain(|_, person| person.number != oldest);
        }
    }
}
