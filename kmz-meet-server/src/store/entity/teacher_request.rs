use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teacher_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    pub state: String,
    pub name: String,
    pub email: String,
    pub language: String,
    /// Of the link that was mailed.
    pub token_hash: Option<String>,
    /// The kind of file that proves employment.
    pub proof: Option<String>,
    /// 1: the register knows the address.
    pub known: i64,
    /// What the administrator said.
    pub note: Option<String>,
    /// What the teacher said to it.
    pub answer: Option<String>,
    pub decided_by: Option<String>,
    pub created_at: i64,
    pub confirmed_at: Option<i64>,
    pub expires_at: i64,
    /// Of the account that was made of it.
    pub user_id: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
