//! Attendance of lessons: to look at, to correct, to take along, to send to the gradebook.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::attendance::{Attendance, Present, TableForm, csv, incomplete_csv};
use crate::auth::Caller;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::json_body::{Body, objects};
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::integrations::lti::Courses;
use crate::integrations::lti::grades;
use crate::integrations::lti::grades::{GradeError, Measure};
use crate::integrations::lti::missing_class_lists;
use crate::language::Language;
use crate::school_settings::SchoolSettings;
use crate::store::{Record, RecordFilter};

/// A lesson in a list.
#[derive(Serialize, ToSchema)]
pub struct Lesson {
    id: String,
    room: String,
    /// Milliseconds since the Unix epoch.
    started_at: i64,
    /// Milliseconds since the Unix epoch.
    ended_at: i64,
    /// Everyone on the list.
    people: u32,
    /// How many of them came; the others belong to the class.
    present: u32,
    /// The platform has not said yet who is absent; it is asked again.
    incomplete: bool,
    /// When it was last sent to the gradebook; milliseconds since the Unix epoch.
    graded_at: Option<i64>,
    /// When it is deleted; milliseconds since the Unix epoch.
    deleted_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct LessonList {
    lessons: Vec<Lesson>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One person of a lesson.
#[derive(Serialize, ToSchema)]
pub struct PresentPerson {
    /// Place in the list, from 0: what a correction names.
    number: u32,
    /// As the platform knows them; absent for guests.
    user: Option<String>,
    name: String,
    moderator: bool,
    /// Whether they belong to the course.
    listed: bool,
    /// Milliseconds since the Unix epoch.
    first_at: i64,
    /// Milliseconds since the Unix epoch.
    last_at: i64,
    /// What counts: corrected, or else measured.
    minutes: u32,
    measured_minutes: u32,
}

const MAX_CORRECTIONS: usize = 500;

#[derive(Serialize, ToSchema)]
pub struct LessonAttendance {
    #[serde(flatten)]
    lesson: Lesson,
    attendance: Vec<PresentPerson>,
    /// Whether the course takes results.
    can_be_graded: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    #[serde(deserialize_with = "objects")]
    #[schema(max_items = 500)]
    corrections: Vec<CorrectedPerson>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedPerson {
    number: u32,
    /// `null` takes the correction back.
    #[schema(maximum = 1440)]
    minutes: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendGrades {
    /// Nothing is sent without it.
    confirm: bool,
    measure: Measure,
    /// With `completion`: from how many minutes on it counts as attended; two thirds of the lesson when absent.
    #[schema(minimum = 1, maximum = 1440)]
    needed_minutes: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct SentGrades {
    sent: u32,
    /// Whom the platform refused, by number: teachers, people who are not in the course any more, and who has a newer
    /// result.
    refused: Vec<u32>,
    /// Whose result did not arrive because the platform failed, by number. Send once more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    failed: Vec<u32>,
    /// How the platform failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn lesson(record: &Record<Attendance>, incomplete: bool) -> Lesson {
    let people = &record.data.people;
    let present = people.iter().filter(|person| person.was_there()).count();
    Lesson {
        id: record.id.clone(),
        room: record.parent.clone().unwrap_or_default(),
        started_at: record.data.started_at,
        ended_at: record.data.ended_at,
        people: u32::try_from(people.len()).unwrap_or(u32::MAX),
        present: u32::try_from(present).unwrap_or(u32::MAX),
        incomplete,
        graded_at: record.data.graded_at,
        deleted_at: record.expires_at,
    }
}

fn person((number, person): (usize, &Present)) -> PresentPerson {
    PresentPerson {
        number: u32::try_from(number).unwrap_or(u32::MAX),
        user: person.user.clone(),
        name: person.name.clone(),
        moderator: person.moderator,
        listed: person.listed,
        first_at: person.first_at,
        last_at: person.last_at,
        minutes: person.minutes(),
        measured_minutes: person.measured_minutes,
    }
}

async fn to_response(
    app: &Courses,
    record: &Record<Attendance>,
) -> Result<Json<LessonAttendance>, Problem> {
    Ok(Json(LessonAttendance {
        lesson: lesson(
            record,
            missing_class_lists::is_missing(app, &record.id).await?,
        ),
        attendance: record.data.people.iter().enumerate().map(person).collect(),
        can_be_graded: grades::possible(app, record.parent.as_deref()).await?,
    }))
}

async fn load_visible(
    app: &Courses,
    caller: &Caller,
    scope: Scope,
    id: &str,
) -> Result<Record<Attendance>, Problem> {
    caller.may(scope)?;
    let record = Record::<Attendance>::of_school(&app.store, &caller.school, id).await?;
    let record = record.ok_or_else(Problem::not_found)?;
    if !caller.sees_school() {
        // A teacher sees the lessons of their own rooms.
        caller
            .room(&app.store, record.parent.as_deref().unwrap_or_default())
            .await?;
    }
    Ok(record)
}

/// Lessons in a room, the newest first
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}/attendance", tag = "attendance", params(("id" = String, Path), Page),
    responses((status = 200, body = LessonList))
)]
pub async fn list(
    State(app): State<Courses>,
    caller: Caller,
    Path(id): Path<String>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<LessonList>, Problem> {
    caller.may(Scope::AttendanceRead)?;
    let room = caller.room(&app.store, &id).await?;
    let limit = page.limit()?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        parent: Some(&room.id),
        after: page.after.as_deref(),
        newest_first: true,
        limit: limit + 1,
    };
    let mut lessons = Record::<Attendance>::list(&app.store, filter).await?;
    let next = next(&mut lessons, limit, |lesson| &lesson.id);
    let is_missing = missing_class_lists::missing_of(&app, &room.id).await?;
    let lesson = |one: &Record<Attendance>| lesson(one, is_missing(&one.id));
    let lessons = lessons.iter().map(lesson).collect();
    Ok(Json(LessonList { lessons, next }))
}

/// Who was in a lesson
#[utoipa::path(
    get, path = "/api/v1/attendance/{id}", tag = "attendance", params(("id" = String, Path)),
    responses((status = 200, body = LessonAttendance))
)]
pub async fn show(
    State(app): State<Courses>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LessonAttendance>, Problem> {
    let record = load_visible(&app, &caller, Scope::AttendanceRead, &id).await?;
    to_response(&app, &record).await
}

/// Correct what was measured
#[utoipa::path(
    patch, path = "/api/v1/attendance/{id}", tag = "attendance", params(("id" = String, Path)),
    request_body = Correction, responses((status = 200, body = LessonAttendance))
)]
pub async fn correct(
    State(app): State<Courses>,
    caller: Caller,
    Path(id): Path<String>,
    Body(correction): Body<Correction>,
) -> Result<Json<LessonAttendance>, Problem> {
    let record = load_visible(&app, &caller, Scope::AttendanceWrite, &id).await?;
    if correction.corrections.len() > MAX_CORRECTIONS {
        return Err(Problem::invalid(
            "corrections: there are more than 500. Send them in parts.",
        ));
    }
    // Two teachers may correct the same lesson at the same time, each their own pupils.
    let correct = |record: &mut Record<Attendance>| {
        for one in &correction.corrections {
            if one.minutes.is_some_and(|minutes| minutes > 1_440) {
                return Err(Problem::invalid("minutes: a day has 1440 of them."));
            }
            let person = record.data.people.get_mut(one.number as usize);
            let person = person.ok_or_else(|| {
                Problem::invalid(format!("number: there is no person {} here.", one.number))
            })?;
            person.corrected_minutes = one.minutes;
        }
        Ok(())
    };
    let changed = Record::<Attendance>::change(&app.store, &record.id, correct).await?;
    to_response(&app, &changed.ok_or_else(Problem::not_found)?).await
}

async fn table_form(
    app: &Courses,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<TableForm, Problem> {
    Ok(TableForm {
        zone: SchoolSettings::of(&app.store, &caller.school)
            .await?
            .time_zone,
        language: Language::wanted(headers),
    })
}

/// The attendance as a table for spreadsheets
#[utoipa::path(
    get, path = "/api/v1/attendance/{id}/csv", tag = "attendance", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn table(
    State(app): State<Courses>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<
    (
        AppendHeaders<[(HeaderName, &'static str); 1]>,
        [(HeaderName, &'static str); 1],
        String,
    ),
    Problem,
> {
    let record = load_visible(&app, &caller, Scope::AttendanceRead, &id).await?;
    let form = table_form(&app, &caller, &headers).await?;
    let named = form.language.say(
        "attachment; filename=\"anwesenheit.csv\"",
        "attachment; filename=\"attendance.csv\"",
    );
    Ok((
        AppendHeaders([(header::CONTENT_DISPOSITION, named)]),
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8")],
        if missing_class_lists::is_missing(&app, &record.id).await? {
            incomplete_csv(&record.data, &form)
        } else {
            csv(&record.data, &form)
        },
    ))
}

/// Send the attendance to the course's gradebook
#[utoipa::path(
    post, path = "/api/v1/attendance/{id}/grades", extensions(("x-repetition" = json!("same_answer"))), tag = "attendance", params(("id" = String, Path)),
    request_body = SendGrades, responses((status = 200, body = SentGrades))
)]
pub async fn send(
    State(app): State<Courses>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(how): Body<SendGrades>,
) -> Result<Json<SentGrades>, Problem> {
    let record = load_visible(&app, &caller, Scope::AttendanceWrite, &id).await?;
    if !how.confirm {
        return Err(Problem::not_confirmed());
    }
    if how
        .needed_minutes
        .is_some_and(|minutes| !(1..=grades::MAX_NEEDED_MINUTES).contains(&minutes))
    {
        return Err(Problem::invalid(
            "needed_minutes: it must be from 1 to 1440.",
        ));
    }
    let form = table_form(&app, &caller, &headers).await?;
    // A task of its own: what has begun is finished and noted when the request is given up.
    let sending = tokio::spawn(async move {
        grades::send(&app, &record, how.measure, how.needed_minutes, &form).await
    });
    let outcome = sending.await.map_err(|error| Problem::internal(&error))?;
    let sent = outcome.map_err(|error| match error {
        GradeError::NoGradebook => Problem::no_gradebook(
            "The room belongs to no course that takes results.",
        ),
        GradeError::NoColumn => Problem::no_gradebook(
            "The gradebook has no column for this room, and the platform does not let the tool make one. Let the activity accept grades, or let the tool manage columns.",
        ),
        GradeError::Store(error) => error.into(),
        GradeError::Platform(reason) => Problem::platform(reason),
        GradeError::KeyUnchecked(reason) => Problem::platform_key(reason),
    })?;
    Ok(Json(SentGrades {
        sent: sent.sent,
        refused: sent.refused,
        failed: sent.failed,
        reason: sent.reason,
    }))
}

/// Delete the attendance of a lesson now
#[utoipa::path(
    delete, path = "/api/v1/attendance/{id}", tag = "attendance", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<Courses>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let record = load_visible(&app, &caller, Scope::AttendanceWrite, &id).await?;
    record.delete(&app.store).await?;
    Ok(StatusCode::NO_CONTENT)
}
