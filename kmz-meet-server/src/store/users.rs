use async_trait::async_trait;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use super::entity::user;
use super::{Database, Rooms, StoreError, Taken, User, UserRole, Users, storable};
use crate::clock::Timestamp;

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
        }
    }
}

#[async_trait]
impl Users for Database {
    async fn add_user(&self, user: &User) -> Result<Result<(), Taken>, StoreError> {
        let row = user::ActiveModel {
            id: Set(user.id.clone()),
            school_id: Set(user.school.clone()),
            username: Set(user.username.clone()),
            name: Set(user.name.clone()),
            role: Set(user.role.as_str().to_owned()),
            password_hash: Set(user.password_hash.clone()),
            locked_at: Set(None),
        };
        match row.insert(&self.connection).await {
            Ok(_) => Ok(Ok(())),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Ok(Err(Taken))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn user(&self, id: &str) -> Result<Option<User>, StoreError> {
        let row = user::Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.map(User::from))
    }

    async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        if !storable(username) {
            return Ok(None);
        }
        let row = user::Entity::find()
            .filter(user::Column::Username.eq(username))
            .one(&self.connection)
            .await?;
        Ok(row.map(User::from))
    }

    async fn set_password_hash(&self, id: &str, password_hash: &str) -> Result<(), StoreError> {
        let row = user::ActiveModel {
            password_hash: Set(password_hash.to_owned()),
            ..Default::default()
        };
        user::Entity::update_many()
            .set(row)
            .filter(user::Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    async fn locked_at(&self, id: &str) -> Result<Option<Timestamp>, StoreError> {
        let row = user::Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.and_then(|row| row.locked_at))
    }

    async fn locked_users(&self) -> Result<Vec<String>, StoreError> {
        let rows = user::Entity::find()
            .filter(user::Column::LockedAt.is_not_null())
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    async fn set_locked(&self, id: &str, at: Option<Timestamp>) -> Result<(), StoreError> {
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

    async fn delete_user(&self, id: &str) -> Result<(), StoreError> {
        for room in self.rooms_of_owner(id).await? {
            self.delete_room(&room.id).await?;
        }
        user::Entity::delete_by_id(id)
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
