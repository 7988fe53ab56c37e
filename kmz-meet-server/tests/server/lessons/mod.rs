//! What a lesson of a course leaves: the attendance of its class, and results in the gradebook.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod attendance;
mod class_lists;
mod columns;
mod results;
