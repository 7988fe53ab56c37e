//! Where a join request leads: a pure function of the request and of the facts about the room.
//!
//! 1. [`before_room`] refuses what needs no room, so that these answers tell nothing about any room.
//! 2. [`contract_to_read`] says whose contract matters. Most requests need none, and must not cost a look-up.
//! 3. [`decide`] says whether the request starts the conference, and how the person enters: by their seat, by their identity,
//!    or by the seat first and then by the identity.

use kmz_meet_core::room::{Identity, SeatOwner};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, RefusalReason};

use super::naming::naming;
use super::newcomer::Newcomer;
use super::request::{Frame, JoinRequest, SeatClaim, Token};
use crate::class_cards::is_of_card;
use crate::store::{OpenSchool, Room};
use crate::substitutes::is_of_pass;

/// What a decision needs to know of the room.
#[derive(Clone, Debug)]
pub(super) struct RoomFacts {
    /// The account that owns it.
    pub(super) owner: Option<String>,
    /// The pages around the client, now that the room's school is known.
    pub(super) frame: Frame,
    /// Whether the meeting of the ticket goes on. Rooms without meetings are always open.
    pub(super) is_open: bool,
    /// Whether the substitute pass of the ticket still holds. Whoever comes without a pass needs none.
    pub(super) pass_holds: bool,
    /// The same of their pupil card.
    pub(super) card_holds: bool,
    /// That the contract of the school that matters holds; `None` if it does not, or if none matters.
    pub(super) contract: Option<OpenSchool>,
}

/// Where a request leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Answered as if there were no such room: unknown, not started and wrong password look alike.
    Nothing,
    Refused(RefusalReason),
    /// Into the conference.
    Enter(Entry),
}

/// How somebody enters the conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// They start the conference if it does not run yet, by this contract.
    pub(super) starts: Option<OpenSchool>,
    /// They could start it if the contract of their school held.
    pub(super) lacks_contract: bool,
    /// They moderate a meeting, so the server tells them what it cannot show.
    pub(super) moderates_meeting: bool,
    /// Tried first.
    pub(super) seat: Option<SeatEntry>,
    /// Tried without a seat, or after the seat if it leads on. `None`: the seat is the only way in.
    pub(super) identity: Option<Identity>,
}

/// How somebody enters by a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeatEntry {
    /// `None`: the seat is not ours. The server refuses it like one of another conference.
    pub(super) seat: Option<(ConferenceId, ParticipantId)>,
    pub(super) owner: SeatOwner,
    pub(super) leads_on: LeadsOn,
}

/// When somebody whose seat was refused is tried without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeadsOn {
    Never,
    /// When the seat does not fit: a known person needs none.
    WhenBad,
    /// For any reason: a moderator always gets in.
    Always,
}

/// Refuses without a look at any room. `session_ended`: the session ended while they waited.
pub(super) fn before_room(request: &JoinRequest, session_ended: bool) -> Option<RefusalReason> {
    match request.token {
        Token::Absent if session_ended => return Some(RefusalReason::SignedOut),
        // A seat lets its holder back even if their ticket has expired meanwhile.
        Token::Refused(reason) if !request.has_seat() => return Some(reason),
        _ => {}
    }
    let frame = request.unknown_frame();
    // The holder of an account gets in with a name that would not do for a guest.
    let needs_name = !request.has_seat() && request.account(frame).is_none();
    (needs_name && naming(request, frame).is_none()).then_some(RefusalReason::BadName)
}

/// The school whose contract decides whether this person may start the conference: the room's, whoever owns it. `None` if they may
/// not in any case.
pub(super) fn contract_to_read<'a>(
    request: &JoinRequest,
    room: &'a Room,
    frame: Frame,
    is_open: bool,
) -> Option<&'a str> {
    let asks = match (request.ticket(), request.user(frame)) {
        (Some(ticket), _) => is_open && (ticket.identity.moderates() || ticket.may_start),
        (None, Some(user)) => room.owner.as_ref() == Some(&user.id),
        (None, None) => false,
    };
    asks.then_some(room.school.as_str())
}

/// The decision if there is nothing to enter. A seat that does not fit gets the same answer whether there is such a room or
/// not; a known person waits for the conference without it.
pub(super) fn nothing(request: &JoinRequest) -> Decision {
    if request.has_seat() && !request.is_known(request.unknown_frame()) {
        Decision::Refused(RefusalReason::BadSeat)
    } else {
        Decision::Nothing
    }
}

/// Decides. Without facts there is no such room.
pub(super) fn decide(request: &JoinRequest, facts: Option<&RoomFacts>) -> Decision {
    let Some(facts) = facts else {
        return match request.ticket() {
            // Passes go with their room, which their holders know already.
            Some(ticket) if is_of_pass(ticket) => Decision::Refused(RefusalReason::PassEnded),
            Some(ticket) if is_of_card(ticket) => Decision::Refused(RefusalReason::CardEnded),
            _ => nothing(request),
        };
    };
    // Without the pass nobody starts the conference for them: they would wait without end. A seat does not outlive it.
    if !facts.pass_holds {
        return Decision::Refused(RefusalReason::PassEnded);
    }
    if !facts.card_holds {
        return Decision::Refused(RefusalReason::CardEnded);
    }
    // A seat lets its holder back as long as the conference runs.
    if !facts.is_open && !request.has_seat() {
        return nothing(request);
    }
    let claims = claims_to_moderate(request, facts);
    let moderates = claims && facts.contract.is_some();
    let starts = claims
        || request
            .ticket()
            .is_some_and(|ticket| facts.is_open && ticket.may_start);
    let meeting = request.ticket().and_then(|ticket| ticket.meeting.as_ref());
    Decision::Enter(Entry {
        starts: facts.contract.clone().filter(|_| starts),
        lacks_contract: starts && facts.contract.is_none(),
        moderates_meeting: moderates && meeting.is_some(),
        seat: seat_entry(request, facts.frame, moderates),
        identity: facts
            .is_open
            .then(|| identity(request, facts.frame, moderates)),
    })
}

/// Whether they moderate this room as long as a contract holds: by a ticket that says so, else as its owner.
fn claims_to_moderate(request: &JoinRequest, facts: &RoomFacts) -> bool {
    match (request.ticket(), request.user(facts.frame)) {
        // A ticket says who comes, whoever is signed in at that browser.
        (Some(ticket), _) => facts.is_open && ticket.identity.moderates(),
        (None, Some(user)) => facts.owner.as_ref() == Some(&user.id),
        (None, None) => false,
    }
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

/// To whom the seat must belong: at a computer that many use, it may be another person's.
fn seat_owner(request: &JoinRequest, frame: Frame) -> SeatOwner {
    let identity = request.proved_identity(frame);
    identity.as_ref().map_or(SeatOwner::Bearer, SeatOwner::from)
}

/// Who the person is to the conference without a seat.
fn identity(request: &JoinRequest, frame: Frame, moderates: bool) -> Identity {
    Identity::from(Newcomer {
        identity: request.identity(frame),
        moderates,
        device: request.device.clone(),
    })
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
