//! Incident records: what was kept of emergency stops and reports, for the head of school.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kmz_meet_core::room;
use serde::Serialize;
use utoipa::ToSchema;

use super::contract_documents::DocumentFile;
use crate::auth::Caller;
use crate::clock::{Clock, from_conference};
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::incidents::{self, IncidentRecord};
use crate::language::Language;
use crate::school_settings::SchoolSettings;
use crate::state::sub_state;
use crate::store::{Record, SharedStore};

sub_state! {
    /// What handlers of incident records reach.
    pub struct Incidents {
        store: SharedStore,
        clock: Arc<dyn Clock>,
    }
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A moderator stopped everything.
    EmergencyStop,
    /// Somebody said that something is wrong.
    Report,
}

/// What the server knew of who sat there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatKind {
    Moderator,
    Account,
    Listed,
    Guest,
}

/// What was sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SentSource {
    Microphone,
    Camera,
    Screen,
    /// A message within the five minutes before.
    Chat,
}

/// A seat, without a name.
#[derive(Serialize, ToSchema)]
pub struct IncidentSeat {
    /// Place in the order of coming, from 1.
    number: u64,
    kind: SeatKind,
    /// Milliseconds since the Unix epoch.
    came_at: i64,
    sent: Vec<SentSource>,
}

/// What is kept of an incident: no content, no name, no address.
#[derive(Serialize, ToSchema)]
pub struct KeptIncident {
    id: String,
    room: String,
    /// What people called the room then.
    room_name: String,
    conference: String,
    kind: IncidentKind,
    /// Milliseconds since the Unix epoch.
    at: i64,
    /// Who stopped or reported; absent where an integration did.
    by: Option<IncidentSeat>,
    /// Who sent something at that time.
    seats: Vec<IncidentSeat>,
    /// When it is deleted; milliseconds since the Unix epoch.
    deleted_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct IncidentList {
    /// The newest first.
    incidents: Vec<KeptIncident>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<&room::IncidentSeat> for IncidentSeat {
    fn from(seat: &room::IncidentSeat) -> Self {
        let sent = seat.sent.iter().map(|sent| match sent {
            room::Sent::Microphone => SentSource::Microphone,
            room::Sent::Camera => SentSource::Camera,
            room::Sent::Screen => SentSource::Screen,
            room::Sent::Chat => SentSource::Chat,
        });
        Self {
            number: seat.number,
            kind: match seat.kind {
                room::SeatKind::Moderator => SeatKind::Moderator,
                room::SeatKind::Account => SeatKind::Account,
                room::SeatKind::Listed => SeatKind::Listed,
                room::SeatKind::Guest => SeatKind::Guest,
            },
            came_at: from_conference(seat.came_at),
            sent: sent.collect(),
        }
    }
}

impl From<&Record<IncidentRecord>> for KeptIncident {
    fn from(record: &Record<IncidentRecord>) -> Self {
        let incident = &record.data.incident;
        Self {
            id: record.id.clone(),
            room: record.parent.clone().unwrap_or_default(),
            room_name: record.data.room_name.clone(),
            conference: record.data.conference.clone(),
            kind: match incident.kind {
                room::IncidentKind::EmergencyStop => IncidentKind::EmergencyStop,
                room::IncidentKind::Report => IncidentKind::Report,
            },
            at: from_conference(incident.at),
            by: incident.by.as_ref().map(IncidentSeat::from),
            seats: incident.seats.iter().map(IncidentSeat::from).collect(),
            deleted_at: record.expires_at,
        }
    }
}

async fn list_of(
    app: &Incidents,
    school: &str,
    room: Option<&str>,
    page: &Page,
) -> Result<Json<IncidentList>, Problem> {
    let limit = page.limit()?;
    let after = page.after.as_deref();
    let mut found = incidents::list(&app.store, (school, room), (after, limit + 1)).await?;
    let next = next(&mut found, limit, |record| &record.id);
    let incidents = found.iter().map(KeptIncident::from).collect();
    Ok(Json(IncidentList { incidents, next }))
}

/// An incident of a room that the caller sees. Teachers see those of their own rooms.
async fn load_visible(
    app: &Incidents,
    caller: &Caller,
    id: &str,
) -> Result<Record<IncidentRecord>, Problem> {
    caller.may(Scope::AttendanceRead)?;
    let record = incidents::of_school(&app.store, &caller.school, id).await?;
    let record = record.ok_or_else(Problem::not_found)?;
    let is_over = record.expires_at.is_some_and(|at| at <= app.clock.now());
    if is_over {
        return Err(Problem::not_found());
    }
    if !caller.sees_school() {
        let room = record.parent.as_deref().unwrap_or_default();
        caller.room(&app.store, room).await?;
    }
    Ok(record)
}

/// Incidents in all rooms of the school, the newest first; for its administration
#[utoipa::path(
    get, path = "/api/v1/incidents", tag = "incidents", params(Page),
    responses((status = 200, body = IncidentList))
)]
pub async fn list(
    State(app): State<Incidents>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<IncidentList>, Problem> {
    caller.may(Scope::AttendanceRead)?;
    if !caller.sees_school() {
        return Err(Problem::not_permitted(Scope::AttendanceRead));
    }
    list_of(&app, &caller.school, None, &page).await
}

/// Incidents in a room, the newest first
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}/incidents", tag = "incidents", params(("id" = String, Path), Page),
    responses((status = 200, body = IncidentList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn list_of_room(
    State(app): State<Incidents>,
    caller: Caller,
    Path(id): Path<String>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<IncidentList>, Problem> {
    caller.may(Scope::AttendanceRead)?;
    let room = caller.room(&app.store, &id).await?;
    list_of(&app, &room.school, Some(&room.id), &page).await
}

/// One incident. Its id, or the one that moderators are told in the conference
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = KeptIncident), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Incidents>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<KeptIncident>, Problem> {
    let record = load_visible(&app, &caller, &id).await?;
    Ok(Json(KeptIncident::from(&record)))
}

/// The record for the head of school, in the language that is accepted
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}/document", tag = "incidents", params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "application/pdf", body = DocumentFile),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn document(
    State(app): State<Incidents>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = load_visible(&app, &caller, &id).await?;
    let school = app.store.school(&caller.school).await?;
    let school = school.ok_or_else(Problem::not_found)?;
    let zone = SchoolSettings::of(&app.store, &school.id).await?.time_zone;
    let language = Language::wanted(&headers);
    // Fonts are measured.
    let pdf = tokio::task::spawn_blocking(move || {
        incidents::document(&record, &school.name, &zone, language)
    });
    let pdf = pdf.await.map_err(|error| Problem::internal(&error))?;
    let pdf = pdf.map_err(|error| Problem::internal(&error))?;
    let name = language.say(
        "attachment; filename=\"protokoll.pdf\"",
        "attachment; filename=\"incident.pdf\"",
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/pdf"),
        ),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    Ok((headers, pdf).into_response())
}
