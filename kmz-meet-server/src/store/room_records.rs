//! Records of which a room has only so many, and records whose end is told to the running servers in the same moment.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::entity::{record, room};
use super::records_table::row;
use super::{Database, Kind, Record, RecordRow, StoreError};

/// The room has as many as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyOfRoom;

/// Lets others who do this for the same room wait until the transaction is over: what is counted in it stays so.
pub(super) async fn lock_room(
    transaction: &DatabaseTransaction,
    room: &str,
) -> Result<(), StoreError> {
    // `SELECT … FOR UPDATE` is not there in SQLite; an update that changes nothing locks the row in both.
    let same = Expr::col(room::Column::Version);
    room::Entity::update_many()
        .col_expr(room::Column::Version, same)
        .filter(room::Column::Id.eq(room))
        .exec(transaction)
        .await?;
    Ok(())
}

impl<T: Kind> Record<T> {
    /// Adds it to its room, which is its parent, unless `max` of its kind there `count` already: of several who add at once,
    /// all are counted.
    pub async fn add_to_room(
        &self,
        store: &Database,
        max: usize,
        count: impl Fn(&Self) -> bool + Send,
    ) -> Result<Result<(), TooManyOfRoom>, StoreError> {
        let room = self.parent.as_deref().unwrap_or_default();
        let both = store.begin().await?;
        lock_room(&both, room).await?;
        let present = record::Entity::find()
            .filter(record::Column::Kind.eq(T::KIND))
            .filter(record::Column::Parent.eq(room))
            .all(&both)
            .await?;
        let mut counted = 0;
        for present in present {
            counted += usize::from(count(&Self::read(RecordRow::from(present))?));
        }
        if counted >= max {
            return Ok(Err(TooManyOfRoom));
        }
        row(T::KIND, self.write()?).insert(&both).await?;
        both.commit().await?;
        Ok(Ok(()))
    }

    /// Deletes it, and keeps what the running servers are told of that: both, or nothing. Says whether it was there; of several
    /// who delete it, one tells it.
    pub async fn delete_telling<U: Kind>(
        &self,
        store: &Database,
        told: &Record<U>,
    ) -> Result<bool, StoreError> {
        let both = store.begin().await?;
        let deleted = record::Entity::delete_many()
            .filter(record::Column::Kind.eq(T::KIND))
            .filter(record::Column::Id.eq(&self.id))
            .exec(&both)
            .await?;
        if deleted.rows_affected != 1 {
            return Ok(false);
        }
        row(U::KIND, told.write()?).insert(&both).await?;
        both.commit().await?;
        Ok(true)
    }
}
