//! What is stored of schools, people and rooms.

use kmz_meet_core::signal::Policy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::email_address::EmailAddress;

/// How far a school is with the data-processing agreement (Art. 28 GDPR).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ContractState)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// Somebody asked for it: nothing opens.
    Requested,
    /// The head of the school has the form: nothing opens.
    FormSent,
    /// It is signed, and holds until its last day.
    Signed,
    /// Over: nothing opens any more.
    Ended,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    pub id: String,
    pub name: String,
    pub contract: Contract,
    /// From this moment on a signed contract does not hold any more. `None`: it holds until it is ended.
    pub valid_until: Option<Timestamp>,
    /// Of the official addresses of its teachers, in lower case, such as `schule.example`. None: any address is.
    pub domains: Vec<String>,
}

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

impl School {
    /// Whether its contract holds now: the one rule for all that opens.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.contract == Contract::Signed && self.valid_until.is_none_or(|until| now < until)
    }
}

/// A change of a school's contract: who set it to what, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractChange {
    pub id: String,
    pub school: String,
    pub created_at: Timestamp,
    /// The account of who did it, or `command line`.
    pub changed_by: String,
    pub state: Contract,
    /// Who signed, for the school.
    pub signer: Option<String>,
    /// The day of the signature, as in ISO 8601: `2026-09-01`.
    pub signed_on: Option<String>,
    /// From this moment on it does not hold any more.
    pub valid_until: Option<Timestamp>,
    /// The id of the signed document, if it is stored here.
    pub document: Option<String>,
    /// The SHA-256 of the document in hexadecimal digits.
    pub document_sha256: Option<String>,
    pub note: Option<String>,
}

/// The proof that the contract of a school held a moment ago. Rooms, accounts, tickets and conferences are made of it, so no way
/// to them leads past the contract: only [`Database::open_school`](super::Database::open_school) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSchool {
    id: String,
}

impl OpenSchool {
    pub(super) fn of(school: School, now: Timestamp) -> Option<Self> {
        school.is_open(now).then_some(Self { id: school.id })
    }

    /// The school's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// For tests of what follows from it.
    #[cfg(test)]
    pub(crate) fn for_test(id: &str) -> Self {
        Self { id: id.to_owned() }
    }
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
