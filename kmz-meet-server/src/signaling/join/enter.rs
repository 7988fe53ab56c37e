//! Carries out the decision on a join request: reads the facts, starts the conference, and lets the person in.

use std::time::{Duration, Instant};

use kmz_meet_core::conference::{
    ConferenceHandle, ConnectionId, Entrance, OutboxReader, Outgoing, outbox,
};
use kmz_meet_core::room::password::folded;
use kmz_meet_core::room::{Action, Arrival, Identity, room_name};
use kmz_meet_core::signal::{Alert, ParticipantId, RefusalReason};

use super::decision::{
    Decision, Entry, LeadsOn, RoomFacts, SeatEntry, before_room, contract_to_read, decide, nothing,
};
use super::naming::naming;
use super::request::{Attempt, Frame, JoinRequest, Token};
use crate::class_cards;
use crate::conferences::Started;
use crate::credentials::random_token;
use crate::integrations::bbb;
use crate::schools::may_open;
use crate::signaling::state::Signaling;
use crate::store::{Room, StoreError};
use crate::substitutes;

/// A connection of which the conference knows.
pub(in crate::signaling) struct JoinedConnection {
    pub(in crate::signaling) conference: ConferenceHandle,
    pub(in crate::signaling) connection: ConnectionId,
    pub(in crate::signaling) reader: OutboxReader,
    /// In a frame: whether all pages around are of the room's own school.
    pub(in crate::signaling) own_frame: Option<bool>,
    /// A message that the client has not got yet.
    pub(in crate::signaling) first: Option<Outgoing>,
}

/// Where a request led.
pub(in crate::signaling) enum Outcome {
    /// Into the conference or its lobby.
    Joined(JoinedConnection),
    /// Into the lobby, but the client must see a room with nothing to enter.
    Knocking(JoinedConnection),
    /// Nothing to enter: unknown, not started and wrong password look alike.
    Nothing,
    Refused(RefusalReason),
    /// Too many come from there. Try again at this moment.
    TooEarly(Instant),
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Refused(reason) => Self::Refused(reason),
            Decision::Nothing | Decision::Enter(_) => Self::Nothing,
        }
    }
}

/// Tries to enter. An attempt that leads nowhere does not count as an arrival.
///
/// # Errors
/// When the store fails.
pub(in crate::signaling) async fn try_to_enter(
    app: &Signaling,
    request: &JoinRequest,
    attempt: &mut Attempt,
) -> Result<Outcome, StoreError> {
    if let Some(again) = too_early(app, request, attempt, Instant::now()) {
        return Ok(Outcome::TooEarly(again));
    }
    let reservation = attempt.reservation.take();
    let outcome = outcome(app, request, attempt).await;
    if let Some(reservation) = reservation
        && matches!(outcome, Ok(Outcome::Joined(_) | Outcome::Knocking(_)))
    {
        reservation.commit();
    }
    outcome
}

/// The moment at which to try again, if too many come from there.
fn too_early(
    app: &Signaling,
    request: &JoinRequest,
    attempt: &mut Attempt,
    now: Instant,
) -> Option<Instant> {
    if attempt.reservation.is_none() {
        let room = match &request.token {
            Token::Valid(ticket) => Some(ticket.room.clone()),
            Token::Jitsi(pass) => Some(pass.room_key().to_owned()),
            Token::Absent | Token::Refused(_) => room_name::canonical(&request.room),
        };
        let room = room.unwrap_or_default();
        match app
            .waiting_limits
            .joins
            .reserve(&room, &request.visitor, now)
        {
            Ok(reservation) => attempt.reservation = Some(reservation),
            Err(again) => return Some(again),
        }
    }
    let at = attempt.reservation.as_ref().map(|one| one.at);
    at.filter(|at| *at > now)
}

async fn outcome(
    app: &Signaling,
    request: &JoinRequest,
    attempt: &mut Attempt,
) -> Result<Outcome, StoreError> {
    let resolved;
    let request = match &request.token {
        Token::Jitsi(pass) => {
            let token = match pass
                .ticket(&app.store, app.clock.now(), app.config.capacity)
                .await?
            {
                Some(ticket) => Token::Valid(ticket),
                None if pass.lacks_contract(&app.store, app.clock.now()).await? => {
                    Token::Refused(RefusalReason::NoContract)
                }
                None => Token::Refused(RefusalReason::BadSeat),
            };
            resolved = JoinRequest {
                token,
                ..request.clone()
            };
            &resolved
        }
        _ => request,
    };
    let session_ended = session_ended(app, request).await?;
    if let Some(reason) = before_room(request, session_ended) {
        return Ok(Outcome::Refused(reason));
    }
    // Looked at before the room, so that the answer tells nothing about it.
    if is_stranger(request) && !app.conferences.has_place_for_guest() {
        return Ok(Outcome::Refused(RefusalReason::ServerFull));
    }
    let room = find_room(app, request).await?;
    let facts = match &room {
        Some(room) => Some(facts(app, request, room).await?),
        None => None,
    };
    match (decide(request, facts.as_ref()), room, facts) {
        (Decision::Enter(entry), Some(room), Some(facts)) => {
            take_in(app, request, attempt, &room, facts.frame, entry).await
        }
        (decision, ..) => Ok(decision.into()),
    }
}

/// Whether nothing is known of them: no seat, no ticket, no account.
fn is_stranger(request: &JoinRequest) -> bool {
    !request.has_seat() && request.ticket().is_none() && request.session.is_none()
}

/// Whether the session of the request has ended. Read before the room is known, so that the answer tells nothing about it.
async fn session_ended(app: &Signaling, request: &JoinRequest) -> Result<bool, StoreError> {
    match (&request.session, &request.token) {
        (Some(session), Token::Absent) => Ok(!session.holds(&app.store, app.clock.now()).await?),
        _ => Ok(false),
    }
}

/// Finds the room: the one that the ticket names, because the address bar may show another platform's name for it.
async fn find_room(app: &Signaling, request: &JoinRequest) -> Result<Option<Room>, StoreError> {
    match request.ticket() {
        Some(ticket) => app.store.room(&ticket.room).await,
        None => match room_name::canonical(&request.room) {
            Some(name) => app.store.room_by_name(&name).await,
            None => Ok(None),
        },
    }
}

async fn facts(
    app: &Signaling,
    request: &JoinRequest,
    room: &Room,
) -> Result<RoomFacts, StoreError> {
    let frame = match &request.around {
        Some(around)
            if !app
                .frame_ancestors
                .is_of_school(&room.school, around.origins()) =>
        {
            Frame::Foreign
        }
        _ => Frame::Own,
    };
    let meeting = request
        .ticket()
        .and_then(|ticket| ticket.meeting.as_deref());
    let is_open = match meeting {
        Some(meeting) => bbb::is_open(&app.store, room, meeting).await?,
        None => true,
    };
    let pass_holds = pass_holds(app, request, room).await?;
    let contract = match contract_to_read(request, room, frame, is_open) {
        Some(school) if pass_holds => may_open(&app.store, app.clock.now(), school).await?,
        _ => None,
    };
    Ok(RoomFacts {
        owner: room.owner.clone(),
        frame,
        is_open,
        pass_holds,
        card_holds: card_holds(app, request, room).await?,
        contract,
    })
}

/// Whether the substitute pass of the ticket still holds, if the ticket is of one: it may have been taken back.
async fn pass_holds(
    app: &Signaling,
    request: &JoinRequest,
    room: &Room,
) -> Result<bool, StoreError> {
    match request.ticket() {
        Some(ticket) => substitutes::holds(&app.store, app.clock.now(), room, ticket).await,
        None => Ok(true),
    }
}

/// Whether the pupil card of the ticket still holds, if the ticket is of one.
async fn card_holds(
    app: &Signaling,
    request: &JoinRequest,
    room: &Room,
) -> Result<bool, StoreError> {
    match request.ticket() {
        Some(ticket) => class_cards::holds(&app.store, room, ticket).await,
        None => Ok(true),
    }
}

async fn take_in(
    app: &Signaling,
    request: &JoinRequest,
    attempt: &mut Attempt,
    room: &Room,
    frame: Frame,
    entry: Entry,
) -> Result<Outcome, StoreError> {
    let conference = if let Some(school) = &entry.starts {
        match app.conferences.start(room, school).await? {
            Started::Conference(conference) => Some(conference),
            Started::NotYet => None,
            Started::ServerFull => return Ok(Outcome::Refused(RefusalReason::ServerFull)),
        }
    } else {
        app.conferences.running(room).await?
    };
    let Some(conference) = conference else {
        return Ok(if entry.lacks_contract {
            Outcome::Refused(RefusalReason::NoContract)
        } else {
            nothing(request).into()
        });
    };
    // They wait as those do for whose room nothing runs.
    if is_stranger(request) && !app.conferences.has_place_for_guest_in(room) {
        return Ok(Outcome::Nothing);
    }
    if entry.moderates_meeting {
        bbb::tell_of_presentation(&app.store, room, &conference).await?;
    }
    let mut entrant = Entrant {
        app,
        request,
        attempt,
        conference: &conference,
        frame,
        room,
    };
    if let Some(seat) = entry.seat {
        let leads_on = seat.leads_on;
        let outcome = entrant.by_seat(seat).await?;
        let goes_on = match &outcome {
            Outcome::Refused(RefusalReason::BadSeat) => leads_on != LeadsOn::Never,
            Outcome::Refused(_) => leads_on == LeadsOn::Always,
            _ => false,
        };
        if !goes_on {
            return Ok(outcome);
        }
    }
    match entry.identity {
        Some(identity) => entrant.enter(identity).await,
        None => Ok(nothing(request).into()),
    }
}

/// Somebody who is about to enter a conference.
struct Entrant<'a> {
    app: &'a Signaling,
    request: &'a JoinRequest,
    attempt: &'a mut Attempt,
    conference: &'a ConferenceHandle,
    frame: Frame,
    room: &'a Room,
}

impl Entrant<'_> {
    async fn by_seat(&mut self, entry: SeatEntry) -> Result<Outcome, StoreError> {
        match entry.seat {
            Some((conference, participant)) if conference == *self.conference.id() => {
                let owner = entry.owner;
                self.enter(Identity::Seat { participant, owner }).await
            }
            _ => Ok(Outcome::Refused(RefusalReason::BadSeat)),
        }
    }

    async fn enter(&mut self, identity: Identity) -> Result<Outcome, StoreError> {
        let Self {
            app,
            request,
            conference,
            ..
        } = *self;
        let (name, typed_name) = match naming(request, self.frame) {
            Some(naming) => (naming.name.into(), naming.typed),
            None => (request.name.clone(), true),
        };
        let password = request.password.as_deref().and_then(folded);
        let is_counted = matches!(
            identity,
            Identity::Guest { .. } | Identity::Verified { listed: false, .. }
        );
        let is_unlisted = is_counted || matches!(identity, Identity::Invited { .. });
        let resembles_pupil = is_unlisted && app.store.has_pupil_like(&self.room.id, &name).await?;
        let attempts = &app.waiting_limits.passwords;
        let guess = match password.as_deref().filter(|_| is_counted) {
            Some(given) => {
                // Guesses of a new password count from zero: wrong ones of the former bring nobody nearer.
                let password = format!("{} {}", conference.id().0, conference.password_changes());
                let begun = attempts.begin(&password, given, &request.visitor, Instant::now());
                Some(begun.await)
            }
            None => None,
        };
        self.attempt.rate_limited |= guess.as_ref().is_some_and(|guess| guess.unproven);
        let arrival = Arrival {
            id: ParticipantId(random_token::<16>()),
            name,
            identity,
            password,
            unproven: self.attempt.rate_limited,
            typed_name,
            address: Some(request.visitor.address.to_string()),
            session: request.session_id(self.frame),
            known_for: known_for(app, request),
            resembles_pupil,
        };
        let (outbox, reader) = outbox();
        let entrance = conference.enter(arrival, outbox).await;
        match (&entrance, guess) {
            // A password was right only if it was asked for.
            (
                Entrance::In {
                    by_password: true, ..
                },
                Some(guess),
            ) => attempts.right(guess, Instant::now()),
            // Somebody who gave no password has not guessed.
            (Entrance::Hidden, Some(guess)) if !self.attempt.guess_counted => {
                self.attempt.guess_counted = true;
                if guess.wrong(Instant::now()) {
                    warn_moderators(conference).await;
                }
            }
            _ => {}
        }
        let own_frame = request.around.as_ref().map(|_| self.frame == Frame::Own);
        let joined = |connection| JoinedConnection {
            conference: conference.clone(),
            connection,
            reader,
            own_frame,
            first: None,
        };
        Ok(match entrance {
            Entrance::Lobby(connection) if self.attempt.rate_limited => {
                Outcome::Knocking(joined(connection))
            }
            Entrance::In { connection, .. } | Entrance::Lobby(connection) => {
                Outcome::Joined(joined(connection))
            }
            Entrance::Hidden | Entrance::Over => Outcome::Nothing,
            Entrance::Refused(reason) => Outcome::Refused(reason),
        })
    }
}

/// How long this server has known the browser: its cookie says so, and nobody can forge an older one.
fn known_for(app: &Signaling, request: &JoinRequest) -> Option<Duration> {
    let issued_at = app.devices.issued_at(request.device.as_deref()?)?;
    let millis = u64::try_from(app.clock.now().saturating_sub(issued_at)).ok()?;
    Some(Duration::from_millis(millis))
}

/// Warns the moderators that somebody guesses the room's password.
async fn warn_moderators(conference: &ConferenceHandle) {
    tracing::info!(conference = %conference.id().0, "many wrong passwords");
    // A conference that is over has nobody to warn.
    let _ = conference.act(Action::Alert(Alert::WrongPasswords)).await;
}
