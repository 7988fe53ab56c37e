//! Accounts of one school, as its administrators list them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::database::lock_school;
use super::entity::{passkey, room, second_factor, sign_in_link, user};
use super::{Database, OpenSchool, StoreError, User, UserRole, storable};
use crate::clock::Timestamp;

/// An account with what its administrators see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    pub user: User,
    pub locked_at: Option<Timestamp>,
    /// An authenticator app, or a passkey.
    pub has_second_factor: bool,
    pub made_by_provider: bool,
    /// Rooms that it owns.
    pub rooms: u64,
}

/// Accounts of one school: as many as the longest list has rows, and more than were there before.
pub const MAX_ACCOUNTS: u64 = 25_000;

async fn count<C: ConnectionTrait>(connection: &C, school: &str) -> Result<u64, StoreError> {
    let accounts = user::Entity::find().filter(user::Column::SchoolId.eq(school));
    Ok(accounts.count(connection).await?)
}

/// Whether a school may have so many accounts more. Nobody adds others until the transaction is over.
pub(super) async fn may_have(
    transaction: &DatabaseTransaction,
    school: &OpenSchool,
    more: u64,
) -> Result<bool, StoreError> {
    lock_school(transaction, school.id()).await?;
    Ok(count(transaction, school.id()).await? + more <= MAX_ACCOUNTS)
}

impl Database {
    /// How many accounts a school has.
    pub async fn count_accounts(&self, school: &str) -> Result<u64, StoreError> {
        count(&self.connection, school).await
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
            .filter(passkey::Column::UserId.is_in(ids.clone()))
            .into_tuple()
            .all(&self.connection)
            .await?;
        let factors: HashSet<String> = with_app.into_iter().chain(with_passkeys).collect();
        let made: HashSet<String> = sign_in_link::Entity::find()
            .select_only()
            .column(sign_in_link::Column::UserId)
            .filter(sign_in_link::Column::UserId.is_in(ids))
            .filter(sign_in_link::Column::Made.ne(0))
            .into_tuple::<String>()
            .all(&self.connection)
            .await?
            .into_iter()
            .collect();
        let listed = rows.into_iter().map(|row| ListedAccount {
            locked_at: row.locked_at,
            has_second_factor: factors.contains(&row.id),
            made_by_provider: made.contains(&row.id),
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
