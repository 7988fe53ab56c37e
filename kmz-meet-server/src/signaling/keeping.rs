//! What a conference keeps beyond a restart, in the server's store.

use std::sync::Arc;

use async_trait::async_trait;
use kmz_meet_core::conference::{ConferenceStore, StoreError};
use kmz_meet_core::signal::{ChatMessage, ConferenceId, ParticipantId};

use crate::auth::Seats;
use crate::clock::Clock;
use crate::store::SharedStore;

/// The store as one room's conference uses it.
pub(super) struct Keeping {
    pub(super) room: String,
    pub(super) store: SharedStore,
    pub(super) seats: Arc<Seats>,
    pub(super) clock: Arc<dyn Clock>,
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

#[async_trait]
impl ConferenceStore for Keeping {
    async fn save(&self, conference: &ConferenceId, snapshot: String) -> Result<(), StoreError> {
        self.store
            .save_conference(conference, &self.room, snapshot, self.clock.now())
            .await
            .map_err(failed)
    }

    async fn append_chat(
        &self,
        conference: &ConferenceId,
        message: &ChatMessage,
    ) -> Result<(), StoreError> {
        let number = i64::try_from(message.id).map_err(failed)?;
        let message = serde_json::to_string(message).map_err(failed)?;
        self.store
            .append_chat(conference, number, message)
            .await
            .map_err(failed)
    }

    async fn ended(&self, conference: &ConferenceId) -> Result<(), StoreError> {
        self.store.end_conference(conference).await.map_err(failed)
    }

    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String {
        self.seats.sign(conference, participant, self.clock.now())
    }
}
