//! What a second device of the teacher experiences: signing in with the right password, and joining.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::room::connect;
use crate::server::Server;

/// An attempt that needs longer is given up.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
pub struct Times {
    pub ms: Vec<f64>,
    pub failed: usize,
}

impl Times {
    fn add(&mut self, took: Option<Duration>) {
        match took {
            Some(took) => self.ms.push(took.as_secs_f64() * 1_000.0),
            None => self.failed += 1,
        }
    }

    /// Of the attempts that succeeded; `None` if none did.
    pub fn p95(&self) -> Option<f64> {
        let mut ms = self.ms.clone();
        ms.sort_by(f64::total_cmp);
        let place = ((ms.len() as f64 - 1.0) * 0.95).ceil().max(0.0) as usize;
        ms.get(place).map(|ms| ms.round())
    }
}

#[derive(Default)]
pub struct Both {
    pub sign_in: Times,
    pub come_in: Times,
}

/// One attempt after the other, as long as the flood lasts.
pub async fn come_in_again_and_again(server: &Server, room: &str, during: Duration) -> Both {
    let mut both = Both::default();
    let until = Instant::now() + during;
    while Instant::now() < until {
        both.sign_in.add(sign_in(server).await);
        both.come_in.add(come_in(server, room).await);
        // Slow enough that the session of before is not the oldest of too many.
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    // A flood that stops the attempts altogether ends later than it was meant to.
    both
}

/// Signs in with a browser that the server has not seen; tries again, as people do, until it works.
pub async fn sign_in(server: &Server) -> Option<Duration> {
    let started = Instant::now();
    let http = reqwest::Client::builder().no_proxy().build().ok()?;
    while started.elapsed() < PATIENCE {
        let answer = http
            .post(format!("{}/api/v1/session", server.base))
            .header("origin", &server.base)
            .json(&server.demo["teacher"])
            .timeout(PATIENCE)
            .send()
            .await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return Some(started.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    None
}

/// From opening the socket to `joined`, with the session of before; leaves again.
async fn come_in(server: &Server, room: &str) -> Option<Duration> {
    let started = Instant::now();
    let attempt = async {
        let mut socket = connect(&server.base, &server.cookie).await.ok()?;
        let join = json!({"type": "join", "room": room, "name": "x"}).to_string();
        socket.send(Message::text(join)).await.ok()?;
        while let Some(Ok(frame)) = socket.next().await {
            let Message::Text(text) = frame else { continue };
            let message: Value = serde_json::from_str(&text).ok()?;
            if message["type"] == "joined" {
                let took = started.elapsed();
                let leave = json!({"type": "leave"}).to_string();
                let _ = socket.send(Message::text(leave)).await;
                let _ = socket.close(None).await;
                return Some(took);
            }
        }
        None
    };
    tokio::time::timeout(PATIENCE, attempt).await.ok()?
}
