//! `Idempotency-Key`: a creation that is asked for twice happens once (draft-ietf-httpapi-idempotency-key-header-07).

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::creations::repetition;
use super::operation::Repetition;
use crate::auth::Caller;
use crate::clock::millis;
use crate::http::Problem;
use crate::http::json_body::MAX_BODY_BYTES;
use crate::state::{App, AppState};
use crate::store::{Kind, Record};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_KEY: usize = 200;
/// How long an answer is remembered.
const KEPT_FOR: Duration = Duration::from_hours(24);
/// A request without an answer after this time was abandoned: requests time out earlier, so only a crash leaves one behind.
const ABANDONED_AFTER: Duration = Duration::from_mins(1);

/// What is kept of the first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    Answer,
    /// That there was one.
    Nothing,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    /// Of the request's body.
    fingerprint: String,
    /// Absent while it is being done, or when it must not be kept.
    answer: Option<Answer>,
    done: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    status: u16,
    content_type: String,
    body: String,
}

impl Kind for Remembered {
    const KIND: &'static str = "idempotency";
}

fn hash(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}

/// Middleware: answers a repeated creation as the first one.
pub async fn answer_repeated(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let key = request.headers().get(HEADER).cloned();
    let route = request.extensions().get::<MatchedPath>();
    let repeated_gets = route.and_then(|route| repetition(request.method(), route.as_str()));
    let keeps = match repeated_gets {
        Some(Repetition::SameAnswer) => Keeps::Answer,
        Some(Repetition::Refusal) => Keeps::Nothing,
        Some(Repetition::NewAnswer) | None => return next.run(request).await,
    };
    let Some(key) = key else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    // Before anything is remembered or told: a key that was revoked opens no former answer either.
    let caller = match Caller::from_request_parts(&mut parts, &app).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let request = Request::from_parts(parts, body);
    // Equal keys of different callers are different keys.
    match repeated(&app, &key, &caller, keeps, (request, next)).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn repeated(
    app: &AppState,
    key: &HeaderValue,
    caller: &Caller,
    keeps: Keeps,
    (request, next): (Request, Next),
) -> Result<Response, Problem> {
    let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    if !(1..=MAX_KEY).contains(&key.len()) || !visible {
        return Err(Problem::bad_request(format!(
            "Idempotency-Key: it must have from 1 to {MAX_KEY} visible ASCII characters."
        )));
    }
    // With its query: an operator may name another school there.
    let uri = request.uri();
    let path = uri
        .path_and_query()
        .map_or(uri.path(), PathAndQuery::as_str);
    let path = path.to_owned();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Problem::too_large())?;
    let requester = caller.name();
    let place = hash(&[requester.as_bytes(), path.as_bytes(), key.as_bytes()]);
    let fingerprint = hash(&[&body]);
    let request = Request::from_parts(parts, Body::from(body));
    let (app, school) = (app.clone(), caller.school.clone());
    // A task of its own: whoever asks may be gone before it is done, and asks again with the same key.
    let work = tokio::spawn(async move {
        match begin(&app, (&school, &requester), (&place, &fingerprint)).await? {
            Begun::Now(record) => perform(&app, record, keeps, request, next).await,
            Begun::Before(answer) => answer,
        }
    });
    work.await
        .unwrap_or_else(|error| Err(Problem::internal(&error)))
}

enum Begun {
    /// It is this request's to do.
    Now(Record<Remembered>),
    /// Another request did or does it.
    Before(Result<Response, Problem>),
}

async fn begin(
    app: &App,
    (school, requester): (&str, &str),
    (place, fingerprint): (&str, &str),
) -> Result<Begun, Problem> {
    let now = app.clock.now();
    let remembered = Remembered {
        fingerprint: fingerprint.to_owned(),
        answer: None,
        done: false,
    };
    // It goes with who asked, and with whom of the school it is about (`store/persons.rs`).
    let mut record = Record::new(school.to_owned(), now, remembered);
    record.parent = Some(requester.to_owned());
    record.key = Some(place.to_owned());
    record.expires_at = Some(now + millis(ABANDONED_AFTER));
    if record.add(&app.store).await?.is_ok() {
        return Ok(Begun::Now(record));
    }
    let former = Record::<Remembered>::by_key(&app.store, place).await?;
    let Some(former) = former else {
        return Ok(Begun::Before(Err(Problem::in_progress())));
    };
    let over = former.expires_at.is_some_and(|at| at <= now);
    // Of several who find what was given up, one takes it over.
    if over && former.delete(&app.store).await? && record.add(&app.store).await?.is_ok() {
        return Ok(Begun::Now(record));
    }
    Ok(Begun::Before(if over {
        Err(Problem::in_progress())
    } else {
        again(former.data, fingerprint)
    }))
}

async fn perform(
    app: &App,
    mut record: Record<Remembered>,
    keeps: Keeps,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let response = next.run(request).await;
    if !response.status().is_success() {
        // What failed may be tried again.
        record.delete(&app.store).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    record.data.done = true;
    record.data.answer = (keeps == Keeps::Answer).then(|| Answer {
        status: parts.status.as_u16(),
        content_type: text(&parts.headers),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    record.expires_at = Some(app.clock.now() + millis(KEPT_FOR));
    record.insert_or_replace(&app.store).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn text(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    value.unwrap_or("application/json").to_owned()
}

fn again(former: Remembered, fingerprint: &str) -> Result<Response, Problem> {
    if former.fingerprint != fingerprint {
        return Err(Problem::key_reused());
    }
    match former.answer {
        Some(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            let headers = [
                (header::CONTENT_TYPE, answer.content_type),
                (
                    HeaderName::from_static("idempotent-replayed"),
                    "true".to_owned(),
                ),
            ];
            Ok((status, headers, Bytes::from(answer.body)).into_response())
        }
        None if former.done => Err(Problem::already_made()),
        None => Err(Problem::in_progress()),
    }
}
