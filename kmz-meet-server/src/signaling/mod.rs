//! Signalling: the WebSocket between a client and its conference.
//!
//! `upgrade` makes a WebSocket of a request and `watched` bounds its messages; `socket` is one connection from its first
//! message to its end; `door` decides where an arrival leads; `registry` knows the running conferences. `visitor` says whom
//! limits count: `guessing` counts wrong passwords, `arrivals` how fast people come, `throttle` who waits and asks.

mod door;
mod frame;
mod naming;
mod socket;
mod upgrade;
mod watched;

pub use socket::connect;
