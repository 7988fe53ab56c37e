//! Signalling: the WebSocket between a client and its conference.
//!
//! `upgrade` makes a WebSocket of a request and `watched` bounds its messages; `socket` is one connection from its first
//! message to its end; `join_request` is what a client said that wants to come in, and `door` decides where it leads. Whom
//! limits count, and how, stands in `limits`; the running conferences are in `conferences`.

mod door;
mod frame;
mod join_request;
mod naming;
mod socket;
mod upgrade;
mod watched;

pub use socket::connect;
