//! The table of operators' keys: a public half that schools seal to, and a private half that only a passphrase opens.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};

use super::entity::operator_key::{ActiveModel, Column, Entity, Model};
use super::entity::sealed_drop;
use super::json;
use super::{AddError, AlreadyExists, Database, StoreError, storable, unique};
use crate::clock::Timestamp;

/// A key to which schools seal their lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorKey {
    pub id: String,
    /// What people call it; whoever has a link sees it.
    pub label: String,
    /// The public half, as age writes it.
    pub recipient: String,
    /// The private half: base64 of an age file that only its passphrase opens.
    pub identity: String,
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Since when nothing new is sealed to it.
    pub retired_at: Option<Timestamp>,
}

impl From<Model> for OperatorKey {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            label: row.label,
            recipient: row.recipient,
            identity: row.identity,
            created_at: row.created_at,
            created_by: row.created_by,
            retired_at: row.retired_at,
        }
    }
}

/// So many lists lie here that no other key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyNeeded(pub usize);

impl Database {
    /// Adds a key, unless there are this many of them, or this many active ones.
    pub async fn add_operator_key(
        &self,
        key: &OperatorKey,
        (max, max_active): (u64, u64),
    ) -> Result<Result<(), AddError>, StoreError> {
        let both = self.begin().await?;
        lock_all(&both).await?;
        let active = Entity::find().filter(Column::RetiredAt.is_null());
        if Entity::find().count(&both).await? >= max || active.count(&both).await? >= max_active {
            return Ok(Err(AddError::TooMany));
        }
        let row = ActiveModel {
            id: Set(key.id.clone()),
            label: Set(key.label.clone()),
            recipient: Set(key.recipient.clone()),
            identity: Set(key.identity.clone()),
            created_at: Set(key.created_at),
            created_by: Set(key.created_by.clone()),
            retired_at: Set(key.retired_at),
        };
        if let Err(AlreadyExists) = unique(row.insert(&both).await)? {
            return Ok(Err(AddError::AlreadyExists));
        }
        both.commit().await?;
        Ok(Ok(()))
    }

    /// All of them, the newest first.
    pub async fn operator_keys(&self) -> Result<Vec<OperatorKey>, StoreError> {
        let rows = Entity::find()
            .order_by_desc(Column::Id)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(OperatorKey::from).collect())
    }

    /// Changes what a key is called and whether it is active. `None`: there is no such key. [`AddError::TooMany`]: this
    /// many are active already.
    pub async fn change_operator_key(
        &self,
        id: &str,
        (label, retired): (Option<&str>, Option<Option<Timestamp>>),
        max_active: u64,
    ) -> Result<Option<Result<OperatorKey, AddError>>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let both = self.begin().await?;
        lock_all(&both).await?;
        let Some(found) = Entity::find_by_id(id).one(&both).await? else {
            return Ok(None);
        };
        let mut key = OperatorKey::from(found.clone());
        let mut row = found.into_active_model();
        if let Some(label) = label {
            label.clone_into(&mut key.label);
            row.label = Set(key.label.clone());
        }
        if let Some(retired) = retired {
            let active = Entity::find().filter(Column::RetiredAt.is_null());
            let awakes = key.retired_at.is_some() && retired.is_none();
            if awakes && active.count(&both).await? >= max_active {
                return Ok(Some(Err(AddError::TooMany)));
            }
            // Since when it is retired does not change by saying so again.
            key.retired_at = retired.map(|at| key.retired_at.unwrap_or(at));
            row.retired_at = Set(key.retired_at);
        }
        if label.is_some() || retired.is_some() {
            row.update(&both).await?;
        }
        both.commit().await?;
        Ok(Some(Ok(key)))
    }

    /// Deletes a key, unless lists lie here that no other key opens. `None`: there is no such key.
    pub async fn delete_operator_key(
        &self,
        id: &str,
    ) -> Result<Option<Result<(), KeyNeeded>>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let both = self.begin().await?;
        // Who seals to a key holds its row until the list is stored.
        lock_all(&both).await?;
        let kept: Vec<String> = Entity::find()
            .all(&both)
            .await?
            .into_iter()
            .map(|key| key.id)
            .collect();
        if !kept.iter().any(|key| key == id) {
            return Ok(None);
        }
        let lying = sealed_drop::Entity::find()
            .filter(sealed_drop::Column::UploadedAt.is_not_null())
            .filter(sealed_drop::Column::ClosedAt.is_null())
            .all(&both)
            .await?;
        let mut needed = 0;
        for drop in lying {
            let opened_by =
                json::read::<Vec<String>>("the keys of a sealed drop", &drop.id, &drop.keys)?;
            let others = opened_by.iter().any(|key| key != id && kept.contains(key));
            needed += usize::from(!others && opened_by.iter().any(|key| key == id));
        }
        if needed > 0 {
            return Ok(Some(Err(KeyNeeded(needed))));
        }
        Entity::delete_by_id(id).exec(&both).await?;
        both.commit().await?;
        self.forget().await?;
        Ok(Some(Ok(())))
    }
}

/// Lets others who do this wait until the transaction is over: an update that changes nothing locks rows in both databases.
async fn lock_all(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::Label, Expr::col(Column::Label))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Whether all of these keys are there and active; they stay so until the transaction is over.
pub(super) async fn hold(
    transaction: &DatabaseTransaction,
    ids: &[String],
) -> Result<bool, StoreError> {
    let held = Entity::update_many()
        .col_expr(Column::Label, Expr::col(Column::Label))
        .filter(Column::Id.is_in(ids))
        .filter(Column::RetiredAt.is_null())
        .exec(transaction)
        .await?;
    Ok(held.rows_affected == ids.len() as u64)
}
