//! The table of schools.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::entity::school;
use super::{Contract, Database, School, StoreError};

impl Contract {
    fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Ended => "ended",
        }
    }

    /// What is not known gives no rights.
    fn read(text: &str) -> Self {
        match text {
            "signed" => Self::Signed,
            "ended" => Self::Ended,
            _ => Self::Draft,
        }
    }
}

impl From<school::Model> for School {
    fn from(model: school::Model) -> Self {
        Self {
            contract: Contract::read(&model.contract),
            id: model.id,
            name: model.name,
        }
    }
}

impl Database {
    pub async fn add_school(&self, school: &School) -> Result<(), StoreError> {
        let row = school::ActiveModel {
            id: Set(school.id.clone()),
            name: Set(school.name.clone()),
            contract: Set(school.contract.as_str().to_owned()),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    pub async fn school(&self, id: &str) -> Result<Option<School>, StoreError> {
        let row = school::Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.map(School::from))
    }

    pub async fn school_by_name(&self, name: &str) -> Result<Option<School>, StoreError> {
        let row = school::Entity::find()
            .filter(school::Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        Ok(row.map(School::from))
    }
}
