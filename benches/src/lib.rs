//! What all measurements share: the server as a child process, the machine, and the floor.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_errors_doc,
    reason = "a measurement that cannot be made ends with a word on what failed"
)]

pub mod floor;
pub mod machine;
pub mod server;
