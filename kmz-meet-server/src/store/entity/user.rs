use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    pub username: String,
    pub name: String,
    pub role: String,
    pub password_hash: String,
    pub locked_at: Option<i64>,
    /// Lower case; unique.
    pub email: Option<String>,
    /// 0: earlier versions did not note it.
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
