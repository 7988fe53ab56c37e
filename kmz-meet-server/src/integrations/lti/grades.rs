//! Sends attendance to the gradebook of the course, when a teacher asks for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use lti_bridge::{
    AssignmentAndGradeService, Bridge, Platform, PlatformState, Score, ServiceError, is_hashed,
};
use serde::Deserialize;
use tokio::task::JoinSet;
use url::Url;
use utoipa::ToSchema;

use super::class_list;
use super::courses::Courses;
use super::kept::KeptPlatform;
use super::rooms::Course;
use crate::attendance::{Attendance, Present, TableForm};
use crate::clock::millis;
use crate::language::Language;
use crate::store::{Record, StoreError};
use crate::user_id::lti_subject;

const MINUTE: Duration = Duration::from_mins(1);
/// The longest presence that a teacher may require, in minutes: a day.
pub const MAX_NEEDED_MINUTES: u32 = 1_440;
/// How many results are under way at once.
const MAX_AT_ONCE: usize = 6;

/// What is sent for each person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Minutes present, of the minutes of the lesson.
    Minutes,
    /// One point for being present long enough.
    Completion,
}

/// Why no result was sent.
#[derive(Debug, thiserror::Error)]
pub enum GradeError {
    #[error("the room belongs to no course that takes results")]
    NoGradebook,
    #[error(
        "the gradebook has no column for the room, and the platform lets nobody but itself make one"
    )]
    NoColumn,
    #[error("{0}")]
    Platform(String),
    /// A teacher cannot mend this, but an administrator of the platform can.
    #[error("{0}")]
    KeyUnchecked(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The outcome for each person, by their numbers in the attendance.
#[derive(Debug, Default)]
pub struct Sent {
    pub sent: u32,
    /// People whose result the platform refused.
    pub refused: Vec<u32>,
    /// People whose result did not arrive.
    pub failed: Vec<u32>,
    /// Why these did not arrive.
    pub reason: Option<String>,
}

/// Whether a person gets a result: they belong to the course, do not teach it, and were present or got minutes from the
/// teacher. The absent keep an empty cell: only the teacher may give a zero.
pub fn counts(person: &Present) -> bool {
    let has_minutes = person.was_there() || person.corrected_minutes.is_some();
    person.listed && !person.moderator && person.user.is_some() && has_minutes
}

/// Where results go.
struct Gradebook {
    platform: Platform,
    service: AssignmentAndGradeService,
    /// The language of the names of columns.
    language: Language,
}

/// The gradebook of the course of a room, if it takes results.
async fn gradebook(app: &Courses, room: Option<&str>) -> Result<Option<Gradebook>, StoreError> {
    let course = Record::<Course>::by_key(&app.store, room.unwrap_or_default()).await?;
    let Some(course) = course else {
        return Ok(None);
    };
    let language = match course.data.german {
        Some(false) => Language::English,
        Some(true) | None => Language::German,
    };
    let launch = course.data.launch;
    let Some(service) = launch
        .grades
        .filter(AssignmentAndGradeService::takes_scores)
    else {
        return Ok(None);
    };
    // As it is registered now: its addresses may have changed, and the school may have removed it.
    let platform = Record::<KeptPlatform>::get(&app.store, &launch.platform.id).await?;
    Ok(platform
        .map(|platform| platform.data.0)
        .filter(|platform| platform.state == PlatformState::Active)
        .map(|platform| Gradebook {
            platform,
            service,
            language,
        }))
}

/// Whether the room belongs to a course that takes results.
///
/// # Errors
/// When the store fails.
pub async fn possible(app: &Courses, room: Option<&str>) -> Result<bool, StoreError> {
    Ok(gradebook(app, room).await?.is_some())
}

/// The minutes of a lesson, at least one.
fn minutes(lesson: &Attendance) -> u32 {
    let minute = millis(MINUTE);
    let minutes = (lesson.ended_at - lesson.started_at + minute / 2) / minute;
    u32::try_from(minutes.max(1)).unwrap_or(u32::MAX)
}

/// The minutes that count as taking part, unless the teacher says otherwise: two thirds, 30 of 45. The browser client proposes
/// the same.
fn usually_needed(lesson: u32) -> u32 {
    (lesson.saturating_mul(2).saturating_add(1) / 3).clamp(1, MAX_NEEDED_MINUTES)
}

/// The column for the results: its resource id and its name. If the tool may make columns, each lesson has its own, so that no
/// lesson overwrites the one before. Otherwise the link's only column has the newest lesson.
fn column(
    service: &AssignmentAndGradeService,
    record: &Record<Attendance>,
    measure: Measure,
    form: &TableForm,
) -> (String, String) {
    let TableForm { zone, language } = form;
    let title = language.say("Anwesenheit", "Attendance");
    let (name, unit) = match measure {
        Measure::Minutes => ("minutes", language.say(" (Minuten)", " (minutes)")),
        Measure::Completion => ("completion", ""),
    };
    if !service.makes_columns() {
        let room = record.parent.as_deref().unwrap_or_default();
        return (format!("attendance-{room}"), format!("{title}{unit}"));
    }
    let lesson = &record.data;
    let day = zone.day(lesson.started_at, *language);
    (
        format!("attendance-{}-{name}", lesson.conference),
        format!("{title} {day}{unit}"),
    )
}

fn platform_failed(error: ServiceError) -> GradeError {
    match error {
        ServiceError::NoGradebook => GradeError::NoGradebook,
        ServiceError::NoColumn => GradeError::NoColumn,
        error @ ServiceError::KeyUnchecked(_) => {
            tracing::warn!(%error, "results cannot be sent");
            GradeError::KeyUnchecked(error.to_string())
        }
        error => GradeError::Platform(error.to_string()),
    }
}

/// Sends the results, and records when.
///
/// # Errors
/// When no result was sent.
pub async fn send(
    app: &Courses,
    record: &Record<Attendance>,
    measure: Measure,
    needed_minutes: Option<u32>,
    form: &TableForm,
) -> Result<Sent, GradeError> {
    let book = gradebook(app, record.parent.as_deref()).await?;
    let Gradebook {
        platform,
        service,
        language,
    } = book.ok_or(GradeError::NoGradebook)?;
    let total = minutes(&record.data);
    let maximum = match measure {
        Measure::Minutes => f64::from(total),
        Measure::Completion => 1.0,
    };
    // People read the gradebook in the platform's language.
    let form = TableForm {
        language,
        ..form.clone()
    };
    let (resource, label) = column(&service, record, measure, &form);
    let column = app
        .lti
        .line_item(&platform, &service, &resource, &label, maximum)
        .await
        .map_err(platform_failed)?;
    let needed = needed_minutes.unwrap_or_else(|| usually_needed(total));
    let given_ids = given_ids(app, record, &platform).await?;
    let mut unknown = Vec::new();
    let score = |(number, person): (usize, &Present)| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let user = person.user.as_deref().filter(|_| counts(person))?;
        let kept = lti_subject(&platform.id, user)?;
        let user_id = if is_hashed(kept) {
            given_ids.get(user).cloned()
        } else {
            Some(kept.to_owned())
        };
        let Some(user_id) = user_id else {
            unknown.push(number);
            return None;
        };
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
    let people = record.data.people.iter().enumerate();
    let scores: Vec<(u32, Score)> = people.filter_map(score).collect();
    let mut sent = send_all(&app.lti, &platform, &column, scores).await;
    sent.refused.extend(unknown);
    sent.refused.sort_unstable();
    if sent.sent > 0 {
        note(app, &record.id).await;
    }
    match &sent.reason {
        Some(reason) if sent.sent == 0 => Err(GradeError::Platform(reason.clone())),
        _ => Ok(sent),
    }
}

/// The platform's own ids of people whose ids are stored as hashes. The platform knows only its own ids, which its class list
/// has. Somebody who is not on the list has no place in the gradebook either.
async fn given_ids(
    app: &Courses,
    record: &Record<Attendance>,
    platform: &Platform,
) -> Result<HashMap<String, String>, GradeError> {
    let is_kept_hashed = |person: &Present| {
        let user = person.user.as_deref();
        user.and_then(|user| lti_subject(&platform.id, user))
            .is_some_and(is_hashed)
    };
    if !record.data.people.iter().any(is_kept_hashed) {
        return Ok(HashMap::new());
    }
    let room = record.parent.as_deref().unwrap_or_default();
    let listed = class_list::of_room(app, room).await?;
    let listed = listed.ok_or_else(|| {
        GradeError::Platform("the platform does not give its class list now".to_owned())
    })?;
    Ok(listed
        .into_iter()
        .map(|listed| (listed.user.into(), listed.member.user_id))
        .collect())
}

/// Sends several results at once. Gives up a platform that fails again and again.
async fn send_all(
    bridge: &Arc<Bridge>,
    platform: &Platform,
    column: &Url,
    scores: Vec<(u32, Score)>,
) -> Sent {
    let mut sent = Sent::default();
    let mut scores = scores.into_iter();
    let mut under_way = JoinSet::new();
    loop {
        // The first result goes alone: it fetches the access token that the others use.
        let at_once = if sent.is_empty() { 1 } else { MAX_AT_ONCE };
        while under_way.len() < at_once && sent.failed.len() < MAX_AT_ONCE {
            let Some((number, score)) = scores.next() else {
                break;
            };
            let (bridge, platform, column) = (bridge.clone(), platform.clone(), column.clone());
            under_way.spawn(async move {
                let answer = bridge.send_score(&platform, &column, &score).await;
                (number, answer)
            });
        }
        match under_way.join_next().await {
            Some(Ok((number, answer))) => sent.add(number, answer),
            Some(Err(error)) => tracing::error!(%error, "a result was not sent"),
            None => break,
        }
    }
    sent.failed.extend(scores.map(|(number, _)| number));
    sent.failed.sort_unstable();
    sent.refused.sort_unstable();
    sent
}

impl Sent {
    fn is_empty(&self) -> bool {
        self.sent == 0 && self.refused.is_empty() && self.failed.is_empty()
    }

    fn add(&mut self, number: u32, answer: Result<(), ServiceError>) {
        match answer {
            Ok(()) => self.sent += 1,
            // This person has no place in the gradebook, or has a newer result. The others may be different.
            Err(ServiceError::Status(400 | 403 | 404 | 409 | 422)) => self.refused.push(number),
            Err(error) => {
                self.failed.push(number);
                self.reason = Some(error.to_string());
            }
        }
    }
}

/// Records when results were sent. The attendance may have been corrected or deleted meanwhile.
async fn note(app: &Courses, id: &str) {
    let now = app.clock.now();
    let note = |record: &mut Record<Attendance>| -> Result<(), StoreError> {
        record.data.graded_at = Some(now);
        Ok(())
    };
    if let Err(error) = Record::<Attendance>::change(&app.store, id, note).await {
        tracing::error!(%error, "when results were sent is not noted");
    }
}
