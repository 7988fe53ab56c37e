//! The tables of self tests: what was measured, by its code; and how many tests of each school reached what.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::{school, self_test_count, self_test_result};
use super::{AlreadyExists, Database, StoreError, json, storable, unique};
use crate::clock::{Timestamp, millis};

/// A result is deleted after this time.
const RESULT_LIFETIME: Duration = Duration::from_hours(30 * 24);
/// Results that are kept. A new one deletes the oldest.
const MAX_RESULTS: u64 = 100_000;
/// Counts of a month are deleted after this time: a school year and the holidays.
const COUNT_LIFETIME: Duration = Duration::from_hours(400 * 24);

/// Which of the media paths a test reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfTestOutcome {
    /// UDP.
    Direct,
    /// The relay on the port of the page, and not UDP.
    Relay,
    /// None of them.
    Nothing,
}

/// How many tests of a school reached what, in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfTestCount {
    /// Month and school; counts are listed by it.
    pub id: String,
    /// Name of the school. `None`: tests of people of whom no school is known.
    pub school: Option<String>,
    /// As in 2027-01, in UTC.
    pub month: String,
    pub direct: u64,
    pub relay: u64,
    pub nothing: u64,
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

impl From<(self_test_count::Model, Option<school::Model>)> for SelfTestCount {
    fn from((row, school): (self_test_count::Model, Option<school::Model>)) -> Self {
        Self {
            id: row.id,
            school: school.map(|school| school.name),
            month: row.month,
            direct: number(row.direct),
            relay: number(row.relay),
            nothing: number(row.nothing),
        }
    }
}

impl Database {
    /// Keeps a result under a code, for [`RESULT_LIFETIME`]; gives when it expires. [`AlreadyExists`]: the code is another's.
    pub async fn add_self_test_result<T: Serialize + Sync>(
        &self,
        code: &str,
        now: Timestamp,
        result: &T,
    ) -> Result<Result<Timestamp, AlreadyExists>, StoreError> {
        let kept = self.self_test_results().await?;
        let too_many = (kept + 1).saturating_sub(MAX_RESULTS);
        if too_many > 0 {
            let oldest: Vec<String> = self_test_result::Entity::find()
                .select_only()
                .column(self_test_result::Column::Code)
                .order_by_asc(self_test_result::Column::CreatedAt)
                .limit(too_many)
                .into_tuple()
                .all(&self.connection)
                .await?;
            self_test_result::Entity::delete_many()
                .filter(self_test_result::Column::Code.is_in(oldest))
                .exec(&self.connection)
                .await?;
        }
        let expires_at = now + millis(RESULT_LIFETIME);
        let row = self_test_result::ActiveModel {
            code: Set(code.to_owned()),
            created_at: Set(now),
            expires_at: Set(expires_at),
            data: Set(json::write("the result of a self test", code, result)?),
        };
        let inserted = self_test_result::Entity::insert(row)
            .exec_without_returning(&self.connection)
            .await;
        Ok(unique(inserted)?.map(|()| expires_at))
    }

    async fn self_test_results(&self) -> Result<u64, StoreError> {
        let results = self_test_result::Entity::find();
        Ok(results.count(&self.connection).await?)
    }

    /// Whether one more result deletes the oldest.
    pub async fn is_full_of_self_test_results(&self) -> Result<bool, StoreError> {
        Ok(self.self_test_results().await? >= MAX_RESULTS)
    }

    /// Deletes the result with this code, if it is there.
    pub async fn delete_self_test_result(&self, code: &str) -> Result<(), StoreError> {
        self_test_result::Entity::delete_by_id(code)
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// The result with this code.
    pub async fn self_test_result<T: DeserializeOwned>(
        &self,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<(Timestamp, T)>, StoreError> {
        if !storable(code) {
            return Ok(None);
        }
        let row = self_test_result::Entity::find_by_id(code)
            .filter(self_test_result::Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        let read = |row: self_test_result::Model| {
            let data = json::read("the result of a self test", &row.code, &row.data)?;
            Ok((row.created_at, data))
        };
        row.map(read).transpose()
    }

    /// Counts a test. `month`: as in 2027-01.
    pub async fn count_self_test(
        &self,
        school: Option<&str>,
        (month, now): (&str, Timestamp),
        outcome: SelfTestOutcome,
    ) -> Result<(), StoreError> {
        use self_test_count::Column;
        let one = |which| i64::from(outcome == which);
        let row = self_test_count::ActiveModel {
            id: Set(format!("{month} {}", school.unwrap_or_default())),
            school_id: Set(school.map(str::to_owned)),
            month: Set(month.to_owned()),
            direct: Set(one(SelfTestOutcome::Direct)),
            relay: Set(one(SelfTestOutcome::Relay)),
            nothing: Set(one(SelfTestOutcome::Nothing)),
            expires_at: Set(now + millis(COUNT_LIFETIME)),
        };
        let column = match outcome {
            SelfTestOutcome::Direct => Column::Direct,
            SelfTestOutcome::Relay => Column::Relay,
            SelfTestOutcome::Nothing => Column::Nothing,
        };
        let more = Expr::col((self_test_count::Entity, column)).add(1);
        let again = OnConflict::column(Column::Id)
            .value(column, more)
            .to_owned();
        self_test_count::Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// So many counts of a school, or of all and of nobody known; newest month first. `after`: the id of the last one before,
    /// which begins with its month.
    pub async fn self_test_counts(
        &self,
        school: Option<&str>,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<SelfTestCount>, StoreError> {
        use self_test_count::Column;
        let mut rows = self_test_count::Entity::find().find_also_related(school::Entity);
        if let Some(school) = school {
            rows = rows.filter(Column::SchoolId.eq(school));
        }
        if let Some(last) = after {
            if !storable(last) {
                return Ok(Vec::new());
            }
            let month = last.split(' ').next().unwrap_or_default();
            let behind = Condition::any().add(Column::Month.lt(month)).add(
                Condition::all()
                    .add(Column::Month.eq(month))
                    .add(Column::Id.gt(last)),
            );
            rows = rows.filter(behind);
        }
        let rows = rows
            .order_by_desc(Column::Month)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(SelfTestCount::from).collect())
    }

    /// Deletes results and counts that have had their time.
    pub(super) async fn delete_expired_self_tests(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let results = self_test_result::Entity::delete_many()
            .filter(self_test_result::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        let counts = self_test_count::Entity::delete_many()
            .filter(self_test_count::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(results.rows_affected + counts.rows_affected)
    }
}
