//! The table of signed documents. They are here as ciphertext; the key is a file.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::contract_document::{ActiveModel, Column, Entity};
use super::{AddError, Database, StoreError, add_of_school, storable};
use crate::clock::Timestamp;

/// A signed document, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractDocument {
    pub id: String,
    pub school: String,
    pub created_at: Timestamp,
    /// Of the document as it came, in hexadecimal digits.
    pub sha256: String,
    pub media_type: String,
    /// Of the document as it came, in bytes.
    pub size: u64,
}

impl Database {
    /// Adds a document, unless the school has `max` of them.
    pub async fn add_contract_document(
        &self,
        document: &ContractDocument,
        ciphertext: Vec<u8>,
        max: u64,
    ) -> Result<Result<(), AddError>, StoreError> {
        let row = ActiveModel {
            id: Set(document.id.clone()),
            school_id: Set(document.school.clone()),
            created_at: Set(document.created_at),
            sha256: Set(document.sha256.clone()),
            media_type: Set(document.media_type.clone()),
            size: Set(i64::try_from(document.size).unwrap_or(i64::MAX)),
            ciphertext: Set(ciphertext),
        };
        add_of_school::<Entity, _>(self, row, (Column::SchoolId, document.school.as_str()), max)
            .await
    }

    /// The documents of a school, the oldest first.
    pub async fn contract_documents(
        &self,
        school: &str,
    ) -> Result<Vec<ContractDocument>, StoreError> {
        if !storable(school) {
            return Ok(Vec::new());
        }
        // Not the ciphertexts.
        let rows: Vec<(String, i64, String, String, i64)> = Entity::find()
            .select_only()
            .columns([
                Column::Id,
                Column::CreatedAt,
                Column::Sha256,
                Column::MediaType,
                Column::Size,
            ])
            .filter(Column::SchoolId.eq(school))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(&self.connection)
            .await?;
        let document =
            |(id, created_at, sha256, media_type, size): (_, _, _, _, i64)| ContractDocument {
                id,
                school: school.to_owned(),
                created_at,
                sha256,
                media_type,
                size: u64::try_from(size).unwrap_or(0),
            };
        Ok(rows.into_iter().map(document).collect())
    }

    /// A document of a school and its ciphertext.
    pub async fn contract_document(
        &self,
        school: &str,
        id: &str,
    ) -> Result<Option<(ContractDocument, Vec<u8>)>, StoreError> {
        if !storable(school) || !storable(id) {
            return Ok(None);
        }
        let row = Entity::find_by_id(id)
            .filter(Column::SchoolId.eq(school))
            .one(&self.connection)
            .await?;
        Ok(row.map(|row| {
            let document = ContractDocument {
                id: row.id,
                school: row.school_id,
                created_at: row.created_at,
                sha256: row.sha256,
                media_type: row.media_type,
                size: u64::try_from(row.size).unwrap_or(0),
            };
            (document, row.ciphertext)
        }))
    }
}
