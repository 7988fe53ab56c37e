//! Attendance: who was in a lesson and for how long. Kept for rooms with a list, until the school's time is over.

mod table;

pub use crate::store::{Attendance, Present};
pub use table::{TableForm, csv, incomplete_csv};
