//! How to come into a conference, and what can go wrong on the way.

use std::net::SocketAddr;
use std::sync::Arc;

use webrtc::runtime::Runtime;

use crate::signal::{ErrorCode, RefusalReason};

/// Who comes in, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The room's name, as in its link.
    pub room: String,
    /// The name to be shown. People who are signed in keep their own.
    pub name: String,
    pub password: Option<String>,
    /// The seat of an earlier visit: the way back.
    pub seat: Option<String>,
    /// A signed claim from a course or an integrator.
    pub token: Option<String>,
    /// The `Cookie` header of the WebSocket's request; [`super::sign_in`] gives one.
    pub cookie: Option<String>,
    pub media: MediaOptions,
}

impl Options {
    /// A guest without a password.
    #[must_use]
    pub fn guest(room: &str, name: &str) -> Self {
        Self {
            room: room.to_owned(),
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// What is called with every packet received: SSRC, sequence number and payload, decrypted.
pub type PacketWatch = Arc<dyn Fn(u32, u16, &[u8]) + Send + Sync>;

/// The media session.
#[derive(Clone)]
pub struct MediaOptions {
    /// Pictures that can be shown at the same time: 9 on a phone, 25 on a laptop, at most 49.
    pub video_slots: usize,
    /// Voices that can be heard at the same time.
    pub audio_slots: usize,
    /// Where to send from. Without it: an own port on the loopback address when the server is this machine, else on
    /// every network interface.
    pub bind: Option<SocketAddr>,
    /// Ask for lost packets, send reports and congestion feedback, as browsers do. Without it nothing is sent but what
    /// the application sends itself by [`super::Client::send_rtcp`].
    pub feedback: bool,
    /// Sockets, timers and tasks of the peer connection. A load generator puts its own sockets here; see ADR 4.
    pub runtime: Option<Arc<dyn Runtime>>,
    pub on_packet: Option<PacketWatch>,
}

impl Default for MediaOptions {
    fn default() -> Self {
        Self {
            video_slots: 25,
            audio_slots: 5,
            bind: None,
            feedback: true,
            runtime: None,
            on_packet: None,
        }
    }
}

impl std::fmt::Debug for MediaOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MediaOptions")
            .field("video_slots", &self.video_slots)
            .field("audio_slots", &self.audio_slots)
            .field("bind", &self.bind)
            .field("feedback", &self.feedback)
            .finish_non_exhaustive()
    }
}

/// Why something did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is not one of a server.
    #[error("'{0}' is not the address of a server (expected: http://host:port)")]
    Address(String),
    /// The server cannot be reached, or ended the connection.
    #[error("the connection to the server failed: {0}")]
    Connection(String),
    /// The server does not let this person in.
    #[error("not admitted: {0:?}")]
    Refused(RefusalReason),
    /// The server did not act upon a message.
    #[error("the server refused the message: {0:?}")]
    Rejected(ErrorCode),
    /// The name or the password is wrong, or there were too many attempts.
    #[error("cannot sign in: status {0}")]
    SignIn(u16),
    /// The conference is over for this client: ended, removed, left.
    #[error("the conference is over for this client")]
    Over,
    /// Something that needs the media session was asked before [`super::Client::start_media`].
    #[error("there is no media session yet")]
    NoMedia,
    /// The peer connection failed.
    #[error("media: {0}")]
    Media(String),
    /// Something took too long.
    #[error("{0} took too long")]
    TimedOut(&'static str),
}

impl From<webrtc::error::Error> for ClientError {
    fn from(error: webrtc::error::Error) -> Self {
        Self::Media(error.to_string())
    }
}
