use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lti_platforms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub issuer: String,
    /// An index of PostgreSQL takes no text of any length.
    pub issuer_hash: String,
    /// Says issuer and client id; unique.
    pub key: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub client_id: String,
    /// JSON: a list.
    #[sea_orm(column_type = "Text")]
    pub deployment_ids: String,
    #[sea_orm(column_type = "Text")]
    pub authorization_endpoint: String,
    #[sea_orm(column_type = "Text")]
    pub token_endpoint: String,
    #[sea_orm(column_type = "Text")]
    pub jwks_uri: String,
    pub state: String,
    /// JSON: a list.
    #[sea_orm(column_type = "Text")]
    pub page_origins: String,
    pub proven: bool,
    pub named_only: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub audience: Option<String>,
    pub created_at: i64,
    /// Counts the changes.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
