//! The handle by which the program around speaks to a conference.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot, watch};

use super::actor::Actor;
use super::figures::Figures;
use super::message::{ConnectionId, Entrance, Message, Options};
use super::outbox::Outbox;
use super::store::ConferenceStore;
use crate::room::{Action, Arrival, Attended, Refusal, Room};
use crate::sfu::Media;
use crate::signal::{ClientMessage, ConferenceId, Participant, Policy};

/// Commands that may wait for the task; more make the sender wait.
const MAX_WAITING_COMMANDS: usize = 512;

/// Handle to a running conference. Cheap to clone.
#[derive(Clone)]
pub struct ConferenceHandle {
    id: ConferenceId,
    inbox: mpsc::Sender<Message>,
    figures: Arc<Figures>,
    writing: watch::Receiver<()>,
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
        let (inbox, messages) = mpsc::channel(MAX_WAITING_COMMANDS);
        let figures = Arc::new(Figures::default());
        let id = room.conference().clone();
        let actor = Actor::new(room, media, store, options, figures.clone());
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

    /// Whether a moderator is in the roster.
    #[must_use]
    pub fn has_moderator(&self) -> bool {
        self.figures.has_moderator.load(Ordering::Relaxed)
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
    pub async fn act(&self, action: impl Into<Action>) -> Result<(), Refusal> {
        let action = action.into();
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
