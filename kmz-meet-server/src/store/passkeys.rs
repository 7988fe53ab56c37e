//! The table of passkeys. The row of `second_factors` goes with them: it counts wrong answers, and it is what is locked, so
//! that several changes at once of what an account has are made one after the other.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder,
};

use super::entity::passkey::{ActiveModel, Column, Entity, Model};
use super::entity::second_factor;
use super::second_factors::{delete_factors, write_codes};
use super::{AlreadyExists, Database, StoreError, storable, unique};
use crate::clock::Timestamp;

/// A public key, of which the private one is in somebody's device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPasskey {
    pub id: String,
    pub user: String,
    /// What the authenticator calls it, in base64url.
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// How it is reached, as bits.
    pub transports: u8,
    /// In base64url.
    pub public_key: String,
    /// The signature counter, and what else changes by its use, in base64url.
    pub state: String,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// What came of a new passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAdded {
    /// The account had no second factor before.
    First,
    More,
    TooMany,
    /// It is registered already, perhaps for another account.
    AlreadyExists,
}

/// What came of the removal of a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRemoved {
    /// The account has another second factor.
    One,
    /// The password alone opens the account again.
    Last,
    /// It is the last one, which has to stay.
    Required,
    NotFound,
}

impl From<Model> for KeptPasskey {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            credential_id: row.credential_id,
            name: row.name,
            transports: u8::try_from(row.transports).unwrap_or_default(),
            public_key: row.public_key,
            state: row.state,
            created_at: row.created_at,
            used_at: row.used_at,
        }
    }
}

/// Takes an authenticator app away, also one that somebody only began to set up. The row stays for the passkeys.
async fn clear_app(all: &DatabaseTransaction, user: &str) -> Result<(), StoreError> {
    let row = second_factor::ActiveModel {
        secret: Set(String::new()),
        confirmed_at: Set(None),
        last_step: Set(0),
        ..Default::default()
    };
    second_factor::Entity::update_many()
        .set(row)
        .filter(second_factor::Column::UserId.eq(user))
        .exec(all)
        .await?;
    Ok(())
}

/// Others who change the second factors of this account wait. Gives the row.
async fn lock(
    transaction: &DatabaseTransaction,
    user: &str,
) -> Result<Option<second_factor::Model>, StoreError> {
    let same = Expr::col(second_factor::Column::NextAt);
    second_factor::Entity::update_many()
        .col_expr(second_factor::Column::NextAt, same)
        .filter(second_factor::Column::UserId.eq(user))
        .exec(transaction)
        .await?;
    let row = second_factor::Entity::find_by_id(user);
    Ok(row.one(transaction).await?)
}

async fn count(transaction: &DatabaseTransaction, user: &str) -> Result<u64, StoreError> {
    let all = Entity::find().filter(Column::UserId.eq(user));
    Ok(all.count(transaction).await?)
}

impl Database {
    /// The oldest first.
    pub async fn passkeys_of(&self, user: &str) -> Result<Vec<KeptPasskey>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user))
            .order_by_asc(Column::Id)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(KeptPasskey::from).collect())
    }

    pub async fn has_passkeys(&self, user: &str) -> Result<bool, StoreError> {
        let all = Entity::find().filter(Column::UserId.eq(user));
        Ok(all.count(&self.connection).await? > 0)
    }

    /// Adds one, unless the account has `max` of them. The first second factor of an account comes with these recovery codes.
    pub async fn add_passkey(
        &self,
        passkey: &KeptPasskey,
        max: u64,
        code_hashes: &[String],
    ) -> Result<PasskeyAdded, StoreError> {
        let user = &passkey.user;
        let all = self.begin().await?;
        let factor = second_factor::ActiveModel {
            user_id: Set(user.clone()),
            secret: Set(String::new()),
            created_at: Set(passkey.created_at),
            confirmed_at: Set(None),
            last_step: Set(0),
            failures: Set(0),
            next_at: Set(0),
        };
        let there = OnConflict::column(second_factor::Column::UserId)
            .do_nothing()
            .to_owned();
        second_factor::Entity::insert(factor)
            .on_conflict(there)
            .exec_without_returning(&all)
            .await?;
        let factor = lock(&all, user).await?;
        let present = count(&all, user).await?;
        if present >= max {
            return Ok(PasskeyAdded::TooMany);
        }
        let row = ActiveModel {
            id: Set(passkey.id.clone()),
            user_id: Set(user.clone()),
            credential_id: Set(passkey.credential_id.clone()),
            name: Set(passkey.name.clone()),
            transports: Set(i64::from(passkey.transports)),
            public_key: Set(passkey.public_key.clone()),
            state: Set(passkey.state.clone()),
            created_at: Set(passkey.created_at),
            used_at: Set(passkey.used_at),
        };
        if let Err(AlreadyExists) = unique(row.insert(&all).await)? {
            return Ok(PasskeyAdded::AlreadyExists);
        }
        let first = present == 0 && factor.is_none_or(|factor| factor.confirmed_at.is_none());
        if first {
            write_codes(&all, user, code_hashes).await?;
            // An app that somebody began to set up by the password alone counts no more.
            clear_app(&all, user).await?;
        }
        all.commit().await?;
        Ok(if first {
            PasskeyAdded::First
        } else {
            PasskeyAdded::More
        })
    }

    /// It was used, and nothing wrong came before. False: it was used or removed since it was read.
    pub async fn use_passkey(
        &self,
        passkey: &KeptPasskey,
        state: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        let row = ActiveModel {
            state: Set(state.to_owned()),
            used_at: Set(Some(now)),
            ..Default::default()
        };
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(&passkey.id))
            .filter(Column::State.eq(&passkey.state))
            .exec(&both)
            .await?;
        if updated.rows_affected != 1 {
            return Ok(false);
        }
        let row = second_factor::ActiveModel {
            failures: Set(0),
            next_at: Set(0),
            ..Default::default()
        };
        second_factor::Entity::update_many()
            .set(row)
            .filter(second_factor::Column::UserId.eq(&passkey.user))
            .exec(&both)
            .await?;
        both.commit().await?;
        Ok(true)
    }

    /// Removes one of an account. `required`: not the last second factor.
    pub async fn remove_passkey(
        &self,
        user: &str,
        id: &str,
        required: bool,
    ) -> Result<PasskeyRemoved, StoreError> {
        if !storable(id) {
            return Ok(PasskeyRemoved::NotFound);
        }
        let all = self.begin().await?;
        let factor = lock(&all, user).await?;
        let deleted = Entity::delete_many()
            .filter(Column::UserId.eq(user))
            .filter(Column::Id.eq(id))
            .exec(&all)
            .await?;
        if deleted.rows_affected != 1 {
            return Ok(PasskeyRemoved::NotFound);
        }
        let has_app = factor.is_some_and(|factor| factor.confirmed_at.is_some());
        let last = !has_app && count(&all, user).await? == 0;
        if last && required {
            return Ok(PasskeyRemoved::Required);
        }
        if last {
            delete_factors(&all, user).await?;
        }
        all.commit().await?;
        Ok(if last {
            PasskeyRemoved::Last
        } else {
            PasskeyRemoved::One
        })
    }

    /// Removes the authenticator app of an account, with everything where there is no passkey either. Says whether a second
    /// factor is left. `None`: one has to stay, and there is no other.
    pub async fn remove_app(&self, user: &str, required: bool) -> Result<Option<bool>, StoreError> {
        let all = self.begin().await?;
        lock(&all, user).await?;
        let is_left = count(&all, user).await? > 0;
        if is_left {
            clear_app(&all, user).await?;
        } else if required {
            return Ok(None);
        } else {
            delete_factors(&all, user).await?;
        }
        all.commit().await?;
        Ok(Some(is_left))
    }
}
