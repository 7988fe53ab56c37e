//! How many requests someone may make: a fixed window for each caller, told in the headers that clients know.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::auth::{ClientAddress, verified_name};
use crate::http::Problem;
use crate::state::App;

const WINDOW: Duration = Duration::from_mins(1);
/// What every page asks for, and signing in. Others at the address must not be able to use it up: reading costs little, and
/// passwords have a queue of their own (`auth/queue.rs`).
const NOT_COUNTED: [&str; 2] = ["/api/v1/config", "/api/v1/session"];
/// Callers that are remembered; more make room for each other.
const MOST: usize = 20_000;

struct Window {
    since: Instant,
    count: u32,
}

/// Counts the requests of each caller.
pub struct RequestLimit {
    per_minute: u32,
    hasher: RandomState,
    windows: Mutex<HashMap<u64, Window>>,
}

/// What is left to a caller.
struct Left {
    requests: Option<u32>,
    seconds: u64,
}

impl RequestLimit {
    /// `per_minute` requests for each caller.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            hasher: RandomState::new(),
            windows: Mutex::default(),
        }
    }

    fn count(&self, caller: &[u8], now: Instant) -> Left {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST {
            windows.retain(|_, window| now.duration_since(window.since) < WINDOW);
            if windows.len() >= MOST {
                forget_oldest_half(&mut windows);
            }
        }
        let window = windows
            .entry(self.hasher.hash_one(caller))
            .or_insert(Window {
                since: now,
                count: 0,
            });
        if now.duration_since(window.since) >= WINDOW {
            *window = Window {
                since: now,
                count: 0,
            };
        }
        window.count = window.count.saturating_add(1);
        let left = WINDOW.saturating_sub(now.duration_since(window.since));
        Left {
            requests: self.per_minute.checked_sub(window.count),
            seconds: left.as_secs() + 1,
        }
    }
}

/// Someone with many addresses: who came last is still counted.
fn forget_oldest_half(windows: &mut HashMap<u64, Window>) {
    let mut ages: Vec<(Instant, u64)> = windows
        .iter()
        .map(|(caller, window)| (window.since, *caller))
        .collect();
    let middle = ages.len() / 2;
    ages.select_nth_unstable(middle);
    for (_, caller) in &ages[..middle] {
        windows.remove(caller);
    }
}

/// Middleware: counts requests to the API and refuses those beyond the limit.
pub async fn limit_requests(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/v1/") || NOT_COUNTED.contains(&path) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let caller = match credential(&app, &parts).await {
        Some(credential) => credential,
        None => match ClientAddress::from_request_parts(&mut parts, &app).await {
            Ok(address) => address.group().to_string().into_bytes(),
            Err(never) => match never {},
        },
    };
    let left = app.request_limit.count(&caller, Instant::now());
    let mut response = match left.requests {
        Some(_) => next.run(Request::from_parts(parts, body)).await,
        None => Problem::too_many_requests(left.seconds).into_response(),
    };
    let limit = app.request_limit.per_minute;
    let remaining = left.requests.unwrap_or(0);
    let seconds = left.seconds;
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
async fn credential(app: &App, parts: &Parts) -> Option<Vec<u8>> {
    let name = verified_name(app, &parts.headers).await;
    name.map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_window_of_their_own() {
        let limit = RequestLimit::new(2);
        let now = Instant::now();
        assert_eq!(limit.count(b"a", now).requests, Some(1));
        assert_eq!(limit.count(b"a", now).requests, Some(0));
        assert_eq!(limit.count(b"a", now).requests, None);
        assert_eq!(limit.count(b"b", now).requests, Some(1));
        assert_eq!(limit.count(b"a", now + WINDOW).requests, Some(1));
    }

    #[test]
    fn count_with_too_many_callers_forgets_the_oldest_only() {
        for apart in [
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::from_micros(1),
        ] {
            let limit = RequestLimit::new(3);
            let start = Instant::now();
            let mut now = start;
            for caller in 0..MOST {
                limit.count(&caller.to_be_bytes(), now);
                now += apart;
            }
            // At its limit, and the newest.
            let spent = b"spent".as_slice();
            for _ in 0..3 {
                limit.count(spent, now + apart);
            }
            for caller in MOST..MOST + MOST / 3 {
                now += apart;
                limit.count(&caller.to_be_bytes(), now);
            }
            assert_eq!(limit.count(spent, now).requests, None, "{apart:?}");
            let remembered = limit.windows.lock().unwrap().len();
            assert!((MOST / 2..=MOST).contains(&remembered), "{remembered}");
        }
    }
}
