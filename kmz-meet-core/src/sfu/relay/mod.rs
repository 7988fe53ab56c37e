//! Media over the TCP port of the web page, for networks that let no UDP through: TURN (RFC 8656) over TCP or TLS, with
//! allocations that exist in this process only.
//!
//! A client takes us for any TURN server: it allocates, and asks to reach the address that our SDP answer names. There is
//! no relay socket: what it sends to that address goes to the media thread as a datagram from its relayed transport
//! address ([`address`]), and what the media thread sends there is framed into the client's TCP connection
//! ([`outbox`]). Every other peer is refused, so that nobody can use the server as an open relay.
//!
//! [`frame`] cuts the byte stream into messages, [`session`] is the protocol without any I/O, [`access`] knows who may
//! allocate, [`serve`] ties them to a connection.

pub mod access;
pub mod address;
pub mod frame;
pub mod message;
pub mod outbox;
pub mod refusal;
pub mod serve;
pub mod session;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
