use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: String,
    /// What the authenticator calls it (base64url).
    #[sea_orm(column_type = "Text")]
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    pub transports: i64,
    /// With what never changes of it (base64url).
    #[sea_orm(column_type = "Text")]
    pub public_key: String,
    /// The signature counter, and what else changes by its use (base64url).
    pub state: String,
    pub created_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
