use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rooms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    pub owner_id: Option<String>,
    #[sea_orm(unique)]
    pub name: String,
    pub title: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub welcome: Option<String>,
    pub origin: String,
    pub external: Option<String>,
    /// JSON
    #[sea_orm(column_type = "Text")]
    pub policy: String,
    pub password: Option<String>,
    pub created_at: i64,
    /// Counts the changes.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
