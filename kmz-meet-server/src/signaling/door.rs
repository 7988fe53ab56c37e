//! Where an arrival leads: the room by its name, the person by what the server knows of them, and the conference's answer.

use std::sync::Arc;
use std::time::Instant;

use kmz_meet_core::conference::{ConferenceHandle, ConnectionId, Entrance, OutboxReader, outbox};
use kmz_meet_core::room::password::folded;
use kmz_meet_core::room::{Action, Arrival, Identity, Millis, room_name};
use kmz_meet_core::signal::{Alert, ParticipantId, RefusalReason};

use super::join_request::Visit;
use super::naming::naming;
use crate::credentials::{Ticket, TicketRole, random_token};
use crate::integrations::bbb::{self, Meetings};
use crate::schools::may_open;
use crate::state::App;
use crate::store::{Room, StoreError};

/// A connection that the conference knows.
pub(super) struct Inside {
    pub(super) conference: ConferenceHandle,
    pub(super) connection: ConnectionId,
    pub(super) reader: OutboxReader,
    /// In a frame: whether the pages around are the room's own school's.
    pub(super) own_frame: Option<bool>,
    /// What the client was not told yet.
    pub(super) first: Option<Arc<str>>,
}

/// Where it led.
pub(super) enum Outcome {
    /// Into the conference or its lobby.
    Inside(Inside),
    /// Into the lobby; the client is to be answered as if there were nothing to enter.
    Knocking(Inside),
    /// Nothing to enter: unknown, not started and wrong password are all this.
    Nothing,
    Refused(RefusalReason),
}

/// Tries the door. What leads nowhere does not count as an arrival.
pub(super) async fn try_door(app: &App, visit: &mut Visit) -> Result<Outcome, StoreError> {
    let moment = visit.moment.take();
    let outcome = led_to(app, visit).await;
    if let Some(moment) = moment
        && matches!(outcome, Ok(Outcome::Inside(_) | Outcome::Knocking(_)))
    {
        moment.spend();
    }
    outcome
}

async fn led_to(app: &App, visit: &mut Visit) -> Result<Outcome, StoreError> {
    // It may have ended while they waited; asked before the room is known, so that it tells nothing about it.
    if let Some(own) = visit.signed_in.as_ref().filter(|_| visit.token.is_none())
        && !own.holds(&app.store, app.clock.now()).await?
    {
        return Ok(Outcome::Refused(RefusalReason::SignedOut));
    }
    // Before the room is known nobody in a frame counts as signed in: so what is answered tells nothing about the room.
    visit.own_frame = false;
    // A seat that does not fit is answered alike whether there is such a room or not. Who is known comes without it.
    let nothing = if visit.seat.is_some() && !visit.is_known() {
        Ok(Outcome::Refused(RefusalReason::BadSeat))
    } else {
        Ok(Outcome::Nothing)
    };
    // Who has a seat comes by it, also when the ticket of the first time is too old by now.
    if visit.token.is_some() && visit.ticket.is_none() && visit.seat.is_none() {
        return Ok(Outcome::Refused(visit.no_ticket));
    }
    // Said before anything is looked up, so that it tells nothing about the room. Who has an account is let in all the same.
    let has_account = visit.ticket.is_none() && visit.user().is_some();
    if visit.seat.is_none() && !has_account && naming(visit).is_none() {
        return Ok(Outcome::Refused(RefusalReason::BadName));
    }
    let ticket = visit.ticket.as_ref();
    // A ticket names its room; what stands in the address bar may be another platform's name for it.
    let room = match ticket {
        Some(ticket) => app.store.room(&ticket.room).await?,
        None => match room_name::canonical(&visit.room) {
            Some(name) => app.store.room_by_name(&name).await?,
            None => None,
        },
    };
    let Some(room) = room else {
        return nothing;
    };
    if let Some(around) = &visit.around {
        visit.own_frame = app.framing.is_of_school(&room.school, around.origins());
    }
    // Whoever has a seat is let back as long as the conference runs.
    let open = is_open(app, &room, ticket).await?;
    if !open && visit.seat.is_none() {
        return nothing;
    }
    let owner = match (ticket, visit.user()) {
        // A ticket says as whom someone comes, whoever is signed in at that browser.
        (Some(ticket), _) => {
            open && ticket.role == TicketRole::Moderator
                && may_open(&*app.store, &room.school).await?
        }
        (None, Some(user)) => {
            room.owner.as_ref() == Some(&user.id) && may_open(&*app.store, &user.school).await?
        }
        (None, None) => false,
    };
    let starts = match ticket {
        Some(ticket) if open && ticket.starts && !owner => {
            may_open(&*app.store, &room.school).await?
        }
        _ => owner,
    };
    let conference = if starts {
        app.conferences.start(&room).await?
    } else {
        app.conferences.running(&room).await?
    };
    let Some(conference) = conference else {
        return nothing;
    };
    if owner && ticket.is_some_and(|ticket| ticket.meeting.is_some()) {
        bbb::tell_of_presentation(&Meetings::from(app), &room, &conference).await?;
    }
    if let Some(seat) = visit.seat.clone() {
        let outcome = by_seat(app, visit, &conference, &seat).await;
        // Who is known comes in without a seat of their own, too; and a moderator whatever there is against them.
        let goes_on = match outcome {
            Outcome::Refused(RefusalReason::BadSeat) => owner || visit.is_known(),
            Outcome::Refused(_) => owner,
            _ => false,
        };
        if !goes_on {
            return Ok(outcome);
        }
        if !open {
            return nothing;
        }
    }
    let identity = identity(visit, owner);
    Ok(enter(app, visit, &conference, identity).await)
}

/// What the server knows of a newcomer.
fn identity(visit: &Visit, owner: bool) -> Identity {
    let device = visit.device.clone();
    match (&visit.ticket, visit.user()) {
        (Some(ticket), _) if owner => Identity::Owner {
            user: ticket.user.clone(),
        },
        (Some(ticket), _) if ticket.role == TicketRole::Guest => Identity::Guest { device },
        (Some(ticket), _) if ticket.role == TicketRole::Invited => Identity::Invited { device },
        (Some(ticket), _) => Identity::Verified {
            user: ticket.user.clone(),
            device,
            // A moderator's ticket of a school without a contract opens nothing, and gives no right either.
            listed: ticket.role == TicketRole::Member,
            anonymous: ticket.anonymous,
        },
        (None, Some(user)) if owner => Identity::Owner {
            user: user.id.clone(),
        },
        (None, Some(user)) => Identity::Verified {
            user: user.id.clone(),
            device,
            listed: false,
            anonymous: false,
        },
        (None, None) => Identity::Guest { device },
    }
}

/// How long this server has known the browser: the cookie says so, and nobody can make one that is older than it is.
fn known_for(app: &App, visit: &Visit) -> Option<Millis> {
    let issued_at = app.devices.issued_at(visit.device.as_deref()?)?;
    Millis::try_from(app.clock.now().saturating_sub(issued_at)).ok()
}

/// Whether the meeting of a ticket goes on; tickets of other rooms have none.
async fn is_open(app: &App, room: &Room, ticket: Option<&Ticket>) -> Result<bool, StoreError> {
    match ticket.and_then(|ticket| ticket.meeting.as_deref()) {
        Some(meeting) => bbb::is_open(&Meetings::from(app), room, meeting).await,
        None => Ok(true),
    }
}

async fn by_seat(
    app: &App,
    visit: &mut Visit,
    conference: &ConferenceHandle,
    seat: &str,
) -> Outcome {
    match app.seats.verify(seat, app.clock.now()) {
        Some((of, participant)) if of == *conference.id() => {
            let whose = visit.whose();
            let identity = Identity::Seat { participant, whose };
            enter(app, visit, conference, identity).await
        }
        _ => Outcome::Refused(RefusalReason::BadSeat),
    }
}

async fn enter(
    app: &App,
    visit: &mut Visit,
    conference: &ConferenceHandle,
    identity: Identity,
) -> Outcome {
    let (name, typed_name) = match naming(visit) {
        Some(naming) => (naming.name.into(), naming.typed),
        None => (visit.name.clone(), true),
    };
    let password = visit.password.as_deref().and_then(folded);
    let is_counted = matches!(
        identity,
        Identity::Guest { .. } | Identity::Verified { listed: false, .. }
    );
    let guess = match password.as_deref().filter(|_| is_counted) {
        Some(given) => {
            let guessing = &app.throttle.guessing;
            // A new password begins anew: nobody comes nearer to it by wrong ones of before.
            let password = format!("{} {}", conference.id().0, conference.password_changes());
            let begun = guessing.begin(&password, given, &visit.visitor, Instant::now());
            Some(begun.await)
        }
        None => None,
    };
    visit.suspicious |= guess.as_ref().is_some_and(|guess| guess.suspicious);
    let arrival = Arrival {
        id: ParticipantId(random_token::<16>()),
        name,
        identity,
        password,
        suspicious: visit.suspicious,
        typed_name,
        address: Some(visit.visitor.address.to_string()),
        session: visit.session(),
        known_for: known_for(app, visit),
    };
    let (outbox, reader) = outbox();
    let entrance = conference.enter(arrival, outbox).await;
    let inside = |connection| Inside {
        conference: conference.clone(),
        connection,
        reader,
        own_frame: visit.around.as_ref().map(|_| visit.own_frame),
        first: None,
    };
    let guessing = &app.throttle.guessing;
    match (&entrance, guess) {
        // Where no password was asked for none was right.
        (
            Entrance::In {
                by_password: true, ..
            },
            Some(guess),
        ) => guessing.right(guess, Instant::now()),
        // Who gave none has not guessed.
        (Entrance::Hidden, Some(guess)) if !visit.counted => {
            visit.counted = true;
            if guess.wrong(Instant::now()) {
                warn_moderators(conference).await;
            }
        }
        _ => {}
    }
    match entrance {
        Entrance::Lobby(connection) if visit.suspicious => Outcome::Knocking(inside(connection)),
        Entrance::In { connection, .. } | Entrance::Lobby(connection) => {
            Outcome::Inside(inside(connection))
        }
        Entrance::Hidden | Entrance::Over => Outcome::Nothing,
        Entrance::Refused(reason) => Outcome::Refused(reason),
    }
}

/// Someone guesses the room's password.
async fn warn_moderators(conference: &ConferenceHandle) {
    tracing::info!(conference = %conference.id().0, "many wrong passwords");
    // A conference that is over has nobody to warn.
    let _ = conference.act(Action::Alert(Alert::WrongPasswords)).await;
}
