use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub attendance_id: String,
    /// From 0, as corrections name it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub user_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub moderator: bool,
    pub listed: bool,
    pub first_at: i64,
    pub last_at: i64,
    pub measured_minutes: i64,
    pub corrected_minutes: Option<i64>,
    /// Counts the corrections.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
