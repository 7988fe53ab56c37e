//! The one decision on who comes in. Links, courses, integrators and people who return all go through it.
//!
//! [`Room::admission`] decides and changes nothing; `arrive` carries the decision out. The first line that applies is the
//! answer:
//!
//! | who comes | answer |
//! |---|---|
//! | with a seat that was removed | `Refused(Removed)` |
//! | with a seat that does not exist, or is somebody else's ([`SeatOwner`](super::SeatOwner)) | `Refused(BadSeat)` |
//! | a moderator of the room whose account was withdrawn | `Refused(Removed)` |
//! | any other moderator of the room | in, whatever holds; back to a seat that they dropped out of |
//! | with the seat of somebody who is still in the roster, or moderates | back to it |
//! | anybody whose account or browser was removed | `Refused(Removed)` |
//! | by the account or browser of somebody who dropped out, but is still in the roster or moderates | back to their seat |
//!
//! All others are [`Applicant`]s, and the door decides (`at_the_door`):
//!
//! | applicant | answer |
//! |---|---|
//! | without a name | `Refused(BadName)` |
//! | without the password, unless they skip the lobby or were inside before | `Hidden` |
//! | whom a moderator sent to the lobby and has not let in again, by whatever seat (`sending_out`) | `Lobby` |
//! | at a closed door, back to the seat that they had when a lesson was closed or stopped (`features::insiders`) | in, also beyond the capacity |
//! | at a closed door | `Refused(Closed)` |
//! | unproven; by a card by which somebody else is in (`cards`); or, at a door to knock at, not skipping the lobby, or unidentified after a removal | `Lobby`, or `Refused(Full)` if there is no place in it |
//! | in a full conference where nobody gives way (`full`) | `Refused(Full)` |
//! | anybody else | in |
//!
//! To an unproven applicant every refusal is `Hidden`: any other answer would tell that the password is right. The model in
//! `tests/model` decides the same in other words, and property tests compare both.

use super::applicant::{Applicant, Known, known_since};
use super::command::{Admission, Arrival, Effect, Identity, LeaveNotice, Visitor};
use super::lobby::Place;
use super::names::clean;
use super::password::is_same;
use super::person::{Person, Waiting};
use super::state::Room;
use crate::signal::{Door, LeaveReason, ParticipantId, RefusalReason, Role, ServerMessage};
use crate::timestamp::Timestamp;

impl Room {
    /// Decides on an arrival and carries the decision out.
    pub(super) fn arrive(&mut self, now: Timestamp, arrival: Arrival) -> Vec<Effect> {
        let admission = self.admission(now, &arrival);
        let mut effects = vec![Effect::Answered(admission.clone())];
        if matches!(admission, Admission::Admitted { .. }) && self.is_full() {
            self.clear_a_place(now, &arrival, &mut effects);
        }
        match admission {
            Admission::Admitted {
                participant,
                returned: true,
            } => {
                if let Some(person) = self.people.get_mut(&participant) {
                    person.address.clone_from(&arrival.address);
                }
                self.note_device_of_card(now, &participant, &arrival);
                self.come_back(now, &participant, arrival.session, &mut effects);
            }
            Admission::Admitted {
                participant,
                returned: false,
            } => {
                let role = match arrival.identity {
                    Identity::Owner { .. } => Role::Moderator,
                    _ => Role::Participant,
                };
                let known = Known::of(&arrival, now);
                self.seat(now, participant, &arrival.name, known, role, &mut effects);
            }
            Admission::Lobby { participant } => self.wait(now, participant, arrival, &mut effects),
            Admission::Hidden | Admission::Refused(_) => {}
        }
        effects
    }

    /// Someone gets in although the conference is full, so someone else gives way.
    fn clear_a_place(&mut self, now: Timestamp, arrival: &Arrival, effects: &mut Vec<Effect>) {
        let applicant = self.applicant(now, arrival);
        // Whom the door does not decide on has a place already, or one beyond the capacity.
        let last = applicant
            .ok()
            .filter(|applicant| !self.is_insider(applicant))
            .and_then(|applicant| self.gives_way(&applicant).cloned());
        if let Some(id) = last {
            let notice = LeaveNotice::Refused(RefusalReason::Full);
            self.evict(now, &id, LeaveReason::Left, notice, effects);
        }
    }

    /// Whether someone comes back to the seat that they had when a lesson was closed or stopped. Nobody gives way to them.
    fn is_insider(&self, applicant: &Applicant<'_>) -> bool {
        let insiders = &self.features.insiders;
        self.policy.door == Door::Closed && applicant.returned && insiders.contains(applicant.id)
    }

    fn wait(
        &mut self,
        now: Timestamp,
        id: ParticipantId,
        arrival: Arrival,
        effects: &mut Vec<Effect>,
    ) {
        let applicant = self.applicant(now, &arrival);
        let (place, unproven, second_use) = match &applicant {
            Ok(applicant) => (
                self.place_in_lobby(applicant),
                applicant.unproven,
                self.is_second_use(applicant),
            ),
            Err(_) => return,
        };
        let (known, asked_name) = match self.people.get(&id) {
            Some(person) => {
                let known = Known {
                    user: person.user.clone(),
                    device: person.device.clone(),
                    session: arrival.session.clone().or(person.session.clone()),
                    since: person.known_since,
                    address: arrival.address.clone(),
                    listed: person.listed,
                    marked: person.marked,
                    typed_name: person.typed_name,
                    given_name: person.renamed.then(|| person.name.clone()),
                    unidentified: person.unidentified,
                    card: person.card,
                    resembles_pupil: person.resembles_pupil,
                };
                (known, person.asked_name.clone())
            }
            None => (
                Known::of(&arrival, now),
                clean(&arrival.name).unwrap_or_default(),
            ),
        };
        let name = known.given_name.clone();
        let name = name.unwrap_or_else(|| asked_name.as_str().into());
        let waiting = Waiting {
            name: self.unique_name(&id, name, Role::Participant),
            sent: self.was_sent_to_lobby(&id, known.user.as_deref(), known.device.as_deref()),
            id,
            asked_name,
            user: known.user,
            device: known.device,
            session: known.session,
            address: known.address,
            since: known.since.unwrap_or(now),
            // Of two who come by one card nobody knows who is the pupil.
            listed: known.listed && !second_use,
            marked: known.marked,
            typed_name: known.typed_name,
            given_name: known.given_name,
            unidentified: known.unidentified,
            unproven,
            card: known.card,
            resembles_pupil: known.resembles_pupil,
            second_use,
        };
        self.knock(place, waiting, effects);
    }

    /// The decision itself; changes nothing.
    #[must_use]
    pub fn admission(&self, now: Timestamp, arrival: &Arrival) -> Admission {
        match self.applicant(now, arrival) {
            Ok(applicant) => self.at_the_door(arrival, &applicant),
            Err(admission) => admission,
        }
    }

    /// How often the password became another one in this conference.
    #[must_use]
    pub fn password_changes(&self) -> u64 {
        self.password_changes
    }

    /// Whether nothing but the room's password lets this arrival in, so that who comes in by it knows the password.
    #[must_use]
    pub fn asks_password(&self, now: Timestamp, arrival: &Arrival) -> bool {
        let asked = |applicant: Applicant<'_>| !applicant.skips_lobby && !applicant.knows_password;
        self.password.is_some() && self.applicant(now, arrival).is_ok_and(asked)
    }

    /// Whom the door decides on; the answer where it has nothing to say.
    fn applicant<'a>(
        &'a self,
        now: Timestamp,
        arrival: &'a Arrival,
    ) -> Result<Applicant<'a>, Admission> {
        let back = |participant: &ParticipantId| {
            Err(Admission::Admitted {
                participant: participant.clone(),
                returned: true,
            })
        };
        let removed = Err(Admission::Refused(RefusalReason::Removed));
        // Who is on the roster comes back to it, and whoever was there before is asked as others are.
        let returns = |id: &'a ParticipantId| match self.people.get(id) {
            Some(person) if person.is_key() => back(id),
            Some(person)
                if self
                    .blocked
                    .has(person.user.as_deref(), person.device.as_deref()) =>
            {
                Err(Admission::Refused(RefusalReason::Removed))
            }
            Some(person) => Ok(Applicant::back(arrival, id, person)),
            None => Err(Admission::Refused(RefusalReason::BadSeat)),
        };
        let (user, device, skips_lobby, unidentified) = match &arrival.identity {
            Identity::Seat { participant, owner } => {
                if self.blocked.seats.contains(participant) {
                    return removed;
                }
                return match self.seat_of(participant, owner) {
                    Some(_) => returns(participant),
                    None => Err(Admission::Refused(RefusalReason::BadSeat)),
                };
            }
            Identity::Owner { user } if self.blocked.withdrawn.contains(user) => return removed,
            // A moderator of the room always gets in: no password, door, lobby or capacity stands in the way.
            Identity::Owner { user } => {
                return match self.dropped(user, true) {
                    Some(participant) => back(participant),
                    None => Err(Admission::Admitted {
                        participant: arrival.id.clone(),
                        returned: false,
                    }),
                };
            }
            Identity::Verified {
                user,
                device,
                listed,
                unidentified,
            } => (
                Some(user.as_str()),
                device.as_deref(),
                *listed,
                *unidentified,
            ),
            Identity::Card { user, device } => {
                (Some(user.as_str()), device.as_deref(), true, false)
            }
            Identity::Invited { device } => (None, device.as_deref(), true, true),
            Identity::Guest { device } => (None, device.as_deref(), false, true),
        };
        if self.blocked.has(user, device) {
            return removed;
        }
        // Who dropped out and is known, by an account or by the browser, has the seat also without the token for it.
        let card = matches!(arrival.identity, Identity::Card { .. });
        let before = match (user, device) {
            (Some(user), _) if card => self.place_of_card(user, device),
            (Some(user), _) => self.dropped(user, false),
            (None, Some(device)) => {
                clean(&arrival.name).and_then(|name| self.same_guest(device, &name))
            }
            (None, None) => None,
        };
        let applicant = match before {
            Some(id) => {
                let applicant = returns(id)?;
                Applicant {
                    skips_lobby: skips_lobby || applicant.skips_lobby,
                    unidentified: unidentified || applicant.unidentified,
                    ..applicant
                }
            }
            None => Applicant {
                id: &arrival.id,
                user,
                device,
                address: arrival.address.as_deref(),
                known_since: Some(known_since(arrival, now)),
                returned: false,
                skips_lobby,
                unidentified,
                knows_password: false,
                // A signed claim is no guess, so wrong guesses of others at the same address do not matter.
                unproven: arrival.unproven && !skips_lobby,
                card,
            },
        };
        Ok(applicant)
    }

    fn at_the_door(&self, arrival: &Arrival, applicant: &Applicant<'_>) -> Admission {
        if !applicant.returned && clean(&arrival.name).is_none() {
            return Admission::Refused(RefusalReason::BadName);
        }
        let skips_lobby = applicant.skips_lobby;
        let opens = self.password.as_deref().is_none_or(|kept| {
            let given = arrival.password.as_deref();
            given.is_some_and(|given| is_same(kept, given))
        });
        if !skips_lobby && !applicant.knows_password && !opens {
            return Admission::Hidden;
        }
        if self.was_sent_to_lobby(applicant.id, applicant.user, applicant.device) {
            // Their moderator waits for them there, also behind a closed door.
            return Admission::Lobby {
                participant: applicant.id.clone(),
            };
        }
        // Any other answer than the one to a wrong password would tell that this one is right.
        let no = |reason| {
            if applicant.unproven {
                Admission::Hidden
            } else {
                Admission::Refused(reason)
            }
        };
        if self.policy.door == Door::Closed {
            if self.is_insider(applicant) {
                return Admission::Admitted {
                    participant: applicant.id.clone(),
                    returned: true,
                };
            }
            return no(RefusalReason::Closed);
        }
        let stands_out = !skips_lobby || (applicant.unidentified && self.after_removal);
        let asks_first = applicant.unproven || self.is_second_use(applicant);
        if asks_first || (stands_out && self.policy.door == Door::Knock) {
            if self.place_in_lobby(applicant) == Place::None {
                return no(RefusalReason::Full);
            }
            return Admission::Lobby {
                participant: applicant.id.clone(),
            };
        }
        if !self.has_place_for(applicant) {
            return Admission::Refused(RefusalReason::Full);
        }
        Admission::Admitted {
            participant: applicant.id.clone(),
            returned: applicant.returned,
        }
    }

    /// A newcomer takes a seat.
    pub(super) fn seat(
        &mut self,
        now: Timestamp,
        id: ParticipantId,
        name: &str,
        known: Known,
        role: Role,
        effects: &mut Vec<Effect>,
    ) {
        // Owners come in also with a name that would not do for a guest.
        let asked_name = clean(name).unwrap_or_else(|| "Moderation".to_owned());
        self.arrivals += 1;
        let renamed = known.given_name.is_some();
        let name = known.given_name;
        let name = name.unwrap_or_else(|| asked_name.as_str().into());
        let person = Person {
            name: self.unique_name(&id, name, role),
            asked_name,
            renamed,
            sent_to_lobby: false,
            role,
            owner: role == Role::Moderator,
            user: known.user,
            device: known.device,
            session: known.session,
            known_since: known.since,
            address: known.address,
            came_at: now,
            listed: known.listed,
            marked: known.marked,
            typed_name: known.typed_name && !renamed,
            unidentified: known.unidentified,
            card: known.card,
            resembles_pupil: known.resembles_pupil,
            grants: std::collections::BTreeSet::new(),
            // Everyone comes in muted with the camera off.
            sources: std::collections::BTreeSet::new(),
            lost_at: None,
            away: false,
            left_at: None,
            present: true,
            number: self.arrivals,
        };
        if self.takes_attendance {
            self.features.attendance.came(now, &id, &person);
        }
        self.people.insert(id.clone(), person);
        self.features.insiders.add(&id);
        self.give_up_old_seats();
        self.entered(now, &id, false, effects);
    }

    /// Someone takes their seat again, by this session if it is one.
    pub(super) fn come_back(
        &mut self,
        now: Timestamp,
        id: &ParticipantId,
        session: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        // The same seat may be knocking by another connection, which gives way.
        self.leave_lobby(id, effects);
        let Some(person) = self.people.get(id) else {
            return;
        };
        // The name may have been taken in the meantime.
        let name = self.unique_name(id, person.name.clone(), person.role);
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        let was_present = std::mem::replace(&mut person.present, true);
        person.lost_at = None;
        person.away = false;
        if session.is_some() {
            person.session = session;
        }
        if !was_present {
            person.came_at = now;
            person.name = name;
        }
        if self.takes_attendance {
            self.features.attendance.came(now, id, person);
        }
        self.entered(now, id, was_present, effects);
    }

    fn entered(
        &mut self,
        now: Timestamp,
        id: &ParticipantId,
        was_present: bool,
        effects: &mut Vec<Effect>,
    ) {
        self.hide_chat_from_held(id);
        effects.push(Effect::Entered {
            participant: id.clone(),
        });
        if let Some(participant) = self.participant(id) {
            let message = if was_present {
                ServerMessage::ParticipantChanged { participant }
            } else {
                effects.push(Effect::Joined(Visitor {
                    participant: id.clone(),
                    user: self.user(id).map(str::to_owned),
                    name: participant.name.clone(),
                    role: participant.role,
                }));
                ServerMessage::ParticipantJoined { participant }
            };
            effects.push(Effect::ToOthers {
                but: id.clone(),
                message,
            });
        }
        if self.role(id) == Some(Role::Moderator) {
            self.tell_moderator(id, effects);
            self.rename_conflicting(id, effects);
        }
        if self.people.get(id).is_some_and(|one| one.resembles_pupil) {
            effects.push(Effect::ToModerators(self.resembling_pupils()));
        }
        effects.push(Effect::Forward {
            participant: id.clone(),
            forwarding: self.forwarding(id),
        });
        self.limit_places(now, id, effects);
        effects.push(Effect::Save);
    }

    /// What only moderators know.
    pub(super) fn tell_moderator(&self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        let password = ServerMessage::Password {
            password: self.password.clone(),
        };
        let lobby = ServerMessage::LobbyChanged {
            knockers: self.knockers(),
        };
        let alerts = self.features.alerts.iter();
        let alerts = alerts.map(|alert| ServerMessage::Alert { alert });
        let accounts = self
            .shared_accounts
            .iter()
            .map(|one| ServerMessage::SharedAccount {
                name: one.name.clone(),
            });
        let alike = self.look_alikes();
        let alike =
            (!alike.is_empty()).then_some(ServerMessage::LookAlikesChanged { people: alike });
        let is_proposed = self.features.line_trouble.proposed().is_some();
        let proposal = is_proposed.then(|| self.proposal());
        let all = [password, lobby].into_iter().chain(alerts).chain(accounts);
        let is_resembling = |one: &Person| one.present && one.resembles_pupil;
        let resembling = self.people.values().any(is_resembling);
        let resembling = resembling.then(|| self.resembling_pupils());
        let all = alike.into_iter().chain(all).chain(proposal);
        let all = all.chain(resembling);
        for message in all {
            effects.push(Effect::To {
                participant: id.clone(),
                message,
            });
        }
    }
}
