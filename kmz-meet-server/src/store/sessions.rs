use async_trait::async_trait;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::entity::{session, user};
use super::{Database, Sessions, StoreError, User};
use crate::clock::Timestamp;

#[async_trait]
impl Sessions for Database {
    async fn add_session(
        &self,
        token_hash: &str,
        user: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            token_hash: Set(token_hash.to_owned()),
            user_id: Set(user.to_owned()),
            expires_at: Set(expires_at),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    async fn session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(User, Timestamp)>, StoreError> {
        let row = session::Entity::find_by_id(token_hash)
            .filter(session::Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let user = user::Entity::find_by_id(row.user_id)
            .one(&self.connection)
            .await?;
        Ok(user.map(|user| (user.into(), row.expires_at)))
    }

    async fn extend_session(
        &self,
        token_hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            expires_at: Set(expires_at),
            ..Default::default()
        };
        session::Entity::update_many()
            .set(row)
            .filter(session::Column::TokenHash.eq(token_hash))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    async fn delete_session(&self, token_hash: &str) -> Result<(), StoreError> {
        session::Entity::delete_by_id(token_hash)
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    async fn delete_expired_sessions(&self, now: Timestamp) -> Result<(), StoreError> {
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
