//! A test that runs: its begin, and its connections.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kmz_meet_core::room::room_name;
use kmz_meet_core::sfu::OfferError;
use kmz_meet_core::signal::{Relay, Sections};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Testing;
use super::network::{Network, network_of};
use crate::auth::MaybeSignedIn;
use crate::http::Problem;
use crate::http::json_body::{Body, object};
use crate::http::path::Path;
use crate::limits::ClientAddress;
use crate::self_tests::{ConnectError, MAX_TEST_TIME, Offered, Wait};
use crate::store::SharedStore;

/// Slots of each kind in an offer: there is one voice and one picture.
const MAX_SLOTS: usize = 1;
/// Of a name that somebody typed.
const MAX_ROOM_CHARS: usize = 200;

/// Where the tester comes from, for counting by school.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewSelfTest {
    /// Name of the room from which the test was opened: the test counts for its school. Nothing else comes of it, and it is
    /// not kept.
    #[schema(max_length = 200)]
    room: Option<String>,
}

/// Long-term credentials for the relay (RFC 8656).
#[derive(Serialize, ToSchema)]
pub struct RelayCredentials {
    username: String,
    password: String,
}

impl From<Relay> for RelayCredentials {
    fn from(Relay { username, password }: Relay) -> Self {
        Self { username, password }
    }
}

/// A test that runs.
#[derive(Serialize, ToSchema)]
pub struct SelfTest {
    /// Secret: whoever has it goes on with the test.
    id: String,
    /// The server ends the test after this time.
    seconds: u64,
    /// For the connection that sends.
    sender_relay: RelayCredentials,
    /// For the connection that receives.
    receiver_relay: RelayCredentials,
    network: Network,
}

/// An offer (RFC 8829), with what its sections are for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SelfTestOffer)]
pub struct Offer {
    #[schema(max_length = 65_536)]
    sdp: String,
    #[serde(deserialize_with = "object")]
    sections: OfferedSections,
}

/// Which media section (`a=mid`) of an offer carries what.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = SelfTestSections)]
#[serde(deny_unknown_fields, default)]
pub struct OfferedSections {
    /// sendonly audio
    #[schema(value_type = String, required = false)]
    microphone: Option<String>,
    /// sendonly video, simulcast with rids `q`, `h`, `f` where the browser can
    #[schema(value_type = String, required = false)]
    camera: Option<String>,
    /// recvonly audio
    #[schema(max_items = 1)]
    audio_slots: Vec<String>,
    /// recvonly video
    #[schema(max_items = 1)]
    video_slots: Vec<String>,
}

impl From<OfferedSections> for Sections {
    fn from(offered: OfferedSections) -> Self {
        Self {
            microphone: offered.microphone,
            camera: offered.camera,
            audio_slots: offered.audio_slots,
            video_slots: offered.video_slots,
            ..Self::default()
        }
    }
}

/// The two connections on one path: what the first one sends, the second one receives.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSelfTestConnection)]
pub struct NewConnection {
    #[serde(deserialize_with = "object")]
    sender: Offer,
    #[serde(deserialize_with = "object")]
    receiver: Offer,
}

/// The answers to the offers.
#[derive(Serialize, ToSchema)]
#[schema(as = SelfTestConnection)]
pub struct Connection {
    /// For the report.
    number: usize,
    sender: String,
    receiver: String,
}

/// Begin a self test
#[utoipa::path(
    post, path = "/api/v1/self-tests", security(()), tag = "self_test", request_body = NewSelfTest,
    responses(
        (status = 201, body = SelfTest),
        (status = 422, body = Problem, description = "`invalid`"),
        (status = 429, body = Problem, description = "`too_many_requests`: other tests run. `Retry-After` says when to try again"),
    )
)]
pub async fn begin(
    State(app): State<Testing>,
    address: ClientAddress,
    MaybeSignedIn(user): MaybeSignedIn,
    Body(new): Body<NewSelfTest>,
) -> Result<(StatusCode, Json<SelfTest>), Problem> {
    if new
        .room
        .as_ref()
        .is_some_and(|room| room.chars().count() > MAX_ROOM_CHARS)
    {
        return Err(Problem::invalid("room: it is too long."));
    }
    let begun = app.self_tests.begin(address.network(), Instant::now());
    let begun = begun.map_err(|Wait(time)| Problem::too_many_requests(time.as_secs().max(1)))?;
    // Looked for after the limit: whoever has none left must not make the database work.
    let school = match (user, new.room) {
        (Some(user), _) => Some(user.school),
        (None, Some(room)) => school_of(&app.store, &room).await?,
        (None, None) => None,
    };
    if let Some(school) = school {
        app.self_tests.counts_for(&begun.id, school);
    }
    let [sender, receiver] = begun.relay;
    let test = SelfTest {
        id: begun.id,
        seconds: MAX_TEST_TIME.as_secs(),
        sender_relay: sender.into(),
        receiver_relay: receiver.into(),
        network: network_of(&app),
    };
    Ok((StatusCode::CREATED, Json(test)))
}

async fn school_of(store: &SharedStore, room: &str) -> Result<Option<String>, Problem> {
    let Some(name) = room_name::canonical(room.trim()) else {
        return Ok(None);
    };
    let room = store.room_by_name(&name).await?;
    Ok(room.map(|room| room.school))
}

/// Connect on one path of a self test
#[utoipa::path(
    post, path = "/api/v1/self-tests/{id}/connections", security(()), tag = "self_test",
    params(("id" = String, Path)), request_body = NewConnection,
    responses(
        (status = 201, body = Connection),
        (status = 404, body = Problem, description = "`not_found`: the test has ended"),
        (status = 422, body = Problem, description = "`invalid`: an offer cannot be answered, or there are too many"),
    )
)]
pub async fn connect(
    State(app): State<Testing>,
    Path(id): Path<String>,
    Body(new): Body<NewConnection>,
) -> Result<(StatusCode, Json<Connection>), Problem> {
    let slots = [&new.sender, &new.receiver].map(|offer| {
        let OfferedSections {
            audio_slots,
            video_slots,
            ..
        } = &offer.sections;
        audio_slots.len().max(video_slots.len())
    });
    if slots.into_iter().any(|slots| slots > MAX_SLOTS) {
        return Err(Problem::invalid(
            "sections: there may be one slot of each kind.",
        ));
    }
    let offered = [new.sender, new.receiver].map(|Offer { sdp, sections }| Offered {
        sdp,
        sections: sections.into(),
    });
    let connected = app.self_tests.connect(&id, offered).await;
    let (number, [sender, receiver]) = connected.map_err(|error| match error {
        // It may have ended while the offer was looked at.
        ConnectError::Unknown | ConnectError::Offer(OfferError::UnknownParticipant) => {
            Problem::not_found()
        }
        ConnectError::TooMany => {
            Problem::invalid("This test has as many connections as it may have.")
        }
        ConnectError::Offer(error) => Problem::invalid(format!("An offer: {error}.")),
    })?;
    let connection = Connection {
        number,
        sender,
        receiver,
    };
    Ok((StatusCode::CREATED, Json(connection)))
}
