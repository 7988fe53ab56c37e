//! `kmz-meet-core` in another axum program: one room, no accounts, no database. People with the token below moderate;
//! all others are guests, and come back to their seats after a lost connection.
//!
//! ```sh
//! cargo run -p core-in-another-app
//! cargo run -p headless-participant -- http://localhost:8091/any --voice
//! ```
//! The program tells who joins. The core does the rest.

use std::collections::HashMap;
use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::routing::get;
use kmz_meet_core::Timestamp;
use kmz_meet_core::conference::{
    ConferenceEvent, ConferenceHandle, ConferenceStore, Options, outbox,
};
use kmz_meet_core::room::{Arrival, Identity, Room, SeatOwner, Setup};
use kmz_meet_core::sfu::{Media, MediaConfig};
use kmz_meet_core::signal::{ClientMessage, ConferenceId, ParticipantId, SIGNAL_PATH};
use uuid::Uuid;

/// A real program checks a signature.
const TEACHERS_TOKEN: &str = "open sesame";

/// Knows the seats that it gave, prints who comes and goes, and stores nothing.
#[derive(Default)]
struct Host(Mutex<HashMap<String, ParticipantId>>);

impl ConferenceStore for Host {
    fn on_event(&self, _: &ConferenceId, event: ConferenceEvent) {
        println!("{event:?}");
    }
    fn sign_seat(&self, _: &ConferenceId, participant: &ParticipantId) -> String {
        let seat = Uuid::new_v4().to_string();
        self.seats().insert(seat.clone(), participant.clone());
        seat
    }
}

impl Host {
    fn seats(&self) -> MutexGuard<'_, HashMap<String, ParticipantId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who the sender of `join` is.
    fn identity(&self, seat: Option<String>, token: Option<String>) -> Identity {
        let owner = SeatOwner::Bearer;
        let user = "teacher".to_owned();
        match seat.and_then(|seat| self.seats().get(&seat).cloned()) {
            Some(participant) => Identity::Seat { participant, owner },
            None if token.as_deref() == Some(TEACHERS_TOKEN) => Identity::Owner { user },
            None => Identity::Guest { device: None },
        }
    }
}

type App = (ConferenceHandle, Arc<Host>);

/// One client. The first message tells who joins.
async fn talk((conference, host): App, mut socket: WebSocket) -> Option<()> {
    let first = socket.recv().await?.ok()?;
    let Ok(ClientMessage::Join {
        name,
        password,
        seat,
        token,
        ..
    }) = serde_json::from_str(first.to_text().ok()?)
    else {
        return None;
    };
    let id = ParticipantId(Uuid::new_v4().to_string());
    let mut arrival = Arrival::new(id, name, host.identity(seat, token));
    arrival.password = password;
    let (sender, mut reader) = outbox();
    let entrance = conference.enter(arrival, sender).await;
    if let Some(refusal) = entrance.message() {
        let text = serde_json::to_string(&refusal).ok()?;
        socket.send(text.into()).await.ok()?;
    }
    let connection = entrance.connection()?;
    loop {
        tokio::select! {
            message = reader.next() => {
                let Some(message) = message else { break };
                // A client that is gone ends the reading, too.
                _ = socket.send(message.text().into()).await;
            }
            frame = socket.recv() => {
                let Some(Ok(frame)) = frame else { break };
                if let Ok(message) = serde_json::from_str(frame.to_text().unwrap_or_default()) {
                    conference.say(connection, message).await;
                }
            }
        }
    }
    conference.gone(connection).await;
    Some(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let media = Media::start(MediaConfig {
        port: 10_001,
        addresses: vec![Ipv4Addr::LOCALHOST.into()],
        ..MediaConfig::default()
    })?;
    let conference = ConferenceId(Uuid::new_v4().to_string());
    let room = Room::new(Setup::new(conference, "the-only-room"), Timestamp::now());
    let empty_after = Duration::from_hours(24);
    let options = Options { empty_after };
    let host = Arc::new(Host::default());
    let conference = ConferenceHandle::start(room, media, host.clone(), options);
    let connect = async |State(app): State<App>, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async move |socket| _ = talk(app, socket).await)
    };
    let app = Router::new().route(SIGNAL_PATH, get(connect));
    let app = app.with_state((conference, host));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8091").await?;
    println!("one room at http://localhost:8091");
    axum::serve(listener, app).await?;
    Ok(())
}
