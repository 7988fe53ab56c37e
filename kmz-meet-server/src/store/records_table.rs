//! The table of the documents.

use sea_orm::sea_query::{ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, Condition,
    DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement,
};

use super::entity::{api_key, attendance, delivery, record, room};
use super::{AlreadyExists, Database, RecordFilter, RecordRow, StoreError, page, storable, unique};
use crate::clock::Timestamp;

/// Kinds whose parent is a room, and those whose key is.
const BY_PARENT: [&str; 3] = ["bbb_meeting", "incident", "late_class_list"];
const BY_KEY: [&str; 1] = ["lti_course"];

/// What belongs to a room goes with it: who was in its lessons, which course it is of, what is still to be told of its
/// meetings.
pub(super) async fn delete_of_room(
    transaction: &DatabaseTransaction,
    room: &str,
) -> Result<(), StoreError> {
    let of_room = Condition::any()
        .add(
            record::Column::Kind
                .is_in(BY_PARENT)
                .and(record::Column::Parent.eq(room)),
        )
        .add(
            record::Column::Kind
                .is_in(BY_KEY)
                .and(record::Column::Key.eq(room)),
        );
    record::Entity::delete_many()
        .filter(of_room)
        .exec(transaction)
        .await?;
    attendance::Entity::delete_many()
        .filter(attendance::Column::RoomId.eq(room))
        .exec(transaction)
        .await?;
    delivery::Entity::delete_many()
        .filter(delivery::Column::RoomId.eq(room))
        .exec(transaction)
        .await?;
    Ok(())
}

impl From<record::Model> for RecordRow {
    fn from(model: record::Model) -> Self {
        Self {
            id: model.id,
            school: model.school_id,
            parent: model.parent,
            key: model.key,
            due_at: model.due_at,
            expires_at: model.expires_at,
            created_at: model.created_at,
            data: model.data,
        }
    }
}

pub(super) fn row(kind: &str, raw: RecordRow) -> record::ActiveModel {
    record::ActiveModel {
        id: Set(raw.id),
        kind: Set(kind.to_owned()),
        school_id: Set(raw.school),
        parent: Set(raw.parent),
        key: Set(raw.key),
        due_at: Set(raw.due_at),
        expires_at: Set(raw.expires_at),
        created_at: Set(raw.created_at),
        data: Set(raw.data),
    }
}

impl Database {
    /// Adds one; its key may be taken.
    pub async fn add_raw(
        &self,
        kind: &str,
        record: RecordRow,
    ) -> Result<Result<(), AlreadyExists>, StoreError> {
        unique(row(kind, record).insert(&self.connection).await)
    }

    /// Replaces one, or adds it.
    pub async fn put_raw(&self, kind: &str, record: RecordRow) -> Result<(), StoreError> {
        let newest = OnConflict::column(record::Column::Id)
            .update_columns([
                record::Column::Parent,
                record::Column::Key,
                record::Column::DueAt,
                record::Column::ExpiresAt,
                record::Column::Data,
            ])
            .to_owned();
        record::Entity::insert(row(kind, record))
            .on_conflict(newest)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// Replaces one that is there, and where `former` says what its data were, only if they still are. Says whether it did:
    /// what was deleted meanwhile stays deleted.
    pub async fn update_raw(
        &self,
        kind: &str,
        record: RecordRow,
        former: Option<&str>,
    ) -> Result<bool, StoreError> {
        let id = record.id.clone();
        let changed = record::Entity::update_many()
            .set(record::ActiveModel {
                id: NotSet,
                kind: NotSet,
                school_id: NotSet,
                created_at: NotSet,
                ..row(kind, record)
            })
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Id.eq(id))
            .apply_if(former, |rows, former| {
                rows.filter(record::Column::Data.eq(former))
            })
            .exec(&self.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    pub async fn raw(&self, kind: &str, id: &str) -> Result<Option<RecordRow>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = record::Entity::find_by_id(id)
            .filter(record::Column::Kind.eq(kind))
            .one(&self.connection)
            .await?;
        Ok(row.map(RecordRow::from))
    }

    pub async fn raw_by_key(&self, kind: &str, key: &str) -> Result<Option<RecordRow>, StoreError> {
        if !storable(key) {
            return Ok(None);
        }
        let row = record::Entity::find()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Key.eq(key))
            .one(&self.connection)
            .await?;
        Ok(row.map(RecordRow::from))
    }

    pub async fn raw_list(
        &self,
        kind: &str,
        filter: RecordFilter<'_>,
    ) -> Result<Vec<RecordRow>, StoreError> {
        use record::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::Kind.eq(kind))
            .apply_if(filter.parent, |rows, parent| {
                rows.filter(Column::Parent.eq(parent))
            });
        let rows = page(self, rows, (Column::SchoolId, Column::Id), &filter).await?;
        Ok(rows.into_iter().map(RecordRow::from).collect())
    }

    /// What is due, the most urgent first.
    pub async fn raw_due(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let rows = record::Entity::find()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::DueAt.lte(now))
            .order_by_asc(record::Column::DueAt)
            .limit(limit)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(RecordRow::from).collect())
    }

    /// The same, but at most `each` of one school and parent: nobody's many are in the way of others.
    pub async fn raw_due_of_each(
        &self,
        kind: &str,
        now: Timestamp,
        each: u64,
        limit: u64,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let statement = Statement::from_sql_and_values(
            self.connection.get_database_backend(),
            "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY school_id, parent ORDER BY due_at, id) AS place \
             FROM records WHERE kind = $1 AND due_at <= $2) AS due WHERE place <= $3 ORDER BY due_at, id LIMIT $4",
            [
                kind.into(),
                now.into(),
                number(each).into(),
                number(limit).into(),
            ],
        );
        let rows = record::Entity::find().from_raw_sql(statement);
        let rows = rows.all(&self.connection).await?;
        Ok(rows.into_iter().map(RecordRow::from).collect())
    }

    /// Says whether it was there: of several who delete the same record, one is told so.
    pub async fn delete_raw(&self, kind: &str, id: &str) -> Result<bool, StoreError> {
        let deleted = record::Entity::delete_many()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// Deletes all that belong to a parent.
    pub async fn delete_raw_of(&self, kind: &str, parent: &str) -> Result<u64, StoreError> {
        let deleted = record::Entity::delete_many()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Parent.eq(parent))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }

    /// Deletes what belongs to rooms that are gone: earlier versions left it, and a lesson may end while its room is deleted.
    pub async fn delete_orphans(&self) -> Result<u64, StoreError> {
        let rooms = || {
            Query::select()
                .column(room::Column::Id)
                .from(room::Entity)
                .to_owned()
        };
        let courses = record::Entity::delete_many()
            .filter(record::Column::Kind.is_in(BY_KEY))
            .filter(record::Column::Key.not_in_subquery(rooms()))
            .exec(&self.connection)
            .await?;
        let lessons = attendance::Entity::delete_many()
            .filter(attendance::Column::RoomId.not_in_subquery(rooms()))
            .exec(&self.connection)
            .await?;
        Ok(courses.rows_affected + lessons.rows_affected)
    }

    /// Deletes what has expired, of every kind. Nothing of it is in the file of the database afterwards.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let records = record::Entity::delete_many()
            .filter(record::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        let keys = api_key::Entity::delete_many()
            .filter(api_key::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        let deliveries = delivery::Entity::delete_many()
            .filter(delivery::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        let lessons = attendance::Entity::delete_many()
            .filter(attendance::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        let self_tests = self.delete_expired_self_tests(now).await?;
        let drops = self.delete_expired_drops(now).await?;
        let imports = self.delete_expired_teacher_imports(now).await?;
        let requests = self.delete_expired_teacher_requests(now).await?;
        let mails = self.delete_expired_mails(now).await?;
        let links = self.delete_expired_links(now).await?;
        let failures = self.delete_expired_launch_failures(now).await?;
        let audit = self.delete_expired_audit_entries(now).await?;
        let sessions = self.delete_expired_sessions(now).await?;
        // Also for what others deleted or changed since the last time, while somebody read.
        self.forget().await?;
        let deleted = [records, keys, deliveries, lessons];
        let deleted: u64 = deleted.iter().map(|deleted| deleted.rows_affected).sum();
        Ok(deleted
            + self_tests
            + drops
            + imports
            + requests
            + mails
            + links
            + failures
            + audit
            + sessions)
    }
}
