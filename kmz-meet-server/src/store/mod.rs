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
mod conferences;
mod contracts;
mod database;
mod deliveries;
mod entity;
mod error;
mod json;
mod migration;
mod model;
mod platforms;
mod records;
mod records_table;
mod rooms;
mod schools;
mod self_tests;
mod sessions;
mod sign_in_links;
mod table;
mod users;
mod webhooks;

use std::sync::Arc;

pub use api_keys::{ApiKey, Scope};
pub use attendance::{Attendance, Present};
pub use conferences::KeptConference;
pub use database::Database;
pub use deliveries::{Delivery, DeliveryState, GivenUp};
pub use error::{AddError, AlreadyExists, StoreError};
pub use model::{
    Contract, ContractChange, KeptSession, OpenSchool, Room, RoomSource, School, User, UserRole,
};
pub use platforms::KeptPlatform;
pub use records::{Kind, Record, RecordFilter, RecordRow};
pub use self_tests::{SelfTestCount, SelfTestOutcome};
pub use sign_in_links::SignInLink;
pub use webhooks::{Event, Webhook};

use model::storable;
use table::{add_of_school, page, unique};

/// The store, shared.
pub type SharedStore = Arc<Database>;
