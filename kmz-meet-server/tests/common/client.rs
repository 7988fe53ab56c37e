//! A client on the signalling WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use kmz_meet_core::signal::{ClientMessage, SIGNAL_PATH, ServerMessage};
use reqwest::header::HeaderValue;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Browser;

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    pub async fn connect(browser: &Browser) -> Self {
        Self::try_connect(browser, Some(&browser.origin))
            .await
            .unwrap()
    }

    pub async fn try_connect(browser: &Browser, origin: Option<&str>) -> Result<Self, Box<Error>> {
        Self::open(browser, origin, "").await
    }

    /// Connects in a frame of these pages, as our client reports it.
    pub async fn framed(browser: &Browser, around: &[&str]) -> Self {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for origin in around {
            query.append_pair("around", origin);
        }
        let query = format!("?{}", query.finish());
        Self::open(browser, Some(&browser.origin), &query)
            .await
            .unwrap()
    }

    async fn open(
        browser: &Browser,
        origin: Option<&str>,
        query: &str,
    ) -> Result<Self, Box<Error>> {
        let base = browser.base.replacen("http", "ws", 1);
        let url = format!("{base}{SIGNAL_PATH}{query}");
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", HeaderValue::from_str(origin).unwrap());
        }
        if let Some(cookie) = &browser.cookie {
            request
                .headers_mut()
                .insert("cookie", HeaderValue::from_str(cookie).unwrap());
        }
        let (socket, _) = connect_async(request).await.map_err(Box::new)?;
        Ok(Self { socket })
    }

    /// Sends `join` and waits for the answer.
    pub async fn join(browser: &Browser, room: &str, name: &str) -> (Self, ServerMessage) {
        Self::arrive(browser, json!({"type": "join", "room": room, "name": name})).await
    }

    pub async fn arrive(browser: &Browser, join: serde_json::Value) -> (Self, ServerMessage) {
        let mut client = Self::connect(browser).await;
        client.send_text(&join.to_string()).await;
        let answer = client.answer().await;
        (client, answer)
    }

    /// The answer to `join`; a return URL may come before it.
    pub async fn answer(&mut self) -> ServerMessage {
        self.until(|message| !matches!(message, ServerMessage::ReturnUrl { .. }))
            .await
    }

    /// Joins, which must succeed. Returns the seat.
    pub async fn joined(browser: &Browser, room: &str, name: &str) -> (Self, String) {
        let (client, answer) = Self::join(browser, room, name).await;
        let ServerMessage::Joined { seat, .. } = answer else {
            panic!("{answer:?}")
        };
        (client, seat)
    }

    pub async fn say(&mut self, message: &ClientMessage) {
        self.send_text(&serde_json::to_string(message).unwrap())
            .await;
    }

    pub async fn send_text(&mut self, text: &str) {
        // The server may have closed the socket: the next read tells.
        let _ = self.socket.send(Message::text(text.to_owned())).await;
    }

    /// The next text as it came; `None` when the socket is closed.
    pub async fn next_text(&mut self) -> Option<String> {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(15), self.socket.next())
                .await
                .expect("in time");
            match frame? {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    pub async fn next(&mut self) -> Option<ServerMessage> {
        let text = self.next_text().await?;
        Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    pub async fn until(&mut self, wanted: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        loop {
            let message = self.next().await.expect("still connected");
            if wanted(&message) {
                return message;
            }
        }
    }

    /// Whether no message arrives within this time.
    pub async fn is_silent(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.next_text()).await.is_err()
    }
}
