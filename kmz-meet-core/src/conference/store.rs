//! What a conference needs of the program that it runs in.

use async_trait::async_trait;

use super::event::{ConferenceEvent, Summary};
use crate::signal::{ChatMessage, ConferenceId, ParticipantId};

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
    fn on_event(&self, _conference: &ConferenceId, _event: ConferenceEvent) {}
    /// A token that proves this seat; only the server can make one.
    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String;
}

/// The store could not do it now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);
