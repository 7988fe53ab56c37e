//! What is kept: schools, users, sessions, rooms, the state of running conferences, and what integrations keep.
//!
//! [`Database`] speaks to SQLite and PostgreSQL; each table has a module. Nothing that is not there is an error: it is
//! `None`. Time is an argument.
#![allow(
    clippy::missing_errors_doc,
    reason = "what asks the database fails when the database does, and says nothing more"
)]

mod conferences;
mod database;
mod entity;
mod error;
mod migration;
mod model;
mod records;
mod records_table;
mod rooms;
mod schools;
mod sessions;
mod users;

use std::sync::Arc;

pub use database::Database;
pub use error::{StoreError, Taken};
pub use model::{Contract, KeptSession, Origin, Room, School, User, UserRole};
pub use records::{Kind, Raw, Record, Which};

use model::storable;

/// The store, shared.
pub type SharedStore = Arc<Database>;
