//! Attendance: who was in a lesson and for how long. Kept for rooms with a list, until the school's time is over.

mod record;

pub use record::{Attendance, Present, TableForm, add_absent, csv, ended, incomplete_csv};
