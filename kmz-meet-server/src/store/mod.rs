//! What is kept: schools, users, sessions, rooms, the state of running conferences, and what integrations keep.
//!
//! [`Database`] speaks to SQLite and PostgreSQL; each table has a module. Nothing that is not there is an error: it is
//! `None`. Time is an argument.
#![allow(
    clippy::missing_errors_doc,
    reason = "what asks the database fails when the database does, and says nothing more"
)]

mod api_keys;
mod attendance;
mod audit;
mod backup;
mod class_lists;
mod conferences;
mod contract_documents;
mod contracts;
mod database;
mod deliveries;
mod entity;
mod error;
mod json;
mod launch_failures;
mod mails;
mod migration;
mod model;
mod notices;
mod one_time_links;
mod operator_keys;
mod passkeys;
mod persons;
mod platforms;
mod records;
mod records_table;
mod retention;
mod room_records;
mod rooms;
mod schools;
mod sealed_drops;
mod second_factors;
mod self_tests;
mod sessions;
mod sign_in_links;
mod staff;
mod table;
mod teacher_imports;
mod teacher_requests;
mod users;
mod webhooks;

use std::sync::Arc;

pub use api_keys::{ApiKey, Scope};
pub use attendance::{Attendance, Present};
pub use audit::{AuditEntry, AuditFilter};
pub use backup::LEFT_OUT;
pub use class_lists::{CardsOf, ClassPupil, KeptCard};
pub use conferences::KeptConference;
pub use contract_documents::ContractDocument;
pub use contracts::NotStepped;
pub use database::Database;
pub use deliveries::{Delivery, DeliveryState, GivenUp};
pub use error::{AddError, AlreadyExists, StoreError};
pub use launch_failures::LaunchFailure;
pub use mails::{KeptMail, MailState};
pub use model::{
    Contract, ContractChange, KeptSession, OpenSchool, Room, RoomSource, School, User, UserRole,
};
pub use notices::{MAX_NOTICES, Notice, NoticeKind};
pub use one_time_links::{FormerLinks, KeptLink, LinkPurpose, MostLinks, TooManyLinks};
pub use operator_keys::{KeyNeeded, OperatorKey};
pub use passkeys::{KeptPasskey, PasskeyAdded, PasskeyRemoved};
pub use persons::{LeftRooms, NotErased, PersonLesson, PersonTraces};
pub use platforms::KeptPlatform;
pub use records::{Kind, Record, RecordFilter, RecordRow};
pub use room_records::TooManyOfRoom;
pub use sealed_drops::{
    Closed, DropState, LinkBounds, NoLink, NotSealed, SealBounds, Sealed, SealedDrop,
};
pub use second_factors::KeptSecondFactor;
pub use self_tests::{SelfTestCount, SelfTestOutcome};
pub use sign_in_links::SignInLink;
pub use staff::{ListedAccount, MAX_ACCOUNTS};
pub use teacher_imports::{
    ImportState, ImportedTeacher, KeptImport, KeptImportRow, NotMade, RowState,
};
pub use teacher_requests::{Decision, KeptRequest, RequestBounds, RequestState};
pub use webhooks::{Event, Webhook};

use model::storable;
use table::{add_of_school, page, unique};

/// The store, shared.
pub type SharedStore = Arc<Database>;
