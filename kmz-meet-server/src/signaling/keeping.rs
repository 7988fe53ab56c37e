//! What a conference keeps beyond a restart, in the server's store.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use kmz_meet_core::conference::{ConferenceStore, Happening, StoreError, Summary};
use kmz_meet_core::signal::{ChatMessage, ConferenceId, ParticipantId};

use super::happenings;
use crate::app::App;
use crate::auth::Seats;
use crate::clock::Clock;
use crate::store::{Room, SharedStore};

/// The store as one room's conference uses it.
pub(super) struct Keeping {
    pub(super) room: Room,
    pub(super) app: Weak<App>,
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
            .save_conference(conference, &self.room.id, snapshot, self.clock.now())
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

    async fn ended(&self, summary: &Summary) -> Result<(), StoreError> {
        // Whoever has to hear of it first: what they need is gone afterwards.
        if let Some(app) = self.app.upgrade() {
            happenings::ended(&app, &self.room, summary)
                .await
                .map_err(failed)?;
        }
        self.store
            .end_conference(&summary.conference)
            .await
            .map_err(failed)
    }

    fn happened(&self, conference: &ConferenceId, event: Happening) {
        if let Some(app) = self.app.upgrade() {
            let (room, conference) = (self.room.clone(), conference.clone());
            tokio::spawn(async move {
                happenings::happened(&app, &room, &conference, event).await;
            });
        }
    }

    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String {
        self.seats.sign(conference, participant, self.clock.now())
    }
}
