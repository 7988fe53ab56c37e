//! What a conference needs of the program that it runs in.

use async_trait::async_trait;

use super::event::{ConferenceEvent, Summary};
use crate::signal::{ChatMessage, ConferenceId, ParticipantId};
use crate::timestamp::Timestamp;

/// What a conference needs of the program that it runs in: a place for what outlives a restart, proofs of seats, and the
/// time of day. A program that needs none of it implements nothing, or uses [`NoStore`].
#[async_trait]
pub trait ConferenceStore: Send + Sync + 'static {
    /// Keeps the newest snapshot, which [`Room::restore`](crate::room::Room::restore) reads. Called again with a newer one
    /// when it failed. By default nothing is kept, and a conference ends with its process.
    ///
    /// # Errors
    /// When the store cannot do it now. The conference goes on.
    async fn save(&self, _conference: &ConferenceId, _snapshot: String) -> Result<(), StoreError> {
        Ok(())
    }
    /// Keeps a chat message. By default nothing is kept: those who come later get it as long as the process runs.
    ///
    /// # Errors
    /// As [`Self::save`]; called again with the same message.
    async fn append_chat(
        &self,
        _conference: &ConferenceId,
        _message: &ChatMessage,
    ) -> Result<(), StoreError> {
        Ok(())
    }
    /// The conference is over: everything of it is deleted but what the summary is needed for.
    ///
    /// # Errors
    /// When the store cannot do it now. Called again with the same summary until it succeeds.
    async fn ended(&self, _summary: &Summary) -> Result<(), StoreError> {
        Ok(())
    }
    /// Something happened that integrators may want to know. Must not wait.
    fn on_event(&self, _conference: &ConferenceId, _event: ConferenceEvent) {}
    /// A secret that proves this seat when its owner comes back, as [`Identity::Seat`](crate::room::Identity::Seat). Only
    /// the program can make and check one. By default there is none: who loses the connection comes in anew.
    fn sign_seat(&self, _conference: &ConferenceId, _participant: &ParticipantId) -> String {
        String::new()
    }
    /// The time of day for everything that the conference records. A program with a clock of its own gives that one's, and
    /// begins its rooms by it; by default it is the clock of the machine.
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStore;

impl ConferenceStore for NoStore {}

/// The store could not do it now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);
