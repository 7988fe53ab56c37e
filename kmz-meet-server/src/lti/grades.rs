//! Attendance goes to the gradebook of the course, when a teacher says so.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::attendance::{Attendance, Present};
use crate::store::{Record, StoreError};

/// What is sent for each person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Minutes present, of the minutes of the lesson.
    Minutes,
    /// One point for who was there long enough.
    Completion,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum GradeError {
    #[error("the room belongs to no course that takes results")]
    NoGradebook,
    #[error("{0}")]
    Platform(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a person gets a result: who belongs to the course and does not teach it.
pub fn counts(person: &Present) -> bool {
    person.listed && !person.moderator && person.user.is_some()
}

/// Whether the room belongs to a course that takes results.
///
/// # Errors
/// When the store fails.
pub async fn possible(_app: &App, _room: Option<&str>) -> Result<bool, StoreError> {
    Ok(false)
}

/// Sends the results; gives the numbers of those whom the platform refused.
///
/// # Errors
/// When nothing was sent.
pub async fn send(
    _app: &App,
    _record: &Record<Attendance>,
    _measure: Measure,
    _needed_minutes: Option<u32>,
) -> Result<Vec<u32>, GradeError> {
    Err(GradeError::NoGradebook)
}
