use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "self_test_counts")]
pub struct Model {
    /// Month and school: what tests of nobody known count under has no school.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub school_id: Option<String>,
    /// As in 2027-01, in UTC.
    pub month: String,
    pub direct: i64,
    pub relay: i64,
    pub nothing: i64,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::school::Entity",
        from = "Column::SchoolId",
        to = "super::school::Column::Id"
    )]
    School,
}

impl Related<super::school::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::School.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
