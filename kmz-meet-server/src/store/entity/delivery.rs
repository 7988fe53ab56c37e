use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    pub webhook_id: Option<String>,
    /// The room that it is about, where no webhook signs it.
    pub room_id: Option<String>,
    /// The same one again is the same delivery; unique.
    pub key: Option<String>,
    pub event: String,
    pub method: String,
    #[sea_orm(column_type = "Text")]
    pub url: String,
    /// JSON: pairs of a name and a value.
    #[sea_orm(column_type = "Text")]
    pub headers: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub body: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub last_status: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
    pub last_at: Option<i64>,
    pub due_at: Option<i64>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
