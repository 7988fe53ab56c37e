//! What the tables do alike: pages of rows, rows that have to be unique, and rows of which a school may have only so many.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, SqlErr,
};

use super::database::lock_school;
use super::{AddError, AlreadyExists, Database, RecordFilter, StoreError, storable};

/// A page of `rows` by school and id. What the rows belong to beside the school is up to the caller. Nothing is found by a
/// text that no database holds.
pub(super) async fn page<E: EntityTrait>(
    store: &Database,
    mut rows: Select<E>,
    (school, id): (E::Column, E::Column),
    filter: &RecordFilter<'_>,
) -> Result<Vec<E::Model>, StoreError> {
    let asked = [filter.school, filter.parent, filter.after];
    if !asked.into_iter().flatten().all(storable) {
        return Ok(Vec::new());
    }
    if let Some(of) = filter.school {
        rows = rows.filter(school.eq(of));
    }
    rows = match (filter.after, filter.newest_first) {
        (Some(after), true) => rows.filter(id.lt(after)),
        (Some(after), false) => rows.filter(id.gt(after)),
        (None, _) => rows,
    };
    rows = if filter.newest_first {
        rows.order_by_desc(id)
    } else {
        rows.order_by_asc(id)
    };
    Ok(rows.limit(filter.limit).all(&store.connection).await?)
}

/// What came of an insert. [`AlreadyExists`]: another row has what has to be unique.
pub(super) fn unique<T>(
    inserted: Result<T, DbErr>,
) -> Result<Result<(), AlreadyExists>, StoreError> {
    match inserted {
        Ok(_) => Ok(Ok(())),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Ok(Err(AlreadyExists))
        }
        Err(error) => Err(error.into()),
    }
}

/// Adds a row of a school, unless the school has this many already: of several who add at once, all are counted.
pub(super) async fn add_of_school<E, A>(
    store: &Database,
    row: A,
    (column, school): (E::Column, &str),
    max_of_school: u64,
) -> Result<Result<(), AddError>, StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A> + Send + Sync,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let both = store.begin().await?;
    lock_school(&both, school).await?;
    let present = E::find().filter(column.eq(school));
    if present.count(&both).await? >= max_of_school {
        return Ok(Err(AddError::TooMany));
    }
    if let Err(AlreadyExists) = unique(row.insert(&both).await)? {
        return Ok(Err(AddError::AlreadyExists));
    }
    both.commit().await?;
    Ok(Ok(()))
}
