//! Coming in: from the first message of a client to its place in a conference or in the lobby.
//!
//! `request` holds what a client said and what the server knows of it; `decision` says where that leads, as a pure function
//! of the request and of what is known of the room; `enter` reads these facts and carries the decision out; `naming` says
//! what the person is called. Whether the conference itself lets them in is decided by `kmz_meet_core::room`.

mod decision;
mod enter;
mod naming;
mod request;

pub(super) use enter::{JoinedConnection, Outcome, try_to_enter};
pub(super) use request::{Attempt, JoinRequest, SeatClaim, Token};
