//! The table of API keys: what each may do, so that it can be taken back.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::api_key::{ActiveModel, Column, Entity, Model};
use super::{Database, Record, RecordFilter, StoreError, json, page, storable};

/// Something that a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Scope {
    #[serde(rename = "rooms:read")]
    RoomsRead,
    #[serde(rename = "rooms:write")]
    RoomsWrite,
    /// Hand out the right to come into a room.
    #[serde(rename = "tickets:write")]
    TicketsWrite,
    #[serde(rename = "conferences:read")]
    ConferencesRead,
    #[serde(rename = "conferences:write")]
    ConferencesWrite,
    #[serde(rename = "attendance:read")]
    AttendanceRead,
    #[serde(rename = "attendance:write")]
    AttendanceWrite,
    /// Retention times, embedding, limits of rooms. How people sign in is for those alone who administer the school and are signed
    /// in.
    #[serde(rename = "school:write")]
    SchoolWrite,
    #[serde(rename = "lti:write")]
    LtiWrite,
    #[serde(rename = "bbb:write")]
    BbbWrite,
    #[serde(rename = "keys:write")]
    KeysWrite,
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Who has an account, who asks for one, lists of teachers.
    #[serde(rename = "teachers:read")]
    TeachersRead,
    #[serde(rename = "teachers:write")]
    TeachersWrite,
}

impl Scope {
    /// Every one of them.
    pub const ALL: [Self; 14] = [
        Self::RoomsRead,
        Self::RoomsWrite,
        Self::TicketsWrite,
        Self::ConferencesRead,
        Self::ConferencesWrite,
        Self::AttendanceRead,
        Self::AttendanceWrite,
        Self::SchoolWrite,
        Self::LtiWrite,
        Self::BbbWrite,
        Self::KeysWrite,
        Self::WebhooksWrite,
        Self::TeachersRead,
        Self::TeachersWrite,
    ];

    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RoomsRead => "rooms:read",
            Self::RoomsWrite => "rooms:write",
            Self::TicketsWrite => "tickets:write",
            Self::ConferencesRead => "conferences:read",
            Self::ConferencesWrite => "conferences:write",
            Self::AttendanceRead => "attendance:read",
            Self::AttendanceWrite => "attendance:write",
            Self::SchoolWrite => "school:write",
            Self::LtiWrite => "lti:write",
            Self::BbbWrite => "bbb:write",
            Self::KeysWrite => "keys:write",
            Self::WebhooksWrite => "webhooks:write",
            Self::TeachersRead => "teachers:read",
            Self::TeachersWrite => "teachers:write",
        }
    }
}

/// What is kept of a key; the token itself is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// What people call it.
    pub name: String,
    pub scopes: Vec<Scope>,
}

impl TryFrom<Model> for Record<ApiKey> {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let data = ApiKey {
            scopes: json::read("what a key may do", &row.id, &row.scopes)?,
            name: row.name,
        };
        Ok(Self {
            id: row.id,
            school: Some(row.school_id),
            parent: None,
            key: None,
            due_at: None,
            expires_at: row.expires_at,
            created_at: row.created_at,
            data,
        })
    }
}

impl Record<ApiKey> {
    pub async fn add(&self, store: &Database) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(self.school.clone().unwrap_or_default()),
            name: Set(self.data.name.clone()),
            scopes: Set(json::write(
                "what a key may do",
                &self.id,
                &self.data.scopes,
            )?),
            created_at: Set(self.created_at),
            expires_at: Set(self.expires_at),
        };
        row.insert(&store.connection).await?;
        Ok(())
    }

    /// The key with this id if it is this school's: what belongs to others is not there.
    pub async fn of_school(
        store: &Database,
        school: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = Entity::find_by_id(id)
            .filter(Column::SchoolId.eq(school))
            .one(&store.connection)
            .await?;
        row.map(Self::try_from).transpose()
    }

    /// Those of a school.
    pub async fn list(store: &Database, filter: RecordFilter<'_>) -> Result<Vec<Self>, StoreError> {
        let of_school = (Column::SchoolId, Column::Id);
        let rows = page(store, Entity::find(), of_school, &filter).await?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// Says whether it was there.
    pub async fn delete(&self, store: &Database) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(&self.id)
            .exec(&store.connection)
            .await?;
        Ok(deleted.rows_affected == 1)
    }
}
