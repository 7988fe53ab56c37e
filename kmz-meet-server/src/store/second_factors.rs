//! The tables of second factors and of the codes that replace them once.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
};

use super::entity::second_factor::{ActiveModel, Column, Entity, Model};
use super::entity::{passkey, recovery_code};
use super::{Database, StoreError};
use crate::clock::Timestamp;

/// What proves that somebody has their device at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSecondFactor {
    pub user: String,
    /// Sealed.
    pub secret: String,
    pub created_at: Timestamp,
    /// It counts from then on.
    pub confirmed_at: Option<Timestamp>,
    /// The step of the code that was accepted last.
    pub last_step: i64,
    /// Wrong codes since the last right one.
    pub failures: i64,
    /// No code is looked at before.
    pub next_at: Timestamp,
}

impl From<Model> for KeptSecondFactor {
    fn from(row: Model) -> Self {
        Self {
            user: row.user_id,
            secret: row.secret,
            created_at: row.created_at,
            confirmed_at: row.confirmed_at,
            last_step: row.last_step,
            failures: row.failures,
            next_at: row.next_at,
        }
    }
}

pub(super) async fn write_codes(
    transaction: &DatabaseTransaction,
    user: &str,
    code_hashes: &[String],
) -> Result<(), StoreError> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(transaction)
        .await?;
    let rows = code_hashes.iter().map(|hash| recovery_code::ActiveModel {
        code_hash: Set(hash.clone()),
        user_id: Set(user.to_owned()),
    });
    recovery_code::Entity::insert_many(rows)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Nothing of the second factors of an account stays; says whether there was one.
pub(super) async fn delete_factors(
    transaction: &DatabaseTransaction,
    user: &str,
) -> Result<bool, StoreError> {
    passkey::Entity::delete_many()
        .filter(passkey::Column::UserId.eq(user))
        .exec(transaction)
        .await?;
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(transaction)
        .await?;
    let deleted = Entity::delete_by_id(user);
    Ok(deleted.exec(transaction).await?.rows_affected == 1)
}

impl Database {
    pub async fn second_factor(&self, user: &str) -> Result<Option<KeptSecondFactor>, StoreError> {
        let row = Entity::find_by_id(user).one(&self.connection).await?;
        Ok(row.map(KeptSecondFactor::from))
    }

    /// Begins to set one up, in the place of one that was never confirmed. Says whether there is none that counts.
    pub async fn begin_second_factor(
        &self,
        user: &str,
        secret: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        Entity::delete_many()
            .filter(Column::UserId.eq(user))
            .filter(Column::ConfirmedAt.is_null())
            .exec(&both)
            .await?;
        let row = ActiveModel {
            user_id: Set(user.to_owned()),
            secret: Set(secret.to_owned()),
            created_at: Set(now),
            confirmed_at: Set(None),
            last_step: Set(0),
            failures: Set(0),
            next_at: Set(0),
        };
        let there = OnConflict::column(Column::UserId).do_nothing().to_owned();
        let added = Entity::insert(row)
            .on_conflict(there)
            .exec_without_returning(&both)
            .await?;
        both.commit().await?;
        Ok(added == 1)
    }

    /// Counts a try before it is made: says whether it may be made now, of a factor that is the same still. Several at once do not
    /// pass.
    pub async fn try_second_factor(
        &self,
        known: &KeptSecondFactor,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            failures: Set(known.failures + 1),
            next_at: Set(next_at),
            ..Default::default()
        };
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::UserId.eq(&known.user))
            .filter(Column::Secret.eq(&known.secret))
            .filter(Column::Failures.eq(known.failures))
            .filter(Column::NextAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// A code of this step was right: says whether none of this step or a later one was accepted before.
    pub async fn accept_step(
        &self,
        known: &KeptSecondFactor,
        step: i64,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            last_step: Set(step),
            failures: Set(0),
            next_at: Set(0),
            ..Default::default()
        };
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::UserId.eq(&known.user))
            .filter(Column::Secret.eq(&known.secret))
            .filter(Column::LastStep.lt(step))
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// It counts from now on, with these codes in its place once each, or with those that there are. False: it is not the one
    /// that was read, because somebody began to set up another one, or confirmed it, meanwhile.
    pub async fn confirm_second_factor(
        &self,
        known: &KeptSecondFactor,
        code_hashes: &[String],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        let row = ActiveModel {
            confirmed_at: Set(Some(now)),
            ..Default::default()
        };
        let confirmed = Entity::update_many()
            .set(row)
            .filter(Column::UserId.eq(&known.user))
            .filter(Column::Secret.eq(&known.secret))
            .filter(Column::ConfirmedAt.is_null())
            .exec(&both)
            .await?;
        if confirmed.rows_affected != 1 {
            return Ok(false);
        }
        if !code_hashes.is_empty() {
            write_codes(&both, &known.user, code_hashes).await?;
        }
        both.commit().await?;
        Ok(true)
    }

    /// These codes replace the former ones.
    pub async fn set_recovery_codes(
        &self,
        user: &str,
        code_hashes: &[String],
    ) -> Result<(), StoreError> {
        let both = self.begin().await?;
        write_codes(&both, user, code_hashes).await?;
        both.commit().await?;
        Ok(())
    }

    /// Uses a recovery code up; says whether it was there.
    pub async fn use_recovery_code(&self, user: &str, code_hash: &str) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        let deleted = recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::UserId.eq(user))
            .filter(recovery_code::Column::CodeHash.eq(code_hash))
            .exec(&both)
            .await?;
        if deleted.rows_affected != 1 {
            return Ok(false);
        }
        let row = ActiveModel {
            failures: Set(0),
            next_at: Set(0),
            ..Default::default()
        };
        Entity::update_many()
            .set(row)
            .filter(Column::UserId.eq(user))
            .exec(&both)
            .await?;
        both.commit().await?;
        Ok(true)
    }

    pub async fn recovery_codes_of(&self, user: &str) -> Result<u64, StoreError> {
        let codes = recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(user));
        Ok(codes.count(&self.connection).await?)
    }

    /// Takes all of an account away, with its passkeys and recovery codes; says whether there was one.
    pub async fn delete_second_factor(&self, user: &str) -> Result<bool, StoreError> {
        let all = self.begin().await?;
        let deleted = delete_factors(&all, user).await?;
        all.commit().await?;
        Ok(deleted)
    }
}
