use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::entity::{session, user};
use super::{Database, KeptSession, StoreError, User};
use crate::clock::Timestamp;

impl From<session::Model> for KeptSession {
    fn from(model: session::Model) -> Self {
        Self {
            token_hash: model.token_hash,
            user: model.user_id,
            created_at: model.created_at,
            used_at: model.used_at,
            expires_at: model.expires_at,
            browser: model.browser,
            limited: model.limited != 0,
        }
    }
}

impl Database {
    pub async fn add_session(&self, session: &KeptSession) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            token_hash: Set(session.token_hash.clone()),
            user_id: Set(session.user.clone()),
            expires_at: Set(session.expires_at),
            created_at: Set(session.created_at),
            used_at: Set(session.used_at),
            browser: Set(session.browser.clone()),
            limited: Set(i64::from(session.limited)),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// The user, unless the session is over or limited or the account is locked, and the session.
    pub async fn session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(User, KeptSession)>, StoreError> {
        let known = self.any_session(token_hash, now).await?;
        Ok(known.filter(|(_, session)| !session.limited))
    }

    /// The same, also of a session that is limited to setting up a second factor.
    pub async fn any_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(User, KeptSession)>, StoreError> {
        let row = session::Entity::find_by_id(token_hash)
            .filter(session::Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let user = user::Entity::find_by_id(&row.user_id)
            .filter(user::Column::LockedAt.is_null())
            .one(&self.connection)
            .await?;
        Ok(user.map(|user| (user.into(), row.into())))
    }

    /// Newest first.
    pub async fn sessions_of(
        &self,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<KeptSession>, StoreError> {
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user))
            .filter(session::Column::ExpiresAt.gt(now))
            .order_by_desc(session::Column::CreatedAt)
            .order_by_desc(session::Column::TokenHash)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(KeptSession::from).collect())
    }

    pub async fn extend_session(
        &self,
        token_hash: &str,
        used_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            used_at: Set(used_at),
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

    /// It is limited no more: says whether it was.
    pub async fn open_session(&self, token_hash: &str) -> Result<bool, StoreError> {
        let row = session::ActiveModel {
            limited: Set(0),
            ..Default::default()
        };
        let opened = session::Entity::update_many()
            .set(row)
            .filter(session::Column::TokenHash.eq(token_hash))
            .filter(session::Column::Limited.eq(1))
            .exec(&self.connection)
            .await?;
        Ok(opened.rows_affected == 1)
    }

    pub async fn delete_session(&self, token_hash: &str) -> Result<(), StoreError> {
        session::Entity::delete_by_id(token_hash)
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// All of a user, but for one; says how many.
    pub async fn delete_sessions_of(
        &self,
        user: &str,
        but: Option<&str>,
    ) -> Result<u64, StoreError> {
        let mut theirs = session::Entity::delete_many().filter(session::Column::UserId.eq(user));
        if let Some(but) = but {
            theirs = theirs.filter(session::Column::TokenHash.ne(but));
        }
        Ok(theirs.exec(&self.connection).await?.rows_affected)
    }

    pub async fn delete_expired_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}
