use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: Option<String>,
    /// It goes with them.
    pub user_id: Option<String>,
    /// The name of its template.
    pub kind: String,
    pub recipient: String,
    /// Sealed; taken away as soon as it is not needed any more.
    #[sea_orm(column_type = "Text", nullable)]
    pub content: Option<String>,
    /// The higher ones go first.
    pub urgency: i64,
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
