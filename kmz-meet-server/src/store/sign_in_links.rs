//! The table of links between accounts and what providers of sign-ins call their holders.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};

use super::entity::{record, sign_in_link, user};
use super::staff::may_have;
use super::users::new_row;
use super::{
    AddError, AlreadyExists, Database, OpenSchool, StoreError, User, UserRole, storable, unique,
};
use crate::clock::Timestamp;

/// An account as its provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    pub provider: String,
    /// What the provider calls its holder.
    pub subject: String,
    pub user: String,
    /// The account was made by the provider, and follows what it says.
    pub made: bool,
    pub created_at: Timestamp,
}

impl From<sign_in_link::Model> for SignInLink {
    fn from(model: sign_in_link::Model) -> Self {
        Self {
            provider: model.provider_id,
            subject: model.subject,
            user: model.user_id,
            made: model.made != 0,
            created_at: model.created_at,
        }
    }
}

fn row(link: &SignInLink) -> sign_in_link::ActiveModel {
    sign_in_link::ActiveModel {
        id: Set(uuid::Uuid::now_v7().to_string()),
        provider_id: Set(link.provider.clone()),
        subject: Set(link.subject.clone()),
        user_id: Set(link.user.clone()),
        made: Set(i64::from(link.made)),
        created_at: Set(link.created_at),
    }
}

impl Database {
    /// Whose account it is that the provider calls so.
    pub async fn sign_in_link(
        &self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<SignInLink>, StoreError> {
        if !storable(subject) {
            return Ok(None);
        }
        let row = sign_in_link::Entity::find()
            .filter(sign_in_link::Column::ProviderId.eq(provider))
            .filter(sign_in_link::Column::Subject.eq(subject))
            .one(&self.connection)
            .await?;
        Ok(row.map(SignInLink::from))
    }

    /// Links an account. [`AlreadyExists`]: the account or the subject is linked already.
    pub async fn add_sign_in_link(
        &self,
        link: &SignInLink,
    ) -> Result<Result<(), AlreadyExists>, StoreError> {
        unique(row(link).insert(&self.connection).await)
    }

    /// Adds an account of a school whose contract holds, and its link. [`AddError::AlreadyExists`]: the user name is taken, or
    /// the subject is linked already; then neither is added.
    pub async fn add_linked_user(
        &self,
        school: &OpenSchool,
        user: &User,
        link: &SignInLink,
    ) -> Result<Result<(), AddError>, StoreError> {
        let both = self.begin().await?;
        if !may_have(&both, school, 1).await? {
            return Ok(Err(AddError::TooMany));
        }
        if let Err(AlreadyExists) = unique(new_row(school, user).insert(&both).await)? {
            return Ok(Err(AddError::AlreadyExists));
        }
        if let Err(AlreadyExists) = unique(row(link).insert(&both).await)? {
            return Ok(Err(AddError::AlreadyExists));
        }
        both.commit().await?;
        Ok(Ok(()))
    }

    /// How many accounts a provider made that are there.
    pub async fn count_made_accounts(&self, provider: &str) -> Result<u64, StoreError> {
        let made = sign_in_link::Entity::find()
            .filter(sign_in_link::Column::ProviderId.eq(provider))
            .filter(sign_in_link::Column::Made.ne(0));
        Ok(made.count(&self.connection).await?)
    }

    /// What a provider says anew of an account that it made.
    pub async fn follow_provider(
        &self,
        id: &str,
        name: &str,
        role: UserRole,
    ) -> Result<(), StoreError> {
        let row = user::ActiveModel {
            name: Set(name.to_owned()),
            role: Set(role.as_str().to_owned()),
            ..Default::default()
        };
        user::Entity::update_many()
            .set(row)
            .filter(user::Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Whether there was one.
    pub async fn delete_sign_in_link(
        &self,
        provider: &str,
        user: &str,
    ) -> Result<bool, StoreError> {
        if !storable(user) {
            return Ok(false);
        }
        let deleted = sign_in_link::Entity::delete_many()
            .filter(sign_in_link::Column::ProviderId.eq(provider))
            .filter(sign_in_link::Column::UserId.eq(user))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected > 0)
    }

    /// Deletes a provider, which is a record of this kind, with all its links.
    pub async fn delete_with_sign_in_links(
        &self,
        kind: &str,
        provider: &str,
    ) -> Result<(), StoreError> {
        let both = self.begin().await?;
        record::Entity::delete_many()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::Id.eq(provider))
            .exec(&both)
            .await?;
        sign_in_link::Entity::delete_many()
            .filter(sign_in_link::Column::ProviderId.eq(provider))
            .exec(&both)
            .await?;
        both.commit().await?;
        Ok(())
    }

    /// Whether a provider made the account, which nobody has unlinked since: it opens it, and nothing else does.
    pub async fn is_made_by_provider(&self, user: &str) -> Result<bool, StoreError> {
        Ok(self.provider_that_made(user).await?.is_some())
    }

    /// The id of the provider that made the account, which nobody has unlinked since.
    pub async fn provider_that_made(&self, user: &str) -> Result<Option<String>, StoreError> {
        let made = sign_in_link::Entity::find()
            .filter(sign_in_link::Column::UserId.eq(user))
            .filter(sign_in_link::Column::Made.ne(0))
            .one(&self.connection)
            .await?;
        Ok(made.map(|link| link.provider_id))
    }
}
