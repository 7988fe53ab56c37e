//! The table of notices: what operators tell everybody.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::notice::{ActiveModel, Column, Entity, Model};
use super::{AddError, Database, StoreError, storable};
use crate::clock::Timestamp;

/// Notices that are kept, those of former times with them.
pub const MAX_NOTICES: u64 = 200;
/// Notices that people are shown at once: more would hide the page.
const MAX_CURRENT: u64 = 5;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something does not work in a browser.
    Browser,
    /// The service is not there, or slower, for a while.
    Maintenance,
    /// Anything else.
    News,
}

impl NoticeKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Maintenance => "maintenance",
            Self::News => "news",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "browser" => Self::Browser,
            "maintenance" => Self::Maintenance,
            _ => Self::News,
        }
    }
}

/// A notice. Its texts are plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    pub kind: NoticeKind,
    pub german: String,
    pub english: String,
    pub from: Timestamp,
    /// `None`: until it is deleted.
    pub until: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl From<Model> for Notice {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            kind: NoticeKind::read(&row.kind),
            german: row.text_de,
            english: row.text_en,
            from: row.from_at,
            until: row.until_at,
            created_at: row.created_at,
        }
    }
}

fn row(notice: &Notice) -> ActiveModel {
    ActiveModel {
        id: Set(notice.id.clone()),
        kind: Set(notice.kind.as_str().to_owned()),
        text_de: Set(notice.german.clone()),
        text_en: Set(notice.english.clone()),
        from_at: Set(notice.from),
        until_at: Set(notice.until),
        created_at: Set(notice.created_at),
    }
}

impl Database {
    /// Adds a notice, unless there are [`MAX_NOTICES`].
    pub async fn add_notice(&self, notice: &Notice) -> Result<Result<(), AddError>, StoreError> {
        let both = self.begin().await?;
        if Entity::find().count(&both).await? >= MAX_NOTICES {
            return Ok(Err(AddError::TooMany));
        }
        row(notice).insert(&both).await?;
        both.commit().await?;
        Ok(Ok(()))
    }

    /// Replaces a notice if it is there, and says whether it was.
    pub async fn change_notice(&self, notice: &Notice) -> Result<bool, StoreError> {
        let changed = Entity::update_many()
            .set(row(notice))
            .filter(Column::Id.eq(&notice.id))
            .exec(&self.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    pub async fn notice(&self, id: &str) -> Result<Option<Notice>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.map(Notice::from))
    }

    /// Says whether it was there.
    pub async fn delete_notice(&self, id: &str) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(id).exec(&self.connection).await?;
        Ok(deleted.rows_affected == 1)
    }

    /// All, the newest first.
    pub async fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        let rows = Entity::find()
            .order_by_desc(Column::Id)
            .limit(MAX_NOTICES)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(Notice::from).collect())
    }

    /// Those that hold now, the newest first.
    pub async fn current_notices(&self, now: Timestamp) -> Result<Vec<Notice>, StoreError> {
        let not_over = Condition::any()
            .add(Column::UntilAt.is_null())
            .add(Column::UntilAt.gt(now));
        let rows = Entity::find()
            .filter(Column::FromAt.lte(now))
            .filter(not_over)
            .order_by_desc(Column::FromAt)
            .order_by_desc(Column::Id)
            .limit(MAX_CURRENT)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(Notice::from).collect())
    }
}
