//! A conference in a program of its own, without a network for signalling: two people come in, one writes, the other reads.
//!
//! ```sh
//! cargo run --example two_guests
//! ```

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use kmz_meet_core::Timestamp;
use kmz_meet_core::conference::{
    ConferenceHandle, ConnectionId, NoStore, Options, OutboxReader, outbox,
};
use kmz_meet_core::room::{Arrival, Identity, Room, Setup};
use kmz_meet_core::sfu::{Media, MediaConfig};
use kmz_meet_core::signal::{ClientMessage, ConferenceId, ParticipantId};

/// Somebody comes in. A program with a WebSocket sends what it reads from the outbox to the client.
async fn enter(
    conference: &ConferenceHandle,
    name: &str,
    identity: Identity,
) -> Result<(ConnectionId, OutboxReader), Box<dyn Error>> {
    let (sender, reader) = outbox();
    // A real program makes ids that nobody can guess.
    let arrival = Arrival::new(ParticipantId(format!("id of {name}")), name, identity);
    let entrance = conference.enter(arrival, sender).await;
    let connection = entrance
        .connection()
        .ok_or_else(|| format!("{name} may not come in: {entrance:?}"))?;
    Ok((connection, reader))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let media = Media::start(MediaConfig {
        port: 0,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        ..MediaConfig::default()
    })?;
    let setup = Setup::new(ConferenceId("a-conference".to_owned()), "the-room");
    let room = Room::new(setup, Timestamp::now());
    let conference = ConferenceHandle::start(room, media, Arc::new(NoStore), Options::default());

    let teacher = Identity::Owner {
        user: "teacher".to_owned(),
    };
    let (teacher, _) = enter(&conference, "Frau Maier", teacher).await?;
    let guest = Identity::Guest { device: None };
    let (_, mut guest) = enter(&conference, "Anna", guest).await?;

    let text = "Good morning!".to_owned();
    conference
        .say(teacher, ClientMessage::SendChat { text })
        .await;
    while let Some(message) = guest.next().await {
        println!("Anna reads {}", message.text());
        if message.text().contains("Good morning!") {
            break;
        }
    }
    conference.say(teacher, ClientMessage::EndForAll).await;
    conference.ended().await;
    println!("The conference is over.");
    Ok(())
}
