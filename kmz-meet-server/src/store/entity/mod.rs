//! The tables, as the database has them.

pub mod api_key;
pub mod attendance;
pub mod attendance_row;
pub mod chat;
pub mod conference;
pub mod contract_change;
pub mod delivery;
pub mod mail;
pub mod one_time_link;
pub mod operator_key;
pub mod platform;
pub mod record;
pub mod recovery_code;
pub mod room;
pub mod school;
pub mod sealed_drop;
pub mod sealed_drop_content;
pub mod second_factor;
pub mod self_test_count;
pub mod self_test_result;
pub mod session;
pub mod teacher_import;
pub mod teacher_import_row;
pub mod teacher_request;
pub mod user;
pub mod webhook;
