//! Joining: from the first message of a client to its place in a conference or in the lobby.
//!
//! `request` holds what a client said and what the server knows of it. `decision` says where that leads, as a pure function
//! of the request and of the facts about the room. `enter` reads these facts and carries the decision out. `naming` chooses
//! the person's name, and `newcomer` says who they are to the conference. `kmz_meet_core::room` decides whether the
//! conference itself lets them in.

mod decision;
mod enter;
mod naming;
mod newcomer;
mod request;

pub(super) use enter::{JoinedConnection, Outcome, try_to_enter};
pub(super) use request::{Attempt, JoinRequest, SeatClaim, Token};
