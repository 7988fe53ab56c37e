//! Attendance goes to the gradebook of the course, when a teacher says so.

use lti_bridge::{GradeService, Launch, PlatformState, Score, ServiceError, Store};
use serde::Deserialize;
use utoipa::ToSchema;

use super::rooms::{Course, subject};
use super::store::Keeping;
use crate::app::App;
use crate::attendance::{Attendance, Present};
use crate::store::{Record, StoreError};

const MINUTE_MS: i64 = 60_000;

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

/// Whether a person gets a result: who belongs to the course, does not teach it, and was there or was given minutes.
/// Who was absent keeps an empty place: a zero is the teacher's to give.
pub fn counts(person: &Present) -> bool {
    let has_minutes = person.measured_minutes > 0
        || person.corrected_minutes.is_some()
        || person.last_at > person.first_at;
    person.listed && !person.moderator && person.user.is_some() && has_minutes
}

/// The course of a room and its gradebook, if it has one.
async fn gradebook(
    app: &App,
    room: Option<&str>,
) -> Result<Option<(Launch, GradeService)>, StoreError> {
    let course = Record::<Course>::by_key(&*app.store, room.unwrap_or_default()).await?;
    Ok(course.and_then(|course| {
        let launch = course.data.launch;
        let grades = launch.grades.clone()?;
        let has_column = grades.lineitem.is_some() || grades.lineitems.is_some();
        has_column.then_some((launch, grades))
    }))
}

/// Whether the room belongs to a course that takes results.
///
/// # Errors
/// When the store fails.
pub async fn possible(app: &App, room: Option<&str>) -> Result<bool, StoreError> {
    Ok(gradebook(app, room).await?.is_some())
}

/// Sends the results; gives the numbers of those whom the platform refused.
///
/// # Errors
/// When nothing was sent.
pub async fn send(
    app: &App,
    record: &Record<Attendance>,
    measure: Measure,
    needed_minutes: Option<u32>,
) -> Result<Vec<u32>, GradeError> {
    let book = gradebook(app, record.parent.as_deref()).await?;
    let (launch, grades) = book.ok_or(GradeError::NoGradebook)?;
    let keeping = Keeping {
        store: app.store.clone(),
        clock: app.clock.clone(),
        framing: app.framing.clone(),
    };
    // As it is registered now: its addresses may have changed, and it may have been taken back.
    let platform = keeping.platform(&launch.platform.id).await;
    let platform = platform.map_err(|error| GradeError::Platform(error.to_string()))?;
    let platform = platform
        .filter(|platform| platform.state == PlatformState::Active)
        .ok_or(GradeError::NoGradebook)?;
    let lesson = &record.data;
    let total = ((lesson.ended_at - lesson.started_at + MINUTE_MS / 2) / MINUTE_MS).max(1);
    let total = u32::try_from(total).unwrap_or(u32::MAX);
    let (maximum, label) = match measure {
        Measure::Minutes => (f64::from(total), "Anwesenheit (Minuten)"),
        Measure::Completion => (1.0, "Anwesenheit"),
    };
    let resource = format!(
        "attendance-{}",
        record.parent.as_deref().unwrap_or_default()
    );
    let platform_failed = |error: ServiceError| match error {
        ServiceError::NoGradebook => GradeError::NoGradebook,
        error => GradeError::Platform(error.to_string()),
    };
    let column = app
        .lti
        .line_item(&platform, &grades, &resource, label, maximum)
        .await
        .map_err(platform_failed)?;
    let needed = needed_minutes.unwrap_or(1);
    let mut refused = Vec::new();
    let result = |(number, person): (usize, &Present)| {
        let user = person.user.as_deref().filter(|_| counts(person))?;
        let user_id = subject(&platform.id, user)?.to_owned();
        let given = match measure {
            Measure::Minutes => f64::from(person.minutes().min(total)),
            Measure::Completion => f64::from(u8::from(person.minutes() >= needed)),
        };
        let score = Score {
            user_id,
            given,
            maximum,
            comment: None,
        };
        Some((number, score))
    };
    let results: Vec<(usize, Score)> = lesson
        .people
        .iter()
        .enumerate()
        .filter_map(result)
        .collect();
    for (number, score) in results {
        match app.lti.send_score(&platform, &column, &score).await {
            Ok(()) => {}
            // This person has no place in the gradebook; the others may.
            Err(ServiceError::Status(400 | 403 | 404 | 422)) => {
                refused.push(u32::try_from(number).unwrap_or(u32::MAX));
            }
            Err(error) => return Err(platform_failed(error)),
        }
    }
    Ok(refused)
}
