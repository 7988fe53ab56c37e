use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    pub created_at: i64,
    pub changed_by: String,
    pub state: String,
    pub signer: Option<String>,
    pub signed_on: Option<String>,
    pub valid_until: Option<i64>,
    pub document_id: Option<String>,
    pub document_sha256: Option<String>,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
