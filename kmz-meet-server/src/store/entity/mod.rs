//! The tables, as the database has them.

pub mod api_key;
pub mod attendance;
pub mod attendance_row;
pub mod chat;
pub mod conference;
pub mod contract_change;
pub mod delivery;
pub mod platform;
pub mod record;
pub mod room;
pub mod school;
pub mod self_test_count;
pub mod self_test_result;
pub mod session;
pub mod sign_in_link;
pub mod user;
pub mod webhook;
