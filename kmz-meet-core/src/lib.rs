//! Rooms, moderation and media forwarding for school video conferences, as a library.
//!
//! The pieces are described in ARCHITECTURE.md: [`signal`] is the protocol between client and conference.

pub mod conference;
pub mod room;
pub mod sfu;
pub mod signal;
