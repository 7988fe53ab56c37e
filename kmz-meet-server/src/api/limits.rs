//! How many requests someone may make, told in the headers that clients know.

use std::time::Instant;

use axum::extract::{FromRef, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::auth::Callers;
use crate::auth::verified_name;
use crate::http::Problem;
use crate::limits::ClientAddress;
use crate::state::AppState;

/// What every page asks for, and signing in. Others at the address must not be able to use it up: reading costs little, and
/// passwords have a queue of their own (`credentials/fair_queue.rs`).
const NOT_COUNTED: [&str; 7] = [
    "/api/v1/config",
    "/api/v1/current-notices",
    "/api/v1/session",
    // Only after a right password, and wrong codes and passkeys are counted by account.
    "/api/v1/session/code",
    "/api/v1/session/passkey",
    "/api/v1/session/passkey/options",
    // A whole school comes by its cards at eight; wrong codes are counted (`class_cards/guesses.rs`).
    "/api/v1/pupil-cards/entry",
];

/// Middleware: counts requests to the API and refuses those beyond the limit.
pub async fn limit_requests(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/v1/") || NOT_COUNTED.contains(&path) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let caller = match credential(&app, &mut parts).await {
        Some(credential) => credential,
        None => match ClientAddress::from_request_parts(&mut parts, &app).await {
            Ok(address) => address.group().to_string().into_bytes(),
            Err(never) => match never {},
        },
    };
    let left = app.request_limit.count(&caller, Instant::now());
    let mut response = match left.requests {
        Some(_) => next.run(Request::from_parts(parts, body)).await,
        None => Problem::too_many_requests(left.wait.as_secs()).into_response(),
    };
    let limit = app.request_limit.per_minute();
    let remaining = left.requests.unwrap_or(0);
    let seconds = left.wait.as_secs();
    // draft-ietf-httpapi-ratelimit-headers-10, and the three that came before it.
    let told = [
        ("ratelimit-policy", format!("\"minute\";q={limit};w=60")),
        ("ratelimit", format!("\"minute\";r={remaining};t={seconds}")),
        ("ratelimit-limit", limit.to_string()),
        ("ratelimit-remaining", remaining.to_string()),
        ("ratelimit-reset", seconds.to_string()),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::try_from(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A school's classes share an address, so who has a key or a session is counted by it. Only what was verified counts: an
/// invented one must not buy more requests.
async fn credential(app: &AppState, parts: &mut Parts) -> Option<Vec<u8>> {
    let name = verified_name(&Callers::from_ref(app), parts).await;
    name.map(String::into_bytes)
}
