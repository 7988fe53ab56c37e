//! The table of deliveries: what is still to be sent, and what became of what was.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, Statement,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::delivery::{ActiveModel, Column, Entity, Model};
use super::{AlreadyExists, Database, Record, RecordFilter, StoreError, json, page, unique};
use crate::clock::Timestamp;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried (again).
    Waiting,
    /// The other side took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// A request that is still to be made, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What it is about, such as `conference.started`.
    pub event: String,
    /// `GET` or `POST`
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Taken away as soon as it is not needed any more.
    pub body: Option<String>,
    /// The webhook that signs each try.
    pub webhook: Option<String>,
    /// Else the room that it is about: it goes with it.
    pub room: Option<String>,
    pub state: DeliveryState,
    pub attempts: u32,
    /// Status of the last answer.
    pub last_status: Option<u16>,
    /// Why there was none.
    pub last_error: Option<String>,
    pub last_at: Option<Timestamp>,
}

impl Delivery {
    /// A request that nobody has tried yet.
    pub fn new(event: &str, method: &str, url: &str) -> Self {
        Self {
            event: event.to_owned(),
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            webhook: None,
            room: None,
            state: DeliveryState::Waiting,
            attempts: 0,
            last_status: None,
            last_error: None,
            last_at: None,
        }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: String) -> Self {
        self.headers
            .push(("content-type".to_owned(), "application/json".to_owned()));
        self.body = Some(body);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What is noted of deliveries that are given up together.
pub struct GivenUp<'a> {
    pub why: &'a str,
    /// When the note is deleted.
    pub kept_until: Timestamp,
}

impl DeliveryState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl TryFrom<Model> for Record<Delivery> {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let data = Delivery {
            headers: json::read("the headers of a delivery", &row.id, &row.headers)?,
            state: json::read_name("the state of a delivery", &row.id, &row.state)?,
            event: row.event,
            method: row.method,
            url: row.url,
            body: row.body,
            webhook: row.webhook_id,
            room: row.room_id,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            last_status: row
                .last_status
                .and_then(|status| u16::try_from(status).ok()),
            last_error: row.last_error,
            last_at: row.last_at,
        };
        Ok(Self {
            id: row.id,
            school: Some(row.school_id),
            parent: data.webhook.clone().or_else(|| data.room.clone()),
            key: row.key,
            due_at: row.due_at,
            expires_at: row.expires_at,
            created_at: row.created_at,
            data,
        })
    }
}

/// Webhook, room and content say themselves what a delivery belongs to: `parent` is only read.
impl Record<Delivery> {
    fn row(&self) -> Result<ActiveModel, StoreError> {
        let data = &self.data;
        Ok(ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(self.school.clone().unwrap_or_default()),
            webhook_id: Set(data.webhook.clone()),
            room_id: Set(data.room.clone()),
            key: Set(self.key.clone()),
            event: Set(data.event.clone()),
            method: Set(data.method.clone()),
            url: Set(data.url.clone()),
            headers: Set(json::write(
                "the headers of a delivery",
                &self.id,
                &data.headers,
            )?),
            body: Set(data.body.clone()),
            state: Set(data.state.as_str().to_owned()),
            attempts: Set(i64::from(data.attempts)),
            last_status: Set(data.last_status.map(i64::from)),
            // A database holds no NUL in texts, and this is what others made go wrong.
            last_error: Set(data.last_error.as_deref().map(without_nul)),
            last_at: Set(data.last_at),
            due_at: Set(self.due_at),
            created_at: Set(self.created_at),
            expires_at: Set(self.expires_at),
        })
    }

    /// Adds it; its key may be taken.
    pub async fn add(&self, store: &Database) -> Result<Result<(), AlreadyExists>, StoreError> {
        unique(self.row()?.insert(&store.connection).await)
    }

    /// Adds all of them or none; those whose key is taken are there already.
    pub async fn add_all(store: &Database, deliveries: &[Self]) -> Result<(), StoreError> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let rows: Vec<ActiveModel> = deliveries.iter().map(Self::row).collect::<Result<_, _>>()?;
        let there = OnConflict::column(Column::Key).do_nothing().to_owned();
        Entity::insert_many(rows)
            .on_conflict(there)
            .exec_without_returning(&store.connection)
            .await?;
        Ok(())
    }

    /// Replaces it if it is there, and says whether it was: what was deleted meanwhile stays deleted.
    pub async fn update(&self, store: &Database) -> Result<bool, StoreError> {
        self.replace(store, None).await
    }

    /// Takes it until this time; says whether nobody else did so since it was read.
    pub async fn lease(&mut self, store: &Database, until: Timestamp) -> Result<bool, StoreError> {
        let former = self.due_at.replace(until);
        self.replace(store, former).await
    }

    async fn replace(
        &self,
        store: &Database,
        due_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: NotSet,
            school_id: NotSet,
            created_at: NotSet,
            ..self.row()?
        };
        let mut update = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(&self.id));
        if let Some(due_at) = due_at {
            update = update.filter(Column::DueAt.eq(due_at));
        }
        Ok(update.exec(&store.connection).await?.rows_affected == 1)
    }

    /// Those of a school, and of a webhook where `parent` names it.
    pub async fn list(store: &Database, filter: RecordFilter<'_>) -> Result<Vec<Self>, StoreError> {
        let deliveries = Entity::find().apply_if(filter.parent, |deliveries, webhook| {
            deliveries.filter(Column::WebhookId.eq(webhook))
        });
        let rows = page(store, deliveries, (Column::SchoolId, Column::Id), &filter).await?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// What is due, the most urgent first, and at most `each` of one school and webhook or room: nobody's many are in the
    /// way of others.
    pub async fn due_of_each(
        store: &Database,
        now: Timestamp,
        each: u64,
        limit: u64,
    ) -> Result<Vec<Self>, StoreError> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let statement = Statement::from_sql_and_values(
            store.connection.get_database_backend(),
            "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY school_id, COALESCE(webhook_id, room_id) \
             ORDER BY due_at, id) AS place FROM deliveries WHERE due_at <= $1) AS due \
             WHERE place <= $2 ORDER BY due_at, id LIMIT $3",
            [now.into(), number(each).into(), number(limit).into()],
        );
        let rows = Entity::find().from_raw_sql(statement);
        let rows = rows.all(&store.connection).await?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// How many wait for a webhook, now or later.
    pub async fn due_of(store: &Database, webhook: &str) -> Result<u64, StoreError> {
        let due = Entity::find()
            .filter(Column::WebhookId.eq(webhook))
            .filter(Column::DueAt.is_not_null());
        Ok(due.count(&store.connection).await?)
    }

    /// Gives up what waits for a webhook. A try that runs meanwhile ends by itself, and is not repeated.
    pub async fn give_up_of(
        store: &Database,
        webhook: &str,
        given_up: &GivenUp<'_>,
    ) -> Result<(), StoreError> {
        give_up(&store.connection, webhook, given_up).await
    }

    /// Says whether it was there.
    pub async fn delete(&self, store: &Database) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(&self.id)
            .exec(&store.connection)
            .await?;
        Ok(deleted.rows_affected == 1)
    }
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) async fn give_up<C: ConnectionTrait>(
    connection: &C,
    webhook: &str,
    given_up: &GivenUp<'_>,
) -> Result<(), StoreError> {
    // Only what became of it is kept, not what was in it.
    let over = ActiveModel {
        state: Set(DeliveryState::Failed.as_str().to_owned()),
        last_error: Set(Some(given_up.why.to_owned())),
        headers: Set("[]".to_owned()),
        body: Set(None),
        due_at: Set(None),
        expires_at: Set(Some(given_up.kept_until)),
        ..Default::default()
    };
    Entity::update_many()
        .set(over)
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::State.eq(DeliveryState::Waiting.as_str()))
        .exec(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete_of_webhook(
    transaction: &DatabaseTransaction,
    webhook: &str,
) -> Result<(), StoreError> {
    Entity::delete_many()
        .filter(Column::WebhookId.eq(webhook))
        .exec(transaction)
        .await?;
    Ok(())
}
