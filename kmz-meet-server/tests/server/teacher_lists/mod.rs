//! Lists of teachers that are odd, and lists that mean harm.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]
#![allow(
    clippy::format_push_string,
    reason = "files of tests are made once, and are to be read"
)]

mod corpus;
mod files;
mod rows;
mod written_elsewhere;
