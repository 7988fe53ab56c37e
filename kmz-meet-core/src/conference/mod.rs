//! A running conference: one task that ties one room to its media. It is the only place where both are known.
//!
//! The walk of a signal: WebSocket → [`ConferenceHandle::say`] → `Room::handle` → effects → clients, media, store.
//! The task never waits for a client: each has a bounded [`Outbox`], and who does not read is cut off. What one person
//! may make all others hear of has a budget, and a message that waits is replaced by a newer one of the same thing.

mod actor;
mod budget;
mod held;
mod keeper;
mod lobby_news;
mod outbox;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot, watch};

pub use outbox::{Outbox, OutboxReader, outbox};

use crate::room::{Action, Arrival, Attended, Millis, Refusal, Room};
use crate::sfu::Media;
use crate::signal::{
    ChatMessage, ClientMessage, ConferenceId, Participant, ParticipantId, Policy, RefusalReason,
    Role,
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
    /// The conference is over: everything of it is deleted but what the summary is needed for. Called again with the
    /// same summary when it failed.
    async fn ended(&self, summary: &Summary) -> Result<(), StoreError>;
    /// Something happened that integrators may want to know. Must not wait.
    fn happened(&self, _conference: &ConferenceId, _event: Happening) {}
    /// A token that proves this seat; only the server can make one.
    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String;
}

/// What is left to say of a conference that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub conference: ConferenceId,
    pub started_at: Millis,
    pub ended_at: Millis,
    /// Empty where the room has no list.
    pub attended: Vec<Attended>,
}

/// What happens in a conference, for those who are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    Started,
    Joined(Visitor),
    Left(Visitor),
}

/// Who came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub participant: ParticipantId,
    /// As the server knows them; `None` for guests.
    pub user: Option<String>,
    pub name: String,
    pub role: Role,
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
    In {
        connection: ConnectionId,
        /// By the room's password, which stood in the way and was right.
        by_password: bool,
    },
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
    Attended {
        reply: oneshot::Sender<Vec<Attended>>,
    },
    Policy {
        reply: oneshot::Sender<Policy>,
    },
}

/// Handle to a running conference. Cheap to clone.
#[derive(Clone)]
pub struct ConferenceHandle {
    id: ConferenceId,
    inbox: mpsc::Sender<Message>,
    figures: Arc<Figures>,
    writing: watch::Receiver<()>,
}

/// What can be asked without waiting for the conference.
#[derive(Debug, Default)]
struct Figures {
    present: AtomicUsize,
    password_changes: AtomicU64,
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
        let figures = Arc::new(Figures::default());
        let id = room.conference().clone();
        let actor = actor::Actor::new(room, media, store, options, figures.clone());
        let writing = actor.writing();
        tokio::spawn(actor.run(messages));
        Self {
            id,
            inbox,
            figures,
            writing,
        }
    }

    #[must_use]
    pub fn id(&self) -> &ConferenceId {
        &self.id
    }

    /// How many people are in the roster.
    #[must_use]
    pub fn present(&self) -> usize {
        self.figures.present.load(Ordering::Relaxed)
    }

    /// How often the password became another one since the conference began: wrong ones of before say nothing of who
    /// guesses now.
    #[must_use]
    pub fn password_changes(&self) -> u64 {
        self.figures.password_changes.load(Ordering::Relaxed)
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

    /// Waits until the conference is over, all who have to know were told, and nothing of it is left in the store: only
    /// then may another one be held in the same room.
    pub async fn deleted(&self) {
        let mut writing = self.writing.clone();
        // Nothing is ever sent: it is closed at the end.
        while writing.changed().await.is_ok() {}
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

    /// Who was here until now and for how long; empty where the room has no list.
    pub async fn attendance(&self) -> Vec<Attended> {
        self.ask(|reply| Message::Attended { reply })
            .await
            .unwrap_or_default()
    }

    /// The policy that holds now; `None` when the conference is over.
    pub async fn policy(&self) -> Option<Policy> {
        self.ask(|reply| Message::Policy { reply }).await
    }

    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(message(reply)).await.ok()?;
        answer.await.ok()
    }
}
