use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "class_pupils")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    pub room_id: String,
    pub position: i64,
    pub name: String,
    /// What a reader takes the name for.
    pub skeleton: String,
    /// `None`: the card was withdrawn.
    pub card_id: Option<String>,
    pub code_hash: Option<String>,
    pub issued_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
