//! Hostile input on the signalling WebSocket: the others notice nothing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write;
use std::time::{Duration, Instant};

use common::client::Client;
use common::{Browser, TestServer};
use kmz_meet_core::signal::{ClientMessage, ErrorCode, ServerMessage};
use reqwest::Method;
use serde_json::{Value, json};

struct Class {
    server: TestServer,
    room: String,
    maier: Client,
    anna: Client,
}

impl Class {
    async fn new() -> Self {
        let (server, teacher) = TestServer::with_teacher("maier").await;
        let answer = teacher
            .request(Method::POST, "/api/v1/rooms")
            .json(&json!({}))
            .send()
            .await
            .unwrap();
        let room: Value = answer.json().await.unwrap();
        let room = room["name"].as_str().unwrap().to_owned();
        let (maier, _) = Client::joined(&teacher, &room, "").await;
        let (anna, _) = Client::joined(&server.browser(), &room, "Anna").await;
        Self {
            server,
            room,
            maier,
            anna,
        }
    }

    fn browser(&self) -> Browser {
        self.server.browser()
    }

    async fn mallory(&self) -> Client {
        Client::joined(&self.browser(), &self.room, "Mallory")
            .await
            .0
    }

    /// A chat message still reaches the other at once.
    async fn is_undisturbed(&mut self, text: &str) {
        let sent = Instant::now();
        self.maier
            .say(&ClientMessage::SendChat {
                text: text.to_owned(),
            })
            .await;
        self.anna
            .until(|message| matches!(message, ServerMessage::Chat { message } if message.text == text))
            .await;
        assert!(
            sent.elapsed() < Duration::from_secs(2),
            "{:?}",
            sent.elapsed()
        );
    }
}

#[tokio::test]
async fn session_description_of_ten_megabytes_closes_the_socket() {
    let mut class = Class::new().await;
    let mut mallory = class.mallory().await;
    let offer = json!({"type": "offer", "sdp": "a".repeat(10_000_000), "sections": {"audio_slots": [], "video_slots": []}});
    mallory.send_text(&offer.to_string()).await;
    assert!(closes(&mut mallory).await, "too large to be read");
    class.is_undisturbed("still here").await;
}

async fn closes(client: &mut Client) -> bool {
    while let Some(message) = client.next().await {
        assert!(!matches!(message, ServerMessage::Answer { .. }));
    }
    true
}

#[tokio::test]
async fn offer_with_a_thousand_media_sections_is_refused() {
    let mut class = Class::new().await;
    let mut mallory = class.mallory().await;
    let mut sdp = String::from(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AA\r\n",
    );
    let mut mids = Vec::new();
    for mid in 0..1_000 {
        let _ = write!(
            sdp,
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na=recvonly\r\n"
        );
        mids.push(mid.to_string());
    }
    assert!(sdp.len() < 64 * 1024, "small enough to be parsed");
    let offer = json!({"type": "offer", "sdp": sdp, "sections": {"audio_slots": [], "video_slots": &mids[..200]}});
    mallory.send_text(&offer.to_string()).await;
    mallory
        .until(|message| {
            *message
                == ServerMessage::Error {
                    code: ErrorCode::BadOffer,
                }
        })
        .await;
    class.is_undisturbed("still here").await;
}

#[tokio::test]
async fn json_nested_ninety_thousand_levels_is_refused() {
    let mut class = Class::new().await;
    let mut mallory = class.mallory().await;
    for deep in [
        "[".repeat(90_000),
        format!("{{\"type\":\"view\",\"tiles\":{}", "[".repeat(90_000)),
        "{\"type\":".repeat(10_000),
    ] {
        mallory.send_text(&deep).await;
        mallory
            .until(|message| {
                *message
                    == ServerMessage::Error {
                        code: ErrorCode::BadMessage,
                    }
            })
            .await;
    }
    mallory.send_text(&"[".repeat(100_000)).await;
    assert!(closes(&mut mallory).await, "beyond the size that is read");
    class.is_undisturbed("still here").await;
}

#[tokio::test]
async fn flood_of_ten_thousand_messages_closes_the_socket() {
    let mut class = Class::new().await;
    let mut mallory = class.mallory().await;
    let started = Instant::now();
    for number in 0..10_000 {
        mallory
            .send_text(&format!(
                "{{\"type\":\"send_chat\",\"text\":\"flood {number}\"}}"
            ))
            .await;
    }
    assert!(closes(&mut mallory).await);
    let took = started.elapsed();
    class.is_undisturbed("still here").await;
    class
        .anna
        .say(&ClientMessage::SendChat { text: "end".into() })
        .await;
    let mut flood = 0.0;
    class
        .maier
        .until(
            |message| matches!(message, ServerMessage::Chat { message } if message.text == "end"),
        )
        .await;
    // No more came through than the token bucket allows.
    let (mut late, answer) = Client::join(&class.browser(), &class.room, "Late").await;
    if let ServerMessage::Joined { chat, .. } = answer {
        flood = chat
            .iter()
            .filter(|message| message.text.starts_with("flood"))
            .count() as f64;
    }
    assert!(
        flood <= 60.0 + 20.0 * (took.as_secs_f64() + 1.0),
        "{flood} in {took:?}"
    );
    late.say(&ClientMessage::Leave).await;
}

#[tokio::test]
async fn message_of_wrong_form_gets_an_error() {
    let mut class = Class::new().await;
    let mut mallory = class.mallory().await;
    for wrong in [
        "",
        "null",
        "[]",
        "{}",
        "{\"type\":\"nonsense\"}",
        "{\"type\":\"send_chat\"}",
        "{\"type\":\"send_chat\",\"text\":1}",
        "{\"type\":\"send_chat\",\"text\":\"a\",\"from\":\"someone else\"}",
        "{\"type\":\"send_chat\",\"text\":\"a\",\"text\":\"b\"}",
        "{\"type\":\"view\",\"tiles\":[{\"participant\":\"x\",\"height\":-1}]}",
        "{\"type\":\"set_source\",\"source\":\"someone\",\"on\":true}",
        "\u{0}",
    ] {
        mallory.send_text(wrong).await;
        mallory
            .until(|message| {
                *message
                    == ServerMessage::Error {
                        code: ErrorCode::BadMessage,
                    }
            })
            .await;
    }
    class.is_undisturbed("still here").await;
}

#[tokio::test]
async fn socket_that_never_reads_disturbs_nobody() {
    let mut class = Class::new().await;
    // This client joined and never reads again.
    let _stalled = class.mallory().await;
    let text = "x".repeat(1_900);
    for number in 0..60 {
        class.is_undisturbed(&format!("{number} {text}")).await;
    }
}

#[tokio::test]
async fn socket_without_a_message_is_closed() {
    let class = Class::new().await;
    let mut silent = Client::connect(&class.browser()).await;
    assert_eq!(silent.next().await, None);
}
