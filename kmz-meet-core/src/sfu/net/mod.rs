//! Bytes in, bytes out: the sockets, and what a datagram is.

pub mod addresses;
pub mod demux;
pub mod port;
pub mod socket;
