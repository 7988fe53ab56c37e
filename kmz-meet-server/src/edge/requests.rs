//! Requests that need no account: to the LTI tool and the BigBlueButton API. They are counted by address, as a class
//! has only one; so the numbers are large, and only say that one address is not to keep the server busy by itself.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::shares::{Rate, Shares};
use crate::api::Problem;
use crate::app::App;
use crate::auth::ClientAddress;

/// All requests of an address.
const OF_ADDRESS: Rate = Rate {
    at_once: 2_000,
    each: Duration::from_millis(5),
};
/// Its calls without a right checksum; beyond that only short ones are looked at, which cost little.
const WRONG_CHECKSUMS: Rate = Rate {
    at_once: 60,
    each: Duration::from_secs(1),
};

tokio::task_local! {
    static FROM: IpAddr;
}

/// From where the request comes that is being answered.
pub fn from() -> IpAddr {
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    FROM.try_with(|from| *from).unwrap_or(unknown)
}

/// Counts them.
#[derive(Default)]
pub struct Requests {
    all: Mutex<Shares<IpAddr>>,
    wrong_checksums: Mutex<Shares<IpAddr>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Requests {
    fn may_come(&self, from: IpAddr, now: Instant) -> bool {
        locked(&self.all).take_now(&from, OF_ADDRESS, now)
    }

    /// Whether a call of any length is looked at: not too many were wrong.
    pub fn may_be_long(&self, now: Instant) -> bool {
        locked(&self.wrong_checksums).moment(&from(), WRONG_CHECKSUMS, now) <= now
    }

    /// A call had no right checksum.
    pub fn wrong_checksum(&self, now: Instant) {
        // Not more than it takes a while to pay back.
        locked(&self.wrong_checksums).take_now(&from(), WRONG_CHECKSUMS, now);
    }
}

/// Middleware for those routes.
pub async fn counted(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let from = match ClientAddress::from_request_parts(&mut parts, &app).await {
        Ok(address) => address.group(),
        Err(never) => match never {},
    };
    if !app.requests.may_come(from, Instant::now()) {
        return Problem::too_many_requests(1).into_response();
    }
    let answer = next.run(Request::from_parts(parts, body));
    FROM.scope(from, answer).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_a_class_are_answered_and_thousands_at_once_are_not() {
        let (requests, now) = (Requests::default(), Instant::now());
        let (school, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        // A launch is four requests or so, and a thousand pupils have half a minute.
        let come = (0..4_000).filter(|number| {
            requests.may_come(school, now + Duration::from_secs(30) * *number / 4_000)
        });
        assert_eq!(come.count(), 4_000);
        let later = now + Duration::from_mins(1);
        let come = (0..10_000)
            .filter(|_| requests.may_come(school, later))
            .count();
        assert_eq!(come, OF_ADDRESS.at_once as usize);
        assert!(requests.may_come(other, later));
    }

    #[test]
    fn wrong_checksums_end_the_looking_at_long_calls_for_a_while() {
        let (requests, now) = (Requests::default(), Instant::now());
        for _ in 0..10_000 {
            requests.wrong_checksum(now);
        }
        assert!(!requests.may_be_long(now));
        assert!(requests.may_be_long(now + Duration::from_secs(2)));
    }
}
