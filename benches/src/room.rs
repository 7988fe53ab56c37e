//! Joining over the real signalling.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use kmz_meet_core::sfu::testing::{Offering, Peer};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::server::Server;

/// A participant of a conference: `say` sends messages, and `peer` has the media.
pub struct Person {
    pub id: String,
    say: mpsc::UnboundedSender<String>,
    pub peer: Option<Peer>,
    /// When the socket was opened.
    pub started: Instant,
    ended: Arc<AtomicBool>,
}

impl Person {
    /// Joins and connects the media. `teacher`: with the teacher's session, which starts the conference.
    pub async fn join(
        server: &Server,
        room: &str,
        name: &str,
        teacher: bool,
        video_slots: usize,
    ) -> Self {
        let cookie = if teacher { &server.cookie } else { "" };
        let join = json!({"type": "join", "room": room, "name": name});
        Self::enter(&server.base, cookie, &join, video_slots).await
    }

    /// The same with any `join` and any cookies.
    pub async fn enter(base: &str, cookie: &str, join: &Value, video_slots: usize) -> Self {
        let started = Instant::now();
        let mut socket = connect(base, cookie).await.expect("a socket");
        socket
            .send(Message::text(join.to_string()))
            .await
            .expect("sent");
        let joined = until(&mut socket, "joined").await;
        let id = joined["you"].as_str().expect("an id").to_owned();
        let offering = Offering::new(video_slots);
        let offer = json!({"type": "offer", "sdp": offering.sdp, "sections": offering.sections});
        socket
            .send(Message::text(offer.to_string()))
            .await
            .expect("sent");
        let answer = until(&mut socket, "answer").await;
        let sdp = answer["sdp"].as_str().expect("an answer").to_owned();
        let peer = tokio::task::spawn_blocking(move || offering.connect(&sdp))
            .await
            .expect("connected");
        let (say, mut said) = mpsc::unbounded_channel::<String>();
        let ended = Arc::new(AtomicBool::new(false));
        let end = ended.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    text = said.recv() => match text {
                        Some(text) => if socket.send(Message::text(text)).await.is_err() { break },
                        None => return,
                    },
                    // Messages are read and dropped as long as they come.
                    frame = socket.next() => if !matches!(frame, Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_)))) { break },
                }
            }
            end.store(true, Ordering::Relaxed);
        });
        Self {
            id,
            say,
            peer: Some(peer),
            started,
            ended,
        }
    }

    /// Whether the server or the network ended the connection.
    pub fn is_cut_off(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    pub fn turn_on(&self, source: &str) {
        self.tell(&json!({"type": "set_source", "source": source, "on": true}));
    }

    /// Shows these people: the first at `first` pixels of height, the others at `others`.
    pub fn show(&self, people: &[&str], first: u32, others: u32) {
        let tiles: Vec<Value> = people
            .iter()
            .enumerate()
            .map(|(index, id)| json!({"participant": id, "height": if index == 0 { first } else { others }}))
            .collect();
        self.tell(&json!({"type": "view", "tiles": tiles}));
    }

    pub fn tell(&self, message: &Value) {
        let _ = self.say.send(message.to_string());
    }
}

pub type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A WebSocket to the signalling.
pub async fn connect(
    base: &str,
    cookie: &str,
) -> Result<Socket, tokio_tungstenite::tungstenite::Error> {
    let url = format!("{}/api/v1/signal", base.replacen("http", "ws", 1));
    let mut request = url.into_client_request()?;
    if !cookie.is_empty() {
        let cookie = cookie.parse().expect("a cookie");
        request.headers_mut().insert("cookie", cookie);
    }
    let (socket, _) = connect_async(request).await?;
    Ok(socket)
}

async fn until(socket: &mut Socket, wanted: &str) -> Value {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(20), socket.next())
            .await
            .expect("in time");
        let Message::Text(text) = frame.expect("open").expect("readable") else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        let kind = message["type"].as_str().unwrap_or_default();
        assert!(!matches!(kind, "refused" | "error"), "{message}");
        if kind == wanted {
            return message;
        }
    }
}
