//! Floods of join requests: seats, knocks, guesses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::floods::{Target, goes_on};
use crate::room::{Socket, connect};

/// How often each answer was given.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<BTreeMap<String, u64>>>);

impl Answers {
    fn add(&self, answer: &str) {
        let mut answers = self.0.lock().expect("no panic before");
        *answers.entry(answer.to_owned()).or_default() += 1;
    }

    fn to_json(&self) -> Value {
        json!(*self.0.lock().expect("no panic before"))
    }
}

/// Joins and waits for the first answer that decides.
async fn join(target: &Target, join: &Value, wait: Duration) -> (Option<Socket>, String) {
    let Ok(mut socket) = connect(&target.base, "").await else {
        return (None, "no connection".into());
    };
    if socket.send(Message::text(join.to_string())).await.is_err() {
        return (None, "closed".into());
    }
    let answer = tokio::time::timeout(wait, async {
        while let Some(Ok(frame)) = socket.next().await {
            let Message::Text(text) = frame else { continue };
            let message: Value = serde_json::from_str(&text).unwrap_or_default();
            let kind = message["type"].as_str().unwrap_or_default().to_owned();
            match kind.as_str() {
                "joined" | "lobby" | "waiting" => return kind,
                "refused" => return format!("refused {}", message["reason"]),
                _ => {}
            }
        }
        "closed".to_owned()
    })
    .await;
    let answer = answer.unwrap_or_else(|_| "no answer".to_owned());
    (Some(socket), answer)
}

/// One ticket that is used again and again.
pub async fn places(target: &Target, until: Instant) -> Value {
    let answers = Answers::default();
    let message =
        json!({"type": "join", "room": target.room, "name": "One", "token": target.ticket});
    let mut held = Vec::new();
    while goes_on(until, Duration::from_millis(20)).await {
        let (socket, answer) = join(target, &message, Duration::from_secs(2)).await;
        answers.add(&answer);
        held.extend(socket);
        if held.len() > 200 {
            held.remove(0);
        }
    }
    answers.to_json()
}

/// A full lobby, and four clients that knock and leave.
pub async fn knock(target: &Target, until: Instant) -> Value {
    let answers = Answers::default();
    let mut held = Vec::new();
    for number in 0..149 {
        let name = format!("{}{number:03}", "Ж".repeat(50));
        let message = json!({"type": "join", "room": target.room, "name": name});
        let (socket, answer) = join(target, &message, Duration::from_millis(500)).await;
        answers.add(&answer);
        held.extend(socket);
    }
    let target = Arc::new(target.copy());
    let runners: Vec<_> = (0..4)
        .map(|runner| {
            let (target, answers) = (target.clone(), answers.clone());
            tokio::spawn(async move {
                let name = format!("{}{runner}", "Щ".repeat(58));
                let message = json!({"type": "join", "room": target.room, "name": name});
                while Instant::now() < until {
                    let (_, answer) = join(&target, &message, Duration::from_millis(500)).await;
                    answers.add(&answer);
                }
            })
        })
        .collect();
    for runner in runners {
        let _ = runner.await;
    }
    answers.to_json()
}

/// Joins and leaves.
pub async fn come_and_go(target: &Target, until: Instant) -> Value {
    let answers = Answers::default();
    let target = Arc::new(target.copy());
    let runners: Vec<_> = (0..8)
        .map(|runner| {
            let (target, answers) = (target.clone(), answers.clone());
            tokio::spawn(async move {
                let message =
                    json!({"type": "join", "room": target.room, "name": format!("guest {runner}")});
                while Instant::now() < until {
                    let (socket, answer) = join(&target, &message, Duration::from_secs(2)).await;
                    answers.add(&answer);
                    if let Some(mut socket) = socket {
                        let leave = json!({"type": "leave"}).to_string();
                        let _ = socket.send(Message::text(leave)).await;
                        let _ = socket.close(None).await;
                    }
                }
            })
        })
        .collect();
    for runner in runners {
        let _ = runner.await;
    }
    answers.to_json()
}

/// 200 guesses a second; those that wait hold their socket for two seconds.
pub async fn passwords(target: &Target, until: Instant) -> Value {
    let answers = Answers::default();
    let target = Arc::new(target.copy());
    let mut number = 0u32;
    let mut guesses = Vec::new();
    while goes_on(until, Duration::from_millis(5)).await {
        number += 1;
        let (target, answers) = (target.clone(), answers.clone());
        guesses.push(tokio::spawn(async move {
            let message = json!({"type": "join", "room": target.room, "name": "Gast",
                "password": format!("falsch{number}")});
            let (_, answer) = join(&target, &message, Duration::from_secs(2)).await;
            answers.add(&answer);
        }));
    }
    for guess in guesses {
        let _ = guess.await;
    }
    answers.to_json()
}

impl Target {
    fn copy(&self) -> Self {
        serde_json::from_str(&self.to_json()).expect("JSON")
    }
}
