//! How many people this machine carries at a time: measured by `kmz-meet capacity`, kept in the data directory, and held to when
//! conferences start and guests come (`conferences/admissions.rs`).

mod class;
mod measure;
mod measured;
mod media_time;
mod person;

pub use measure::{NotMeasured, measure};
pub use measured::{CLASS, FILE, Measured, max_people};
