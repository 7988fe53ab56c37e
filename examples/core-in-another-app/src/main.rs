//! `kmz-meet-core` in another axum program: one room that is always open, no accounts, no database.
//!
//! ```sh
//! cargo run -p core-in-another-app
//! cargo run -p headless-participant -- http://localhost:8091/any --voice
//! ```
//! The program decides who comes to the door and keeps what should outlive it; the core does the rest.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use kmz_meet_core::conference::{
    ConferenceHandle, ConferenceStore, Entrance, Options, StoreError, Summary, outbox,
};
use kmz_meet_core::room::{Arrival, Identity, Room, Setup};
use kmz_meet_core::sfu::{Media, MediaConfig};
use kmz_meet_core::signal::{
    ChatMessage, ClientMessage, ConferenceId, ParticipantId, Policy, SIGNAL_PATH,
};
use uuid::Uuid;

/// Keeps nothing: who loses the connection comes in anew.
struct Forgetful;

#[async_trait]
impl ConferenceStore for Forgetful {
    async fn save(&self, _: &ConferenceId, _: String) -> Result<(), StoreError> {
        Ok(())
    }
    async fn append_chat(&self, _: &ConferenceId, _: &ChatMessage) -> Result<(), StoreError> {
        Ok(())
    }
    async fn ended(&self, _: &Summary) -> Result<(), StoreError> {
        Ok(())
    }
    fn sign_seat(&self, _: &ConferenceId, _: &ParticipantId) -> String {
        String::new()
    }
}

/// The first message says who comes; everyone is a guest here.
async fn talk(conference: ConferenceHandle, mut socket: WebSocket) -> Option<()> {
    let first = socket.recv().await?.ok()?;
    let Ok(ClientMessage::Join { name, password, .. }) =
        serde_json::from_str(first.to_text().ok()?)
    else {
        return None;
    };
    let arrival = Arrival {
        id: ParticipantId(Uuid::new_v4().to_string()),
        name,
        identity: Identity::Guest { device: None },
        password,
        suspicious: false,
        typed_name: true,
        address: None,
        session: None,
        known_for: None,
    };
    let (sender, mut reader) = outbox();
    let connection = match conference.enter(arrival, sender).await {
        Entrance::In { connection, .. } | Entrance::Lobby(connection) => connection,
        Entrance::Hidden | Entrance::Refused(_) | Entrance::Over => return None,
    };
    loop {
        tokio::select! {
            message = reader.next() => match message {
                Some(message) => {
                    if socket.send(Message::Text(message.text().into())).await.is_err() {
                        break;
                    }
                }
                None => break,
            },
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(message) = serde_json::from_str(&text) {
                        conference.say(connection, message).await;
                    }
                }
                Some(Ok(_)) => {}
                _ => break,
            },
        }
    }
    conference.gone(connection).await;
    Some(())
}

async fn connect(
    State(conference): State<ConferenceHandle>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(async move |socket| {
        talk(conference, socket).await;
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let media = Media::start(MediaConfig {
        port: 10_001,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        packets_per_second: 2_500,
    })?;
    let room = Room::new(
        Setup {
            conference: ConferenceId(Uuid::new_v4().to_string()),
            name: "the-only-room".to_owned(),
            title: None,
            welcome: None,
            takes_attendance: false,
            owner_name: None,
            policy: Policy::default(),
            password: None,
            capacity_limit: 70,
        },
        0,
    );
    let options = Options {
        empty_after: std::time::Duration::from_hours(24),
    };
    let conference = ConferenceHandle::start(room, media, Arc::new(Forgetful), options);
    let app = Router::new()
        .route(SIGNAL_PATH, get(connect))
        .with_state(conference);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8091").await?;
    println!("one room at http://localhost:8091");
    axum::serve(listener, app).await?;
    Ok(())
}
