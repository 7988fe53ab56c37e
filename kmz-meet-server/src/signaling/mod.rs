//! Signalling: the WebSocket between a client and its conference.
//!
//! `upgrade` makes a WebSocket of a request and `watched` bounds its messages; `connection` reads and sends them; `session` is one
//! participant's connection from its first message to its end; `waiting_room` says what it does until the person is in; `join`
//! decides where a join request leads. Whom limits count, and how, stands in `limits`; the running conferences are in
//! `conferences`.

mod connection;
mod frame;
mod join;
mod session;
mod upgrade;
mod waiting_room;
mod watched;

pub use session::connect;
