//! The table of accounts.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{one_time_link, user};
use super::staff::may_have;
use super::{
    AddError, AlreadyExists, Database, OpenSchool, StoreError, User, UserRole, storable, unique,
};
use crate::clock::Timestamp;
use crate::email_address::EmailAddress;

impl UserRole {
    /// What is not known is the least of them.
    fn read(text: &str) -> Self {
        match text {
            "operator" => Self::Operator,
            "school_admin" => Self::SchoolAdmin,
            _ => Self::Moderator,
        }
    }
}

impl From<user::Model> for User {
    fn from(model: user::Model) -> Self {
        Self {
            role: UserRole::read(&model.role),
            id: model.id,
            school: model.school_id,
            username: model.username,
            name: model.name,
            password_hash: model.password_hash,
            // What cannot be read reaches nobody.
            email: model.email.and_then(|email| email.parse().ok()),
            created_at: model.created_at,
        }
    }
}

pub(super) async fn set_password_hash_in(
    transaction: &DatabaseTransaction,
    id: &str,
    password_hash: &str,
) -> Result<(), StoreError> {
    let row = user::ActiveModel {
        password_hash: Set(password_hash.to_owned()),
        ..Default::default()
    };
    user::Entity::update_many()
        .set(row)
        .filter(user::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    // They are over with it.
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::UserId.eq(id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// [`AlreadyExists`]: another account has it.
pub(super) async fn set_email_in(
    connection: &impl ConnectionTrait,
    id: &str,
    email: &EmailAddress,
) -> Result<Result<(), AlreadyExists>, StoreError> {
    let row = user::ActiveModel {
        email: Set(Some(email.to_string())),
        ..Default::default()
    };
    let updated = user::Entity::update_many()
        .set(row)
        .filter(user::Column::Id.eq(id))
        .exec(connection)
        .await;
    unique(updated)
}

/// The row of a new account.
pub(super) fn new_row(school: &OpenSchool, user: &User) -> user::ActiveModel {
    user::ActiveModel {
        id: Set(user.id.clone()),
        school_id: Set(school.id().to_owned()),
        username: Set(user.username.clone()),
        name: Set(user.name.clone()),
        role: Set(user.role.as_str().to_owned()),
        password_hash: Set(user.password_hash.clone()),
        locked_at: Set(None),
        email: Set(user.email.as_ref().map(ToString::to_string)),
        created_at: Set(user.created_at),
    }
}

impl Database {
    /// All accounts of all schools.
    pub async fn all_users(&self) -> Result<Vec<User>, StoreError> {
        let rows = user::Entity::find()
            .order_by_asc(user::Column::Id)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// Adds an account to a school whose contract holds, unless it has as many as it may.
    pub async fn add_user(
        &self,
        school: &OpenSchool,
        user: &User,
    ) -> Result<Result<(), AddError>, StoreError> {
        let all = self.begin().await?;
        if !may_have(&all, school, 1).await? {
            return Ok(Err(AddError::TooMany));
        }
        if let Err(AlreadyExists) = unique(new_row(school, user).insert(&all).await)? {
            return Ok(Err(AddError::AlreadyExists));
        }
        all.commit().await?;
        Ok(Ok(()))
    }

    pub async fn user(&self, id: &str) -> Result<Option<User>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = user::Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.map(User::from))
    }

    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        if !storable(username) {
            return Ok(None);
        }
        let row = user::Entity::find()
            .filter(user::Column::Username.eq(username))
            .one(&self.connection)
            .await?;
        Ok(row.map(User::from))
    }

    pub async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        let row = user::Entity::find()
            .filter(user::Column::Email.eq(email.as_str()))
            .one(&self.connection)
            .await?;
        Ok(row.map(User::from))
    }

    /// The account with this address or, where there is none, with this user name: people type either.
    pub async fn user_by_address_or_username(
        &self,
        typed: &str,
    ) -> Result<Option<User>, StoreError> {
        if let Ok(address) = typed.parse()
            && let Some(user) = self.user_by_email(&address).await?
        {
            return Ok(Some(user));
        }
        self.user_by_username(typed).await
    }

    /// [`AlreadyExists`]: another account has it.
    pub async fn set_email(
        &self,
        id: &str,
        email: &EmailAddress,
    ) -> Result<Result<(), AlreadyExists>, StoreError> {
        set_email_in(&self.connection, id, email).await
    }

    /// Sets a new password, and with it all links of the account are over.
    pub async fn set_password_hash(&self, id: &str, password_hash: &str) -> Result<(), StoreError> {
        let both = self.begin().await?;
        set_password_hash_in(&both, id, password_hash).await?;
        both.commit().await?;
        Ok(())
    }

    /// Since when it is locked.
    pub async fn locked_at(&self, id: &str) -> Result<Option<Timestamp>, StoreError> {
        let row = user::Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.and_then(|row| row.locked_at))
    }

    /// Who is locked now.
    pub async fn locked_users(&self) -> Result<Vec<String>, StoreError> {
        let rows = user::Entity::find()
            .filter(user::Column::LockedAt.is_not_null())
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// The ids of the accounts of a school that have this role and are not locked.
    pub async fn users_of_role(
        &self,
        school: &str,
        role: UserRole,
    ) -> Result<Vec<String>, StoreError> {
        let ids = user::Entity::find()
            .select_only()
            .column(user::Column::Id)
            .filter(user::Column::SchoolId.eq(school))
            .filter(user::Column::Role.eq(role.as_str()))
            .filter(user::Column::LockedAt.is_null())
            .order_by_asc(user::Column::Id)
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(ids)
    }

    /// Locks or unlocks; a locked account has no session that counts.
    pub async fn set_locked(&self, id: &str, at: Option<Timestamp>) -> Result<(), StoreError> {
        let row = user::ActiveModel {
            locked_at: Set(at),
            ..Default::default()
        };
        user::Entity::update_many()
            .set(row)
            .filter(user::Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
