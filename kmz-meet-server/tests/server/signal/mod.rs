//! Conferences over real WebSockets: one file per behaviour.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod people;

mod answers;
mod door;
mod ended;
mod flood;
mod full;
mod killed;
mod lobby;
mod names;
mod removed;
mod safety;
mod seat;
mod server_full;
mod speakers_only;
mod stock;
