//! Signalling: the WebSocket between a client and its conference.
//!
//! `upgrade` makes a WebSocket of a request and `watched` bounds its messages. `connection` reads and sends them. `session` is
//! one participant's connection from its first message to its end. `sender` reads its join requests, `waiting_room` says what
//! it does until the person is in, and `join` decides where a request leads. `limits` counts, and `conferences` has the
//! running conferences.

mod connection;
mod frame;
mod join;
mod sender;
mod session;
mod state;
mod upgrade;
mod waiting_room;
mod watched;

pub use session::connect;
