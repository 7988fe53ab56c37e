//! The table of sealed drops: a link for one upload, and then the ciphertext that came by it.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::database::lock_school;
use super::entity::sealed_drop::{ActiveModel, Column, Entity, Model};
use super::entity::sealed_drop_content as content;
use super::operator_keys::hold;
use super::{Database, StoreError, json, storable};
use crate::clock::Timestamp;

/// Why nothing comes by a link any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// An operator took the link back before anything came.
    Withdrawn,
    /// What came was deleted: it was imported, or an operator did not want it.
    Deleted,
}

impl Closed {
    fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Deleted => "deleted",
        }
    }
}

/// What a drop is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropState {
    /// Nothing came yet.
    Waiting,
    /// A sealed list lies here.
    Sealed,
    Closed(Closed),
}

/// A drop, without its ciphertext and without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedDrop {
    pub id: String,
    pub school: String,
    /// Who made the link.
    pub created_by: String,
    pub created_at: Timestamp,
    /// Of the link while nothing came, then of what came.
    pub expires_at: Timestamp,
    pub uploaded_at: Option<Timestamp>,
    /// Of the ciphertext, in bytes.
    pub size: u64,
    /// Ids of the keys that open it.
    pub keys: Vec<String>,
    pub state: DropState,
}

impl TryFrom<Model> for SealedDrop {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let keys = keys_of(&row)?;
        let state = match (row.closed_at, row.closed.as_deref(), row.uploaded_at) {
            (None, _, None) => DropState::Waiting,
            (None, _, Some(_)) => DropState::Sealed,
            (Some(_), Some("withdrawn"), _) => DropState::Closed(Closed::Withdrawn),
            (Some(_), ..) => DropState::Closed(Closed::Deleted),
        };
        Ok(Self {
            id: row.id,
            school: row.school_id,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            uploaded_at: row.uploaded_at,
            size: u64::try_from(row.size).unwrap_or(0),
            keys,
            state,
        })
    }
}

pub(super) fn keys_of(row: &Model) -> Result<Vec<String>, StoreError> {
    json::read("the keys of a sealed drop", &row.id, &row.keys)
}

/// How many links a school may have.
#[derive(Clone, Copy, Debug)]
pub struct LinkBounds {
    /// By which nothing came yet.
    pub waiting: u64,
    /// Made since then, whatever became of them.
    pub recent: (Timestamp, u64),
}

/// Why there is no new link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLink {
    /// Too many wait for an upload.
    Waiting,
    /// Too many were made lately.
    Recent,
}

/// What is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct Sealed<'a> {
    pub ciphertext: &'a [u8],
    /// Ids of the keys that open it.
    pub keys: &'a [String],
    pub expires_at: Timestamp,
}

/// How much ciphertext may lie here, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct SealBounds {
    pub of_school: u64,
    pub in_all: u64,
}

/// Why a sealed list was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSealed {
    /// The link is used up, withdrawn or over.
    Used,
    /// One of the keys was deleted or retired.
    KeyGone,
    /// The school has as much here as it may.
    SchoolFull,
    /// All schools together have.
    Full,
}

#[derive(FromQueryResult)]
struct Sum {
    bytes: Option<i64>,
}

/// What lies here of these drops, in bytes.
async fn stored<C: ConnectionTrait>(
    connection: &C,
    drops: Select<Entity>,
) -> Result<u64, StoreError> {
    let sum = drops
        .filter(Column::UploadedAt.is_not_null())
        .filter(Column::ClosedAt.is_null())
        .select_only()
        // PostgreSQL's sum of bigint is numeric.
        .column_as(Expr::col(Column::Size).sum().cast_as("bigint"), "bytes")
        .into_model::<Sum>()
        .one(connection)
        .await?;
    let bytes = sum.and_then(|sum| sum.bytes).unwrap_or(0);
    Ok(u64::try_from(bytes).unwrap_or(0))
}

impl Database {
    /// Adds a link of a school, whose token has this hash.
    pub async fn add_drop_link(
        &self,
        drop: &SealedDrop,
        token_hash: &str,
        bounds: LinkBounds,
    ) -> Result<Result<(), NoLink>, StoreError> {
        let both = self.begin().await?;
        lock_school(&both, &drop.school).await?;
        let of_school = || Entity::find().filter(Column::SchoolId.eq(&drop.school));
        let waiting = of_school()
            .filter(Column::UploadedAt.is_null())
            .filter(Column::ClosedAt.is_null())
            .filter(Column::ExpiresAt.gt(drop.created_at));
        if waiting.count(&both).await? >= bounds.waiting {
            return Ok(Err(NoLink::Waiting));
        }
        let (since, most) = bounds.recent;
        let recent = of_school().filter(Column::CreatedAt.gt(since));
        if recent.count(&both).await? >= most {
            return Ok(Err(NoLink::Recent));
        }
        let row = ActiveModel {
            id: Set(drop.id.clone()),
            school_id: Set(drop.school.clone()),
            token_hash: Set(token_hash.to_owned()),
            created_by: Set(drop.created_by.clone()),
            created_at: Set(drop.created_at),
            expires_at: Set(drop.expires_at),
            tries: Set(0),
            uploaded_at: Set(None),
            size: Set(0),
            keys: Set("[]".to_owned()),
            closed_at: Set(None),
            closed: Set(None),
        };
        row.insert(&both).await?;
        both.commit().await?;
        Ok(Ok(()))
    }

    /// The drop whose token has this hash, if it is not over.
    pub async fn drop_by_token(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SealedDrop>, StoreError> {
        let row = Entity::find()
            .filter(Column::TokenHash.eq(token_hash))
            .filter(Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        row.map(SealedDrop::try_from).transpose()
    }

    /// The drop with this id, if it is not over.
    pub async fn sealed_drop(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<SealedDrop>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = Entity::find_by_id(id)
            .filter(Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        row.map(SealedDrop::try_from).transpose()
    }

    /// Drops of all schools, the newest first; `after` is the last of the page before.
    pub async fn sealed_drops(
        &self,
        now: Timestamp,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<SealedDrop>, StoreError> {
        let mut rows = Entity::find().filter(Column::ExpiresAt.gt(now));
        if let Some(after) = after {
            rows = rows.filter(Column::Id.lt(after));
        }
        let rows = rows.order_by_desc(Column::Id).limit(limit);
        let rows = rows.all(&self.connection).await?;
        rows.into_iter().map(SealedDrop::try_from).collect()
    }

    /// Counts a try to upload; says whether it is one of the first `most`.
    pub async fn count_drop_try(&self, id: &str, most: i32) -> Result<bool, StoreError> {
        let counted = Entity::update_many()
            .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
            .filter(Column::Id.eq(id))
            .filter(Column::Tries.lt(most))
            .exec(&self.connection)
            .await?;
        Ok(counted.rows_affected == 1)
    }

    /// Stores a sealed list, which uses up the link: of several who do it at once, one does.
    pub async fn seal_drop(
        &self,
        drop: &SealedDrop,
        now: Timestamp,
        sealed: Sealed<'_>,
        bounds: SealBounds,
    ) -> Result<Result<(), NotSealed>, StoreError> {
        let all = self.begin().await?;
        if !hold(&all, sealed.keys).await? {
            return Ok(Err(NotSealed::KeyGone));
        }
        lock_school(&all, &drop.school).await?;
        let bytes = sealed.ciphertext.len() as u64;
        let of_school = Entity::find().filter(Column::SchoolId.eq(&drop.school));
        if stored(&all, of_school).await? + bytes > bounds.of_school {
            return Ok(Err(NotSealed::SchoolFull));
        }
        if stored(&all, Entity::find()).await? + bytes > bounds.in_all {
            return Ok(Err(NotSealed::Full));
        }
        let used = Entity::update_many()
            .set(ActiveModel {
                id: NotSet,
                uploaded_at: Set(Some(now)),
                expires_at: Set(sealed.expires_at),
                size: Set(i64::try_from(bytes).unwrap_or(i64::MAX)),
                keys: Set(json::write(
                    "the keys of a sealed drop",
                    &drop.id,
                    &sealed.keys,
                )?),
                ..Default::default()
            })
            .filter(Column::Id.eq(&drop.id))
            .filter(Column::UploadedAt.is_null())
            .filter(Column::ClosedAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
            .exec(&all)
            .await?;
        if used.rows_affected == 0 {
            return Ok(Err(NotSealed::Used));
        }
        let row = content::ActiveModel {
            drop_id: Set(drop.id.clone()),
            ciphertext: Set(sealed.ciphertext.to_vec()),
        };
        content::Entity::insert(row)
            .exec_without_returning(&all)
            .await?;
        all.commit().await?;
        Ok(Ok(()))
    }

    /// The ciphertext of a drop.
    pub async fn drop_content(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = content::Entity::find_by_id(id)
            .one(&self.connection)
            .await?;
        Ok(row.map(|row| row.ciphertext))
    }

    /// Closes a drop and deletes what came by it; says whether it was open. The row stays until it is over, so that the link's
    /// page can tell why nothing is taken there.
    pub async fn close_drop(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        for (why, was) in [
            (Closed::Withdrawn, Column::UploadedAt.is_null()),
            (Closed::Deleted, Column::UploadedAt.is_not_null()),
        ] {
            let closed = Entity::update_many()
                .col_expr(Column::ClosedAt, Expr::value(now))
                .col_expr(Column::Closed, Expr::value(why.as_str()))
                .filter(Column::Id.eq(id))
                .filter(Column::ClosedAt.is_null())
                .filter(was)
                .exec(&both)
                .await?;
            if closed.rows_affected == 1 {
                content::Entity::delete_by_id(id).exec(&both).await?;
                both.commit().await?;
                self.forget().await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Deletes drops that are over, with what came by them.
    pub(super) async fn delete_expired_drops(&self, now: Timestamp) -> Result<u64, StoreError> {
        let both = self.begin().await?;
        let over = Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(Column::ExpiresAt.lte(now))
            .to_owned();
        let contents = content::Entity::delete_many()
            .filter(content::Column::DropId.in_subquery(over))
            .exec(&both)
            .await?;
        let drops = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .exec(&both)
            .await?;
        both.commit().await?;
        if contents.rows_affected > 0 {
            self.forget().await?;
        }
        Ok(drops.rows_affected)
    }
}
