use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    #[sea_orm(column_type = "Text")]
    pub url: String,
    /// JSON: a list of their names.
    #[sea_orm(column_type = "Text")]
    pub events: String,
    pub secret: String,
    pub active: bool,
    pub created_at: i64,
    /// Counts the changes.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
