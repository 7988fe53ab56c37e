//! Where an arrival leads: the room by its name, the person by what the server knows of them, and the conference's answer.

use std::net::IpAddr;
use std::time::Instant;

use kmz_meet_core::conference::{ConferenceHandle, ConnectionId, Entrance, OutboxReader, outbox};
use kmz_meet_core::room::{Arrival, Identity, clean, room_name};
use kmz_meet_core::signal::{ParticipantId, RefusalReason};

use crate::app::App;
use crate::auth::random_token;
use crate::store::{Contract, Room, StoreError, User};

/// What a client said and what the server knows of it.
pub(super) struct Visit {
    pub(super) room: String,
    pub(super) name: String,
    pub(super) password: Option<String>,
    pub(super) seat: Option<String>,
    pub(super) token: Option<String>,
    pub(super) user: Option<User>,
    pub(super) device: Option<String>,
    pub(super) address: IpAddr,
}

/// A connection that the conference knows.
pub(super) struct Inside {
    pub(super) conference: ConferenceHandle,
    pub(super) connection: ConnectionId,
    pub(super) reader: OutboxReader,
}

/// Where it led.
pub(super) enum Outcome {
    /// Into the conference or its lobby.
    Inside(Inside),
    /// Nothing to enter: unknown, not started and wrong password are all this.
    Nothing {
        wrong_password: bool,
    },
    Refused(RefusalReason),
}

/// Tries the door.
pub(super) async fn try_door(app: &App, visit: &Visit) -> Result<Outcome, StoreError> {
    let nothing = Ok(Outcome::Nothing {
        wrong_password: false,
    });
    if visit.token.is_some() {
        // No claims are given out yet, so none can be valid.
        return Ok(Outcome::Refused(RefusalReason::BadSeat));
    }
    // Said before anything is looked up, so that it tells nothing about the room.
    if visit.seat.is_none() && visit.user.is_none() && clean(&visit.name).is_none() {
        return Ok(Outcome::Refused(RefusalReason::BadName));
    }
    let Some(name) = room_name::canonical(&visit.room) else {
        return nothing;
    };
    let Some(room) = app.store.room_by_name(&name).await? else {
        return nothing;
    };
    let owner = match &visit.user {
        Some(user) if user.id == room.owner => may_open(app, user).await?,
        _ => false,
    };
    let conference = if owner {
        app.conferences.start(&room).await?
    } else {
        app.conferences.running(&room).await?
    };
    let Some(conference) = conference else {
        return nothing;
    };
    if let Some(seat) = &visit.seat {
        let outcome = by_seat(app, visit, &room, &conference, seat).await;
        // A moderator who comes with an old seat gets in all the same.
        if !(owner && matches!(outcome, Outcome::Refused(_))) {
            return Ok(outcome);
        }
    }
    let identity = match &visit.user {
        Some(user) if owner => Identity::Owner {
            user: user.id.clone(),
        },
        Some(user) => Identity::Verified {
            user: user.id.clone(),
            device: visit.device.clone(),
        },
        None => Identity::Guest {
            device: visit.device.clone(),
        },
    };
    Ok(enter(app, visit, &room, &conference, identity).await)
}

/// No rooms without a signed data-processing contract.
async fn may_open(app: &App, user: &User) -> Result<bool, StoreError> {
    let school = app.store.school(&user.school).await?;
    Ok(school.is_some_and(|school| school.contract == Contract::Signed))
}

async fn by_seat(
    app: &App,
    visit: &Visit,
    room: &Room,
    conference: &ConferenceHandle,
    seat: &str,
) -> Outcome {
    match app.seats.verify(seat, app.clock.now()) {
        Some((of, participant)) if of == *conference.id() => {
            enter(app, visit, room, conference, Identity::Seat { participant }).await
        }
        _ => Outcome::Refused(RefusalReason::BadSeat),
    }
}

async fn enter(
    app: &App,
    visit: &Visit,
    room: &Room,
    conference: &ConferenceHandle,
    identity: Identity,
) -> Outcome {
    let now = Instant::now();
    let name = visit.user.as_ref().map_or(&visit.name, |user| &user.name);
    let arrival = Arrival {
        id: ParticipantId(random_token::<16>()),
        name: name.clone(),
        identity,
        password: visit.password.clone(),
        suspicious: app.throttle.is_suspicious(&room.name, visit.address, now),
    };
    let (outbox, reader) = outbox();
    match conference.enter(arrival, outbox).await {
        Entrance::In(connection) | Entrance::Lobby(connection) => Outcome::Inside(Inside {
            conference: conference.clone(),
            connection,
            reader,
        }),
        Entrance::Hidden => Outcome::Nothing {
            wrong_password: true,
        },
        Entrance::Refused(reason) => Outcome::Refused(reason),
        Entrance::Over => Outcome::Nothing {
            wrong_password: false,
        },
    }
}

/// Notes a failure once for each attempt that a person makes.
pub(super) fn note_failure(app: &App, visit: &Visit, wrong_password: bool) {
    if wrong_password && let Some(room) = room_name::canonical(&visit.room) {
        app.throttle
            .wrong_password(&room, visit.address, Instant::now());
    }
}
