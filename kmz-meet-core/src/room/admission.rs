//! The one decision on who comes in. Links, courses, integrators and people who return all go through it.

use super::command::{Admission, Arrival, Effect, Goodbye, Identity, Millis, Whose};
use super::names::{clean, distinct};
use super::password::is_same;
use super::state::{GUESTS_KEPT, Person, Room, Waiting};
use crate::signal::{Door, ParticipantId, RefusalReason, Role, ServerMessage};

/// More people than a moderator can look through do not wait: the whole list is sent with each change.
const LOBBY_PLACES: usize = 150;

/// What the server knows of a newcomer.
pub(super) struct Known {
    user: Option<String>,
    device: Option<String>,
    listed: bool,
}

impl Known {
    fn of(identity: Identity) -> Self {
        let (user, device, listed) = match identity {
            Identity::Owner { user } => (Some(user), None, true),
            Identity::Verified {
                user,
                device,
                listed,
                anonymous: _,
            } => (Some(user), device, listed),
            Identity::Guest { device } | Identity::Invited { device } => (None, device, false),
            // A seat always returns.
            Identity::Seat { .. } => (None, None, false),
        };
        Self {
            user,
            device,
            listed,
        }
    }
}

impl Room {
    /// Decides on an arrival and carries the decision out.
    pub(super) fn arrive(&mut self, now: Millis, arrival: Arrival) -> Vec<Effect> {
        let admission = self.admission(&arrival);
        let mut effects = vec![Effect::Answered(admission.clone())];
        match admission {
            Admission::Admitted {
                participant,
                returned: true,
            } => {
                self.come_back(now, &participant, &mut effects);
            }
            Admission::Admitted {
                participant,
                returned: false,
            } => {
                let role = match arrival.identity {
                    Identity::Owner { .. } => Role::Moderator,
                    _ => Role::Participant,
                };
                let known = Known::of(arrival.identity);
                self.seat(now, participant, &arrival.name, known, role, &mut effects);
            }
            Admission::Lobby { participant } => {
                let Known {
                    user,
                    device,
                    listed,
                } = Known::of(arrival.identity);
                let name = distinct(&clean(&arrival.name).unwrap_or_default(), self.names());
                self.lobby.push(Waiting {
                    id: participant,
                    name,
                    user,
                    device,
                    listed,
                    suspicious: arrival.suspicious,
                });
                effects.push(Effect::ToModerators(ServerMessage::LobbyChanged {
                    knockers: self.knockers(),
                }));
            }
            Admission::Hidden | Admission::Refused(_) => {}
        }
        effects
    }

    /// The decision itself; changes nothing.
    #[must_use]
    pub fn admission(&self, arrival: &Arrival) -> Admission {
        let (user, device, passes, anonymous) = match &arrival.identity {
            Identity::Seat { participant, whose } => return self.by_seat(participant, whose),
            // A moderator of the room always gets in: no password, door, lobby or capacity stands in the way.
            Identity::Owner { user } => {
                return match self.dropped(user, true) {
                    Some(participant) => Admission::Admitted {
                        participant,
                        returned: true,
                    },
                    None => Admission::Admitted {
                        participant: arrival.id.clone(),
                        returned: false,
                    },
                };
            }
            Identity::Verified {
                user,
                device,
                listed,
                anonymous,
            } => (Some(user.as_str()), device.as_deref(), *listed, *anonymous),
            Identity::Invited { device } => (None, device.as_deref(), true, true),
            Identity::Guest { device } => (None, device.as_deref(), false, true),
        };
        if self.blocked.has(user, device) {
            return Admission::Refused(RefusalReason::Removed);
        }
        // Who is known to the server and dropped out has a seat also without the token for it.
        if let Some(participant) = user.and_then(|user| self.dropped(user, false)) {
            return Admission::Admitted {
                participant,
                returned: true,
            };
        }
        if clean(&arrival.name).is_none() {
            return Admission::Refused(RefusalReason::BadName);
        }
        let opens = self.password.as_deref().is_none_or(|kept| {
            let given = arrival.password.as_deref();
            given.is_some_and(|given| is_same(kept, given))
        });
        if !passes && !opens {
            return Admission::Hidden;
        }
        // A signed claim is no guess, so wrong guesses of others at the same address do not matter.
        let suspicious = arrival.suspicious && !passes;
        // Any other answer than the one to a wrong password would tell that this one is right.
        let no = |reason| {
            if suspicious {
                Admission::Hidden
            } else {
                Admission::Refused(reason)
            }
        };
        if self.policy.door == Door::Closed {
            return no(RefusalReason::Closed);
        }
        let stands_out = !passes || (anonymous && self.wary);
        if suspicious || (stands_out && self.policy.door == Door::Knock) {
            if self.lobby.len() >= LOBBY_PLACES {
                return no(RefusalReason::Full);
            }
            return Admission::Lobby {
                participant: arrival.id.clone(),
            };
        }
        if self.is_full() {
            return Admission::Refused(RefusalReason::Full);
        }
        Admission::Admitted {
            participant: arrival.id.clone(),
            returned: false,
        }
    }

    fn by_seat(&self, participant: &ParticipantId, whose: &Whose) -> Admission {
        if self.blocked.seats.contains(participant) {
            return Admission::Refused(RefusalReason::Removed);
        }
        let fits = self
            .people
            .get(participant)
            .is_some_and(|person| match whose {
                Whose::Holders => true,
                Whose::Guests => person.user.is_none(),
                Whose::Users(user) => person.user.as_deref() == Some(user),
            });
        if fits {
            Admission::Admitted {
                participant: participant.clone(),
                returned: true,
            }
        } else {
            Admission::Refused(RefusalReason::BadSeat)
        }
    }

    /// The seat of a verified person who is not connected.
    fn dropped(&self, user: &str, owner: bool) -> Option<ParticipantId> {
        self.people
            .iter()
            .find(|(_, person)| {
                person.user.as_deref() == Some(user)
                    && person.owner == owner
                    && (person.lost_at.is_some() || !person.present)
            })
            .map(|(id, _)| id.clone())
    }

    /// A newcomer takes a seat.
    pub(super) fn seat(
        &mut self,
        now: Millis,
        id: ParticipantId,
        name: &str,
        known: Known,
        role: Role,
        effects: &mut Vec<Effect>,
    ) {
        // Owners come in also with a name that would not do for a guest.
        let name = clean(name).unwrap_or_else(|| "Moderation".to_owned());
        let name = distinct(&name, self.names());
        self.arrivals += 1;
        let person = Person {
            name,
            role,
            owner: role == Role::Moderator,
            user: known.user,
            device: known.device,
            listed: known.listed,
            grants: std::collections::BTreeSet::new(),
            // Everyone comes in muted with the camera off.
            sources: std::collections::BTreeSet::new(),
            lost_at: None,
            present: true,
            number: self.arrivals,
        };
        if self.has_list {
            self.attendance.came(now, &id, &person);
        }
        self.people.insert(id.clone(), person);
        self.give_up_old_seats();
        self.entered(&id, false, effects);
    }

    /// Guests who come again and again, each time anew, do not fill the memory.
    fn give_up_old_seats(&mut self) {
        let kept = |person: &Person| {
            !person.present && person.user.is_none() && person.role == Role::Participant
        };
        let gone = self.people.values().filter(|person| kept(person));
        // One came, so one goes: the others are within the limit already.
        if gone.clone().count() > GUESTS_KEPT
            && let Some(oldest) = gone.map(|person| person.number).min()
        {
            self.people.retain(|_, person| person.number != oldest);
        }
    }

    fn come_back(&mut self, now: Millis, id: &ParticipantId, effects: &mut Vec<Effect>) {
        let taken: Vec<String> = self
            .people
            .iter()
            .filter(|(other, person)| *other != id && person.present)
            .map(|(_, person)| person.name.clone())
            .collect();
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        let was_present = std::mem::replace(&mut person.present, true);
        person.lost_at = None;
        if self.has_list {
            self.attendance.came(now, id, person);
        }
        if !was_present {
            // The name may have been taken in the meantime.
            person.name = distinct(&person.name, taken.iter().map(String::as_str));
        }
        self.entered(id, was_present, effects);
    }

    fn entered(&mut self, id: &ParticipantId, was_present: bool, effects: &mut Vec<Effect>) {
        effects.push(Effect::Entered {
            participant: id.clone(),
        });
        if let Some(participant) = self.participant(id) {
            let message = if was_present {
                ServerMessage::ParticipantChanged { participant }
            } else {
                ServerMessage::ParticipantJoined { participant }
            };
            effects.push(Effect::ToOthers {
                but: id.clone(),
                message,
            });
        }
        if self.role(id) == Some(Role::Moderator) {
            self.tell_moderator(id, effects);
        }
        effects.push(Effect::Forward {
            participant: id.clone(),
            forwarding: self.forwarding(id),
        });
        effects.push(Effect::Save);
    }

    /// What only moderators know.
    pub(super) fn tell_moderator(&self, id: &ParticipantId, effects: &mut Vec<Effect>) {
        for message in [
            ServerMessage::Password {
                password: self.password.clone(),
            },
            ServerMessage::LobbyChanged {
                knockers: self.knockers(),
            },
        ] {
            effects.push(Effect::To {
                participant: id.clone(),
                message,
            });
        }
    }

    /// People go from the lobby into the conference as long as there is room; says whether all did.
    pub(super) fn admit(
        &mut self,
        now: Millis,
        which: impl Fn(&Waiting) -> bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut all = true;
        let mut stay = Vec::new();
        for waiting in std::mem::take(&mut self.lobby) {
            if !which(&waiting) {
                stay.push(waiting);
            } else if self.is_full() {
                all = false;
                stay.push(waiting);
            } else {
                let known = Known {
                    user: waiting.user,
                    device: waiting.device,
                    listed: waiting.listed,
                };
                self.seat(
                    now,
                    waiting.id,
                    &waiting.name,
                    known,
                    Role::Participant,
                    effects,
                );
            }
        }
        self.lobby = stay;
        effects.push(Effect::ToModerators(ServerMessage::LobbyChanged {
            knockers: self.knockers(),
        }));
        all
    }

    /// People in the lobby are turned away, and cannot knock again.
    pub(super) fn refuse(&mut self, which: impl Fn(&Waiting) -> bool, effects: &mut Vec<Effect>) {
        self.turn_away(which, effects);
        self.turn_away_blocked(effects);
        effects.push(Effect::ToModerators(ServerMessage::LobbyChanged {
            knockers: self.knockers(),
        }));
        effects.push(Effect::Save);
    }

    /// Who cannot come does not knock by another tab either.
    pub(super) fn turn_away_blocked(&mut self, effects: &mut Vec<Effect>) {
        let blocked = self.blocked.clone();
        self.turn_away(
            |one| blocked.has(one.user.as_deref(), one.device.as_deref()),
            effects,
        );
    }

    fn turn_away(&mut self, which: impl Fn(&Waiting) -> bool, effects: &mut Vec<Effect>) {
        let (refused, stay): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.lobby).into_iter().partition(which);
        self.lobby = stay;
        for waiting in refused {
            self.block(&waiting.id, waiting.user, waiting.device);
            effects.push(Effect::Out {
                participant: waiting.id,
                goodbye: Goodbye::Refused(RefusalReason::Removed),
            });
        }
    }

    pub(super) fn block(
        &mut self,
        id: &ParticipantId,
        user: Option<String>,
        device: Option<String>,
    ) {
        self.blocked.seats.insert(id.clone());
        self.blocked.users.extend(user);
        self.blocked.devices.extend(device);
    }
}
