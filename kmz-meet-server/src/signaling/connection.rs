//! A WebSocket as a stream of messages: what it may send, how long it may be silent, and how it ends.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use kmz_meet_core::signal::{ClientMessage, ErrorCode, ServerMessage};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::upgrade::Socket;
use crate::limits::messages::{MessageLimit, Verdict};

/// A client that takes longer to take a message does not read.
const MAX_SEND: Duration = Duration::from_secs(10);
/// Nothing heard for this long, not even an answer to a ping: the connection is dead.
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// The connection is over; there is nobody to be told why.
pub(super) struct Over;

/// A frame as it came.
pub(super) type Frame = Option<Result<Message, Error>>;

/// What a client's frame was.
pub(super) enum Heard {
    Message(ClientMessage),
    /// Nothing to act upon: a ping, or something that was answered already.
    Nothing,
}

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

    /// The next frame; may be cancelled, and is given to [`Connection::read`].
    pub(super) async fn frame(&mut self) -> Frame {
        self.socket.next().await
    }

    /// Who is in may say more.
    pub(super) fn permit_long_messages(&mut self) {
        self.socket.get_mut().permit_long();
    }

    pub(super) async fn read(&mut self, frame: Frame) -> Result<Heard, Over> {
        let Some(Ok(frame)) = frame else {
            // A frame beyond the limit ends here too: it was never read.
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
            Message::Close(_) => return Err(Over),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(Heard::Nothing),
            // The parser itself limits the depth, and takes no field twice.
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
        match timeout(MAX_SEND, self.socket.send(message)).await {
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
