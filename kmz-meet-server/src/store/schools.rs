//! The table of schools.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::school;
use super::{Contract, Database, OpenSchool, School, StoreError};
use crate::clock::Timestamp;

impl Contract {
    /// As in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::FormSent => "form_sent",
            Self::Signed => "signed",
            Self::Ended => "ended",
        }
    }

    /// What is not known gives no rights.
    pub(super) fn read(text: &str) -> Self {
        match text {
            "form_sent" => Self::FormSent,
            "signed" => Self::Signed,
            "ended" => Self::Ended,
            _ => Self::Requested,
        }
    }
}

impl From<school::Model> for School {
    fn from(model: school::Model) -> Self {
        Self {
            contract: Contract::read(&model.contract),
            id: model.id,
            name: model.name,
            valid_until: model.valid_until,
            // What cannot be read permits no address: an empty list would permit all.
            domains: serde_json::from_str(&model.domains).unwrap_or_else(|_| vec![String::new()]),
        }
    }
}

impl Database {
    pub async fn add_school(&self, school: &School) -> Result<(), StoreError> {
        let row = school::ActiveModel {
            id: Set(school.id.clone()),
            name: Set(school.name.clone()),
            contract: Set(school.contract.as_str().to_owned()),
            valid_until: Set(school.valid_until),
            domains: Set(serde_json::json!(school.domains).to_string()),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// The proof that a school's contract holds now; `None`: it has none that does.
    pub async fn open_school(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<OpenSchool>, StoreError> {
        let school = self.school(id).await?;
        Ok(school.and_then(|school| OpenSchool::of(school, now)))
    }

    pub async fn school(&self, id: &str) -> Result<Option<School>, StoreError> {
        let row = school::Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.map(School::from))
    }

    /// A page of all schools, by their ids.
    pub async fn schools_page(
        &self,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<School>, StoreError> {
        let mut rows = school::Entity::find();
        if let Some(after) = after {
            rows = rows.filter(school::Column::Id.gt(after));
        }
        let rows = rows
            .order_by_asc(school::Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(School::from).collect())
    }

    pub async fn school_by_name(&self, name: &str) -> Result<Option<School>, StoreError> {
        let row = school::Entity::find()
            .filter(school::Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        Ok(row.map(School::from))
    }
}
