//! `Idempotency-Key`: a creation that is asked for twice happens once (draft-ietf-httpapi-idempotency-key-header-07).

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{MAX_BODY_BYTES, Problem};
use crate::app::App;
use crate::auth::Cookies;
use crate::store::{Kind, Record};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_KEY: usize = 200;
/// The answer is remembered for a day.
const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;
/// Answers with a secret in them are not kept: the key of such a creation only keeps it from happening twice.
const SECRETS: [&str; 3] = ["/api/v1/keys", "/api/v1/webhooks", "/api/v1/bbb/secrets"];

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

/// By whom it is asked; nobody's key meets anyone else's.
fn caller(app: &App, headers: &HeaderMap) -> Option<Vec<u8>> {
    match headers.get(header::AUTHORIZATION) {
        Some(value) => Some(value.as_bytes().to_vec()),
        None => Cookies::of(&app.public_url)
            .token(headers)
            .map(String::into_bytes),
    }
}

/// Middleware: answers a repeated creation as the first one.
pub async fn once(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let key = request.headers().get(HEADER).cloned();
    let (Some(key), Method::POST) = (key, request.method().clone()) else {
        return next.run(request).await;
    };
    let Some(caller) = caller(&app, request.headers()) else {
        return next.run(request).await;
    };
    match repeated(&app, key, caller, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn repeated(
    app: &App,
    key: HeaderValue,
    caller: Vec<u8>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    if !(1..=MAX_KEY).contains(&key.len()) || !visible {
        return Err(Problem::bad_request(format!(
            "Idempotency-Key: it must have from 1 to {MAX_KEY} visible ASCII characters."
        )));
    }
    let path = request.uri().path().to_owned();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Problem::too_large())?;
    let place = hash(&[&caller, path.as_bytes(), key.as_bytes()]);
    let fingerprint = hash(&[&body]);
    let now = app.clock.now();
    let mut record = Record::new(
        None,
        now,
        Remembered {
            fingerprint: fingerprint.clone(),
            answer: None,
            done: false,
        },
    );
    record.key = Some(place.clone());
    record.expires_at = Some(now + KEPT_MS);
    if record.add(&*app.store).await?.is_err() {
        let former = Record::<Remembered>::by_key(&*app.store, &place).await?;
        return former.map_or_else(
            || Err(in_progress()),
            |former| again(former.data, &fingerprint),
        );
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() {
        // What failed may be tried again.
        record.delete(&*app.store).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    record.data.done = true;
    record.data.answer = (!SECRETS.contains(&path.as_str())).then(|| Answer {
        status: parts.status.as_u16(),
        content_type: text(&parts.headers),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    record.put(&*app.store).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn text(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    value.unwrap_or("application/json").to_owned()
}

fn in_progress() -> Problem {
    Problem::conflict(
        "in_progress",
        "The first request with this Idempotency-Key is still being worked on. Ask again in a moment.",
    )
}

fn again(former: Remembered, fingerprint: &str) -> Result<Response, Problem> {
    if former.fingerprint != fingerprint {
        return Err(Problem::unprocessable(
            "key_reused",
            "This Idempotency-Key was used with another body. Use a new one.",
        ));
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
        None if former.done => Err(Problem::conflict(
            "already_made",
            "It was made by the first request; its secret is shown only once. Make another one with a new Idempotency-Key.",
        )),
        None => Err(in_progress()),
    }
}
