//! A WebSocket as a stream of messages, with limits on rate and silence.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use kmz_meet_core::signal::{ClientMessage, ErrorCode, ServerMessage};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::upgrade::Socket;
use crate::limits::messages::{MessageLimit, Verdict};

/// A client that does not take a message within this time does not read.
const MAX_SEND_TIME: Duration = Duration::from_secs(10);
/// A connection without any frame for this long, not even an answer to a ping, is dead.
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// The connection is over, and there is nobody to tell why.
pub(super) struct Over;

/// A frame as it arrived.
pub(super) type Frame = Option<Result<Message, Error>>;

/// The content of a client's frame.
pub(super) enum Heard {
    Message(ClientMessage),
    /// Nothing to act upon: a ping, or something that got its answer already.
    Nothing,
}

/// One client's WebSocket.
pub(super) struct Connection {
    socket: Socket,
    limit: MessageLimit,
    heard_at: Instant,
}

impl Connection {
    pub(super) fn new(socket: Socket, now: Instant) -> Self {
        Self {
            socket,
            limit: MessageLimit::default(),
            heard_at: now,
        }
    }

    /// The next frame, for [`Connection::read`]. The future may be dropped without losing one.
    pub(super) async fn frame(&mut self) -> Frame {
        self.socket.next().await
    }

    /// Permits the longer messages of somebody who has joined.
    pub(super) fn permit_long_messages(&mut self) {
        self.socket.get_mut().permit_long();
    }

    /// Reads a frame: enforces the rate, and answers what is no message.
    pub(super) async fn read(&mut self, frame: Frame) -> Result<Heard, Over> {
        let Some(Ok(frame)) = frame else {
            // This includes a frame beyond the limit, which was never read.
            return Err(Over);
        };
        let now = Instant::now();
        self.heard_at = now;
        // Every frame counts: a flood of pings costs as much as one of messages.
        match self.limit.message(now) {
            Verdict::Take => {}
            Verdict::Drop { tell } => {
                if tell {
                    self.send_error(ErrorCode::TooFast).await?;
                }
                return Ok(Heard::Nothing);
            }
            Verdict::Disconnect => {
                self.close(CloseCode::Policy, "too many messages").await?;
                return Err(Over);
            }
        }
        match frame {
            // A browser says so (RFC 6455, 7.4.1) when its tab closes before the page could say it.
            Message::Close(Some(frame)) if frame.code == CloseCode::Away => {
                return Ok(Heard::Message(ClientMessage::Away));
            }
            Message::Close(_) => return Err(Over),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(Heard::Nothing),
            // The parser itself limits the depth and refuses a field that occurs twice.
            Message::Text(text) => {
                if let Ok(message) = serde_json::from_str(text.as_str()) {
                    return Ok(Heard::Message(message));
                }
            }
            Message::Binary(_) => {}
        }
        self.send_error(ErrorCode::BadMessage).await?;
        Ok(Heard::Nothing)
    }

    /// Sends a ping, unless the client has been silent for too long.
    pub(super) async fn ping(&mut self) -> Result<(), Over> {
        if self.heard_at.elapsed() > MAX_SILENCE {
            return Err(Over);
        }
        self.deliver(Message::Ping(axum::body::Bytes::new())).await
    }

    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), Over> {
        let text = serde_json::to_string(message).map_err(|_| Over)?;
        self.send_text(text).await
    }

    pub(super) async fn send_error(&mut self, code: ErrorCode) -> Result<(), Over> {
        self.send(&ServerMessage::Error { code }).await
    }

    pub(super) async fn send_text(&mut self, text: String) -> Result<(), Over> {
        self.deliver(Message::Text(text.into())).await
    }

    async fn deliver(&mut self, message: Message) -> Result<(), Over> {
        match timeout(MAX_SEND_TIME, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Over),
        }
    }

    pub(super) async fn close(
        &mut self,
        code: CloseCode,
        reason: &'static str,
    ) -> Result<(), Over> {
        self.deliver(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })))
        .await
    }
}
