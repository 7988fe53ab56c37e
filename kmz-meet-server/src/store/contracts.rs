//! The table of changes of contracts. The newest change is the state of the school, which its row repeats for look-ups.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::database::lock_school;
use super::entity::{contract_change, school};
use super::{Contract, ContractChange, Database, School, StoreError};
use crate::clock::Timestamp;

impl From<contract_change::Model> for ContractChange {
    fn from(model: contract_change::Model) -> Self {
        Self {
            state: Contract::read(&model.state),
            id: model.id,
            school: model.school_id,
            created_at: model.created_at,
            changed_by: model.changed_by,
            signer: model.signer,
            signed_on: model.signed_on,
            valid_until: model.valid_until,
            document: model.document_id,
            document_sha256: model.document_sha256,
            note: model.note,
        }
    }
}

/// Why a contract was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotStepped {
    /// It is not what it was when it was read.
    ChangedMeanwhile,
    /// It has as many changes as it may have.
    TooMany,
}

/// Of one contract: a change a month for forty years.
const MAX_CHANGES: u64 = 500;
/// Read for a list of all schools.
const MAX_CHANGES_OF_ALL: u64 = 1_000_000;

impl Database {
    /// Changes the contract of a school, unless its newest change is another one than `former`.
    pub async fn step_contract(
        &self,
        change: &ContractChange,
        former: Option<&str>,
    ) -> Result<Result<(), NotStepped>, StoreError> {
        let all = self.begin().await?;
        lock_school(&all, &change.school).await?;
        let of_school = || {
            contract_change::Entity::find()
                .filter(contract_change::Column::SchoolId.eq(&change.school))
        };
        let newest = of_school()
            .order_by_desc(contract_change::Column::CreatedAt)
            .order_by_desc(contract_change::Column::Id)
            .one(&all)
            .await?;
        if newest.map(|newest| newest.id).as_deref() != former {
            return Ok(Err(NotStepped::ChangedMeanwhile));
        }
        if of_school().count(&all).await? >= MAX_CHANGES {
            return Ok(Err(NotStepped::TooMany));
        }
        if !write_change(&all, change).await? {
            return Ok(Err(NotStepped::ChangedMeanwhile));
        }
        all.commit().await?;
        Ok(Ok(()))
    }

    /// Changes the contract of a school, and keeps the change. False: there is no such school.
    pub async fn change_contract(&self, change: &ContractChange) -> Result<bool, StoreError> {
        let all = self.begin().await?;
        if !write_change(&all, change).await? {
            return Ok(false);
        }
        all.commit().await?;
        Ok(true)
    }

    /// All changes of a school's contract, the oldest first.
    pub async fn contract_changes(&self, school: &str) -> Result<Vec<ContractChange>, StoreError> {
        let rows = contract_change::Entity::find()
            .filter(contract_change::Column::SchoolId.eq(school))
            .order_by_asc(contract_change::Column::CreatedAt)
            .order_by_asc(contract_change::Column::Id)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(ContractChange::from).collect())
    }

    /// The changes of the contracts of all schools before this time, the oldest first.
    pub async fn all_contract_changes(
        &self,
        before: Timestamp,
    ) -> Result<Vec<ContractChange>, StoreError> {
        let rows = contract_change::Entity::find()
            .filter(contract_change::Column::CreatedAt.lt(before))
            .order_by_asc(contract_change::Column::CreatedAt)
            .order_by_asc(contract_change::Column::Id)
            .limit(MAX_CHANGES_OF_ALL)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(ContractChange::from).collect())
    }

    /// All schools with the time of the last change of their contract.
    pub async fn schools_with_last_change(
        &self,
    ) -> Result<Vec<(School, Option<Timestamp>)>, StoreError> {
        let last: Vec<(String, Timestamp)> = contract_change::Entity::find()
            .select_only()
            .column(contract_change::Column::SchoolId)
            .column_as(contract_change::Column::CreatedAt.max(), "last")
            .group_by(contract_change::Column::SchoolId)
            .into_tuple()
            .all(&self.connection)
            .await?;
        let last: HashMap<String, Timestamp> = last.into_iter().collect();
        let with_last = |school: School| {
            let at = last.get(&school.id).copied();
            (school, at)
        };
        Ok(self.schools().await?.into_iter().map(with_last).collect())
    }
}

/// Writes a change into the row of its school and into the history. False: there is no such school.
pub(super) async fn write_change(
    transaction: &DatabaseTransaction,
    change: &ContractChange,
) -> Result<bool, StoreError> {
    let row = school::ActiveModel {
        contract: Set(change.state.as_str().to_owned()),
        valid_until: Set(change.valid_until),
        ..Default::default()
    };
    let changed = school::Entity::update_many()
        .set(row)
        .filter(school::Column::Id.eq(&change.school))
        .exec(transaction)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(false);
    }
    let row = contract_change::ActiveModel {
        id: Set(change.id.clone()),
        school_id: Set(change.school.clone()),
        created_at: Set(change.created_at),
        changed_by: Set(change.changed_by.clone()),
        state: Set(change.state.as_str().to_owned()),
        signer: Set(change.signer.clone()),
        signed_on: Set(change.signed_on.clone()),
        valid_until: Set(change.valid_until),
        document_id: Set(change.document.clone()),
        document_sha256: Set(change.document_sha256.clone()),
        note: Set(change.note.clone()),
    };
    row.insert(transaction).await?;
    Ok(true)
}
