//! The BigBlueButton-compatible API: an existing set-up moves over by changing its URL and its secret.
//!
//! A call names its school by the secret that made its checksum. Nothing outside the checksum has any effect. Rooms of
//! meetings are rooms as all others; `join` hands out a ticket, as courses and integrators do.

mod checksum;
mod create;
mod ending;
mod info;
mod join;
mod meeting;
mod query;
mod xml;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

pub use ending::{end_overdue, ended};
pub use meeting::{Secret, new_secret, secrets_of};

use checksum::split;
use query::{MAX_QUERY, Query};
use xml::{Failure, nest, success, success_with, text};

use crate::app::App;

/// Presentations may come in the body of `create`; they are not shown, so none is large.
const MAX_BODY: usize = 1024 * 1024;

/// Where the API is, for platforms that ask for one URL.
pub const PATH: &str = "/bigbluebutton/";

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/bigbluebutton/api", any(root))
        .route("/bigbluebutton/api/", any(root))
        .route("/bigbluebutton/api/{call}", any(named))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// A person of a platform, as a user of ours.
fn user(school: &str, id: &str) -> String {
    format!("bbb:{school}:{id}")
}

/// The other way round; empty for others.
fn external_user<'a>(school: &str, user: &'a str) -> &'a str {
    user.strip_prefix("bbb:")
        .and_then(|rest| rest.strip_prefix(school)?.strip_prefix(':'))
        .unwrap_or_default()
}

async fn root(
    State(app): State<Arc<App>>,
    method: Method,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    called(&app, "", &method, &raw.unwrap_or_default(), &headers, &body).await
}

async fn named(
    State(app): State<Arc<App>>,
    Path(call): Path<String>,
    method: Method,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    called(
        &app,
        &call,
        &method,
        &raw.unwrap_or_default(),
        &headers,
        &body,
    )
    .await
}

/// The signed parameters: of the URL, or of a form where the URL has none.
fn parameters<'a>(raw: &'a str, method: &Method, headers: &HeaderMap, body: &'a [u8]) -> &'a str {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if raw.is_empty() && *method == Method::POST && is_form {
        return std::str::from_utf8(body).unwrap_or_default();
    }
    raw
}

async fn called(
    app: &App,
    call: &str,
    method: &Method,
    raw: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let raw = parameters(raw, method, headers, body);
    match answer(app, call, raw, headers).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn answer(
    app: &App,
    call: &str,
    raw: &str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    if raw.len() > MAX_QUERY {
        return Err(Failure::new(
            "invalidQuery",
            "The query is longer than 64 KiB.",
        ));
    }
    // The version is no secret, and some clients ask for it without a checksum.
    if call.is_empty() && split(raw).is_none() {
        return Ok(version());
    }
    let school = school(app, call, raw).await?;
    let signed = split(raw).ok_or_else(Failure::checksum)?;
    let query = Query::read(&signed.query)?;
    match call {
        "" => Ok(version()),
        "create" => create::create(app, &school, &query).await,
        "join" => Ok(join::join(app, &school, &query, headers).await),
        "isMeetingRunning" => info::is_running(app, &school, &query).await,
        "getMeetingInfo" => info::info(app, &school, &query).await,
        "getMeetings" => info::list(app, &school).await,
        "end" => ending::end(app, &school, &query).await,
        "getRecordings" => Ok(success_with(
            vec![nest("recordings", Vec::new())],
            "noRecordings",
            "There are no recordings for the meeting(s).",
        )),
        "publishRecordings" | "deleteRecordings" | "updateRecordings" => {
            query.need("recordID")?;
            Err(Failure::new("notFound", "There is no such recording."))
        }
        "getRecordingTextTracks" | "putRecordingTextTrack" => {
            Err(Failure::new("noRecordings", "There is no such recording."))
        }
        "insertDocument" => Err(Failure::new(
            "notSupported",
            "Documents are not shown here. Share the screen instead.",
        )),
        _ => Err(Failure::new(
            "unsupportedRequest",
            "This call is not supported.",
        )),
    }
}

fn version() -> Response {
    success(vec![
        text("version", "2.0"),
        text("apiVersion", "2.0"),
        text("bbbVersion", ""),
    ])
}

/// The school whose secret made the checksum.
async fn school(app: &App, call: &str, raw: &str) -> Result<String, Failure> {
    let signed = split(raw).ok_or_else(Failure::checksum)?;
    let secrets = secrets_of(app, None).await?;
    let fitting = secrets
        .into_iter()
        .find(|secret| signed.fits(call, &secret.data.secret));
    fitting
        .and_then(|secret| secret.school)
        .ok_or_else(Failure::checksum)
}
