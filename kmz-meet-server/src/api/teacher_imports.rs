//! Imports of teachers: a list is looked at, confirmed, and can be taken back for a day.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::contract_documents::DocumentFile;
use crate::accounts::{NoPassword, NotInvited};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::file_body::FileBody;
use crate::http::page::QueryParams;
use crate::http::path::Path;
use crate::language::Language;
use crate::mail::SharedMailer;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::teacher_imports::credentials;
use crate::teacher_imports::letters::letters as letters_of;
use crate::teacher_imports::{
    self, Description, ImportState, KeptImport, KeptImportRow, Refused, RowState, TeacherImports,
    UNDO_TIME,
};
use crate::teacher_lists::{RowFault, Verdict};

sub_state! {
    /// What handlers of imports reach.
    pub struct Imports {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        teacher_imports: Arc<TeacherImports>,
        mailer: SharedMailer,
    }
}

/// The password of a list, percent-encoded UTF-8.
const PASSWORD: HeaderName = HeaderName::from_static("list-password");
/// Behind which row the next file of letters begins.
const NEXT: HeaderName = HeaderName::from_static("letters-next");
/// Rows on a page when the request names no limit, and at the most.
const ROWS: u32 = 100;
const MAX_ROWS_OF_PAGE: u32 = 500;

/// How an import stands.
#[derive(Serialize, ToSchema)]
pub struct TeacherImport {
    id: String,
    state: ImportState,
    source: Description,
    /// How many rows have which verdict: `new`, `known`, `duplicate`, `wrong_domain`, `unreadable`.
    verdicts: BTreeMap<String, u64>,
    /// Accounts that are to be made.
    total: u64,
    /// Of these, how many rows have been done with.
    done: u64,
    /// How many rows of those have which state.
    rows: BTreeMap<String, u64>,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Milliseconds since the Unix epoch.
    confirmed_at: Option<i64>,
    /// Until then it can be taken back. Milliseconds since the Unix epoch.
    undo_until: Option<i64>,
    /// Then it is deleted, with all that is known of the list. Milliseconds since the Unix epoch.
    expires_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct TeacherImportList {
    /// Newest first.
    imports: Vec<TeacherImport>,
}

/// A row of a list, and what becomes of it.
#[derive(Serialize, ToSchema)]
pub struct TeacherImportRow {
    /// As a spreadsheet counts it.
    number: u32,
    /// `new`, `known`, `duplicate`, `wrong_domain` or `unreadable`.
    verdict: String,
    /// Of an unreadable row, what is wrong with it.
    fault: Option<String>,
    /// Of a duplicate, the row that counts.
    duplicate_of: Option<u32>,
    /// The verdict in words.
    german: String,
    /// The verdict in words.
    english: String,
    name: Option<String>,
    email: Option<String>,
    state: RowState,
    username: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct TeacherImportRows {
    rows: Vec<TeacherImportRow>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowsAsked {
    /// Only those with this verdict.
    #[serde(default)]
    #[param(inline)]
    verdict: Option<AskedVerdict>,
    /// Only those with this state.
    #[serde(default)]
    #[param(inline)]
    state: Option<RowState>,
    /// Rows on a page; 100 when absent.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    after: Option<u32>,
}

/// A verdict on a row.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = TeacherImportVerdict)]
#[serde(rename_all = "snake_case")]
pub enum AskedVerdict {
    New,
    Known,
    Duplicate,
    WrongDomain,
    Unreadable,
}

impl AskedVerdict {
    fn code(self) -> &'static str {
        match self {
            Self::New => Verdict::New.code(),
            Self::Known => Verdict::Known.code(),
            Self::Duplicate => Verdict::Duplicate { of: 0 }.code(),
            Self::WrongDomain => Verdict::WrongDomain.code(),
            Self::Unreadable => Verdict::Unreadable(RowFault::NoName).code(),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooMany => Problem::too_many("Delete an import first."),
            Refused::TooManyAccounts => Problem::too_many_accounts(),
            Refused::NoContract => Problem::no_contract(),
            Refused::NotNow => Problem::not_now(
                "The import is in another state: it was taken back, or accounts are being made, or its time is up.",
            ),
            Refused::Store(error) => error.into(),
        }
    }
}

async fn import(
    app: &Imports,
    caller: &Caller,
    (school_id, id): (&str, &str),
    scope: Scope,
) -> Result<KeptImport, Problem> {
    let school = caller.school(&app.store, school_id, scope).await?;
    let import = app.store.teacher_import(id).await?;
    let import = import.filter(|import| import.school == school.id);
    import.ok_or_else(Problem::not_found)
}

async fn to_response(app: &Imports, import: KeptImport) -> Result<TeacherImport, Problem> {
    let counts = app.store.count_teacher_import_rows(&import.id).await?;
    let (mut verdicts, mut rows) = (BTreeMap::new(), BTreeMap::new());
    let (mut total, mut waiting) = (0, 0);
    for (verdict, state, count) in counts {
        if verdict == Verdict::New.code() {
            total += count;
            *rows.entry(state.clone()).or_default() += count;
        }
        if state == "waiting" {
            waiting += count;
        }
        *verdicts.entry(verdict).or_default() += count;
    }
    let source = Description::read(&import.description);
    let confirmed_at = import.confirmed_at;
    Ok(TeacherImport {
        id: import.id,
        state: import.state,
        source: source.ok_or_else(Problem::not_found)?,
        verdicts,
        total,
        done: total.saturating_sub(waiting),
        rows,
        created_at: import.created_at,
        confirmed_at,
        undo_until: confirmed_at.map(|at| at + crate::clock::millis(UNDO_TIME)),
        expires_at: import.expires_at,
    })
}

fn row_response(row: KeptImportRow) -> TeacherImportRow {
    let detail = row.detail.as_deref().unwrap_or_default();
    let duplicate_of = detail.parse().ok();
    let verdict = match row.verdict.as_str() {
        "known" => Verdict::Known,
        "duplicate" => Verdict::Duplicate {
            of: duplicate_of.unwrap_or(0),
        },
        "wrong_domain" => Verdict::WrongDomain,
        "unreadable" => {
            Verdict::Unreadable(RowFault::of_code(detail).unwrap_or(RowFault::NotAName))
        }
        _ => Verdict::New,
    };
    let fault = match verdict {
        Verdict::Unreadable(fault) => Some(fault.code().to_owned()),
        _ => None,
    };
    TeacherImportRow {
        number: row.number,
        german: verdict.words(Language::German),
        english: verdict.words(Language::English),
        name: Some(row.name()).filter(|name| !name.is_empty()),
        verdict: row.verdict,
        fault,
        duplicate_of,
        email: row.email,
        state: row.state,
        username: row.username,
    }
}

fn password(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(PASSWORD) else {
        return Ok(None);
    };
    let wrong = || Problem::bad_request("List-Password: it must be percent-encoded UTF-8.");
    let text = value.to_str().map_err(|_| wrong())?;
    let text = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| wrong())?;
    Ok(Some(text.into_owned()))
}

/// Look at a list of teachers, CSV or XLSX, without making anything of it
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-imports", tag = "teacher_imports",
    params(
        ("school_id" = String, Path),
        ("List-Password" = Option<String>, Header, description = "The password of a protected workbook, percent-encoded UTF-8."),
    ),
    request_body(content = FileBody, content_type = "application/octet-stream", description = "The file, at most 10 MB."),
    responses(
        (status = 201, body = TeacherImport),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`too_many`"),
        (status = 413, body = Problem, description = "`too_large`"),
        (status = 422, body = Problem, description = "`unreadable_list`: `detail` says why in German and English, `reason` by a code such as `password_needed`"),
        (status = 429, body = Problem, description = "`too_many_requests`: other lists are being read, or another one of the school, `Retry-After` says when to try again"),
    )
)]
pub async fn create(
    State(app): State<Imports>,
    caller: Caller,
    Path(school_id): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<TeacherImport>), Problem> {
    let school = caller
        .school(&app.store, &school_id, Scope::TeachersWrite)
        .await?;
    let password = password(request.headers())?;
    let TeacherImports { reader, files, .. } = &*app.teacher_imports;
    let (file, _place) = FileBody::read(request, files, &school.id).await?;
    let list = reader.read(file, password).await;
    let list = list.map_err(|refusal| Problem::unreadable_list(&refusal))?;
    let (now, by) = (app.clock.now(), caller.as_actor());
    let import = teacher_imports::check(&app.store, now, (&school, &by), list).await?;
    Ok((StatusCode::CREATED, Json(to_response(&app, import).await?)))
}

/// The school's imports
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teacher-imports", tag = "teacher_imports",
    params(("school_id" = String, Path)),
    responses((status = 200, body = TeacherImportList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn list(
    State(app): State<Imports>,
    caller: Caller,
    Path(school_id): Path<String>,
) -> Result<Json<TeacherImportList>, Problem> {
    let school = caller
        .school(&app.store, &school_id, Scope::TeachersRead)
        .await?;
    let filter = crate::store::RecordFilter {
        school: Some(&school.id),
        newest_first: true,
        limit: teacher_imports::MAX_IMPORTS,
        ..Default::default()
    };
    let mut imports = Vec::new();
    for import in app.store.teacher_imports(filter).await? {
        imports.push(to_response(&app, import).await?);
    }
    Ok(Json(TeacherImportList { imports }))
}

/// How an import stands
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teacher-imports/{id}", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = TeacherImport), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<Json<TeacherImport>, Problem> {
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersRead).await?;
    Ok(Json(to_response(&app, import).await?))
}

/// The rows of an import, each with its verdict
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teacher-imports/{id}/rows", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path), RowsAsked),
    responses((status = 200, body = TeacherImportRows), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn rows(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    QueryParams(asked): QueryParams<RowsAsked>,
) -> Result<Json<TeacherImportRows>, Problem> {
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersRead).await?;
    let limit = asked.limit.unwrap_or(ROWS);
    if !(1..=MAX_ROWS_OF_PAGE).contains(&limit) {
        return Err(Problem::bad_request("limit: it must be from 1 to 500."));
    }
    let states: Vec<RowState> = asked.state.into_iter().collect();
    let filter = (asked.verdict.map(AskedVerdict::code), states.as_slice());
    let after = asked.after.unwrap_or(0);
    let mut rows = app
        .store
        .teacher_import_rows(&import.id, filter, after, u64::from(limit) + 1)
        .await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.number);
    let rows = rows.into_iter().map(row_response).collect();
    Ok(Json(TeacherImportRows { rows, next }))
}

/// Confirm an import: from now on its accounts are made
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-imports/{id}/confirm", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 202, body = TeacherImport),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: it was taken back; `too_many`: the school would have more accounts than it may"),
    )
)]
pub async fn confirm(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<(StatusCode, Json<TeacherImport>), Problem> {
    let known = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    let now = app.clock.now();
    teacher_imports::confirm(&app.store, now, &known, &caller.as_actor()).await?;
    app.teacher_imports.go_on(&app.store, &app.clock).await?;
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    Ok((StatusCode::ACCEPTED, Json(to_response(&app, import).await?)))
}

/// Take an import back, within a day: accounts that nobody has used are removed, the others stay
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-imports/{id}/undo", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = TeacherImport),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: it is not done, or its day is over"),
    )
)]
pub async fn undo(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<Json<TeacherImport>, Problem> {
    let known = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    let now = app.clock.now();
    teacher_imports::undo(&app.store, now, &known, &caller.as_actor()).await?;
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    Ok(Json(to_response(&app, import).await?))
}

/// Delete an import and all that is known of its list. Accounts that it made stay
#[utoipa::path(
    delete, path = "/api/v1/schools/{school_id}/teacher-imports/{id}", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: accounts are being made"),
    )
)]
pub async fn delete(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    let now = app.clock.now();
    teacher_imports::delete(&app.store, now, &import, &caller.as_actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of which teachers letters are made, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LettersAsked {
    /// Letters for the rows behind this one; from the first when absent.
    #[serde(default)]
    after: Option<u32>,
    /// `de` (when absent) or `en`.
    #[serde(default)]
    #[param(inline)]
    language: Option<AskedLanguage>,
}

/// A language of letters and mails.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = LetterLanguage)]
#[serde(rename_all = "snake_case")]
pub enum AskedLanguage {
    De,
    En,
}

impl From<Option<AskedLanguage>> for Language {
    fn from(asked: Option<AskedLanguage>) -> Self {
        match asked {
            Some(AskedLanguage::En) => Self::English,
            Some(AskedLanguage::De) | None => Self::German,
        }
    }
}

/// Letters for the office's printer, a page for each teacher who has no password yet, with a new one-time link
///
/// Links of former letters are over. A file has letters of 500 rows at the most: the header `Letters-Next` has the row behind
/// which the next file begins.
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-imports/{id}/letters", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path), LettersAsked),
    responses(
        (status = 200, content_type = "application/pdf", body = DocumentFile),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: nobody in it needs a letter"),
    )
)]
pub async fn letters(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    QueryParams(asked): QueryParams<LettersAsked>,
) -> Result<Response, Problem> {
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    let school = app.store.school(&import.school).await?;
    let school = school.ok_or_else(Problem::not_found)?.name;
    let (now, after) = (app.clock.now(), asked.after.unwrap_or(0));
    let (store, url, by) = (&app.store, &app.public_url, caller.as_actor());
    let all = credentials::hand_out(store, url, now, &import, after, &by).await;
    let (all, next) = all.map_err(not_invited)?;
    if all.is_empty() {
        return Err(Problem::not_now("Nobody in this import needs a letter."));
    }
    let language = asked.language.into();
    let server = app.public_url.to_string();
    let pdf = tokio::task::spawn_blocking(move || letters_of(&school, &server, language, &all));
    let pdf = pdf.await.map_err(|error| Problem::internal(&error))?;
    let pdf = pdf.map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"letters.pdf\"".to_owned(),
        ),
    ];
    let mut response = (headers, pdf).into_response();
    if let Some(next) = next {
        response.headers_mut().insert(NEXT, next.into());
    }
    Ok(response)
}

/// How many mails are on their way.
#[derive(Serialize, ToSchema)]
pub struct MailedLinks {
    mails: u32,
    /// Rows whose teachers got many such mails today, and no other one now.
    left_out: Vec<u32>,
    /// The row behind which the next request begins; absent when all were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
}

/// Mail each teacher who has no password yet a new one-time link
///
/// Links of former letters and mails are over. 500 rows are looked at; `next` says behind which row to go on.
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-imports/{id}/mails", tag = "teacher_imports",
    params(("school_id" = String, Path), ("id" = String, Path), LettersAsked),
    responses(
        (status = 200, body = MailedLinks),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`no_mail`: this server sends no mail; print letters"),
    )
)]
pub async fn mails(
    State(app): State<Imports>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    QueryParams(asked): QueryParams<LettersAsked>,
) -> Result<Json<MailedLinks>, Problem> {
    let import = import(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    if !app.mailer.is_set_up() {
        return Err(Problem::no_mail());
    }
    let (now, after) = (app.clock.now(), asked.after.unwrap_or(0));
    let (store, mailer, by) = (&app.store, &app.mailer, caller.as_actor());
    let how = (asked.language.into(), &by);
    let mailed = credentials::mail(store, mailer, now, &import, after, how);
    let mailed = mailed.await.map_err(not_invited)?;
    Ok(Json(MailedLinks {
        mails: mailed.mails,
        left_out: mailed.left_out,
        next: mailed.next,
    }))
}

pub(super) fn not_invited(error: NotInvited) -> Problem {
    match error {
        NotInvited::NoPassword(NoPassword::NoContract) => Problem::no_contract(),
        NotInvited::NoPassword(NoPassword::OfProvider) => Problem::not_now(
            "A sign-in provider made the account and opens it: it gets no password. Undo its link to the provider first.",
        ),
        error => Problem::internal(&error),
    }
}
