//! Makes an incident record of how it is in the room at the moment.

use std::collections::BTreeSet;
use std::time::Duration;

use super::command::Effect;
use super::incident::{Incident, IncidentKind, IncidentSeat, SeatKind, Sent};
use super::person::Person;
use super::state::Room;
use crate::signal::{ParticipantId, Role, Source};
use crate::timestamp::Timestamp;

/// Who wrote a chat message so shortly before has sent chat at the time of the incident.
const CHAT_BEFORE: Duration = Duration::from_mins(5);

impl Room {
    /// Makes a record of how it is now. Gives its id; `None`: there are enough of this conference.
    pub(super) fn record_incident(
        &mut self,
        now: Timestamp,
        kind: IncidentKind,
        by: Option<&ParticipantId>,
        effects: &mut Vec<Effect>,
    ) -> Option<String> {
        let number = self.features.incidents.next()?;
        let id = format!("{}-{number}", self.conference.0);
        let seat = |id: &ParticipantId, person: &Person| IncidentSeat {
            number: person.number,
            kind: seat_kind(person),
            came_at: person.came_at,
            sent: self.sent(now, id, person),
        };
        let mut seats: Vec<IncidentSeat> = self
            .people
            .iter()
            .filter(|(_, person)| person.present)
            .map(|(id, person)| seat(id, person))
            .filter(|seat| !seat.sent.is_empty())
            .collect();
        seats.sort_by_key(|seat| seat.number);
        let by = by.and_then(|by| Some(seat(by, self.people.get(by)?)));
        effects.push(Effect::Incident(Incident {
            id: id.clone(),
            kind,
            at: now,
            by,
            seats,
        }));
        Some(id)
    }

    fn sent(&self, now: Timestamp, id: &ParticipantId, person: &Person) -> BTreeSet<Sent> {
        let sources = person.sources.iter().map(|source| match source {
            Source::Microphone => Sent::Microphone,
            Source::Camera => Sent::Camera,
            Source::Screen => Sent::Screen,
        });
        let mut sent: BTreeSet<Sent> = sources.collect();
        let wrote = self.chat().iter().any(|message| {
            message.from == *id && now.saturating_duration_since(message.at) <= CHAT_BEFORE
        });
        if wrote {
            sent.insert(Sent::Chat);
        }
        sent
    }
}

fn seat_kind(person: &Person) -> SeatKind {
    if person.role == Role::Moderator {
        SeatKind::Moderator
    } else if person.user.is_some() && !person.unidentified {
        SeatKind::Account
    } else if person.listed {
        SeatKind::Listed
    } else {
        SeatKind::Guest
    }
}
