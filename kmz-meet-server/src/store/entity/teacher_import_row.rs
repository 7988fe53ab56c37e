use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teacher_import_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub verdict: String,
    /// Why a row is unreadable, or of which row it is a duplicate.
    pub detail: Option<String>,
    pub title: Option<String>,
    pub first_name: Option<String>,
    pub surname: Option<String>,
    pub email: Option<String>,
    pub state: String,
    /// The account that was made of it.
    pub user_id: Option<String>,
    pub username: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
