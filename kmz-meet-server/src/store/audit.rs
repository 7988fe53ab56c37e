//! The table of administrators' actions: who did what, when, in which school. It has no contents.

use std::time::Duration;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entity::audit::{ActiveModel, Column, Entity, Model};
use super::{Database, StoreError, storable};
use crate::clock::{Timestamp, millis};

/// An entry is deleted after this time: a school year and the holidays.
pub(super) const LIFETIME: Duration = Duration::from_hours(400 * 24);

/// An action of an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Sorts by time.
    pub id: String,
    pub created_at: Timestamp,
    /// `None`: it concerns the whole service.
    pub school: Option<String>,
    /// `account`, `key` or `command_line`
    pub actor_kind: String,
    pub actor_id: String,
    /// What they were called at that time.
    pub actor_name: String,
    pub action: String,
    /// The id of what it was done to.
    pub target: String,
}

/// Which entries.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter<'a> {
    pub school: Option<&'a str>,
    pub action: Option<&'a str>,
    /// An account or a key.
    pub actor: Option<&'a str>,
    pub from: Option<Timestamp>,
    /// Not this moment any more.
    pub until: Option<Timestamp>,
    /// Only those after this id, in the order of the list.
    pub after: Option<&'a str>,
    pub limit: u64,
}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            school: row.school_id,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            target: row.target,
        }
    }
}

/// Adds an entry, also together with what it tells.
pub(super) async fn add<C: ConnectionTrait>(
    connection: &C,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        id: Set(entry.id.clone()),
        created_at: Set(entry.created_at),
        school_id: Set(entry.school.clone()),
        actor_kind: Set(entry.actor_kind.clone()),
        actor_id: Set(entry.actor_id.clone()),
        actor_name: Set(entry.actor_name.clone()),
        action: Set(entry.action.clone()),
        target: Set(entry.target.clone()),
    };
    row.insert(connection).await?;
    Ok(())
}

impl Database {
    pub async fn add_audit_entry(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        add(&self.connection, entry).await
    }

    /// The newest first.
    pub async fn audit_entries(
        &self,
        filter: AuditFilter<'_>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let texts = [filter.school, filter.action, filter.actor, filter.after];
        if !texts.into_iter().flatten().all(storable) {
            return Ok(Vec::new());
        }
        let mut rows = Entity::find();
        if let Some(school) = filter.school {
            rows = rows.filter(Column::SchoolId.eq(school));
        }
        if let Some(action) = filter.action {
            rows = rows.filter(Column::Action.eq(action));
        }
        if let Some(actor) = filter.actor {
            rows = rows.filter(Column::ActorId.eq(actor));
        }
        if let Some(from) = filter.from {
            rows = rows.filter(Column::CreatedAt.gte(from));
        }
        if let Some(until) = filter.until {
            rows = rows.filter(Column::CreatedAt.lt(until));
        }
        if let Some(after) = filter.after {
            rows = rows.filter(Column::Id.lt(after));
        }
        let rows = rows
            .order_by_desc(Column::Id)
            .limit(filter.limit)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }

    /// Deletes entries that have had their time.
    pub(super) async fn delete_expired_audit_entries(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::CreatedAt.lte(now - millis(LIFETIME)))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}
