//! A running conference: one task that ties one room to its media. It is the only place where both are known.
//!
//! The walk of a signal: WebSocket → [`ConferenceHandle::say`] → `Room::handle` → effects → clients, media, store.
//! The task never waits for a client: each has a bounded [`Outbox`], and who does not read is cut off.

mod actor;
mod keeper;
mod outbox;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

pub use outbox::{Outbox, OutboxReader, outbox};

use crate::room::{Action, Arrival, Refusal, Room};
use crate::sfu::Media;
use crate::signal::{
    ChatMessage, ClientMessage, ConferenceId, Participant, ParticipantId, RefusalReason,
};

/// Commands that may wait for the task; more make the sender wait.
const INBOX: usize = 512;

/// What a conference needs of the world around it: a place for what outlives a restart, and a signature for seats.
#[async_trait]
pub trait ConferenceStore: Send + Sync + 'static {
    /// Keeps the newest snapshot. Called again with a newer one when it failed.
    async fn save(&self, conference: &ConferenceId, snapshot: String) -> Result<(), StoreError>;
    /// Keeps a chat message.
    async fn append_chat(
        &self,
        conference: &ConferenceId,
        message: &ChatMessage,
    ) -> Result<(), StoreError>;
    /// The conference is over: everything of it is deleted.
    async fn ended(&self, conference: &ConferenceId) -> Result<(), StoreError>;
    /// A token that proves this seat; only the server can make one.
    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String;
}

/// The store could not do it now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

/// How a conference behaves beyond its policy.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A conference in which nobody has been connected for this long ends.
    pub empty_after: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            empty_after: Duration::from_mins(5),
        }
    }
}

/// One client's connection to one conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(u64);

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// In; `joined` is in the outbox.
    In(ConnectionId),
    /// In the lobby; `lobby` is in the outbox, and `joined` or `refused` will be.
    Lobby(ConnectionId),
    /// To be treated like a room that does not exist. Nothing is in the outbox.
    Hidden,
    /// Not coming in. Nothing is in the outbox.
    Refused(RefusalReason),
    /// The conference has just ended.
    Over,
}

enum Message {
    Enter {
        arrival: Arrival,
        outbox: Outbox,
        reply: oneshot::Sender<Entrance>,
    },
    Say {
        connection: ConnectionId,
        message: ClientMessage,
    },
    Gone {
        connection: ConnectionId,
    },
    Act {
        action: Action,
        reply: oneshot::Sender<Result<(), Refusal>>,
    },
    List {
        reply: oneshot::Sender<Vec<Participant>>,
    },
}

/// Handle to a running conference. Cheap to clone.
#[derive(Clone)]
pub struct ConferenceHandle {
    id: ConferenceId,
    inbox: mpsc::Sender<Message>,
    present: Arc<AtomicUsize>,
}

impl ConferenceHandle {
    /// Starts the task of a conference, new or restored. It ends by itself; [`Self::ended`] tells when.
    #[must_use]
    pub fn start(
        room: Room,
        media: Media,
        store: Arc<dyn ConferenceStore>,
        options: Options,
    ) -> Self {
        let (inbox, messages) = mpsc::channel(INBOX);
        let present = Arc::new(AtomicUsize::new(0));
        let id = room.conference().clone();
        let actor = actor::Actor::new(room, media, store, options, present.clone());
        tokio::spawn(actor.run(messages));
        Self { id, inbox, present }
    }

    #[must_use]
    pub fn id(&self) -> &ConferenceId {
        &self.id
    }

    /// How many people are in the roster.
    #[must_use]
    pub fn present(&self) -> usize {
        self.present.load(Ordering::Relaxed)
    }

    /// Whether the conference is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Waits until the conference is over.
    pub async fn ended(&self) {
        self.inbox.closed().await;
    }

    /// Someone comes to the door.
    pub async fn enter(&self, arrival: Arrival, outbox: Outbox) -> Entrance {
        self.ask(|reply| Message::Enter {
            arrival,
            outbox,
            reply,
        })
        .await
        .unwrap_or(Entrance::Over)
    }

    /// A client's message. What is not acted upon is answered by an `error` in the outbox.
    pub async fn say(&self, connection: ConnectionId, message: ClientMessage) {
        // A conference that is over has told its clients so.
        let _ = self
            .inbox
            .send(Message::Say {
                connection,
                message,
            })
            .await;
    }

    /// A client's connection was lost.
    pub async fn gone(&self, connection: ConnectionId) {
        let _ = self.inbox.send(Message::Gone { connection }).await;
    }

    /// The server's own action, for integrators with the right to it.
    ///
    /// # Errors
    /// When the room refuses it, or has ended ([`Refusal::UnknownParticipant`]).
    pub async fn act(&self, action: Action) -> Result<(), Refusal> {
        self.ask(|reply| Message::Act { action, reply })
            .await
            .unwrap_or(Err(Refusal::UnknownParticipant))
    }

    /// The roster.
    pub async fn participants(&self) -> Vec<Participant> {
        self.ask(|reply| Message::List { reply })
            .await
            .unwrap_or_default()
    }

    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(message(reply)).await.ok()?;
        answer.await.ok()
    }
}
