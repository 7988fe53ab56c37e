//! Someone at the door, as far as the door looks at them.

use super::command::{Arrival, Identity};
use super::person::Person;
use super::seen_name::SeenName;
use crate::signal::ParticipantId;
use crate::timestamp::Timestamp;

/// What the server knows of a newcomer.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Known {
    pub(super) user: Option<String>,
    pub(super) device: Option<String>,
    pub(super) session: Option<String>,
    /// Since when the device is.
    pub(super) since: Option<Timestamp>,
    pub(super) address: Option<String>,
    pub(super) listed: bool,
    /// See [`Person::marked`].
    pub(super) marked: bool,
    pub(super) typed_name: bool,
    /// The name that a moderator gave them.
    pub(super) given_name: Option<SeenName>,
    pub(super) unidentified: bool,
    pub(super) card: bool,
    pub(super) resembles_pupil: bool,
}

/// Since when the server knows the device of someone who comes.
pub(super) fn known_since(arrival: &Arrival, now: Timestamp) -> Timestamp {
    now - arrival.known_for.unwrap_or_default()
}

impl Known {
    pub(super) fn of(arrival: &Arrival, now: Timestamp) -> Self {
        let (user, device, listed, unidentified) = match arrival.identity.clone() {
            Identity::Owner { user } => (Some(user), None, true, false),
            Identity::Verified {
                user,
                device,
                listed,
                unidentified,
            } => (Some(user), device, listed, unidentified),
            Identity::Card { user, device } => (Some(user), device, true, false),
            Identity::Guest { device } | Identity::Invited { device } => {
                (None, device, false, false)
            }
            // A seat always returns.
            Identity::Seat { .. } => (None, None, false, false),
        };
        Self {
            user,
            since: device.as_ref().map(|_| known_since(arrival, now)),
            device,
            session: arrival.session.clone(),
            address: arrival.address.clone(),
            listed,
            marked: false,
            typed_name: arrival.typed_name,
            given_name: None,
            unidentified,
            card: matches!(arrival.identity, Identity::Card { .. }),
            resembles_pupil: arrival.resembles_pupil,
        }
    }
}

/// Someone whom neither a role nor a place on the roster lets in: the door decides.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Applicant<'a> {
    /// The seat that they come back to, or the one that they will have.
    pub(super) id: &'a ParticipantId,
    pub(super) user: Option<&'a str>,
    pub(super) device: Option<&'a str>,
    pub(super) address: Option<&'a str>,
    /// Since when the device is known.
    pub(super) known_since: Option<Timestamp>,
    /// They come back to a seat, so they have a name already.
    pub(super) returned: bool,
    /// On the class list, or sent by someone who may let them in: neither password nor knocking stands in the way.
    pub(super) skips_lobby: bool,
    /// Nothing tells them from someone who was removed. After a removal they knock, even if they skip the lobby otherwise.
    pub(super) unidentified: bool,
    /// They said the password when they took the seat.
    pub(super) knows_password: bool,
    /// Too many wrong passwords came from their address, and no signed claim speaks for them.
    pub(super) unproven: bool,
    /// They come by a pupil card, or back to a place that was taken by one.
    pub(super) card: bool,
}

impl<'a> Applicant<'a> {
    /// Who was here before said the password then: seats do not outlive a change of it.
    pub(super) fn back(arrival: &'a Arrival, id: &'a ParticipantId, person: &'a Person) -> Self {
        Self {
            id,
            user: person.user.as_deref(),
            device: person.device.as_deref(),
            address: arrival.address.as_deref(),
            known_since: person.known_since,
            returned: true,
            skips_lobby: person.listed,
            unidentified: person.unidentified,
            knows_password: true,
            unproven: false,
            card: person.card,
        }
    }
}
