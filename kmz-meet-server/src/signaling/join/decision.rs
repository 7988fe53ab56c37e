//! Where a join request leads: a pure function of the request and of what is known of the room.
//!
//! 1. [`before_room`] refuses what needs no room, so that these answers tell nothing about any.
//! 2. [`contract_to_read`] says whose contract matters; most requests need none, and are not to cost a look-up.
//! 3. [`decide`] says whether the conference is started, and as whom the person is taken to it: by their seat, by what is
//!    known of them, or first by the one and then by the other.

use kmz_meet_core::room::{Identity, SeatOwner};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, RefusalReason};

use super::naming::naming;
use super::request::{Frame, JoinRequest, SeatClaim, Token};
use crate::credentials::TicketRole;
use crate::store::Room;

/// What a decision needs to know of the room that is asked for.
#[derive(Clone, Debug)]
pub(super) struct RoomFacts {
    /// The account that owns it.
    pub(super) owner: Option<String>,
    /// The pages around the client, now that the room's school is known.
    pub(super) frame: Frame,
    /// Whether the meeting of the ticket goes on. Rooms without meetings are always open.
    pub(super) is_open: bool,
    /// Whether the school whose contract matters has signed one; `false` where none matters.
    pub(super) contract_signed: bool,
}

/// Where a request leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// To be answered as if there were no such room: unknown, not started and wrong password are all alike.
    Nothing,
    Refused(RefusalReason),
    /// To the conference.
    Enter(Entry),
}

/// How somebody is taken to the conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The conference begins with them if it does not run yet.
    pub(super) starts: bool,
    /// Moderates a meeting, and so hears of what it cannot show.
    pub(super) moderates_meeting: bool,
    /// Tried first.
    pub(super) seat: Option<SeatEntry>,
    /// Tried where no seat came, or where the seat leads on; `None`: there is nothing behind the seat.
    pub(super) identity: Option<Identity>,
}

/// Coming by a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeatEntry {
    /// `None`: the seat is not ours, and is refused like one of another conference.
    pub(super) seat: Option<(ConferenceId, ParticipantId)>,
    pub(super) owner: SeatOwner,
    pub(super) leads_on: LeadsOn,
}

/// When somebody who was refused by their seat is tried without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeadsOn {
    Never,
    /// When the seat does not fit: who is known needs none.
    WhenBad,
    /// Whatever stands against the seat: a moderator always gets in.
    Always,
}

/// Refuses without a look at any room. `session_ended`: the session that came was ended while they waited.
pub(super) fn before_room(request: &JoinRequest, session_ended: bool) -> Option<RefusalReason> {
    match request.token {
        Token::Absent if session_ended => return Some(RefusalReason::SignedOut),
        // Who has a seat comes by it, also when the ticket of the first time is too old by now.
        Token::Refused(reason) if !request.has_seat() => return Some(reason),
        _ => {}
    }
    let frame = request.unknown_frame();
    // Who has an account is let in also with a name that would not do for a guest.
    let needs_name = !request.has_seat() && request.account(frame).is_none();
    (needs_name && naming(request, frame).is_none()).then_some(RefusalReason::BadName)
}

/// The school whose contract decides whether this person may start the conference; `None` where they may not in any case.
pub(super) fn contract_to_read<'a>(
    request: &'a JoinRequest,
    room: &'a Room,
    frame: Frame,
    is_open: bool,
) -> Option<&'a str> {
    match (request.ticket(), request.user(frame)) {
        (Some(ticket), _) => {
            let asks = is_open && (ticket.role == TicketRole::Moderator || ticket.may_start);
            asks.then_some(room.school.as_str())
        }
        (None, Some(user)) => {
            (room.owner.as_ref() == Some(&user.id)).then_some(user.school.as_str())
        }
        (None, None) => None,
    }
}

/// Where there is nothing to enter. A seat that does not fit is answered alike whether there is such a room or not; who is
/// known waits for the conference without it.
pub(super) fn nothing(request: &JoinRequest) -> Decision {
    if request.has_seat() && !request.is_known(request.unknown_frame()) {
        Decision::Refused(RefusalReason::BadSeat)
    } else {
        Decision::Nothing
    }
}

/// The decision. Without facts there is no such room.
pub(super) fn decide(request: &JoinRequest, facts: Option<&RoomFacts>) -> Decision {
    let Some(facts) = facts else {
        return nothing(request);
    };
    // Whoever has a seat is let back as long as the conference runs.
    if !facts.is_open && !request.has_seat() {
        return nothing(request);
    }
    let moderates = moderates(request, facts);
    let starts = match request.ticket() {
        Some(ticket) => moderates || (facts.is_open && ticket.may_start && facts.contract_signed),
        None => moderates,
    };
    let meeting = request.ticket().and_then(|ticket| ticket.meeting.as_ref());
    Decision::Enter(Entry {
        starts,
        moderates_meeting: moderates && meeting.is_some(),
        seat: seat_entry(request, facts.frame, moderates),
        identity: facts
            .is_open
            .then(|| identity(request, facts.frame, moderates)),
    })
}

/// Whether they come as a moderator of this room: by a ticket that says so, else as its owner.
fn moderates(request: &JoinRequest, facts: &RoomFacts) -> bool {
    let claims = match (request.ticket(), request.user(facts.frame)) {
        // A ticket says as whom someone comes, whoever is signed in at that browser.
        (Some(ticket), _) => facts.is_open && ticket.role == TicketRole::Moderator,
        (None, Some(user)) => facts.owner.as_ref() == Some(&user.id),
        (None, None) => false,
    };
    claims && facts.contract_signed
}

fn seat_entry(request: &JoinRequest, frame: Frame, moderates: bool) -> Option<SeatEntry> {
    let seat = match &request.seat {
        SeatClaim::Absent => return None,
        SeatClaim::Invalid => None,
        SeatClaim::Of {
            conference,
            participant,
        } => Some((conference.clone(), participant.clone())),
    };
    let leads_on = if moderates {
        LeadsOn::Always
    } else if request.is_known(frame) {
        LeadsOn::WhenBad
    } else {
        LeadsOn::Never
    };
    Some(SeatEntry {
        seat,
        owner: seat_owner(request, frame),
        leads_on,
    })
}

/// As whom someone with a seat comes besides: at a computer that many use, the seat may be another person's.
fn seat_owner(request: &JoinRequest, frame: Frame) -> SeatOwner {
    match (request.ticket(), request.account(frame)) {
        (Some(ticket), _) if ticket.role == TicketRole::Guest => SeatOwner::Guest,
        (Some(ticket), _) => SeatOwner::User(ticket.user.clone().into()),
        (None, Some(user)) => SeatOwner::User(user.id.clone()),
        (None, None) => SeatOwner::Bearer,
    }
}

/// What the server knows of a newcomer.
fn identity(request: &JoinRequest, frame: Frame, moderates: bool) -> Identity {
    let device = request.device.clone();
    match (request.ticket(), request.user(frame)) {
        (Some(ticket), _) if moderates => Identity::Owner {
            user: ticket.user.clone().into(),
        },
        (Some(ticket), _) if ticket.role == TicketRole::Guest => Identity::Guest { device },
        (Some(ticket), _) if ticket.role == TicketRole::Invited => Identity::Invited { device },
        (Some(ticket), _) => Identity::Verified {
            user: ticket.user.clone().into(),
            device,
            // A moderator's ticket of a school without a contract opens nothing, and gives no right either.
            listed: ticket.role == TicketRole::Member,
            unidentified: ticket.unidentified,
        },
        (None, Some(user)) if moderates => Identity::Owner {
            user: user.id.clone(),
        },
        (None, Some(user)) => Identity::Verified {
            user: user.id.clone(),
            device,
            listed: false,
            unidentified: false,
        },
        (None, None) => Identity::Guest { device },
    }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
