//! Self tests: whether the media of a lesson will come through, tried by anybody, without a room and without signing in.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kmz_meet_core::room::room_name;
use kmz_meet_core::sfu::{Media, OfferError};
use kmz_meet_core::signal::{Relay, Sections};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::auth::{Caller, MaybeSignedIn};
use crate::clock::{Clock, rfc3339};
use crate::config::PublicUrl;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::limits::ClientAddress;
use crate::self_tests::{
    ConnectError, MAX_PATHS, MAX_TEST_TIME, Measured, Offered, PathKind, Report, ResultCode,
    SelfTests, Tested, Wait, outcome_of,
};
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What handlers of self tests reach.
    pub struct Testing {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        media: Media,
        self_tests: SelfTests,
    }
}

/// Codes that are drawn before one is given up: that two are the same happens once in a million times.
const MAX_DRAWS: usize = 4;

/// Slots of each kind in an offer: there is one voice and one picture.
const MAX_SLOTS: usize = 1;

/// A UDP address at which media are received.
#[derive(Serialize, ToSchema)]
pub struct MediaAddress {
    /// IPv4 or IPv6.
    address: String,
    port: u16,
}

/// What a network must let through for conferences.
#[derive(Serialize, ToSchema)]
pub struct Network {
    /// Host of the web page, which is also the relay's.
    host: String,
    /// TCP port of the web page and of the relay.
    port: u16,
    /// Whether it speaks TLS.
    secure: bool,
    /// Where media go by UDP.
    media: Vec<MediaAddress>,
}

/// Where the tester comes from, for counting by school.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewSelfTest {
    /// Name of the room from which the test was opened: the test counts for its school. Nothing else comes of it, and it is
    /// not kept.
    #[schema(value_type = String, required = false, max_length = 200)]
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
    sender: Offer,
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

/// A path that was tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriedSelfTestPath)]
pub struct TriedPath {
    kind: PathKind,
    #[schema(minimum = 1)]
    port: u16,
    /// The number of its connection; absent when there was none.
    #[schema(value_type = usize, required = false)]
    connection: Option<usize>,
    #[serde(default)]
    measured: Measured,
}

/// What a test found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSelfTestReport)]
pub struct NewReport {
    tested: Tested,
    #[schema(min_items = 1, max_items = 8)]
    paths: Vec<TriedPath>,
}

/// What a test found, as it is kept for 30 days: no name, no address of the tester.
#[derive(Serialize, ToSchema)]
pub struct SelfTestResult {
    /// Eight letters by which the result is found again.
    code: String,
    made_at: String,
    report: Report,
}

/// How many tests reached what.
#[derive(Serialize, ToSchema)]
pub struct SelfTestCount {
    /// Name of the school; absent where none was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    /// As in `2027-01`, in UTC.
    month: String,
    /// Reached UDP.
    direct: u64,
    /// Reached the relay on the port of the page, and not UDP.
    relay: u64,
    /// Reached none of the media paths.
    nothing: u64,
}

#[derive(Serialize, ToSchema)]
pub struct SelfTestCounts {
    counts: Vec<SelfTestCount>,
}

fn network_of(app: &Testing) -> Network {
    let url = Url::parse(app.public_url.as_str()).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let port = url.as_ref().and_then(Url::port_or_known_default);
    Network {
        host: host.to_owned(),
        port: port.unwrap_or_default(),
        secure: app.public_url.is_https(),
        media: app
            .media
            .candidates()
            .into_iter()
            .map(|candidate| MediaAddress {
                address: candidate.ip().to_canonical().to_string(),
                port: candidate.port(),
            })
            .collect(),
    }
}

/// What a network must let through
#[utoipa::path(
    get, path = "/api/v1/network", security(()), tag = "self_test", responses((status = 200, body = Network))
)]
pub async fn network(State(app): State<Testing>) -> Json<Network> {
    Json(network_of(&app))
}

/// Begin a self test
#[utoipa::path(
    post, path = "/api/v1/self-tests", security(()), tag = "self_test", request_body = NewSelfTest,
    responses(
        (status = 201, body = SelfTest),
        (status = 429, body = Problem, description = "`too_many_requests`: other tests run. `Retry-After` says when to try again"),
    )
)]
pub async fn begin(
    State(app): State<Testing>,
    address: ClientAddress,
    MaybeSignedIn(user): MaybeSignedIn,
    Body(new): Body<NewSelfTest>,
) -> Result<(StatusCode, Json<SelfTest>), Problem> {
    let school = match (user, new.room) {
        (Some(user), _) => Some(user.school),
        (None, Some(room)) => school_of(&app.store, &room).await?,
        (None, None) => None,
    };
    let begun = app
        .self_tests
        .begin(address.network(), school, Instant::now());
    let begun = begun.map_err(|Wait(time)| Problem::too_many_requests(time.as_secs().max(1)))?;
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

/// Tell what a self test found; it ends with that
#[utoipa::path(
    post, path = "/api/v1/self-tests/{id}/report", security(()), tag = "self_test",
    params(("id" = String, Path)), request_body = NewReport,
    responses(
        (status = 201, body = SelfTestResult),
        (status = 404, body = Problem, description = "`not_found`: the test has ended"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn report(
    State(app): State<Testing>,
    Path(id): Path<String>,
    Body(new): Body<NewReport>,
) -> Result<(StatusCode, Json<SelfTestResult>), Problem> {
    if !(1..=MAX_PATHS).contains(&new.paths.len()) {
        return Err(Problem::invalid("paths: there must be 1 to 8."));
    }
    if !new.paths.iter().all(|path| path.measured.is_plausible()) {
        return Err(Problem::invalid("paths: a number is out of range."));
    }
    let ended = app.self_tests.end(&id).ok_or_else(Problem::not_found)?;
    let reached = |number: Option<usize>| {
        let seen = number.and_then(|number| ended.reached.get(number));
        seen.copied().unwrap_or(false)
    };
    let paths: Vec<_> = new
        .paths
        .into_iter()
        .map(|path| crate::self_tests::Path {
            kind: path.kind,
            port: path.port,
            reached: reached(path.connection),
            measured: path.measured,
        })
        .collect();
    let report = Report {
        outcome: outcome_of(&paths),
        tested: new.tested,
        paths,
    };
    let now = app.clock.now();
    let made_at = rfc3339(now);
    let month = made_at.get(..7).unwrap_or_default();
    app.store
        .count_self_test(ended.school.as_deref(), (month, now), report.outcome)
        .await?;
    let mut code = ResultCode::random();
    for _ in 0..MAX_DRAWS {
        let added = app.store.add_self_test_result(code.as_str(), now, &report);
        if added.await?.is_ok() {
            break;
        }
        code = ResultCode::random();
    }
    let result = SelfTestResult {
        code: code.as_str().to_owned(),
        made_at,
        report,
    };
    Ok((StatusCode::CREATED, Json(result)))
}

/// The result of an earlier self test
#[utoipa::path(
    get, path = "/api/v1/self-test-results/{code}", security(()), tag = "self_test", params(("code" = String, Path)),
    responses(
        (status = 200, body = SelfTestResult),
        (status = 404, body = Problem, description = "`not_found`: misspelt, or older than 30 days"),
    )
)]
pub async fn result(
    State(app): State<Testing>,
    Path(code): Path<String>,
) -> Result<Json<SelfTestResult>, Problem> {
    let code = ResultCode::parse(&code).ok_or_else(Problem::not_found)?;
    let found = app.store.self_test_result(code.as_str(), app.clock.now());
    let (made_at, report) = found.await?.ok_or_else(Problem::not_found)?;
    Ok(Json(SelfTestResult {
        code: code.as_str().to_owned(),
        made_at: rfc3339(made_at),
        report,
    }))
}

/// How many self tests reached what
///
/// Of the caller's school; operators who name none see those of every school, and of people of whom no school was known.
#[utoipa::path(
    get, path = "/api/v1/self-test-counts", tag = "self_test", responses((status = 200, body = SelfTestCounts))
)]
pub async fn counts(
    State(app): State<Testing>,
    caller: Caller,
) -> Result<Json<SelfTestCounts>, Problem> {
    caller.may(Scope::SchoolWrite)?;
    let mut names = std::collections::HashMap::new();
    let mut counts = Vec::new();
    for count in app.store.self_test_counts(caller.one_school()).await? {
        if let Some(id) = &count.school
            && !names.contains_key(id)
        {
            let school = app.store.school(id).await?;
            names.insert(id.clone(), school.map(|school| school.name));
        }
        let name = count
            .school
            .and_then(|id| names.get(&id).cloned().flatten());
        counts.push(SelfTestCount {
            school: name,
            month: count.month,
            direct: count.direct,
            relay: count.relay,
            nothing: count.nothing,
        });
    }
    Ok(Json(SelfTestCounts { counts }))
}
