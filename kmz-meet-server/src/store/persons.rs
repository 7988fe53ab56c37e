//! All that is kept of one person with an account: to be told to them, and to be erased.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{attendance_row, room, teacher_import_row, teacher_request, user};
use super::teacher_imports::KeptImportRow;
use super::teacher_requests::KeptRequest;
use super::{Database, StoreError};
use crate::clock::Timestamp;

/// Rows of one kind that are told. Nobody has so many lessons in the time for which they are kept.
const MAX_ROWS: u64 = 10_000;

/// A lesson in which somebody was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLesson {
    pub name: String,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub minutes: i64,
}

impl From<attendance_row::Model> for PersonLesson {
    fn from(row: attendance_row::Model) -> Self {
        Self {
            name: row.name,
            first_at: row.first_at,
            last_at: row.last_at,
            minutes: row.corrected_minutes.unwrap_or(row.measured_minutes),
        }
    }
}

/// What is kept of a person beside their account, rooms and sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonTraces {
    pub email: Option<String>,
    pub created_at: Timestamp,
    pub lessons: Vec<PersonLesson>,
    pub import_rows: Vec<KeptImportRow>,
    pub requests: Vec<KeptRequest>,
}

fn of_imports(user: &str, email: Option<&str>) -> Condition {
    use teacher_import_row::Column;
    Condition::any()
        .add(Column::UserId.eq(user))
        .add_option(email.map(|email| Column::Email.eq(email)))
}

impl Database {
    /// What is kept of an account's person.
    pub async fn traces_of_person(&self, user: &str) -> Result<PersonTraces, StoreError> {
        let Some(account) = user::Entity::find_by_id(user).one(&self.connection).await? else {
            return Ok(PersonTraces::default());
        };
        let email = account.email.as_deref();
        let lessons = attendance_row::Entity::find()
            .filter(attendance_row::Column::UserId.eq(user))
            .order_by_asc(attendance_row::Column::FirstAt)
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let rows = teacher_import_row::Entity::find()
            .filter(of_imports(user, email))
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let requests = match email {
            Some(email) => {
                teacher_request::Entity::find()
                    .filter(teacher_request::Column::Email.eq(email))
                    .limit(MAX_ROWS)
                    .all(&self.connection)
                    .await?
            }
            None => Vec::new(),
        };
        let import_rows: Result<_, _> = rows.into_iter().map(KeptImportRow::try_from).collect();
        let requests: Result<_, _> = requests.into_iter().map(KeptRequest::try_from).collect();
        Ok(PersonTraces {
            lessons: lessons.into_iter().map(PersonLesson::from).collect(),
            import_rows: import_rows?,
            requests: requests?,
            created_at: account.created_at,
            email: account.email,
        })
    }

    /// All rooms of an account become another's.
    pub async fn give_rooms(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let row = room::ActiveModel {
            owner_id: Set(Some(to.to_owned())),
            ..Default::default()
        };
        room::Entity::update_many()
            .set(row)
            .filter(room::Column::OwnerId.eq(from))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Deletes an account and all that is kept of its person: rooms, sessions, attendance, rows of lists, requests. Nothing of
    /// it is in the file of the database afterwards.
    pub async fn erase_person(&self, user: &str) -> Result<(), StoreError> {
        self.erase_traces_of_person(user).await?;
        self.delete_user(user).await?;
        self.forget().await
    }

    async fn erase_traces_of_person(&self, user: &str) -> Result<(), StoreError> {
        let all = self.begin().await?;
        let account = user::Entity::find_by_id(user).one(&all).await?;
        let email = account.and_then(|account| account.email);
        attendance_row::Entity::delete_many()
            .filter(attendance_row::Column::UserId.eq(user))
            .exec(&all)
            .await?;
        teacher_import_row::Entity::delete_many()
            .filter(of_imports(user, email.as_deref()))
            .exec(&all)
            .await?;
        if let Some(email) = &email {
            teacher_request::Entity::delete_many()
                .filter(teacher_request::Column::Email.eq(email))
                .exec(&all)
                .await?;
        }
        all.commit().await?;
        Ok(())
    }
}
