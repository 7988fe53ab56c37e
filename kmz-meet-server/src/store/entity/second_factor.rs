use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// Sealed.
    #[sea_orm(column_type = "Text")]
    pub secret: String,
    pub created_at: i64,
    /// It counts from then on.
    pub confirmed_at: Option<i64>,
    /// The step of the code that was accepted last: no earlier one, and not this one again.
    pub last_step: i64,
    /// Wrong codes since the last right one.
    pub failures: i64,
    /// No code is looked at before.
    pub next_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
