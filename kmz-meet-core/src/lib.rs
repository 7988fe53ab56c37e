//! Rooms, moderation and media forwarding for school video conferences, as a library without HTTP and without a database.
//!
//! [`signal`] is the protocol between client and conference; [`room`] is one conference as a pure state machine; [`sfu`] forwards
//! media; [`conference`] is the task that ties a room to its media, and what most programs use. The program says who comes
//! ([`room::Identity`]), carries messages, and keeps what must outlive a restart ([`conference::ConferenceStore`]).
//!
//! Points in wall time are [`Timestamp`]s, lengths are `Duration`s, what is measured is an `Instant`; bit rates are bits per
//! second.
//!
//! # Features
//!
//! * `client`: `client`, a headless participant on the `webrtc` crate, for load and end-to-end tests.
//! * `testing`: `sfu::testing`, a small blocking peer for tests of the media plane. It promises nothing.
//!
//! Both are off by default.

#[cfg(feature = "client")]
pub mod client;
pub mod conference;
pub mod room;
pub mod sfu;
pub mod signal;
mod timestamp;

pub use timestamp::Timestamp;
