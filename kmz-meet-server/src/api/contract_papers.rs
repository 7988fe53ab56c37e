//! The papers of contracts: the form of a school, and the list of a year.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::contract_documents::DocumentFile;
use super::schools::{Administration, zone_of};
use crate::auth::Caller;
use crate::contracts::{self, Content, FormOf, YearlyList};
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::path::Path;
use crate::language::Language;
use crate::school_settings::SchoolSettings;
use crate::time_zone::SchoolZone;

/// A paper as a file to be saved.
async fn printed(paper: Content, name: &'static str) -> Result<Response, Problem> {
    // Fonts are measured, and a long list has many names.
    let pdf = tokio::task::spawn_blocking(move || paper.pdf()).await;
    let pdf = pdf.map_err(|error| Problem::internal(&error))?;
    let pdf = pdf.map_err(|error| Problem::internal(&error))?;
    Ok(attached(pdf, "application/pdf", name))
}

fn attached(file: impl IntoResponse, media_type: &'static str, name: &'static str) -> Response {
    let mut response = file.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}

/// The form of the contract of a school, made of the settings of this server, in the language that is accepted. Somebody who
/// knows the law has to check it
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/contract/form", tag = "contracts", params(("school_id" = String, Path)),
    responses(
        (status = 200, body = DocumentFile, content_type = "application/pdf"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn form(
    State(app): State<Administration>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let school = caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    let language = Language::wanted(&headers);
    let settings = SchoolSettings::of(&app.store, &id).await?;
    let of = FormOf {
        config: &app.config,
        service: app.public_url.as_str(),
        school: &school.name,
        zone: &zone_of(&app, &id).await?,
        attendance_days: settings.attendance_days,
        now: app.clock.now(),
    };
    let name = language.say(
        "attachment; filename=\"vertrag.pdf\"",
        "attachment; filename=\"agreement.pdf\"",
    );
    printed(contracts::form(of, language), name).await
}

async fn list_of(app: &Administration, year: i16) -> Result<YearlyList, Problem> {
    let list = YearlyList::read(&app.store, year, app.clock.now()).await?;
    list.ok_or_else(Problem::not_found)
}

/// All contracts of a year for the data-protection officer, as a table for spreadsheets; for operators
#[utoipa::path(
    get, path = "/api/v1/contract-lists/{year}/csv", tag = "contracts",
    params(("year" = i16, Path, minimum = 2_018, maximum = 9_999)),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 404, body = Problem, description = "`not_found`: there is no list of that year yet"),
    )
)]
pub async fn table(
    State(app): State<Administration>,
    caller: Caller,
    Path(year): Path<i16>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.operates()?;
    let language = Language::wanted(&headers);
    let csv = list_of(&app, year).await?.csv(language);
    let name = language.say(
        "attachment; filename=\"vertraege.csv\"",
        "attachment; filename=\"agreements.csv\"",
    );
    Ok(attached(csv, "text/csv; charset=utf-8", name))
}

/// The same on paper; for operators
#[utoipa::path(
    get, path = "/api/v1/contract-lists/{year}/paper", tag = "contracts",
    params(("year" = i16, Path, minimum = 2_018, maximum = 9_999)),
    responses(
        (status = 200, body = DocumentFile, content_type = "application/pdf"),
        (status = 404, body = Problem, description = "`not_found`: there is no list of that year yet"),
    )
)]
pub async fn paper(
    State(app): State<Administration>,
    caller: Caller,
    Path(year): Path<i16>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.operates()?;
    let language = Language::wanted(&headers);
    let operator = app.config.operator_name.as_deref();
    let list = list_of(&app, year).await?;
    let name = language.say(
        "attachment; filename=\"vertraege.pdf\"",
        "attachment; filename=\"agreements.pdf\"",
    );
    let paper = list.paper(&SchoolZone::default(), operator, language);
    printed(paper, name).await
}
