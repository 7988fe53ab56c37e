//! Records: what integrations keep. A record is a typed document with the few columns that are searched (ADR 5).

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{AlreadyExists, Database, StoreError};
use crate::clock::Timestamp;

/// A record as a row of the database, with its document unparsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Unique on the server; ids sort by time of creation.
    pub id: String,
    pub school: Option<String>,
    /// What it belongs to within the school.
    pub parent: Option<String>,
    /// Unique for its kind; lookups use it.
    pub key: Option<String>,
    /// When a worker must act on it.
    pub due_at: Option<Timestamp>,
    /// When it is deleted.
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// JSON
    pub data: String,
}

/// Selects records of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordFilter<'a> {
    pub school: Option<&'a str>,
    pub parent: Option<&'a str>,
    /// Only records after this id.
    pub after: Option<&'a str>,
    pub newest_first: bool,
    pub limit: u64,
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

/// How often [`Record::upsert_by_key`] starts again when others create and delete the same record.
const UPSERT_TRIES: usize = 8;
/// How often [`Record::change`] starts again when others change the same record.
pub(super) const CHANGE_TRIES: usize = 30;

fn damaged(id: &str, source: serde_json::Error) -> StoreError {
    StoreError::Damaged {
        what: "the record",
        id: id.to_owned(),
        source,
    }
}

impl<T> Record<T> {
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
}

impl<T: Kind> Record<T> {
    pub(super) fn read(raw: RecordRow) -> Result<Self, StoreError> {
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

    pub(super) fn write(&self) -> Result<RecordRow, StoreError> {
        let data = serde_json::to_string(&self.data).map_err(|source| damaged(&self.id, source))?;
        Ok(RecordRow {
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

    /// Inserts it. [`AlreadyExists`]: another record has its key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add(&self, store: &Database) -> Result<Result<(), AlreadyExists>, StoreError> {
        store.add_raw(T::KIND, self.write()?).await
    }

    /// Replaces the record with its id, or inserts it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_or_replace(&self, store: &Database) -> Result<(), StoreError> {
        store.put_raw(T::KIND, self.write()?).await
    }

    /// Replaces it if it still exists, and says whether it did: a record that was deleted meanwhile stays deleted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn update(&self, store: &Database) -> Result<bool, StoreError> {
        store.update_raw(T::KIND, self.write()?, None).await
    }

    /// Changes the record with this id even if others change it at the same time: `change` is applied to the current
    /// record, and again if that was replaced meanwhile. `None` when there is no such record (any more).
    ///
    /// # Errors
    /// When the store fails, or `change` does.
    pub async fn change<E: From<StoreError>>(
        store: &Database,
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
            let row = record.write()?;
            if store.update_raw(T::KIND, row, Some(&former)).await? {
                return Ok(Some(record));
            }
        }
        Err(StoreError::Contended { kind: T::KIND }.into())
    }

    /// Replaces the record that has its key, or inserts it. If several do so at once, the last one wins.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn upsert_by_key(mut self, store: &Database) -> Result<(), StoreError> {
        let key = self.key.clone().unwrap_or_default();
        for _ in 0..UPSERT_TRIES {
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
    pub async fn get(store: &Database, id: &str) -> Result<Option<Self>, StoreError> {
        store.raw(T::KIND, id).await?.map(Self::read).transpose()
    }

    /// The record with this id if it belongs to this school; `None` for a record of another school.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_school(
        store: &Database,
        school: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let record = Self::get(store, id).await?;
        Ok(record.filter(|record| record.school.as_deref() == Some(school)))
    }

    /// # Errors
    /// When the store fails.
    pub async fn by_key(store: &Database, key: &str) -> Result<Option<Self>, StoreError> {
        store
            .raw_by_key(T::KIND, key)
            .await?
            .map(Self::read)
            .transpose()
    }

    /// # Errors
    /// When the store fails.
    pub async fn list(store: &Database, filter: RecordFilter<'_>) -> Result<Vec<Self>, StoreError> {
        let list = store.raw_list(T::KIND, filter).await?;
        list.into_iter().map(Self::read).collect()
    }

    /// Due records, the most urgent first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(
        store: &Database,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Self>, StoreError> {
        let list = store.raw_due(T::KIND, now, limit).await?;
        list.into_iter().map(Self::read).collect()
    }

    /// Due records, the most urgent first, at most `each` of one school and parent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due_of_each(
        store: &Database,
        now: Timestamp,
        each: u64,
        limit: u64,
    ) -> Result<Vec<Self>, StoreError> {
        let list = store.raw_due_of_each(T::KIND, now, each, limit).await?;
        list.into_iter().map(Self::read).collect()
    }

    /// Deletes all of this kind that belong to a parent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_of(store: &Database, parent: &str) -> Result<u64, StoreError> {
        store.delete_raw_of(T::KIND, parent).await
    }

    /// Deletes the record with this key and returns it. Of several callers only one gets it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn claim(store: &Database, key: &str) -> Result<Option<Self>, StoreError> {
        let Some(record) = Self::by_key(store, key).await? else {
            return Ok(None);
        };
        let is_ours = store.delete_raw(T::KIND, &record.id).await?;
        Ok(is_ours.then_some(record))
    }

    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, store: &Database) -> Result<bool, StoreError> {
        store.delete_raw(T::KIND, &self.id).await
    }
}
