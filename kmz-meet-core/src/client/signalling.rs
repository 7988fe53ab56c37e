//! The WebSocket: messages in both directions, in one task.

use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{COOKIE, ORIGIN};
use tokio_tungstenite::tungstenite::protocol::Message;

use super::options::ClientError;
use crate::signal::{ClientMessage, SIGNAL_PATH, ServerMessage};

/// What the socket brings.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Box<ServerMessage>),
    /// The socket is closed; nothing comes any more.
    Closed,
}

/// Opens the WebSocket. What is sent into the first channel goes to the server; dropping it closes the socket.
pub(super) async fn open(
    base: &str,
    cookie: Option<&str>,
) -> Result<
    (
        mpsc::UnboundedSender<ClientMessage>,
        mpsc::UnboundedReceiver<Incoming>,
    ),
    ClientError,
> {
    let base = base.trim_end_matches('/');
    let unusable = || ClientError::Address(base.to_owned());
    let rest = base.strip_prefix("http").ok_or_else(unusable)?;
    let mut request = format!("ws{rest}{SIGNAL_PATH}")
        .into_client_request()
        .map_err(|_| unusable())?;
    let headers = request.headers_mut();
    headers.insert(ORIGIN, HeaderValue::from_str(base).map_err(|_| unusable())?);
    if let Some(cookie) = cookie {
        let value = HeaderValue::from_str(cookie)
            .map_err(|_| ClientError::Connection("the cookie is not a header value".into()))?;
        headers.insert(COOKIE, value);
    }
    let (socket, _) = tokio_tungstenite::connect_async(request)
        .await
        .map_err(|error| ClientError::Connection(error.to_string()))?;
    let (outbox, mut to_send) = mpsc::unbounded_channel::<ClientMessage>();
    let (received, inbox) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut sink, mut stream) = socket.split();
        loop {
            tokio::select! {
                message = to_send.recv() => {
                    let Some(message) = message else { break };
                    let Ok(text) = serde_json::to_string(&message) else { continue };
                    if sink.send(Message::text(text)).await.is_err() {
                        break;
                    }
                }
                frame = stream.next() => match frame {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                        Ok(message) => {
                            if received.send(Incoming::Message(Box::new(message))).is_err() {
                                break;
                            }
                        }
                        // A newer server may say things that this client does not know.
                        Err(error) => tracing::debug!(%error, "a message that is not understood"),
                    },
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    Some(Ok(_)) => {}
                },
            }
        }
        let _ = sink.close().await;
        let _ = received.send(Incoming::Closed);
    });
    Ok((outbox, inbox))
}
