//! The tables of attendance: a lesson, and a row for each of its people. Corrections are counted by row, so that teachers who
//! correct different people at the same time are not in each other's way.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QueryTrait,
};

use super::entity::{attendance, attendance_row};
use super::records::CHANGE_TRIES;
use super::{
    AlreadyExists, Database, Kind, Record, RecordFilter, RecordRow, StoreError, page,
    records_table, storable, unique,
};
use crate::clock::Timestamp;

/// Rows in one statement: a database takes only so many values.
const MAX_ROWS: usize = 100;

/// One person of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// As the platform knows them, with our prefix; `None` for guests.
    pub user: Option<String>,
    pub name: String,
    pub moderator: bool,
    /// Whether they belong to the course.
    pub listed: bool,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// As measured, reconnects merged, rounded to the nearest minute.
    pub measured_minutes: u32,
    /// As the teacher corrected it.
    pub corrected_minutes: Option<u32>,
}

impl Present {
    /// Whether they came at all; else they are listed because they belong to the class.
    pub fn was_there(&self) -> bool {
        self.measured_minutes > 0 || self.last_at > self.first_at
    }

    /// What counts.
    pub fn minutes(&self) -> u32 {
        self.corrected_minutes.unwrap_or(self.measured_minutes)
    }
}

/// The attendance of one conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    pub conference: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub people: Vec<Present>,
    /// When it was last sent to the gradebook.
    pub graded_at: Option<Timestamp>,
}

fn read_minutes(minutes: i64) -> u32 {
    u32::try_from(minutes).unwrap_or(u32::MAX)
}

impl From<&attendance_row::Model> for Present {
    fn from(row: &attendance_row::Model) -> Self {
        Self {
            user: row.user_id.clone(),
            name: row.name.clone(),
            moderator: row.moderator,
            listed: row.listed,
            first_at: row.first_at,
            last_at: row.last_at,
            measured_minutes: read_minutes(row.measured_minutes),
            corrected_minutes: row.corrected_minutes.map(read_minutes),
        }
    }
}

/// PostgreSQL holds no NUL in texts, and names come from others.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn row_of(lesson: &str, number: i64, person: &Present) -> attendance_row::ActiveModel {
    attendance_row::ActiveModel {
        attendance_id: Set(lesson.to_owned()),
        number: Set(number),
        user_id: Set(person.user.as_deref().map(without_nul)),
        name: Set(without_nul(&person.name)),
        moderator: Set(person.moderator),
        listed: Set(person.listed),
        first_at: Set(person.first_at),
        last_at: Set(person.last_at),
        measured_minutes: Set(i64::from(person.measured_minutes)),
        corrected_minutes: Set(person.corrected_minutes.map(i64::from)),
        version: Set(0),
    }
}

/// The rows of people from this number on.
fn rows_of(lesson: &str, from: usize, people: &[Present]) -> Vec<attendance_row::ActiveModel> {
    let numbers = i64::try_from(from).unwrap_or(i64::MAX)..;
    numbers
        .zip(people.iter().skip(from))
        .map(|(number, person)| row_of(lesson, number, person))
        .collect()
}

async fn insert_rows(
    transaction: &DatabaseTransaction,
    rows: Vec<attendance_row::ActiveModel>,
) -> Result<(), sea_orm::DbErr> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(MAX_ROWS).collect();
        attendance_row::Entity::insert_many(some)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

fn record_of(lesson: attendance::Model, rows: &[attendance_row::Model]) -> Record<Attendance> {
    Record {
        id: lesson.id,
        school: Some(lesson.school_id),
        parent: lesson.room_id,
        key: Some(lesson.conference_id.clone()),
        due_at: None,
        expires_at: lesson.expires_at,
        created_at: lesson.created_at,
        data: Attendance {
            conference: lesson.conference_id,
            started_at: lesson.started_at,
            ended_at: lesson.ended_at,
            people: rows.iter().map(Present::from).collect(),
            graded_at: lesson.graded_at,
        },
    }
}

/// A conference has one attendance, so `key` is only read; `parent` is its room.
impl Record<Attendance> {
    fn row(&self) -> attendance::ActiveModel {
        attendance::ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(self.school.clone().unwrap_or_default()),
            room_id: Set(self.parent.clone()),
            conference_id: Set(self.data.conference.clone()),
            started_at: Set(self.data.started_at),
            ended_at: Set(self.data.ended_at),
            graded_at: Set(self.data.graded_at),
            created_at: Set(self.created_at),
            expires_at: Set(self.expires_at),
        }
    }

    /// Adds it with its rows; its conference may have one already.
    pub async fn add(&self, store: &Database) -> Result<Result<(), AlreadyExists>, StoreError> {
        self.add_all(store, None).await
    }

    /// The same together with a document of what is still to be done about it: there are both, or none.
    pub async fn add_with<T: Kind>(
        &self,
        store: &Database,
        document: &Record<T>,
    ) -> Result<Result<(), AlreadyExists>, StoreError> {
        self.add_all(store, Some((T::KIND, document.write()?)))
            .await
    }

    async fn add_all(
        &self,
        store: &Database,
        document: Option<(&str, RecordRow)>,
    ) -> Result<Result<(), AlreadyExists>, StoreError> {
        let all = store.begin().await?;
        if let Err(AlreadyExists) = unique(self.row().insert(&all).await)? {
            return Ok(Err(AlreadyExists));
        }
        insert_rows(&all, rows_of(&self.id, 0, &self.data.people)).await?;
        if let Some((kind, document)) = document {
            records_table::row(kind, document).insert(&all).await?;
        }
        all.commit().await?;
        Ok(Ok(()))
    }

    pub async fn get(store: &Database, id: &str) -> Result<Option<Self>, StoreError> {
        let found = read(store, id).await?;
        Ok(found.map(|(lesson, rows)| record_of(lesson, &rows)))
    }

    /// The attendance with this id if it is this school's: what belongs to others is not there.
    pub async fn of_school(
        store: &Database,
        school: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let attendance = Self::get(store, id).await?;
        Ok(attendance.filter(|attendance| attendance.school.as_deref() == Some(school)))
    }

    /// Those of a school, and of a room where `parent` names it.
    pub async fn list(store: &Database, filter: RecordFilter<'_>) -> Result<Vec<Self>, StoreError> {
        use attendance::{Column, Entity};
        let lessons = Entity::find().apply_if(filter.parent, |lessons, room| {
            lessons.filter(Column::RoomId.eq(room))
        });
        let lessons = page(store, lessons, (Column::SchoolId, Column::Id), &filter).await?;
        let mut rows: HashMap<String, Vec<attendance_row::Model>> = HashMap::new();
        for some in lessons.chunks(MAX_ROWS) {
            let ids = some.iter().map(|lesson| lesson.id.as_str());
            let of_some = attendance_row::Entity::find()
                .filter(attendance_row::Column::AttendanceId.is_in(ids))
                .order_by_asc(attendance_row::Column::Number)
                .all(&store.connection)
                .await?;
            for row in of_some {
                rows.entry(row.attendance_id.clone()).or_default().push(row);
            }
        }
        let record = |lesson: attendance::Model| {
            let rows = rows.remove(&lesson.id).unwrap_or_default();
            record_of(lesson, &rows)
        };
        Ok(lessons.into_iter().map(record).collect())
    }

    /// Changes the people of the one with this id, adds some at the end, or says when it was graded: `change` is done to what
    /// is there. Only the people that it changes are written, and it is done once more when others changed the same ones
    /// meanwhile. `None` when it is not there (any more).
    pub async fn change<E: From<StoreError>>(
        store: &Database,
        id: &str,
        change: impl Fn(&mut Self) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        for _ in 0..CHANGE_TRIES {
            let Some((lesson, rows)) = read(store, id).await? else {
                return Ok(None);
            };
            let former = record_of(lesson, &rows);
            let mut changed = former.clone();
            change(&mut changed)?;
            if write(store, &former, &rows, &changed).await? {
                return Ok(Some(changed));
            }
        }
        Err(StoreError::Contended { kind: "attendance" }.into())
    }

    /// Says whether it was there.
    pub async fn delete(&self, store: &Database) -> Result<bool, StoreError> {
        let deleted = attendance::Entity::delete_by_id(&self.id)
            .exec(&store.connection)
            .await?;
        Ok(deleted.rows_affected == 1)
    }
}

async fn read(
    store: &Database,
    id: &str,
) -> Result<Option<(attendance::Model, Vec<attendance_row::Model>)>, StoreError> {
    if !storable(id) {
        return Ok(None);
    }
    let lesson = attendance::Entity::find_by_id(id)
        .one(&store.connection)
        .await?;
    let Some(lesson) = lesson else {
        return Ok(None);
    };
    let rows = attendance_row::Entity::find()
        .filter(attendance_row::Column::AttendanceId.eq(id))
        .order_by_asc(attendance_row::Column::Number)
        .all(&store.connection)
        .await?;
    Ok(Some((lesson, rows)))
}

/// Writes what is not as it was; says whether nobody else changed the same people, or added some, meanwhile.
async fn write(
    store: &Database,
    former: &Record<Attendance>,
    rows: &[attendance_row::Model],
    changed: &Record<Attendance>,
) -> Result<bool, StoreError> {
    let all = store.begin().await?;
    let graded_at = if changed.data.graded_at == former.data.graded_at {
        // As others have it by now. It is written all the same, as the lesson has to be there still.
        Expr::col(attendance::Column::GradedAt)
    } else {
        Expr::value(changed.data.graded_at)
    };
    let there = attendance::Entity::update_many()
        .col_expr(attendance::Column::GradedAt, graded_at)
        .filter(attendance::Column::Id.eq(&former.id))
        .exec(&all)
        .await?;
    if there.rows_affected != 1 {
        return Ok(false);
    }
    for (row, person) in rows.iter().zip(&changed.data.people) {
        if Present::from(row) != *person && !replace_row(&all, row, person).await? {
            return Ok(false);
        }
    }
    let added = rows_of(&former.id, rows.len(), &changed.data.people);
    if let Err(AlreadyExists) = unique(insert_rows(&all, added).await)? {
        return Ok(false);
    }
    all.commit().await?;
    Ok(true)
}

async fn replace_row<C: ConnectionTrait>(
    connection: &C,
    row: &attendance_row::Model,
    person: &Present,
) -> Result<bool, StoreError> {
    use attendance_row::{Column, Entity};
    let newest = attendance_row::ActiveModel {
        attendance_id: NotSet,
        number: NotSet,
        version: NotSet,
        ..row_of(&row.attendance_id, row.number, person)
    };
    let replaced = Entity::update_many()
        .set(newest)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AttendanceId.eq(&row.attendance_id))
        .filter(Column::Number.eq(row.number))
        .filter(Column::Version.eq(row.version))
        .exec(connection)
        .await?;
    Ok(replaced.rows_affected == 1)
}
