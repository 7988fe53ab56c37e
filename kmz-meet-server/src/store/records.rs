//! Records: what integrations keep. A record is a typed document with the few columns that are searched (ADR 5).

use async_trait::async_trait;
use sea_orm::sea_query::{ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, Condition, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr, Statement,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::entity::{record, room};
use super::{Database, StoreError, Taken, storable};
use crate::clock::Timestamp;

/// A record as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// Unique on the server; sorts by time of making.
    pub id: String,
    pub school: Option<String>,
    /// What it belongs to beside the school.
    pub parent: Option<String>,
    /// By what it is looked up; unique for its kind.
    pub key: Option<String>,
    /// When something has to be done about it.
    pub due_at: Option<Timestamp>,
    /// When it is deleted.
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// JSON
    pub data: String,
}

/// Which records of a kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    pub school: Option<&'a str>,
    pub parent: Option<&'a str>,
    /// Those after this id.
    pub after: Option<&'a str>,
    pub newest_first: bool,
    pub limit: u64,
}

/// Documents of integrations. [`Record`] is the typed way to them.
#[async_trait]
pub trait Records: Send + Sync {
    /// Adds one; its key may be taken.
    async fn add_raw(&self, kind: &str, record: Raw) -> Result<Result<(), Taken>, StoreError>;
    /// Replaces one, or adds it.
    async fn put_raw(&self, kind: &str, record: Raw) -> Result<(), StoreError>;
    /// Replaces one that is there; says whether it was. What was deleted meanwhile stays deleted.
    async fn update_raw(&self, kind: &str, record: Raw) -> Result<bool, StoreError>;
    /// The same, if it is still what was read: `former` is its data. Says whether it was.
    async fn swap_raw(&self, kind: &str, record: Raw, former: &str) -> Result<bool, StoreError>;
    async fn raw(&self, kind: &str, id: &str) -> Result<Option<Raw>, StoreError>;
    async fn raw_by_key(&self, kind: &str, key: &str) -> Result<Option<Raw>, StoreError>;
    async fn raw_list(&self, kind: &str, which: Which<'_>) -> Result<Vec<Raw>, StoreError>;
    /// What is due, the most urgent first.
    async fn raw_due(&self, kind: &str, now: Timestamp, limit: u64)
    -> Result<Vec<Raw>, StoreError>;
    /// The same, but at most `each` of one school and parent: nobody's many are in the way of others.
    async fn raw_due_of_each(
        &self,
        kind: &str,
        now: Timestamp,
        each: u64,
        limit: u64,
    ) -> Result<Vec<Raw>, StoreError>;
    /// How many of a parent are due now or later.
    async fn raw_due_of(&self, kind: &str, parent: &str) -> Result<u64, StoreError>;
    /// Says whether it was there: of several who delete the same record, one is told so.
    async fn delete_raw(&self, kind: &str, id: &str) -> Result<bool, StoreError>;
    /// Deletes all that belong to a parent.
    async fn delete_raw_of(&self, kind: &str, parent: &str) -> Result<u64, StoreError>;
    /// Deletes what has expired, of every kind.
    async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError>;
    /// Deletes what belongs to rooms that are gone.
    async fn delete_orphans(&self) -> Result<u64, StoreError>;
}

/// A kind of record.
pub trait Kind: Serialize + DeserializeOwned + Send + Sync {
    /// Its name in the database.
    const KIND: &'static str;
}

/// A record and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<T> {
    pub id: String,
    pub school: Option<String>,
    pub parent: Option<String>,
    pub key: Option<String>,
    pub due_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub data: T,
}

/// How often [`Record::keep`] begins anew when others make and delete the same record.
const KEEP_TRIES: usize = 8;
/// How often [`Record::change`] does when others change the same record.
const CHANGE_TRIES: usize = 30;

fn damaged(id: &str, source: serde_json::Error) -> StoreError {
    StoreError::Damaged {
        what: "the record",
        id: id.to_owned(),
        source,
    }
}

impl<T: Kind> Record<T> {
    /// A new record of a school, with an id that sorts after older ones.
    pub fn new(school: impl Into<Option<String>>, now: Timestamp, data: T) -> Self {
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            school: school.into(),
            parent: None,
            key: None,
            due_at: None,
            expires_at: None,
            created_at: now,
            data,
        }
    }

    fn read(raw: Raw) -> Result<Self, StoreError> {
        let data = serde_json::from_str(&raw.data).map_err(|source| damaged(&raw.id, source))?;
        Ok(Self {
            id: raw.id,
            school: raw.school,
            parent: raw.parent,
            key: raw.key,
            due_at: raw.due_at,
            expires_at: raw.expires_at,
            created_at: raw.created_at,
            data,
        })
    }

    fn write(&self) -> Result<Raw, StoreError> {
        let data = serde_json::to_string(&self.data).map_err(|source| damaged(&self.id, source))?;
        Ok(Raw {
            id: self.id.clone(),
            school: self.school.clone(),
            parent: self.parent.clone(),
            key: self.key.clone(),
            due_at: self.due_at,
            expires_at: self.expires_at,
            created_at: self.created_at,
            data,
        })
    }

    /// Adds it; its key may be taken.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add<S: Records + ?Sized>(
        &self,
        store: &S,
    ) -> Result<Result<(), Taken>, StoreError> {
        store.add_raw(T::KIND, self.write()?).await
    }

    /// Replaces it, or adds it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put<S: Records + ?Sized>(&self, store: &S) -> Result<(), StoreError> {
        store.put_raw(T::KIND, self.write()?).await
    }

    /// Replaces it if it is there, and says whether it was: what was deleted meanwhile stays deleted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn update<S: Records + ?Sized>(&self, store: &S) -> Result<bool, StoreError> {
        store.update_raw(T::KIND, self.write()?).await
    }

    /// Changes the one with this id, whatever others change in it at the same time: `change` is done to what is there, and
    /// once more when that was replaced meanwhile. `None` when it is not there (any more).
    ///
    /// # Errors
    /// When the store fails, or `change` does.
    pub async fn change<S: Records + ?Sized, E: From<StoreError>>(
        store: &S,
        id: &str,
        change: impl Fn(&mut Self) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        for _ in 0..CHANGE_TRIES {
            let Some(raw) = store.raw(T::KIND, id).await? else {
                return Ok(None);
            };
            let former = raw.data.clone();
            let mut record = Self::read(raw)?;
            change(&mut record)?;
            if store.swap_raw(T::KIND, record.write()?, &former).await? {
                return Ok(Some(record));
            }
        }
        Err(StoreError::Contended { kind: T::KIND }.into())
    }

    /// Keeps it as the one with its key: in the place of the one that has the key, or as a new one. Of several who do
    /// so at once the last one stays.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep<S: Records + ?Sized>(mut self, store: &S) -> Result<(), StoreError> {
        let key = self.key.clone().unwrap_or_default();
        for _ in 0..KEEP_TRIES {
            if let Some(former) = Self::by_key(store, &key).await? {
                self.id = former.id;
                self.created_at = former.created_at;
                if self.update(store).await? {
                    return Ok(());
                }
            } else if self.add(store).await?.is_ok() {
                return Ok(());
            }
        }
        Err(StoreError::Contended { kind: T::KIND })
    }

    /// # Errors
    /// When the store fails.
    pub async fn get<S: Records + ?Sized>(store: &S, id: &str) -> Result<Option<Self>, StoreError> {
        store.raw(T::KIND, id).await?.map(Self::read).transpose()
    }

    /// The record with this id if it is this school's: what belongs to others is not there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_school<S: Records + ?Sized>(
        store: &S,
        school: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let record = Self::get(store, id).await?;
        Ok(record.filter(|record| record.school.as_deref() == Some(school)))
    }

    /// # Errors
    /// When the store fails.
    pub async fn by_key<S: Records + ?Sized>(
        store: &S,
        key: &str,
    ) -> Result<Option<Self>, StoreError> {
        store
            .raw_by_key(T::KIND, key)
            .await?
            .map(Self::read)
            .transpose()
    }

    /// # Errors
    /// When the store fails.
    pub async fn list<S: Records + ?Sized>(
        store: &S,
        which: Which<'_>,
    ) -> Result<Vec<Self>, StoreError> {
        let list = store.raw_list(T::KIND, which).await?;
        list.into_iter().map(Self::read).collect()
    }

    /// What is due, the most urgent first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due<S: Records + ?Sized>(
        store: &S,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Self>, StoreError> {
        let list = store.raw_due(T::KIND, now, limit).await?;
        list.into_iter().map(Self::read).collect()
    }

    /// What is due, the most urgent first, and at most `each` of one school and parent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due_of_each<S: Records + ?Sized>(
        store: &S,
        now: Timestamp,
        each: u64,
        limit: u64,
    ) -> Result<Vec<Self>, StoreError> {
        let list = store.raw_due_of_each(T::KIND, now, each, limit).await?;
        list.into_iter().map(Self::read).collect()
    }

    /// How many of a parent are due now or later.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due_of<S: Records + ?Sized>(store: &S, parent: &str) -> Result<u64, StoreError> {
        store.raw_due_of(T::KIND, parent).await
    }

    /// Deletes all of this kind that belong to a parent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_of<S: Records + ?Sized>(
        store: &S,
        parent: &str,
    ) -> Result<u64, StoreError> {
        store.delete_raw_of(T::KIND, parent).await
    }

    /// Takes the record with this key away; it is given to one of those who ask.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take<S: Records + ?Sized>(
        store: &S,
        key: &str,
    ) -> Result<Option<Self>, StoreError> {
        let Some(record) = Self::by_key(store, key).await? else {
            return Ok(None);
        };
        let mine = store.delete_raw(T::KIND, &record.id).await?;
        Ok(mine.then_some(record))
    }

    /// # Errors
    /// When the store fails.
    pub async fn delete<S: Records + ?Sized>(&self, store: &S) -> Result<bool, StoreError> {
        store.delete_raw(T::KIND, &self.id).await
    }
}

/// Kinds whose parent is a room, and those whose key is.
const BY_PARENT: [&str; 4] = ["attendance", "bbb_meeting", "delivery", "late_class_list"];
const BY_KEY: [&str; 1] = ["lti_course"];

impl Database {
    /// What belongs to a room goes with it: who was in its lessons, which course it is of, what is still to be told of its
    /// meetings.
    pub(super) async fn delete_records_of_room(&self, room: &str) -> Result<(), StoreError> {
        record::Entity::delete_many()
            .filter(
                Condition::any()
                    .add(
                        record::Column::Kind
                            .is_in(BY_PARENT)
                            .and(record::Column::Parent.eq(room)),
                    )
                    .add(
                        record::Column::Kind
                            .is_in(BY_KEY)
                            .and(record::Column::Key.eq(room)),
                    ),
            )
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// The same for rooms that are gone: earlier versions left it, and a lesson may end while its room is deleted.
    async fn delete_records_of_no_room(&self) -> Result<u64, StoreError> {
        let rooms = || {
            Query::select()
                .column(room::Column::Id)
                .from(room::Entity)
                .to_owned()
        };
        let deleted = record::Entity::delete_many()
            .filter(
                Condition::any()
                    .add(
                        record::Column::Kind
                            .eq("attendance")
                            .and(record::Column::Parent.not_in_subquery(rooms())),
                    )
                    .add(
                        record::Column::Kind
                            .is_in(BY_KEY)
                            .and(record::Column::Key.not_in_subquery(rooms())),
                    ),
            )
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}

impl From<record::Model> for Raw {
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

fn row(kind: &str, raw: Raw) -> record::ActiveModel {
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

#[async_trait]
impl Records for Database {
    async fn add_raw(&self, kind: &str, record: Raw) -> Result<Result<(), Taken>, StoreError> {
        match row(kind, record).insert(&self.connection).await {
            Ok(_) => Ok(Ok(())),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Ok(Err(Taken))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn put_raw(&self, kind: &str, record: Raw) -> Result<(), StoreError> {
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

    async fn update_raw(&self, kind: &str, record: Raw) -> Result<bool, StoreError> {
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
            .exec(&self.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    async fn swap_raw(&self, kind: &str, record: Raw, former: &str) -> Result<bool, StoreError> {
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
            .filter(record::Column::Data.eq(former))
            .exec(&self.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    async fn raw(&self, kind: &str, id: &str) -> Result<Option<Raw>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = record::Entity::find_by_id(id)
            .filter(record::Column::Kind.eq(kind))
            .one(&self.connection)
            .await?;
        Ok(row.map(Raw::from))
    }

    async fn raw_by_key(&self, kind: &str, key: &str) -> Result<Option<Raw>, StoreError> {
        if !storable(key) {
            return Ok(None);
        }
        let row = record::Entity::find()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Key.eq(key))
            .one(&self.connection)
            .await?;
        Ok(row.map(Raw::from))
    }

    async fn raw_list(&self, kind: &str, which: Which<'_>) -> Result<Vec<Raw>, StoreError> {
        let asked = [which.school, which.parent, which.after];
        if !asked.into_iter().flatten().all(storable) {
            return Ok(Vec::new());
        }
        let mut rows = record::Entity::find().filter(record::Column::Kind.eq(kind));
        if let Some(school) = which.school {
            rows = rows.filter(record::Column::SchoolId.eq(school));
        }
        if let Some(parent) = which.parent {
            rows = rows.filter(record::Column::Parent.eq(parent));
        }
        let id = record::Column::Id;
        rows = match (which.after, which.newest_first) {
            (Some(after), true) => rows.filter(id.lt(after)),
            (Some(after), false) => rows.filter(id.gt(after)),
            (None, _) => rows,
        };
        rows = if which.newest_first {
            rows.order_by_desc(id)
        } else {
            rows.order_by_asc(id)
        };
        let rows = rows.limit(which.limit).all(&self.connection).await?;
        Ok(rows.into_iter().map(Raw::from).collect())
    }

    async fn raw_due(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Raw>, StoreError> {
        let rows = record::Entity::find()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::DueAt.lte(now))
            .order_by_asc(record::Column::DueAt)
            .limit(limit)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(Raw::from).collect())
    }

    async fn raw_due_of_each(
        &self,
        kind: &str,
        now: Timestamp,
        each: u64,
        limit: u64,
    ) -> Result<Vec<Raw>, StoreError> {
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
        Ok(rows.into_iter().map(Raw::from).collect())
    }

    async fn raw_due_of(&self, kind: &str, parent: &str) -> Result<u64, StoreError> {
        let due = record::Entity::find()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Parent.eq(parent))
            .filter(record::Column::DueAt.is_not_null());
        Ok(due.count(&self.connection).await?)
    }

    async fn delete_raw(&self, kind: &str, id: &str) -> Result<bool, StoreError> {
        let deleted = record::Entity::delete_many()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    async fn delete_raw_of(&self, kind: &str, parent: &str) -> Result<u64, StoreError> {
        let deleted = record::Entity::delete_many()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Parent.eq(parent))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }

    async fn delete_orphans(&self) -> Result<u64, StoreError> {
        self.delete_records_of_no_room().await
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = record::Entity::delete_many()
            .filter(record::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}
