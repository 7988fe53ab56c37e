//! What is stored of schools, people and rooms.

use kmz_meet_core::signal::Policy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::email_address::EmailAddress;

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
    /// Argon2id, PHC format. Empty: there is no password, and nobody signs in by one.
    pub password_hash: String,
    /// Where mails reach them; unique on the server.
    pub email: Option<EmailAddress>,
    /// 0: earlier versions did not note it.
    pub created_at: Timestamp,
}

impl User {
    /// The hash that a password has to fit, if they have a password.
    pub fn password_hash(&self) -> Option<&str> {
        Some(self.password_hash.as_str()).filter(|hash| !hash.is_empty())
    }
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
    /// It opens nothing but the setting up of a second factor.
    pub limited: bool,
}

/// Who made a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Origin)]
#[serde(rename_all = "snake_case")]
pub enum RoomSource {
    /// A teacher, here.
    Own,
    /// A course, by LTI.
    Course,
    /// A meeting, by the BigBlueButton API.
    Meeting,
    /// An integrator, by the REST API.
    Api,
}

impl RoomSource {
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
    pub origin: RoomSource,
    /// What the platform calls it; unique for a school and an origin.
    pub external: Option<String>,
    pub policy: Policy,
    /// Readable, because its owner writes it into invitations.
    pub password: Option<String>,
    pub created_at: Timestamp,
}

/// Whether a database can hold this text: PostgreSQL has no NUL in texts. What cannot be held is not there.
pub(super) fn storable(text: &str) -> bool {
    !text.contains('\0')
}
