//! The table of webhooks.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::deliveries::{GivenUp, delete_of_webhook, give_up};
use super::entity::webhook::{ActiveModel, Column, Entity, Model};
use super::records::CHANGE_TRIES;
use super::{
    AddError, Database, Record, RecordFilter, StoreError, add_of_school, json, page, storable,
};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    pub events: Vec<Event>,
    /// `whsec_...`; kept readable because every message is signed with it.
    pub secret: String,
    pub active: bool,
}

impl TryFrom<Model> for Record<Webhook> {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let data = Webhook {
            events: json::read("the events of a webhook", &row.id, &row.events)?,
            url: row.url,
            secret: row.secret,
            active: row.active,
        };
        Ok(Self {
            id: row.id,
            school: Some(row.school_id),
            parent: None,
            key: None,
            due_at: None,
            expires_at: None,
            created_at: row.created_at,
            data,
        })
    }
}

impl Record<Webhook> {
    fn row(&self) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(self.school.clone().unwrap_or_default()),
            url: Set(self.data.url.clone()),
            events: Set(json::write(
                "the events of a webhook",
                &self.id,
                &self.data.events,
            )?),
            secret: Set(self.data.secret.clone()),
            active: Set(self.data.active),
            created_at: Set(self.created_at),
            version: Set(0),
        })
    }

    /// Adds it, unless its school has this many already.
    pub async fn add(
        &self,
        store: &Database,
        max_of_school: u64,
    ) -> Result<Result<(), AddError>, StoreError> {
        let school = self.school.as_deref().unwrap_or_default();
        add_of_school(
            store,
            self.row()?,
            (Column::SchoolId, school),
            max_of_school,
        )
        .await
    }

    pub async fn get(store: &Database, id: &str) -> Result<Option<Self>, StoreError> {
        let row = row_of(store, id).await?;
        row.map(Self::try_from).transpose()
    }

    /// The webhook with this id if it is this school's: what belongs to others is not there.
    pub async fn of_school(
        store: &Database,
        school: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let webhook = Self::get(store, id).await?;
        Ok(webhook.filter(|webhook| webhook.school.as_deref() == Some(school)))
    }

    /// Those of a school.
    pub async fn list(store: &Database, filter: RecordFilter<'_>) -> Result<Vec<Self>, StoreError> {
        let of_school = (Column::SchoolId, Column::Id);
        let rows = page(store, Entity::find(), of_school, &filter).await?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// Changes the one with this id, whatever others change in it at the same time: `change` is done to what is there, and
    /// once more when that was replaced meanwhile. `None` when it is not there (any more).
    pub async fn change<E: From<StoreError>>(
        store: &Database,
        id: &str,
        change: impl Fn(&mut Self) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        for _ in 0..CHANGE_TRIES {
            let Some(row) = row_of(store, id).await? else {
                return Ok(None);
            };
            let version = row.version;
            let mut record = Self::try_from(row)?;
            change(&mut record)?;
            if record.replace(store, version).await? {
                return Ok(Some(record));
            }
        }
        Err(StoreError::Contended { kind: "webhook" }.into())
    }

    /// Says whether it was still what was read.
    async fn replace(&self, store: &Database, version: i64) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: NotSet,
            school_id: NotSet,
            created_at: NotSet,
            version: Set(version + 1),
            ..self.row()?
        };
        let changed = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(&self.id))
            .filter(Column::Version.eq(version))
            .exec(&store.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Nothing is sent there any more, and what waits is given up; unless it moved away from this address. Says whether it
    /// was there.
    pub async fn silence(
        store: &Database,
        id: &str,
        url: &str,
        given_up: &GivenUp<'_>,
    ) -> Result<bool, StoreError> {
        let both = store.begin().await?;
        let silenced = Entity::update_many()
            .col_expr(Column::Active, Expr::value(false))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(id))
            .filter(Column::Url.eq(url))
            .exec(&both)
            .await?;
        if silenced.rows_affected == 0 {
            return Ok(false);
        }
        give_up(&both, id, given_up).await?;
        both.commit().await?;
        Ok(true)
    }

    /// Deletes it with all that was or is to be sent to it; says whether it was there.
    pub async fn delete(&self, store: &Database) -> Result<bool, StoreError> {
        let both = store.begin().await?;
        let deleted = Entity::delete_by_id(&self.id).exec(&both).await?;
        delete_of_webhook(&both, &self.id).await?;
        both.commit().await?;
        Ok(deleted.rows_affected == 1)
    }
}

async fn row_of(store: &Database, id: &str) -> Result<Option<Model>, StoreError> {
    if !storable(id) {
        return Ok(None);
    }
    Ok(Entity::find_by_id(id).one(&store.connection).await?)
}
