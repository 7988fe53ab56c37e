//! What somebody does here who is not signed in, counted by the address. Each by itself: whoever begins all the time keeps nobody at
//! the same address from coming back.

use std::time::Instant;

use super::refusal::Refusal;
use super::state::SignOn;
use crate::limits::ClientAddress;

/// See the module.
#[derive(Clone, Copy)]
pub(super) enum Counted {
    Begin,
    Callback,
    SignOut,
}

/// Counts one.
///
/// # Errors
/// `TooManyRequests`.
pub(super) fn count(app: &SignOn, what: Counted, from: ClientAddress) -> Result<(), Refusal> {
    let what = match what {
        Counted::Begin => "begin",
        Counted::Callback => "callback",
        Counted::SignOut => "sign-out",
    };
    let caller = format!("sign-in {what} {}", from.group());
    let left = app.request_limit.count(caller.as_bytes(), Instant::now());
    left.requests.map(|_| ()).ok_or(Refusal::TooManyRequests)
}
