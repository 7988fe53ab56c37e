//! The routes of the API, and the calls by their names.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRef, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::StreamExt;

use super::caller::{Sent, caller};
use super::checksum::{self, split};
use super::query::{MAX_QUERY_BYTES, Query};
use super::state::Meetings;
use super::xml::{Failure, nest, success, success_with, text};
use super::{create, ending, info, join};
use crate::config::Config;
use crate::language::Language;
use crate::limits::ClientAddress;
use crate::page;

/// The body of `create` may have presentations. This server does not show them, and tells the moderators so. It reads and
/// discards up to this many bytes.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// A body must arrive within this time.
const MAX_BODY_TIME: Duration = Duration::from_secs(10);
/// A body names its first presentation within this many bytes.
const MAX_BODY_BEGINNING: usize = 16 * 1_024;

/// The routes.
pub fn routes<S>() -> Router<S>
where
    Meetings: FromRef<S>,
    Arc<Config>: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/bigbluebutton/api", any(root))
        .route("/bigbluebutton/{*path}", any(named))
}

async fn root(State(app): State<Meetings>, from: ClientAddress, request: Request) -> Response {
    called(&app, "", from, request).await
}

async fn named(
    State(app): State<Meetings>,
    from: ClientAddress,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(path)) = path else {
        return Failure::checksum().into_response();
    };
    // Platforms compose the address with more or fewer slashes.
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    if parts.next() != Some("api") {
        let nothing = "There is nothing here. The calls begin with /bigbluebutton/api/.";
        return Failure::new("unsupportedRequest", nothing).into_response();
    }
    let call: Vec<&str> = parts.collect();
    called(&app, &call.join("/"), from, request).await
}

async fn called(app: &Meetings, call: &str, from: ClientAddress, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    if is_form(&parts) && has_no_parameters(query) {
        let Ok(form) = to_bytes(body, MAX_QUERY_BYTES).await else {
            return Failure::too_long().into_response();
        };
        let sent = Sent {
            parameters: with_form(query, &String::from_utf8_lossy(&form)),
            is_form: true,
            presents: false,
            from,
        };
        return answered(app, call, &sent, &parts.headers).await;
    }
    let sent = Sent {
        parameters: query.to_owned(),
        is_form: false,
        presents: tokio::time::timeout(MAX_BODY_TIME, discard(body))
            .await
            .unwrap_or(false),
        from,
    };
    answered(app, call, &sent, &parts.headers).await
}

async fn answered(app: &Meetings, call: &str, sent: &Sent, headers: &HeaderMap) -> Response {
    match answer(app, call, sent, headers).await {
        Ok(response) => response,
        Err(failure)
            if call == "join"
                && join::wants_page(headers)
                && !Query::wants_no_redirect(&sent.parameters) =>
        {
            match failure.again {
                // The page loads its own address again.
                Some(again) if !sent.is_form => page::busy(Language::wanted(headers), again),
                _ => join::explained(&Query::default(), headers, &failure),
            }
        }
        Err(failure) => failure.into_response(),
    }
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    parts.method == Method::POST
        && kind
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Whether the parameters must be in the body. A body beside a query with parameters is a presentation and has no effect.
fn has_no_parameters(query: &str) -> bool {
    query
        .split('&')
        .all(|part| part.is_empty() || part.starts_with(checksum::PARAMETER))
}

/// The parameters of a form, whose checksum may be in the address.
fn with_form(query: &str, form: &str) -> String {
    if form.is_empty() {
        return query.to_owned();
    }
    let checksums = query.split('&').filter(|part| !part.is_empty());
    let parts: Vec<&str> = std::iter::once(form).chain(checksums).collect();
    parts.join("&")
}

/// Reads a body to its end, because clients read the answer only when they have sent everything. Says whether the body names a
/// presentation: `<document url="…"/>` or `<document name="…">` within `<module name="presentation">`.
async fn discard(body: Body) -> bool {
    let mut body = body.into_data_stream();
    let mut length = 0;
    let mut beginning = Vec::new();
    while let Some(Ok(part)) = body.next().await {
        let room = MAX_BODY_BEGINNING - beginning.len();
        beginning.extend_from_slice(&part[..part.len().min(room)]);
        length += part.len();
        if length > MAX_BODY_BYTES {
            break;
        }
    }
    String::from_utf8_lossy(&beginning).contains("<document ")
}

async fn answer(
    app: &Meetings,
    call: &str,
    sent: &Sent,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    if sent.parameters.len() > MAX_QUERY_BYTES {
        return Err(Failure::too_long());
    }
    // The version is no secret, and some clients ask for it without a checksum.
    let Some(signed) = split(&sent.parameters) else {
        return if call.is_empty() {
            Ok(version())
        } else {
            Err(Failure::checksum())
        };
    };
    let caller = caller(app, call, &signed, sent).await?;
    let school = caller.school.as_str();
    let query = Query::read(&signed.query)?;
    match call {
        "" => Ok(version()),
        "create" => create::create(app, &caller, &query, sent.presents).await,
        "join" => Ok(join::join(app, school, &query, headers).await),
        "isMeetingRunning" => info::is_running(app, school, &query).await,
        "getMeetingInfo" => info::info(app, school, &query).await,
        "getMeetings" => info::list(app, school).await,
        "end" => ending::end(app, school, &query).await,
        "getRecordings" => Ok(success_with(
            vec![nest("recordings", Vec::new())],
            "noRecordings",
            "There are no recordings for the meeting(s).",
        )),
        "publishRecordings" | "deleteRecordings" | "updateRecordings" => {
            query.need("recordID")?;
            if call == "publishRecordings" {
                query.need("publish")?;
            }
            Err(Failure::new("notFound", "There is no such recording."))
        }
        "getRecordingTextTracks" | "putRecordingTextTrack" => {
            let none = Failure::new("noRecordings", "There is no such recording.");
            Ok(none.json())
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
