//! What is kept: schools, users, sessions, rooms, and the state of running conferences.
//!
//! One trait per kind of data; [`Database`] implements them for SQLite and PostgreSQL. Nothing that is not there is an
//! error: it is `None`. Time is an argument.

mod conferences;
mod database;
mod entity;
mod migration;
mod records;
mod rooms;
mod schools;
mod sessions;
mod users;

use std::sync::Arc;

use async_trait::async_trait;
use kmz_meet_core::signal::{ConferenceId, Policy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
pub use database::Database;
pub use records::{Kind, Raw, Record, Records, Which};

/// The store does not do what it should; the text is for the operator's log, not for users.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was not reached.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Something in the database cannot be read.
    #[error("database: {what} of {id} cannot be read: {source}")]
    Damaged {
        what: &'static str,
        id: String,
        source: serde_json::Error,
    },
    /// Others change the same thing all the time.
    #[error("database: {kind} is being changed by others again and again")]
    Contended { kind: &'static str },
    /// The directory or file of the database.
    #[error("database file: {0}")]
    Io(#[from] std::io::Error),
}

/// Whether a school may use the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Not signed yet: no rooms.
    Draft,
    /// The data-processing agreement is signed.
    Signed,
    /// Over: no new rooms.
    Ended,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    pub id: String,
    pub name: String,
    pub contract: Contract,
}

/// What a person with an account may do beyond conferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserRole {
    /// Runs the service.
    Operator,
    /// Looks after one school.
    SchoolAdmin,
    /// A teacher: has rooms.
    Moderator,
}

impl UserRole {
    /// As in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::SchoolAdmin => "school_admin",
            Self::Moderator => "moderator",
        }
    }
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: String,
    pub school: String,
    /// Lower case; unique on the server.
    pub username: String,
    /// As others see it.
    pub name: String,
    pub role: UserRole,
    /// Argon2id, PHC format.
    pub password_hash: String,
}

/// Where someone is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSession {
    pub token_hash: String,
    pub user: String,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
    pub expires_at: Timestamp,
    /// The kind of browser, coarsely.
    pub browser: Option<String>,
}

/// Who made a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A teacher, here.
    Own,
    /// A course, by LTI.
    Course,
    /// A meeting, by the BigBlueButton API.
    Meeting,
    /// An integrator, by the REST API.
    Api,
}

impl Origin {
    /// As in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Course => "course",
            Self::Meeting => "meeting",
            Self::Api => "api",
        }
    }

    pub(crate) fn of(text: &str) -> Self {
        match text {
            "course" => Self::Course,
            "meeting" => Self::Meeting,
            "api" => Self::Api,
            _ => Self::Own,
        }
    }
}

/// A durable room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    pub id: String,
    pub school: String,
    /// The user who made it, and who moderates it. A room of a course or an integrator has none: its moderators come
    /// with signed claims.
    pub owner: Option<String>,
    /// Canonical; unique on the server.
    pub name: String,
    /// What people call it, where that is not its name.
    pub title: Option<String>,
    /// What newcomers read first.
    pub welcome: Option<String>,
    pub origin: Origin,
    /// What the platform calls it; unique for a school and an origin.
    pub external: Option<String>,
    pub policy: Policy,
    /// Readable, because its owner writes it into invitations.
    pub password: Option<String>,
    pub created_at: Timestamp,
}

/// Whether a database can hold this text: PostgreSQL has no NUL in texts. What cannot be held is not there.
fn storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Someone else was first.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is one of this name already")]
pub struct Taken;

/// Schools.
#[async_trait]
pub trait Schools: Send + Sync {
    async fn add_school(&self, school: &School) -> Result<(), StoreError>;
    async fn school(&self, id: &str) -> Result<Option<School>, StoreError>;
    async fn school_by_name(&self, name: &str) -> Result<Option<School>, StoreError>;
}

/// People with an account.
#[async_trait]
pub trait Users: Send + Sync {
    async fn add_user(&self, user: &User) -> Result<Result<(), Taken>, StoreError>;
    async fn user(&self, id: &str) -> Result<Option<User>, StoreError>;
    async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError>;
    async fn set_password_hash(&self, id: &str, password_hash: &str) -> Result<(), StoreError>;
    /// Since when it is locked.
    async fn locked_at(&self, id: &str) -> Result<Option<Timestamp>, StoreError>;
    /// Who is locked now.
    async fn locked_users(&self) -> Result<Vec<String>, StoreError>;
    /// Locks or unlocks; a locked account has no session that counts.
    async fn set_locked(&self, id: &str, at: Option<Timestamp>) -> Result<(), StoreError>;
    /// With their rooms and sessions.
    async fn delete_user(&self, id: &str) -> Result<(), StoreError>;
}

/// Who is signed in where. Only a hash of the token is kept: who reads the database cannot sign in.
#[async_trait]
pub trait Sessions: Send + Sync {
    async fn add_session(&self, session: &KeptSession) -> Result<(), StoreError>;
    /// The user, unless the session is over or the account is locked, and the session.
    async fn session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(User, KeptSession)>, StoreError>;
    /// Newest first.
    async fn sessions_of(&self, user: &str, now: Timestamp)
    -> Result<Vec<KeptSession>, StoreError>;
    async fn extend_session(
        &self,
        token_hash: &str,
        used_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;
    async fn delete_session(&self, token_hash: &str) -> Result<(), StoreError>;
    /// All of a user, but for one; says how many.
    async fn delete_sessions_of(&self, user: &str, but: Option<&str>) -> Result<u64, StoreError>;
    async fn delete_expired_sessions(&self, now: Timestamp) -> Result<(), StoreError>;
}

/// Durable rooms.
#[async_trait]
pub trait Rooms: Send + Sync {
    async fn add_room(&self, room: &Room) -> Result<Result<(), Taken>, StoreError>;
    async fn room(&self, id: &str) -> Result<Option<Room>, StoreError>;
    /// By canonical name.
    async fn room_by_name(&self, name: &str) -> Result<Option<Room>, StoreError>;
    /// By what the platform calls it.
    async fn room_by_external(
        &self,
        school: &str,
        origin: Origin,
        external: &str,
    ) -> Result<Option<Room>, StoreError>;
    /// Newest first.
    async fn rooms_of_owner(&self, user: &str) -> Result<Vec<Room>, StoreError>;
    /// Of a school, by id from `after` on: a page.
    async fn rooms_of_school(
        &self,
        school: &str,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Room>, StoreError>;
    /// The same with the number of its changes.
    async fn room_with_version(&self, id: &str) -> Result<Option<(Room, i64)>, StoreError>;
    /// Of one origin in all schools, made before a time, by id from `after` on: a page.
    async fn rooms_of_origin(
        &self,
        origin: Origin,
        made_before: Timestamp,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Room>, StoreError>;
    /// Keeps title, welcome, policy and password as they are now.
    async fn set_room(&self, room: &Room) -> Result<(), StoreError>;
    /// The same, unless it was changed after this version of it; says whether it is kept.
    async fn change_room(&self, room: &Room, version: i64) -> Result<bool, StoreError>;
    /// Deletes also what is left of a conference in it.
    async fn delete_room(&self, id: &str) -> Result<(), StoreError>;
}

/// What outlives a restart of a running conference. It is gone when the conference ends.
#[async_trait]
pub trait Conferences: Send + Sync {
    /// The snapshot and the chat, oldest first, both as JSON.
    async fn conference_of_room(
        &self,
        room: &str,
    ) -> Result<Option<(ConferenceId, String, Vec<String>)>, StoreError>;
    async fn save_conference(
        &self,
        conference: &ConferenceId,
        room: &str,
        snapshot: String,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// The same number again replaces the message. What newcomers are not told any more is deleted.
    async fn append_chat(
        &self,
        conference: &ConferenceId,
        number: i64,
        message: String,
    ) -> Result<(), StoreError>;
    /// Deletes physically: nothing of it can be read from the file afterwards.
    async fn end_conference(&self, conference: &ConferenceId) -> Result<(), StoreError>;
    async fn running_room_ids(&self) -> Result<Vec<String>, StoreError>;
}

/// Everything that is kept.
#[async_trait]
pub trait Store: Schools + Users + Sessions + Rooms + Conferences + Records {
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// The store, shared.
pub type SharedStore = Arc<dyn Store>;
