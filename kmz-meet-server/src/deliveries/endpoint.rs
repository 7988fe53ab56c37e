//! Webhooks: who of a school wants to hear of what, and where.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Deliveries;
use crate::store::{Kind, Record, StoreError};

/// Something that can be heard of. A conference tells of 400 comings and goings at once and then of one every three
/// seconds; `data.participant_events_left_out` of `conference.ended` says how many it did not tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Event {
    #[serde(rename = "conference.started")]
    ConferenceStarted,
    #[serde(rename = "conference.ended")]
    ConferenceEnded,
    #[serde(rename = "participant.joined")]
    ParticipantJoined,
    #[serde(rename = "participant.left")]
    ParticipantLeft,
}

impl Event {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConferenceStarted => "conference.started",
            Self::ConferenceEnded => "conference.ended",
            Self::ParticipantJoined => "participant.joined",
            Self::ParticipantLeft => "participant.left",
        }
    }
}

/// Who wants to hear what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub url: String,
    pub events: Vec<Event>,
    /// `whsec_...`; kept readable because every message is signed with it.
    pub secret: String,
    pub active: bool,
}

impl Kind for Webhook {
    const KIND: &'static str = "webhook";
}

impl Deliveries {
    /// The other side answered that it is gone: nothing is sent there any more until the school says so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unwanted(&self, id: &str, url: &str) -> Result<(), StoreError> {
        let webhook = Record::<Webhook>::get(&*self.store, id).await?;
        // It may have moved while the old address was being tried.
        let Some(mut webhook) = webhook.filter(|webhook| webhook.data.url == url) else {
            return Ok(());
        };
        webhook.data.active = false;
        webhook.update(&*self.store).await?;
        tracing::warn!(webhook = %id, "a webhook is silenced: its receiver answers 410");
        self.silenced(&webhook).await
    }

    /// Nothing that waits for it is sent later.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn silenced(&self, webhook: &Record<Webhook>) -> Result<(), StoreError> {
        let school = webhook.school.as_deref().unwrap_or_default();
        self.give_up(school, &webhook.id, "the webhook is not active")
            .await
    }
}
