//! Bytes in, bytes out: the sockets, and what a datagram is.

pub mod addresses;
pub mod demux;
pub mod hand_over;
pub mod port;
pub mod routes;
pub mod socket;
#[cfg(target_os = "linux")]
pub mod steering;
#[cfg(target_os = "linux")]
mod steering_program;
