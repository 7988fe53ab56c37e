//! The tables, as the database has them.

pub mod chat;
pub mod conference;
pub mod record;
pub mod room;
pub mod school;
pub mod session;
pub mod user;
