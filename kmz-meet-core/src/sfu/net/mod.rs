//! Bytes in, bytes out: the socket, and what a datagram is.

pub mod addresses;
pub mod demux;
pub mod socket;
