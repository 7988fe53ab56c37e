//! The tables of running conferences and their chat.

use kmz_meet_core::room::MAX_CHAT_KEPT;
use kmz_meet_core::signal::ConferenceId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{chat, conference};
use super::{Database, StoreError};
use crate::clock::Timestamp;

/// What is kept of a conference that runs, or ran when the server stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptConference {
    pub id: ConferenceId,
    /// JSON
    pub snapshot: String,
    /// When the snapshot was written.
    pub saved_at: Timestamp,
    /// JSON, oldest first
    pub chat: Vec<String>,
}

impl Database {
    pub async fn conference_of_room(
        &self,
        room: &str,
    ) -> Result<Option<KeptConference>, StoreError> {
        let row = conference::Entity::find()
            .filter(conference::Column::RoomId.eq(room))
            .one(&self.connection)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let chat = chat::Entity::find()
            .filter(chat::Column::ConferenceId.eq(row.id.as_str()))
            .order_by_asc(chat::Column::Number)
            .all(&self.connection)
            .await?;
        Ok(Some(KeptConference {
            id: ConferenceId(row.id),
            snapshot: row.snapshot,
            saved_at: row.updated_at,
            chat: chat.into_iter().map(|row| row.message).collect(),
        }))
    }

    pub async fn save_conference(
        &self,
        conference: &ConferenceId,
        room: &str,
        snapshot: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = conference::ActiveModel {
            id: Set(conference.0.clone()),
            room_id: Set(room.to_owned()),
            snapshot: Set(snapshot),
            updated_at: Set(now),
        };
        let newest = OnConflict::column(conference::Column::Id)
            .update_columns([conference::Column::Snapshot, conference::Column::UpdatedAt])
            .to_owned();
        conference::Entity::insert(row)
            .on_conflict(newest)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// The same number again replaces the message. What newcomers are not told any more is deleted.
    pub async fn append_chat(
        &self,
        conference: &ConferenceId,
        number: i64,
        message: String,
    ) -> Result<(), StoreError> {
        let row = chat::ActiveModel {
            conference_id: Set(conference.0.clone()),
            number: Set(number),
            message: Set(message),
        };
        let again = OnConflict::columns([chat::Column::ConferenceId, chat::Column::Number])
            .update_column(chat::Column::Message)
            .to_owned();
        chat::Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&self.connection)
            .await?;
        // Whoever comes later is told no more than these.
        let kept = i64::try_from(MAX_CHAT_KEPT).unwrap_or(i64::MAX);
        chat::Entity::delete_many()
            .filter(chat::Column::ConferenceId.eq(conference.0.as_str()))
            .filter(chat::Column::Number.lte(number.saturating_sub(kept)))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Deletes physically: nothing of it can be read from the file afterwards.
    pub async fn end_conference(&self, conference: &ConferenceId) -> Result<(), StoreError> {
        let both = self.begin().await?;
        chat::Entity::delete_many()
            .filter(chat::Column::ConferenceId.eq(conference.0.as_str()))
            .exec(&both)
            .await?;
        conference::Entity::delete_by_id(conference.0.as_str())
            .exec(&both)
            .await?;
        both.commit().await?;
        self.forget().await
    }

    pub async fn running_room_ids(&self) -> Result<Vec<String>, StoreError> {
        let rooms = conference::Entity::find()
            .select_only()
            .column(conference::Column::RoomId)
            .into_tuple::<String>()
            .all(&self.connection)
            .await?;
        Ok(rooms)
    }
}
