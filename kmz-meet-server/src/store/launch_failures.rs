//! The table of launches that failed: how often each reason was met at a platform, and when last. Nothing says who it was.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
};

use super::entity::launch_failure::{ActiveModel, Column, Entity};
use super::{Database, StoreError, storable};
use crate::clock::{Timestamp, millis};

/// A reason that was not met for so long is deleted.
pub(super) const LIFETIME: Duration = Duration::from_hours(30 * 24);
/// Reasons in one answer: more than there are codes.
const MAX_FAILURES: u64 = 200;

/// A reason for which launches of a platform failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchFailure {
    pub platform: String,
    /// The code that the person read.
    pub code: String,
    pub count: u64,
    pub last_at: Timestamp,
}

impl Database {
    /// Counts a launch that failed. There is nothing to count for a platform that is gone: nobody asks for its figures.
    pub async fn count_launch_failure(
        &self,
        platform: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            platform_id: Set(platform.to_owned()),
            code: Set(code.to_owned()),
            count: Set(1),
            last_at: Set(now),
        };
        let again = OnConflict::columns([Column::PlatformId, Column::Code])
            .value(Column::Count, Expr::col((Entity, Column::Count)).add(1))
            .value(Column::LastAt, now)
            .to_owned();
        let counted = Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&self.connection)
            .await;
        match counted {
            Err(error) if is_foreign_key(&error) => Ok(()),
            counted => Ok(counted.map(|_| ())?),
        }
    }

    /// Those of a platform, the latest first.
    pub async fn launch_failures(&self, platform: &str) -> Result<Vec<LaunchFailure>, StoreError> {
        if !storable(platform) {
            return Ok(Vec::new());
        }
        let rows = Entity::find()
            .filter(Column::PlatformId.eq(platform))
            .order_by_desc(Column::LastAt)
            .order_by_asc(Column::Code)
            .limit(MAX_FAILURES)
            .all(&self.connection)
            .await?;
        let failure = |row: super::entity::launch_failure::Model| LaunchFailure {
            platform: row.platform_id,
            code: row.code,
            count: u64::try_from(row.count).unwrap_or(0),
            last_at: row.last_at,
        };
        Ok(rows.into_iter().map(failure).collect())
    }

    /// Deletes those that were not met for a month.
    pub(super) async fn delete_expired_launch_failures(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::LastAt.lte(now - millis(LIFETIME)))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}

/// Whether a row was refused because what it belongs to is not there.
fn is_foreign_key(error: &DbErr) -> bool {
    let kind = error.sql_err();
    matches!(kind, Some(SqlErr::ForeignKeyConstraintViolation(_)))
}
