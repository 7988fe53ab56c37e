//! Accounts of one school, as its administrators list them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::{passkey, room, second_factor, user};
use super::{Database, StoreError, User, UserRole, storable};
use crate::clock::Timestamp;

/// An account with what its administrators see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    pub user: User,
    pub locked_at: Option<Timestamp>,
    /// An authenticator app, or a passkey.
    pub has_second_factor: bool,
    /// Rooms that it owns.
    pub rooms: u64,
}

impl Database {
    /// How many accounts a school has.
    pub async fn count_accounts(&self, school: &str) -> Result<u64, StoreError> {
        let count = user::Entity::find()
            .filter(user::Column::SchoolId.eq(school))
            .count(&self.connection)
            .await?;
        Ok(count)
    }

    /// Accounts of a school by their ids, those behind `after`. Whoever runs the service is nobody's to administer.
    pub async fn accounts_of_school(
        &self,
        school: &str,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        if !after.is_none_or(storable) {
            return Ok(Vec::new());
        }
        let mut wanted = user::Entity::find()
            .filter(user::Column::SchoolId.eq(school))
            .filter(user::Column::Role.ne(UserRole::Operator.as_str()));
        if let Some(after) = after {
            wanted = wanted.filter(user::Column::Id.gt(after));
        }
        let rows = wanted
            .order_by_asc(user::Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        self.with_belongings(rows).await
    }

    /// An account as its administrators see it.
    pub async fn listed_account(&self, id: &str) -> Result<Option<ListedAccount>, StoreError> {
        let row = user::Entity::find_by_id(id).one(&self.connection).await?;
        let listed = self.with_belongings(row.into_iter().collect()).await?;
        Ok(listed.into_iter().next())
    }

    async fn with_belongings(
        &self,
        rows: Vec<user::Model>,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let counts = room::Entity::find()
            .select_only()
            .column(room::Column::OwnerId)
            .column_as(room::Column::Id.count(), "count")
            .filter(room::Column::OwnerId.is_in(ids.clone()))
            .group_by(room::Column::OwnerId)
            .into_tuple::<(Option<String>, i64)>()
            .all(&self.connection)
            .await?;
        let counts: HashMap<Option<String>, i64> = counts.into_iter().collect();
        let with_app: Vec<String> = second_factor::Entity::find()
            .select_only()
            .column(second_factor::Column::UserId)
            .filter(second_factor::Column::UserId.is_in(ids.clone()))
            .filter(second_factor::Column::ConfirmedAt.is_not_null())
            .into_tuple()
            .all(&self.connection)
            .await?;
        let with_passkeys: Vec<String> = passkey::Entity::find()
            .select_only()
            .column(passkey::Column::UserId)
            .filter(passkey::Column::UserId.is_in(ids))
            .into_tuple()
            .all(&self.connection)
            .await?;
        let factors: HashSet<String> = with_app.into_iter().chain(with_passkeys).collect();
        let listed = rows.into_iter().map(|row| ListedAccount {
            locked_at: row.locked_at,
            has_second_factor: factors.contains(&row.id),
            rooms: counts
                .get(&Some(row.id.clone()))
                .and_then(|count| u64::try_from(*count).ok())
                .unwrap_or(0),
            user: row.into(),
        });
        Ok(listed.collect())
    }

    /// Makes somebody an administrator of their school, or a teacher again.
    pub async fn set_role(&self, id: &str, role: UserRole) -> Result<(), StoreError> {
        let row = user::ActiveModel {
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
}
