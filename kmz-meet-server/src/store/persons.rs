//! All that is kept of one person with an account: to be told to them, and to be erased.

use std::collections::HashSet;

use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait,
    DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{
    attendance_row, audit, delivery, mail, one_time_link, record, recovery_code, room,
    second_factor, sign_in_link, teacher_import, teacher_import_row, teacher_request, user,
};
use super::rooms::delete_room_in;
use super::teacher_imports::KeptImportRow;
use super::teacher_requests::KeptRequest;
use super::{
    AuditEntry, KeptLink, KeptMail, KeptSecondFactor, Kind, Record, SignInLink, one_time_links,
    records_table, storable,
};
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
    pub mails: Vec<KeptMail>,
    pub links: Vec<KeptLink>,
    pub sign_in_links: Vec<SignInLink>,
    pub second_factor: Option<KeptSecondFactor>,
    /// Codes that replace the second factor once each.
    pub recovery_codes: u64,
    /// What they did as an administrator.
    pub actions: Vec<AuditEntry>,
}

/// What becomes of the rooms of somebody who leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftRooms {
    /// There are none; if there are, nothing happens.
    None,
    Delete,
    /// They are another account's of the same school.
    GiveTo(String),
}

/// Why a person is not erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotErased {
    HasRooms,
    /// Nobody of the school has the account that shall get the rooms.
    NoHeir,
}

/// The template of a mail to the address that somebody had before.
const ADDRESS_CHANGED: &str = "address_changed";
/// Passes that open a room in the name of its owner (`substitutes.rs`).
const PASS: &str = "substitute_pass";
/// Answers to requests that may come again (`api/idempotency.rs`).
const REMEMBERED: &str = "idempotency";

/// Their address and those that they had before. One that is another account's by now is not theirs any more.
async fn addresses_of<C: ConnectionTrait>(
    connection: &C,
    account: &user::Model,
) -> Result<Vec<String>, StoreError> {
    let of_rows: Vec<Option<String>> = teacher_import_row::Entity::find()
        .select_only()
        .column(teacher_import_row::Column::Email)
        .filter(teacher_import_row::Column::UserId.eq(&account.id))
        .into_tuple()
        .all(connection)
        .await?;
    let of_requests: Vec<Option<String>> = teacher_request::Entity::find()
        .select_only()
        .column(teacher_request::Column::Email)
        .filter(teacher_request::Column::UserId.eq(&account.id))
        .into_tuple()
        .all(connection)
        .await?;
    let of_mails: Vec<Option<String>> = mail::Entity::find()
        .select_only()
        .column(mail::Column::Recipient)
        .filter(mail::Column::UserId.eq(&account.id))
        .filter(mail::Column::Kind.eq(ADDRESS_CHANGED))
        .into_tuple()
        .all(connection)
        .await?;
    let former = of_rows.into_iter().chain(of_requests).chain(of_mails);
    let former = former.chain([account.email.clone()]).flatten();
    let mut addresses: HashSet<String> = former.collect();
    let others: Vec<Option<String>> = user::Entity::find()
        .select_only()
        .column(user::Column::Email)
        .filter(user::Column::Email.is_in(&addresses))
        .filter(user::Column::Id.ne(&account.id))
        .into_tuple()
        .all(connection)
        .await?;
    for other in others.iter().flatten() {
        addresses.remove(other);
    }
    Ok(addresses.into_iter().collect())
}

/// Rows about an account, and those with its address in lists of its own school. An account's address need not be proved, so it
/// opens nothing of what other schools keep.
fn of_imports(account: &user::Model, addresses: &[String]) -> Condition {
    use teacher_import_row::Column;
    let own = Query::select()
        .column(teacher_import::Column::Id)
        .from(teacher_import::Entity)
        .and_where(teacher_import::Column::SchoolId.eq(&account.school_id))
        .to_owned();
    let of_address = Column::Email
        .is_in(addresses)
        .and(Column::ImportId.in_subquery(own));
    Condition::any()
        .add(Column::UserId.eq(&account.id))
        .add(of_address)
}

fn of_requests(account: &user::Model, addresses: &[String]) -> Condition {
    use teacher_request::Column;
    let of_address = Column::Email
        .is_in(addresses)
        .and(Column::SchoolId.eq(&account.school_id));
    Condition::any()
        .add(Column::UserId.eq(&account.id))
        .add(of_address)
}

/// Mails about an account, and those of its school to its person that are about none.
fn of_mails(account: &user::Model, addresses: &[String]) -> Condition {
    use mail::Column;
    let about_none = Column::UserId
        .is_null()
        .and(Column::SchoolId.eq(&account.school_id))
        .and(Column::Recipient.is_in(addresses));
    Condition::any()
        .add(Column::UserId.eq(&account.id))
        .add(about_none)
}

/// Remembered answers to a person, and those to requests in their school in which they are. `_` is any character: an answer is
/// JSON in JSON.
fn remembering(account: &user::Model) -> Condition {
    use record::Column;
    let texts = [
        Some(&account.id),
        account.email.as_ref(),
        Some(&account.name),
    ];
    let texts = texts.into_iter().flatten();
    // As callers of the API are told apart.
    let own = Column::Parent.eq(format!("user {}", account.id));
    let about = texts.fold(Condition::any(), |any, text| {
        any.add(Column::Data.like(format!("%\"{text}_\"%")))
    });
    let about = Condition::all()
        .add(Column::SchoolId.eq(&account.school_id))
        .add(about);
    Condition::all()
        .add(Column::Kind.eq(REMEMBERED))
        .add(Condition::any().add(own).add(about))
}

/// Takes back the passes of an account's rooms, and those that it made for rooms of others: they open nothing any more. Gives
/// their ids.
async fn take_passes_back(
    all: &DatabaseTransaction,
    account: &user::Model,
) -> Result<Vec<String>, StoreError> {
    use record::Column;
    let rooms = Query::select()
        .column(room::Column::Id)
        .from(room::Entity)
        .and_where(room::Column::OwnerId.eq(&account.id))
        .to_owned();
    let made = format!("\"made_by\":\"{}\"", account.id);
    let of_them = Condition::any()
        .add(Column::Parent.in_subquery(rooms))
        .add(Column::Data.contains(made));
    let passes = Condition::all().add(Column::Kind.eq(PASS)).add(of_them);
    let ids = record::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(passes.clone())
        .into_tuple()
        .all(all)
        .await?;
    record::Entity::delete_many()
        .filter(passes)
        .exec(all)
        .await?;
    Ok(ids)
}

async fn leave_rooms(
    all: &DatabaseTransaction,
    account: &user::Model,
    rooms: &LeftRooms,
) -> Result<Result<(), NotErased>, StoreError> {
    let owned: Vec<String> = room::Entity::find()
        .select_only()
        .column(room::Column::Id)
        .filter(room::Column::OwnerId.eq(&account.id))
        .into_tuple()
        .all(all)
        .await?;
    match rooms {
        LeftRooms::None if owned.is_empty() => {}
        LeftRooms::None => return Ok(Err(NotErased::HasRooms)),
        LeftRooms::Delete => {
            for room in owned {
                delete_room_in(all, &room).await?;
            }
        }
        LeftRooms::GiveTo(heir) => {
            let found = if storable(heir) {
                user::Entity::find_by_id(heir)
                    .filter(user::Column::SchoolId.eq(&account.school_id))
                    .filter(user::Column::Id.ne(&account.id))
                    .one(all)
                    .await?
            } else {
                None
            };
            let Some(heir) = found else {
                return Ok(Err(NotErased::NoHeir));
            };
            let row = room::ActiveModel {
                owner_id: Set(Some(heir.id)),
                ..Default::default()
            };
            room::Entity::update_many()
                .set(row)
                .filter(room::Column::OwnerId.eq(&account.id))
                .exec(all)
                .await?;
        }
    }
    Ok(Ok(()))
}

impl Database {
    /// What is kept of an account's person.
    pub async fn traces_of_person(&self, user: &str) -> Result<PersonTraces, StoreError> {
        let Some(account) = user::Entity::find_by_id(user).one(&self.connection).await? else {
            return Ok(PersonTraces::default());
        };
        let addresses = addresses_of(&self.connection, &account).await?;
        let lessons = attendance_row::Entity::find()
            .filter(attendance_row::Column::UserId.eq(user))
            .order_by_asc(attendance_row::Column::FirstAt)
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let rows = teacher_import_row::Entity::find()
            .filter(of_imports(&account, &addresses))
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let requests = teacher_request::Entity::find()
            .filter(of_requests(&account, &addresses))
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let mails = mail::Entity::find()
            .filter(of_mails(&account, &addresses))
            .order_by_asc(mail::Column::Id)
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let links = one_time_link::Entity::find()
            .filter(one_time_link::Column::UserId.eq(user))
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let sign_in_links = sign_in_link::Entity::find()
            .filter(sign_in_link::Column::UserId.eq(user))
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let factor = second_factor::Entity::find_by_id(user);
        let codes = recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(user));
        let actions = audit::Entity::find()
            .filter(audit::Column::ActorId.eq(user))
            .order_by_asc(audit::Column::Id)
            .limit(MAX_ROWS)
            .all(&self.connection)
            .await?;
        let import_rows: Result<_, _> = rows.into_iter().map(KeptImportRow::try_from).collect();
        let requests: Result<_, _> = requests.into_iter().map(KeptRequest::try_from).collect();
        let mails: Result<_, _> = mails.into_iter().map(KeptMail::try_from).collect();
        Ok(PersonTraces {
            lessons: lessons.into_iter().map(PersonLesson::from).collect(),
            import_rows: import_rows?,
            requests: requests?,
            mails: mails?,
            links: links.into_iter().filter_map(one_time_links::read).collect(),
            sign_in_links: sign_in_links.into_iter().map(SignInLink::from).collect(),
            second_factor: factor
                .one(&self.connection)
                .await?
                .map(KeptSecondFactor::from),
            recovery_codes: codes.count(&self.connection).await?,
            actions: actions.into_iter().map(AuditEntry::from).collect(),
            created_at: account.created_at,
            email: account.email,
        })
    }

    /// Deletes an account and all that is kept of its person: all of it, or nothing. `told` goes to the running servers with
    /// it, and so does what `told_of_pass` makes of the id of each substitute pass that is over; `noted` goes into the log, and
    /// `erased` is for those who restore a backup.
    /// Nothing of the person is in the file of the database afterwards; what they did as an administrator stays without their
    /// name.
    pub async fn erase_person<T: Kind, E: Kind>(
        &self,
        user: &str,
        rooms: &LeftRooms,
        (told, noted, erased): (&Record<T>, &AuditEntry, &Record<E>),
        told_of_pass: impl Fn(&str) -> Record<T> + Send,
    ) -> Result<Result<(), NotErased>, StoreError> {
        let all = self.begin().await?;
        // Nobody makes a room or a link of the account meanwhile.
        let account = user::Entity::find_by_id(user)
            .lock_exclusive()
            .one(&all)
            .await?;
        let Some(account) = account else {
            return Ok(Ok(()));
        };
        // Before the rooms are another's.
        let passes = take_passes_back(&all, &account).await?;
        if let Err(refused) = leave_rooms(&all, &account, rooms).await? {
            return Ok(Err(refused));
        }
        // Together with the erasure: both, or none.
        super::audit::add(&all, noted).await?;
        erase_traces(&all, &account).await?;
        // Sessions, links, mails and second factors go with it.
        user::Entity::delete_by_id(user).exec(&all).await?;
        let mut all_told = vec![told.write()?];
        for pass in &passes {
            all_told.push(told_of_pass(pass).write()?);
        }
        for told in all_told {
            records_table::row(T::KIND, told).insert(&all).await?;
        }
        records_table::row(E::KIND, erased.write()?)
            .insert(&all)
            .await?;
        all.commit().await?;
        self.forget().await?;
        Ok(Ok(()))
    }
}

async fn erase_traces(all: &DatabaseTransaction, account: &user::Model) -> Result<(), StoreError> {
    let user = &account.id;
    let addresses = addresses_of(all, account).await?;
    attendance_row::Entity::delete_many()
        .filter(attendance_row::Column::UserId.eq(user))
        .exec(all)
        .await?;
    mail::Entity::delete_many()
        .filter(of_mails(account, &addresses))
        .exec(all)
        .await?;
    teacher_import_row::Entity::delete_many()
        .filter(of_imports(account, &addresses))
        .exec(all)
        .await?;
    teacher_request::Entity::delete_many()
        .filter(of_requests(account, &addresses))
        .exec(all)
        .await?;
    // What still waits to be told to a webhook about them.
    delivery::Entity::delete_many()
        .filter(delivery::Column::Body.contains(format!("\"{user}\"")))
        .exec(all)
        .await?;
    record::Entity::delete_many()
        .filter(remembering(account))
        .exec(all)
        .await?;
    let nameless = audit::ActiveModel {
        actor_name: Set(String::new()),
        ..Default::default()
    };
    audit::Entity::update_many()
        .set(nameless)
        .filter(audit::Column::ActorId.eq(user))
        .exec(all)
        .await?;
    Ok(())
}
