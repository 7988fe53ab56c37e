//! Signalling over real WebSockets: one file per behaviour.
//!
//! `waiting` what looks alike from outside · `lobby` what someone in the lobby gets to know · `removed` who cannot come
//! back · `seat` who always can · `restart` what a killed server remembers · `hostile` what strangers send ·
//! `door` origin, limits of guessing, tenancy.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it meets what it does not expect"
)]

#[path = "../common/mod.rs"]
mod common;
mod socket;

mod door;
mod ended;
mod hostile;
mod lobby;
mod removed;
mod restart;
mod seat;
mod waiting;
