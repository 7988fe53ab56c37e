//! Signalling: the WebSocket between a client and its conference.
//!
//! `socket` is one connection from its first message to its end; `door` decides where an arrival leads; `registry` knows
//! the running conferences; `throttle` slows those who guess.

mod door;
mod happenings;
mod keeping;
mod limit;
mod naming;
mod registry;
mod socket;
mod throttle;

pub use registry::Registry;
pub use socket::connect;
pub use throttle::Throttle;
