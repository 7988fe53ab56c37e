//! Signalling: the WebSocket between a client and its conference.
//!
//! `upgrade` makes a WebSocket of a request and `watched` bounds its messages; `connection` reads and sends them; `session` is one
//! participant's connection from its first message to its end; `waiting_room` says what it does until the person is in; `join`
//! decides where a join request leads; `registry` knows the running conferences. `visitor` says whom
//! limits count: `guessing` counts wrong passwords, `arrivals` how fast people come, `throttle` who waits and asks.

mod arrivals;
mod connection;
mod frame;
mod guessing;
mod happenings;
mod join;
mod keeping;
mod limit;
mod registry;
mod session;
mod throttle;
mod upgrade;
mod visitor;
mod waiting;
mod waiting_room;
mod watched;

pub use registry::Registry;
pub use session::connect;
pub use throttle::Throttle;
