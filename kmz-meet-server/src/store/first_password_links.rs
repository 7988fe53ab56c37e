//! One-time links by which somebody gives a new account its first password, by a fingerprint, never by the link itself.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::entity::one_time_link::{ActiveModel, Column, Entity};
use super::{Database, StoreError};
use crate::clock::Timestamp;

const PURPOSE: &str = "first_password";

impl Database {
    /// Adds a link for an account; its former ones are over.
    pub async fn replace_first_password_link(
        &self,
        user: &str,
        token_hash: &str,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let both = self.begin().await?;
        Entity::delete_many()
            .filter(Column::UserId.eq(user))
            .filter(Column::Purpose.eq(PURPOSE))
            .exec(&both)
            .await?;
        let row = ActiveModel {
            token_hash: Set(token_hash.to_owned()),
            user_id: Set(user.to_owned()),
            purpose: Set(PURPOSE.to_owned()),
            address: Set(None),
            created_at: Set(now),
            expires_at: Set(expires_at),
            used_at: Set(None),
        };
        row.insert(&both).await?;
        both.commit().await?;
        Ok(())
    }

    /// Whose first password this sets, while it holds.
    pub async fn user_of_first_password_link(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let row = Entity::find_by_id(token_hash)
            .filter(Column::Purpose.eq(PURPOSE))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        Ok(row.map(|row| row.user_id))
    }
}
