//! What an integrator does over REST: rooms, tickets, running conferences, webhooks, attendance. One file per behaviour.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod changes;
mod conference_people;
mod embedding;
mod framed;
mod idempotency;
mod jitsi_claims;
mod jitsi_keys;
mod school_time;
mod tickets;
mod webhooks;

use crate::common::TestServer;
use crate::common::client::Client;
use kmz_meet_core::signal::{ClientMessage, ServerMessage};
use serde_json::Value;

async fn server() -> TestServer {
    TestServer::with_school().await
}

async fn enter(server: &TestServer, ticket: &Value, name: &str) -> (Client, ServerMessage) {
    let mut client = Client::connect(&server.browser()).await;
    let join = ClientMessage::Join {
        room: "whatever the address says".to_owned(),
        name: name.to_owned(),
        password: None,
        seat: None,
        token: Some(ticket["ticket"].as_str().unwrap().to_owned()),
    };
    client.say(&join).await;
    let answer = client.answer().await;
    (client, answer)
}

fn id(room: &Value) -> &str {
    room["id"].as_str().unwrap()
}
