//! Rooms, moderation and media forwarding for school video conferences, as a library.
//!
//! The pieces are described in ARCHITECTURE.md: [`signal`] is the protocol between client and conference.

#[cfg(feature = "client")]
pub mod client;
pub mod conference;
pub mod room;
pub mod sfu;
pub mod signal;
