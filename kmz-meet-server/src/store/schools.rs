//! The table of schools.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::contracts::write_change;
use super::entity::school;
use super::{
    AddError, AlreadyExists, Contract, ContractChange, Database, OpenSchool, School, StoreError,
    storable,
};
use crate::clock::Timestamp;
use crate::email_address::Domains;

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

/// Schools in one answer of the database: a server has fewer.
const MAX_SCHOOLS_READ: u64 = 20_000;
/// Ids in one question to the database.
const MAX_IDS: usize = 500;

fn row(school: &School) -> school::ActiveModel {
    school::ActiveModel {
        id: Set(school.id.clone()),
        name: Set(school.name.clone()),
        contract: Set(school.contract.as_str().to_owned()),
        valid_until: Set(school.valid_until),
        domains: Set(serde_json::json!(school.domains).to_string()),
    }
}

/// Whether another school than this one has the name.
async fn is_name_taken(
    transaction: &DatabaseTransaction,
    name: &str,
    but: Option<&str>,
) -> Result<bool, StoreError> {
    let same = school::Entity::find().filter(school::Column::Name.eq(name));
    let same = same.all(transaction).await?;
    Ok(same.iter().any(|school| Some(school.id.as_str()) != but))
}

impl Database {
    /// In which domains people of a school have their addresses.
    pub async fn address_domains(&self, school: &School) -> Result<Domains, StoreError> {
        let mut domains = Domains {
            own: school.domains.clone(),
            of_others: Vec::new(),
        };
        if domains.own.is_empty() {
            let others = school::Entity::find()
                .filter(school::Column::Id.ne(&school.id))
                .filter(school::Column::Domains.ne("[]"))
                .limit(MAX_SCHOOLS_READ)
                .all(&self.connection)
                .await?;
            let others = others.into_iter().map(School::from);
            domains.of_others = others.flat_map(|school| school.domains).collect();
        }
        Ok(domains)
    }

    pub async fn add_school(&self, school: &School) -> Result<(), StoreError> {
        row(school).insert(&self.connection).await?;
        Ok(())
    }

    /// Adds a school with the first change of its contract, unless there is one of this name or there are `max` already.
    pub async fn add_new_school(
        &self,
        school: &School,
        first: &ContractChange,
        max: u64,
    ) -> Result<Result<(), AddError>, StoreError> {
        let all = self.begin_alone().await?;
        if is_name_taken(&all, &school.name, None).await? {
            return Ok(Err(AddError::AlreadyExists));
        }
        if school::Entity::find().count(&all).await? >= max {
            return Ok(Err(AddError::TooMany));
        }
        row(school).insert(&all).await?;
        write_change(&all, first).await?;
        all.commit().await?;
        Ok(Ok(()))
    }

    /// Changes name and domains of a school, unless they are others than those that were read. False: they are, or the school is
    /// gone.
    pub async fn change_school(
        &self,
        former: &School,
        changed: &School,
    ) -> Result<Result<bool, AlreadyExists>, StoreError> {
        let all = self.begin_alone().await?;
        if is_name_taken(&all, &changed.name, Some(&former.id)).await? {
            return Ok(Err(AlreadyExists));
        }
        let set = school::ActiveModel {
            name: Set(changed.name.clone()),
            domains: Set(serde_json::json!(changed.domains).to_string()),
            ..Default::default()
        };
        let updated = school::Entity::update_many()
            .set(set)
            .filter(school::Column::Id.eq(&former.id))
            .filter(school::Column::Name.eq(&former.name))
            .filter(school::Column::Domains.eq(serde_json::json!(former.domains).to_string()))
            .exec(&all)
            .await?;
        all.commit().await?;
        Ok(Ok(updated.rows_affected == 1))
    }

    /// Begins a transaction in which nobody else adds or renames a school: names are unique, and no index says so.
    async fn begin_alone(&self) -> Result<DatabaseTransaction, StoreError> {
        let all = self.begin().await?;
        if all.get_database_backend() == DbBackend::Postgres {
            all.execute_unprepared("LOCK TABLE schools IN SHARE ROW EXCLUSIVE MODE")
                .await?;
        }
        Ok(all)
    }

    /// All schools, by name.
    pub async fn schools(&self) -> Result<Vec<School>, StoreError> {
        let rows = school::Entity::find()
            .order_by_asc(school::Column::Name)
            .order_by_asc(school::Column::Id)
            .limit(MAX_SCHOOLS_READ)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(School::from).collect())
    }

    /// Schools with these ids.
    pub async fn schools_by_id(&self, ids: &[String]) -> Result<Vec<School>, StoreError> {
        let mut schools = Vec::new();
        for ids in ids.chunks(MAX_IDS) {
            let rows = school::Entity::find()
                .filter(school::Column::Id.is_in(ids))
                .all(&self.connection)
                .await?;
            schools.extend(rows.into_iter().map(School::from));
        }
        Ok(schools)
    }

    /// Schools whose contract holds now and not any more at the second time.
    pub async fn schools_expiring(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<School>, StoreError> {
        let rows = school::Entity::find()
            .filter(school::Column::Contract.eq(Contract::Signed.as_str()))
            .filter(school::Column::ValidUntil.gt(now))
            .filter(school::Column::ValidUntil.lte(until))
            .order_by_asc(school::Column::ValidUntil)
            .limit(MAX_SCHOOLS_READ)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(School::from).collect())
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
        if !storable(id) {
            return Ok(None);
        }
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
