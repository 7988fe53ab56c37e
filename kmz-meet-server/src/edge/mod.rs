//! The edge: what a connection may cost before anybody knows who it is.
//!
//! Every time and every number that holds for all connections stands here, whatever they ask for. A connection ends when
//! nothing goes on, a request when its body does not come, and there are only so many of them, of one address and in all.
//! Where they are too many, who has shown nothing gives way: what someone sent whole is not refused for what others at the
//! same address only begin.

mod activity;
mod bodies;
mod client;
mod connection;
mod connection_limits;
mod files;
mod proxy_header;
mod relay;

use std::time::Duration;

pub use activity::Activity;
pub use bodies::bounded;
pub use client::{ClientAcceptor, ClientSource};
pub use connection::Guard;
pub use connection_limits::ConnectionLimits;
pub use files::raise as raise_file_limit;
pub use relay::RelayAcceptor;

/// A connection at which no request begins is closed after this, counted from the beginning of the connection: for the
/// header of the PROXY protocol, the handshake of TLS, and the head of a request or an allocation of TURN together.
pub const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The same while very many connections have not sent a whole request, up to the end of its body.
pub const CROWDED_TIMEOUT: Duration = Duration::from_secs(3);
/// For the handshake of TLS.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The headers of a request have to be there after this; it also ends HTTP/1 connections that wait for a next request.
pub const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// The whole body of a request has to be there after this, however it trickles.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// A connection on which no request runs is closed; pings do not prolong it.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Nothing begins or ends for so long while requests run: the other side does not take the answers.
pub const STALLED_TIMEOUT: Duration = Duration::from_mins(5);
/// HTTP/2: how often a silent peer is asked whether it is there, and how long it has for the answer.
pub const PING_INTERVAL: Duration = Duration::from_secs(20);

/// HTTP/2: requests at the same time on one connection, as browsers expect.
pub const MAX_STREAMS: u32 = 100;
/// HTTP/2: what may lie unread of one request and of a connection, in bytes.
pub const STREAM_WINDOW_BYTES: u32 = 64 * 1_024;
pub const CONNECTION_WINDOW_BYTES: u32 = 256 * 1_024;
/// HTTP/1: buffer for the head of a request, in bytes; a query of the BigBlueButton API has 64 KiB.
pub const MAX_HEAD_BYTES: usize = 128 * 1_024;
