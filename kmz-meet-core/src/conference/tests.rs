//! A conference as its clients and its store see it.

mod emergency;
mod floods;
mod lobby;
mod moderation;
mod re_entry;
mod speakers_only;
mod store;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::*;
use crate::room::{Arrival, Identity, Room, SeatOwner, Setup};
use crate::sfu::testing::Offering;
use crate::sfu::{Media, MediaConfig};
use crate::signal::{
    ChatMessage, ClientMessage, ConferenceId, Door, ErrorCode, MAX_LIST, Participant,
    ParticipantId, PolicyChange, RefusalReason, ServerMessage, Source, Target,
};
use crate::timestamp::Timestamp;

#[derive(Default)]
struct Kept {
    snapshot: Option<String>,
    chat: Vec<ChatMessage>,
    over: bool,
    failing: bool,
    /// What the clock of the program says, where a test sets it.
    now: Option<Timestamp>,
    summary: Option<Summary>,
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Kept>>);

impl Memory {
    fn with<T>(&self, what: impl FnOnce(&mut Kept) -> T) -> Result<T, StoreError> {
        let mut kept = self.0.lock().expect("no panic before");
        if kept.failing {
            Err(StoreError("disk full".into()))
        } else {
            Ok(what(&mut kept))
        }
    }
}

#[async_trait]
impl ConferenceStore for Memory {
    async fn save(&self, _: &ConferenceId, snapshot: String) -> Result<(), StoreError> {
        self.with(|kept| kept.snapshot = Some(snapshot))
    }
    async fn append_chat(&self, _: &ConferenceId, message: &ChatMessage) -> Result<(), StoreError> {
        self.with(|kept| kept.chat.push(message.clone()))
    }
    async fn ended(&self, summary: &Summary) -> Result<(), StoreError> {
        self.with(|kept| {
            *kept = Kept {
                over: true,
                summary: Some(summary.clone()),
                ..Kept::default()
            }
        })
    }
    fn sign_seat(&self, _: &ConferenceId, participant: &ParticipantId) -> String {
        format!("seat of {}", participant.0)
    }
    fn now(&self) -> Timestamp {
        let now = self.0.lock().expect("no panic before").now;
        now.unwrap_or_else(Timestamp::now)
    }
}

struct Client {
    connection: ConnectionId,
    reader: OutboxReader,
}

impl Client {
    async fn next(&mut self) -> Option<ServerMessage> {
        let message = tokio::time::timeout(Duration::from_secs(5), self.reader.next())
            .await
            .expect("in time")?;
        Some(serde_json::from_str(message.text()).expect("a message"))
    }

    async fn until(&mut self, wanted: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        loop {
            let message = self.next().await.expect("still connected");
            if wanted(&message) {
                return message;
            }
        }
    }
}

fn media() -> Media {
    let config = MediaConfig {
        port: 0,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        packets_per_second: 0,
        ..MediaConfig::default()
    };
    Media::start(config).expect("media")
}

fn room() -> Room {
    let setup = Setup::new(ConferenceId("c".into()), "mutiger-dachs");
    Room::new(setup, Timestamp::default())
}

fn start(room: Room, memory: &Memory) -> ConferenceHandle {
    ConferenceHandle::start(
        room,
        media(),
        Arc::new(memory.clone()),
        Options {
            empty_after: Duration::from_secs(1),
        },
    )
}

async fn arrive(
    conference: &ConferenceHandle,
    name: &str,
    identity: Identity,
) -> (Entrance, OutboxReader) {
    let (outbox, reader) = outbox();
    let arrival = Arrival {
        typed_name: false,
        ..Arrival::new(ParticipantId(name.to_owned()), name, identity)
    };
    (conference.enter(arrival, outbox).await, reader)
}

async fn join(conference: &ConferenceHandle, name: &str, identity: Identity) -> Client {
    let (entrance, reader) = arrive(conference, name, identity).await;
    let Entrance::In { connection, .. } = entrance else {
        panic!("{entrance:?}")
    };
    Client { connection, reader }
}

fn teacher() -> Identity {
    Identity::Owner {
        user: "teacher".into(),
    }
}

fn guest() -> Identity {
    Identity::Guest { device: None }
}

#[tokio::test]
async fn late_joiner_gets_roster_and_chat() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    conference
        .say(
            maier.connection,
            ClientMessage::SendChat {
                text: "Guten Morgen".into(),
            },
        )
        .await;
    maier
        .until(|message| matches!(message, ServerMessage::Chat { .. }))
        .await;
    let mut anna = join(&conference, "Anna", guest()).await;
    let Some(ServerMessage::Joined {
        participants,
        chat,
        seat,
        ..
    }) = anna.next().await
    else {
        panic!("joined first")
    };
    assert_eq!(participants.len(), 2);
    assert_eq!(chat[0].text, "Guten Morgen");
    assert_eq!(seat, "seat of Anna");
    maier.until(|message| matches!(message, ServerMessage::ParticipantJoined { participant } if participant.name == "Anna")).await;
}

#[tokio::test]
async fn offer_that_is_unreadable_is_refused_and_a_good_one_answered() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let offering = Offering::new(2);
    let offer = ClientMessage::Offer {
        sdp: offering.sdp.clone(),
        sections: offering.sections.clone(),
    };
    conference.say(maier.connection, offer).await;
    let answer = maier
        .until(|message| matches!(message, ServerMessage::Answer { .. }))
        .await;
    let ServerMessage::Answer { sdp } = answer else {
        panic!("an answer")
    };
    let connected = tokio::task::spawn_blocking(move || offering.connect(&sdp)).await;
    assert!(connected.is_ok());
    let offer = ClientMessage::Offer {
        sdp: "nonsense".into(),
        sections: crate::signal::Sections::default(),
    };
    conference.say(maier.connection, offer).await;
    maier
        .until(|message| {
            *message
                == ServerMessage::Error {
                    code: ErrorCode::BadOffer,
                }
        })
        .await;
}

#[tokio::test]
async fn seat_used_by_a_second_connection_closes_the_first() {
    let conference = start(room(), &Memory::default());
    let mut first = join(&conference, "Frau Maier", teacher()).await;
    let seat = Identity::Seat {
        participant: ParticipantId("Frau Maier".into()),
        owner: SeatOwner::Bearer,
    };
    let mut second = join(&conference, "", seat).await;
    assert!(
        matches!(second.next().await, Some(ServerMessage::Joined { participants, .. }) if participants.len() == 1)
    );
    first
        .until(|message| {
            *message
                == ServerMessage::Refused {
                    reason: RefusalReason::Replaced,
                }
        })
        .await;
    assert_eq!(first.next().await, None, "and is closed");
    // The late news that the first connection is gone must not touch the second.
    conference.gone(first.connection).await;
    assert!(conference.participants().await[0].connected);
}

#[tokio::test]
async fn removed_participant_is_told_and_disconnected() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let mut ben = join(&conference, "Ben", guest()).await;
    let target = Target::These(vec![ParticipantId("Ben".into())]);
    conference
        .say(maier.connection, ClientMessage::Remove { target })
        .await;
    ben.until(|message| *message == ServerMessage::Removed)
        .await;
    assert_eq!(ben.next().await, None);
    conference
        .say(
            ben.connection,
            ClientMessage::SendChat {
                text: "still here".into(),
            },
        )
        .await;
    let seat = Identity::Seat {
        participant: ParticipantId("Ben".into()),
        owner: SeatOwner::Bearer,
    };
    assert_eq!(
        arrive(&conference, "Ben", seat).await.0,
        Entrance::Refused(RefusalReason::Removed)
    );
}

/// Fifteen seconds, and some for a slow machine.
#[tokio::test]
async fn client_that_never_reads_is_disconnected_and_others_go_on() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let _stalled = join(&conference, "Ben", guest()).await;
    let since = Instant::now();
    loop {
        conference.say(maier.connection, ClientMessage::Ping).await;
        maier.until(|message| *message == ServerMessage::Pong).await;
        let ben = conference
            .participants()
            .await
            .into_iter()
            .find(|one| one.name == "Ben")
            .expect("his seat is kept");
        if !ben.connected {
            break;
        }
        assert!(since.elapsed() < Duration::from_mins(1), "still there");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn list_longer_than_the_maximum_is_a_bad_message() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let ids = |count: usize| vec![ParticipantId("Frau Maier".into()); count];
    for (count, code) in [
        (MAX_LIST, ErrorCode::NotPermitted),
        (MAX_LIST + 1, ErrorCode::BadMessage),
    ] {
        let target = Target::These(ids(count));
        conference
            .say(maier.connection, ClientMessage::Remove { target })
            .await;
        maier
            .until(|message| *message == ServerMessage::Error { code })
            .await;
    }
}

#[tokio::test]
async fn fourth_place_of_a_user_closes_the_first_with_a_reason() {
    let conference = start(room(), &Memory::default());
    let pupil = || Identity::Verified {
        user: "ben".into(),
        device: None,
        listed: true,
        unidentified: false,
    };
    let mut first = join(&conference, "Ben", pupil()).await;
    for name in ["phone", "laptop", "desk"] {
        join(&conference, name, pupil()).await;
    }
    let reason = RefusalReason::TooManyPlaces;
    first
        .until(|message| *message == ServerMessage::Refused { reason })
        .await;
    assert_eq!(first.next().await, None, "and is closed");
    assert_eq!(conference.participants().await.len(), 3);
}
