//! The tables of imports: a list of teachers that was looked at, its rows, and what became of them.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::database::lock_school;
use super::entity::{room, session, sign_in_link, teacher_import, teacher_import_row, user};
use super::staff::may_have;
use super::users::new_row;
use super::{AddError, Database, StoreError, User, UserRole, json, page, storable, unique};
use super::{AlreadyExists, OpenSchool, RecordFilter};
use crate::clock::Timestamp;
use crate::email_address::EmailAddress;
use crate::usernames::candidate;

/// Rows that are written at once.
const CHUNK: usize = 500;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TeacherImportState)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Its rows were judged; nothing has happened.
    Checked,
    /// Accounts are being made.
    Running,
    /// The contract ended meanwhile, or the school has as many accounts as it may have. It can be confirmed again when that has
    /// changed.
    Stopped,
    Done,
    /// What it made was taken back, as far as nobody used it.
    Undone,
}

impl ImportState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Undone => "undone",
        }
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = TeacherImportRowState)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Nothing comes of it.
    Skipped,
    /// Its account is made when the import is confirmed.
    Waiting,
    Made,
    /// Somebody else made an account with its address before.
    Overtaken,
    /// Its account was removed again.
    Removed,
    /// Its account was used already, so it stayed.
    Kept,
}

impl RowState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::Made => "made",
            Self::Overtaken => "overtaken",
            Self::Removed => "removed",
            Self::Kept => "kept",
        }
    }
}

/// An import, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptImport {
    pub id: String,
    pub school: String,
    pub state: ImportState,
    /// Who gave the list: the account, a key, or `command line`.
    pub made_by: String,
    /// JSON.
    pub description: String,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

impl TryFrom<teacher_import::Model> for KeptImport {
    type Error = StoreError;

    fn try_from(row: teacher_import::Model) -> Result<Self, StoreError> {
        Ok(Self {
            state: json::read_name("the state of an import", &row.id, &row.state)?,
            id: row.id,
            school: row.school_id,
            made_by: row.made_by,
            description: row.description,
            created_at: row.created_at,
            confirmed_at: row.confirmed_at,
            expires_at: row.expires_at,
        })
    }
}

/// A row of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptImportRow {
    pub number: u32,
    /// The code of its verdict.
    pub verdict: String,
    /// Why it is unreadable, or of which row it is a duplicate.
    pub detail: Option<String>,
    pub title: Option<String>,
    pub first_name: Option<String>,
    pub surname: Option<String>,
    pub email: Option<String>,
    pub state: RowState,
    pub user: Option<String>,
    pub username: Option<String>,
}

impl TryFrom<teacher_import_row::Model> for KeptImportRow {
    type Error = StoreError;

    fn try_from(row: teacher_import_row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            state: json::read_name("the state of a row", &row.import_id, &row.state)?,
            number: u32::try_from(row.number).unwrap_or(u32::MAX),
            verdict: row.verdict,
            detail: row.detail,
            title: row.title,
            first_name: row.first_name,
            surname: row.surname,
            email: row.email,
            user: row.user_id,
            username: row.username,
        })
    }
}

impl KeptImportRow {
    fn row(&self, import: &str) -> teacher_import_row::ActiveModel {
        teacher_import_row::ActiveModel {
            import_id: Set(import.to_owned()),
            number: Set(i64::from(self.number)),
            verdict: Set(self.verdict.clone()),
            detail: Set(self.detail.clone()),
            title: Set(self.title.clone()),
            first_name: Set(self.first_name.clone()),
            surname: Set(self.surname.clone()),
            email: Set(self.email.clone()),
            state: Set(self.state.as_str().to_owned()),
            user_id: Set(self.user.clone()),
            username: Set(self.username.clone()),
        }
    }

    /// The name of the person, as others see it.
    #[must_use]
    pub fn name(&self) -> String {
        let parts = [&self.title, &self.first_name, &self.surname];
        let parts = parts.into_iter().flatten().map(String::as_str);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }
}

/// Somebody who gets an account by an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTeacher {
    /// Of the row.
    pub number: u32,
    /// Of the account that is made.
    pub id: String,
    pub name: String,
    /// Without a number behind it.
    pub username: String,
    pub email: String,
}

/// User names that others have.
struct Names(HashSet<String>);

/// Numbered names that are looked for at once.
const NUMBERED: u32 = 20;
/// Names by chance that are tried when all of those are taken. A million to one is against each being taken.
const BY_CHANCE: u32 = 40;

impl Names {
    async fn among<C: ConnectionTrait>(
        connection: &C,
        teachers: &[ImportedTeacher],
    ) -> Result<Self, StoreError> {
        let numbered = |teacher: &ImportedTeacher| {
            (0..NUMBERED)
                .map(|tries| candidate(&teacher.username, tries))
                .collect::<Vec<_>>()
        };
        let wanted: HashSet<String> = teachers.iter().flat_map(numbered).collect();
        let wanted = wanted.iter().map(String::as_str);
        Ok(Self(
            taken(connection, user::Column::Username, wanted).await?,
        ))
    }

    /// A name that nobody has; from now on somebody has it.
    async fn free<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        name: &str,
    ) -> Result<String, StoreError> {
        for tries in 0..NUMBERED + BY_CHANCE {
            let name = candidate(name, tries);
            let is_free = !self.0.contains(&name)
                && (tries < NUMBERED || !exists(connection, user::Column::Username, &name).await?);
            if is_free {
                self.0.insert(name.clone());
                return Ok(name);
            }
        }
        // If even that is somebody's, the insert fails and is tried again.
        Ok(candidate(name, NUMBERED))
    }
}

/// Which of these values accounts have.
async fn taken<'v, C: ConnectionTrait>(
    connection: &C,
    column: user::Column,
    values: impl Iterator<Item = &'v str>,
) -> Result<HashSet<String>, StoreError> {
    let values: Vec<&str> = values.collect();
    let mut found = HashSet::new();
    for chunk in values.chunks(CHUNK) {
        let rows: Vec<Option<String>> = user::Entity::find()
            .select_only()
            .column(column)
            .filter(column.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(connection)
            .await?;
        found.extend(rows.into_iter().flatten());
    }
    Ok(found)
}

/// Why no account was made of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// It was decided already.
    Already,
    UsernameTaken,
    AddressTaken,
    /// The school has as many accounts as it may.
    TooMany,
}

impl Database {
    /// Adds an import with its rows, unless the school has this many: all of it, or nothing.
    pub async fn add_teacher_import(
        &self,
        import: &KeptImport,
        rows: &[KeptImportRow],
        max_of_school: u64,
    ) -> Result<Result<(), AddError>, StoreError> {
        let all = self.begin().await?;
        lock_school(&all, &import.school).await?;
        let present = teacher_import::Entity::find()
            .filter(teacher_import::Column::SchoolId.eq(&import.school));
        if present.count(&all).await? >= max_of_school {
            return Ok(Err(AddError::TooMany));
        }
        let row = teacher_import::ActiveModel {
            id: Set(import.id.clone()),
            school_id: Set(import.school.clone()),
            state: Set(import.state.as_str().to_owned()),
            made_by: Set(import.made_by.clone()),
            description: Set(import.description.clone()),
            created_at: Set(import.created_at),
            confirmed_at: Set(import.confirmed_at),
            expires_at: Set(import.expires_at),
        };
        if let Err(AlreadyExists) = unique(row.insert(&all).await)? {
            return Ok(Err(AddError::AlreadyExists));
        }
        for chunk in rows.chunks(CHUNK) {
            let chunk = chunk.iter().map(|row| row.row(&import.id));
            teacher_import_row::Entity::insert_many(chunk)
                .exec_without_returning(&all)
                .await?;
        }
        all.commit().await?;
        Ok(Ok(()))
    }

    pub async fn teacher_import(&self, id: &str) -> Result<Option<KeptImport>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = teacher_import::Entity::find_by_id(id)
            .one(&self.connection)
            .await?;
        row.map(KeptImport::try_from).transpose()
    }

    pub async fn teacher_imports(
        &self,
        filter: RecordFilter<'_>,
    ) -> Result<Vec<KeptImport>, StoreError> {
        use teacher_import::Column;
        let columns = (Column::SchoolId, Column::Id);
        let rows = page(self, teacher_import::Entity::find(), columns, &filter).await?;
        rows.into_iter().map(KeptImport::try_from).collect()
    }

    /// Those whose accounts are being made.
    pub async fn running_teacher_imports(&self) -> Result<Vec<KeptImport>, StoreError> {
        let rows = teacher_import::Entity::find()
            .filter(teacher_import::Column::State.eq(ImportState::Running.as_str()))
            .order_by_asc(teacher_import::Column::Id)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(KeptImport::try_from).collect()
    }

    /// Goes from one of these states to another; says whether it was in one of them. With `confirmed_at`, its time begins.
    pub async fn set_teacher_import_state(
        &self,
        id: &str,
        (from, to): (&[ImportState], ImportState),
        confirmed: Option<(Timestamp, Timestamp)>,
    ) -> Result<bool, StoreError> {
        let mut row = teacher_import::ActiveModel {
            state: Set(to.as_str().to_owned()),
            ..Default::default()
        };
        if let Some((at, expires_at)) = confirmed {
            row.confirmed_at = Set(Some(at));
            row.expires_at = Set(expires_at);
        }
        let from = from.iter().map(|state| state.as_str());
        let changed = teacher_import::Entity::update_many()
            .set(row)
            .filter(teacher_import::Column::Id.eq(id))
            .filter(teacher_import::Column::State.is_in(from))
            .exec(&self.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Says whether there was one in one of these states.
    pub async fn delete_teacher_import(
        &self,
        id: &str,
        states: &[ImportState],
    ) -> Result<bool, StoreError> {
        let states = states.iter().map(|state| state.as_str());
        let deleted = teacher_import::Entity::delete_many()
            .filter(teacher_import::Column::Id.eq(id))
            .filter(teacher_import::Column::State.is_in(states))
            .exec(&self.connection)
            .await?;
        self.forget().await?;
        Ok(deleted.rows_affected == 1)
    }

    /// Rows behind a number, in order. `verdict` and `state` choose.
    pub async fn teacher_import_rows(
        &self,
        import: &str,
        (verdict, states): (Option<&str>, &[RowState]),
        after: u32,
        limit: u64,
    ) -> Result<Vec<KeptImportRow>, StoreError> {
        use teacher_import_row::Column;
        let mut rows = teacher_import_row::Entity::find()
            .filter(Column::ImportId.eq(import))
            .filter(Column::Number.gt(i64::from(after)));
        if let Some(verdict) = verdict {
            rows = rows.filter(Column::Verdict.eq(verdict));
        }
        if !states.is_empty() {
            rows = rows.filter(Column::State.is_in(states.iter().map(|state| state.as_str())));
        }
        let rows = rows
            .order_by_asc(Column::Number)
            .limit(limit)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(KeptImportRow::try_from).collect()
    }

    /// How many rows have which verdict, and which state.
    pub async fn count_teacher_import_rows(
        &self,
        import: &str,
    ) -> Result<Vec<(String, String, u64)>, StoreError> {
        use teacher_import_row::Column;
        let counts: Vec<(String, String, i64)> = teacher_import_row::Entity::find()
            .select_only()
            .column(Column::Verdict)
            .column(Column::State)
            .column_as(Column::Number.count(), "count")
            .filter(Column::ImportId.eq(import))
            .group_by(Column::Verdict)
            .group_by(Column::State)
            .into_tuple()
            .all(&self.connection)
            .await?;
        let counts = counts.into_iter();
        Ok(counts
            .map(|(verdict, state, count)| (verdict, state, u64::try_from(count).unwrap_or(0)))
            .collect())
    }

    /// Makes the accounts of rows and notes them there: all of it, or nothing. A row whose account is made already, also by
    /// another process, stays as it is; whose address somebody else has by now says so.
    ///
    /// [`AddError::AlreadyExists`]: somebody took a name or an address at this moment. Nothing was made, and the next try sees
    /// it. [`AddError::TooMany`]: the school may not have so many. Nothing was made either.
    pub async fn make_imported_teachers(
        &self,
        (import, school): (&str, &OpenSchool),
        teachers: &[ImportedTeacher],
        now: Timestamp,
    ) -> Result<Result<(), AddError>, StoreError> {
        use teacher_import_row::Column;
        let all = self.begin().await?;
        let more = teachers.len() as u64;
        if !may_have(&all, school, more).await? {
            return Ok(Err(AddError::TooMany));
        }
        let mut names = Names::among(&all, teachers).await?;
        let emails = teachers.iter().map(|teacher| teacher.email.as_str());
        let mut addresses = taken(&all, user::Column::Email, emails).await?;
        let mut accounts = Vec::new();
        for teacher in teachers {
            let state = if addresses.contains(&teacher.email) {
                RowState::Overtaken
            } else {
                RowState::Made
            };
            let mut row = teacher_import_row::ActiveModel {
                state: Set(state.as_str().to_owned()),
                ..Default::default()
            };
            let mut account = None;
            if state == RowState::Made {
                let username = names.free(&all, &teacher.username).await?;
                row.user_id = Set(Some(teacher.id.clone()));
                row.username = Set(Some(username.clone()));
                let user = User {
                    id: teacher.id.clone(),
                    school: school.id().to_owned(),
                    username,
                    name: teacher.name.clone(),
                    role: UserRole::Moderator,
                    password_hash: String::new(),
                    email: teacher.email.parse().ok(),
                    created_at: now,
                };
                account = Some(new_row(school, &user));
            }
            let claimed = teacher_import_row::Entity::update_many()
                .set(row)
                .filter(Column::ImportId.eq(import))
                .filter(Column::Number.eq(i64::from(teacher.number)))
                .filter(Column::State.eq(RowState::Waiting.as_str()))
                .exec(&all)
                .await?;
            if claimed.rows_affected == 1 {
                addresses.insert(teacher.email.clone());
                accounts.extend(account);
            }
        }
        if !accounts.is_empty() {
            let added = user::Entity::insert_many(accounts)
                .exec_without_returning(&all)
                .await;
            if let Err(AlreadyExists) = unique(added)? {
                return Ok(Err(AddError::AlreadyExists));
            }
        }
        all.commit().await?;
        Ok(Ok(()))
    }

    pub async fn set_teacher_import_row_state(
        &self,
        (import, number): (&str, u32),
        state: RowState,
    ) -> Result<(), StoreError> {
        use teacher_import_row::Column;
        let row = teacher_import_row::ActiveModel {
            state: Set(state.as_str().to_owned()),
            ..Default::default()
        };
        teacher_import_row::Entity::update_many()
            .set(row)
            .filter(Column::ImportId.eq(import))
            .filter(Column::Number.eq(i64::from(number)))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Those of these accounts by which nobody has come in: they have no password, and no provider signs them in.
    pub async fn unused_users(&self, ids: &[&str]) -> Result<Vec<User>, StoreError> {
        let mut unused = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let linked = Query::select()
                .column(sign_in_link::Column::UserId)
                .from(sign_in_link::Entity)
                .to_owned();
            let rows = user::Entity::find()
                .filter(user::Column::Id.is_in(chunk.iter().copied()))
                .filter(user::Column::PasswordHash.eq(""))
                .filter(user::Column::Id.not_in_subquery(linked))
                .all(&self.connection)
                .await?;
            unused.extend(rows.into_iter().map(User::from));
        }
        Ok(unused)
    }

    /// Removes an account if nobody has used it: it has no password, no account at a provider, no session and no room. Says
    /// whether it did.
    pub async fn delete_unused_user(&self, id: &str) -> Result<bool, StoreError> {
        let all = self.begin().await?;
        // Whoever begins to use it at this moment waits.
        let account = user::Entity::find_by_id(id)
            .filter(user::Column::PasswordHash.eq(""))
            .lock_exclusive()
            .one(&all)
            .await?;
        let sessions = session::Entity::find().filter(session::Column::UserId.eq(id));
        let links = sign_in_link::Entity::find().filter(sign_in_link::Column::UserId.eq(id));
        let rooms = room::Entity::find().filter(room::Column::OwnerId.eq(id));
        let is_used = sessions.count(&all).await? > 0
            || links.count(&all).await? > 0
            || rooms.count(&all).await? > 0;
        if account.is_none() || is_used {
            return Ok(false);
        }
        user::Entity::delete_by_id(id).exec(&all).await?;
        all.commit().await?;
        Ok(true)
    }

    /// Which of these addresses are those of accounts, and of which school.
    pub async fn schools_of_addresses(
        &self,
        addresses: &[&EmailAddress],
    ) -> Result<HashMap<String, String>, StoreError> {
        let mut known = HashMap::new();
        for chunk in addresses.chunks(CHUNK) {
            let rows: Vec<(Option<String>, String)> = user::Entity::find()
                .select_only()
                .column(user::Column::Email)
                .column(user::Column::SchoolId)
                .filter(user::Column::Email.is_in(chunk.iter().map(|one| one.as_str())))
                .into_tuple()
                .all(&self.connection)
                .await?;
            known.extend(
                rows.into_iter()
                    .filter_map(|(email, school)| Some((email?, school))),
            );
        }
        Ok(known)
    }

    /// Deletes imports whose time is up, with all their rows.
    pub(super) async fn delete_expired_teacher_imports(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let deleted = teacher_import::Entity::delete_many()
            .filter(teacher_import::Column::ExpiresAt.lte(now))
            // What runs is finished first.
            .filter(teacher_import::Column::State.ne(ImportState::Running.as_str()))
            .exec(&self.connection)
            .await?;
        if deleted.rows_affected > 0 {
            self.forget().await?;
        }
        Ok(deleted.rows_affected)
    }
}

/// Adds an account with an address; what others have is looked for before, because a refused insert ends a transaction.
pub(super) async fn add_teacher(
    connection: &DatabaseTransaction,
    school: &OpenSchool,
    teacher: &User,
) -> Result<Result<(), NotMade>, StoreError> {
    if !may_have(connection, school, 1).await? {
        return Ok(Err(NotMade::TooMany));
    }
    let email = teacher.email.as_ref().map(EmailAddress::as_str);
    if let Some(email) = email
        && exists(connection, user::Column::Email, email).await?
    {
        return Ok(Err(NotMade::AddressTaken));
    }
    if exists(connection, user::Column::Username, &teacher.username).await? {
        return Ok(Err(NotMade::UsernameTaken));
    }
    // Somebody may take either between the look and this; the next try sees which.
    let added = unique(new_row(school, teacher).insert(connection).await)?;
    Ok(added.map_err(|AlreadyExists| NotMade::UsernameTaken))
}

async fn exists<C: ConnectionTrait>(
    connection: &C,
    column: user::Column,
    value: &str,
) -> Result<bool, StoreError> {
    let found = user::Entity::find().filter(column.eq(value));
    Ok(found.count(connection).await? > 0)
}
