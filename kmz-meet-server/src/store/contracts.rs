//! The table of changes of contracts. The newest change is the state of the school, which its row repeats for look-ups.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::entity::{contract_change, school};
use super::{Contract, ContractChange, Database, StoreError};

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

impl Database {
    /// Changes the contract of a school, and keeps the change. False: there is no such school.
    pub async fn change_contract(&self, change: &ContractChange) -> Result<bool, StoreError> {
        let all = self.begin().await?;
        let row = school::ActiveModel {
            contract: Set(change.state.as_str().to_owned()),
            valid_until: Set(change.valid_until),
            ..Default::default()
        };
        let changed = school::Entity::update_many()
            .set(row)
            .filter(school::Column::Id.eq(&change.school))
            .exec(&all)
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
        row.insert(&all).await?;
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
}
