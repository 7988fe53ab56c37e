//! Pupil cards: one place at a time for each.
//!
//! A card is a paper that can be copied or read out. So the browser that came first holds the place: it comes back as often as
//! it likes, and whoever comes by the same card from elsewhere knocks, at whatever door, until a moderator looks. It never
//! pushes out who is in. When nobody is in by a card, any browser may come by it.

use std::collections::BTreeSet;

use super::applicant::{Applicant, known_since};
use super::command::{Arrival, Effect, Identity, LeaveNotice};
use super::person::Person;
use super::state::Room;
use crate::signal::{LeaveReason, ParticipantId, RefusalReason, Role, ServerMessage};
use crate::timestamp::Timestamp;

impl Room {
    /// The place to which whoever comes by a card comes back: that of the same browser, also if it is connected still; else one
    /// that nobody holds. What a moderator gave is not given to another browser.
    pub(super) fn place_of_card(&self, user: &str, device: Option<&str>) -> Option<&ParticipantId> {
        let of_card = |person: &Person| person.card && person.user.as_deref() == Some(user);
        let own = |person: &Person| device.is_some() && person.device.as_deref() == device;
        let is_free = |person: &Person| !person.present && person.role == Role::Participant;
        let mut places = self.people.iter().filter(|(_, one)| of_card(one));
        let present = places
            .clone()
            .find(|(_, one)| one.present && own(one))
            .or_else(|| places.clone().find(|(_, one)| own(one)));
        let place = present.or_else(|| places.find(|(_, one)| is_free(one)));
        place.map(|(id, _)| id)
    }

    /// Whether somebody else is in by the card of this applicant.
    pub(super) fn is_second_use(&self, applicant: &Applicant<'_>) -> bool {
        applicant.card
            && self.people.iter().any(|(id, person)| {
                id != applicant.id && person.present && person.user.as_deref() == applicant.user
            })
    }

    /// The browser that takes a place by a card holds it from now on.
    pub(super) fn note_device_of_card(
        &mut self,
        now: Timestamp,
        id: &ParticipantId,
        arrival: &Arrival,
    ) {
        if let Identity::Card { device, .. } = &arrival.identity
            && let Some(person) = self.people.get_mut(id)
        {
            person.known_since = device.as_ref().map(|_| known_since(arrival, now));
            person.device.clone_from(device);
        }
    }

    /// Who is here without a card, under a name that looks like one on the class list.
    pub(super) fn resembling_pupils(&self) -> ServerMessage {
        let people = self.people.iter();
        let resembling = people.filter(|(_, one)| one.present && one.resembles_pupil);
        ServerMessage::ResemblingPupils {
            participants: resembling.map(|(id, _)| id.clone()).collect(),
        }
    }

    /// The account that is blocked with somebody who was removed. A card by which somebody else is in stays theirs.
    pub(super) fn user_to_block(&self, removed: &Person) -> Option<String> {
        let mut others = self.people.values();
        let is_used = removed.card && others.any(|one| one.present && one.user == removed.user);
        removed.user.clone().filter(|_| !is_used)
    }

    /// Cards are over, and everyone who came by them goes. It was no removal.
    pub(super) fn end_cards(
        &mut self,
        now: Timestamp,
        users: &BTreeSet<String>,
        effects: &mut Vec<Effect>,
    ) {
        let is_over =
            |user: Option<&str>, _: Option<&str>| user.is_some_and(|user| users.contains(user));
        let notice = LeaveNotice::Refused(RefusalReason::CardEnded);
        self.evict_all(now, is_over, LeaveReason::Left, notice, effects);
    }

    /// The room has a class list from now on, or none any more.
    pub(super) fn set_class_list(&mut self, exists: bool, effects: &mut Vec<Effect>) {
        if self.class_list == exists {
            return;
        }
        self.class_list = exists;
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        effects.push(Effect::Save);
    }
}
