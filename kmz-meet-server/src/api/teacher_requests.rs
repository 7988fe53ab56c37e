//! Teachers who ask for an account, and those who decide.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::contract_documents::DocumentFile;
use crate::accounts::{NoPassword, NotInvited};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::credentials::Scope;
use crate::email_address::EmailAddress;
use crate::http::Problem;
use crate::http::file_body::FileBody;
use crate::http::given;
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::language::Language;
use crate::limits::ClientAddress;
use crate::mail::{NotTaken, SharedMailer};
use crate::state::sub_state;
use crate::store::{RecordFilter, SharedStore};
use crate::teacher_requests::{
    self, KeptRequest, MAX_NOTE_CHARS, Mail, NewRequest, NoProof, Refused, RequestState,
    TeacherRequests,
};

sub_state! {
    /// What handlers of requests reach.
    pub struct Requests {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        teacher_requests: Arc<TeacherRequests>,
        mailer: SharedMailer,
    }
}

/// Schools in one list.
const MAX_SCHOOLS: u64 = 2_000;
/// What was mailed, behind the `#` of its link.
const TOKEN: HeaderName = HeaderName::from_static("request-token");

#[derive(Serialize, ToSchema)]
pub struct SchoolToAsk {
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
pub struct SchoolsToAsk {
    /// By name.
    schools: Vec<SchoolToAsk>,
}

/// Somebody asks for an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeacherRequest {
    /// One of those of `GET /api/v1/teacher-requests/schools`.
    #[schema(max_length = 64)]
    school_id: String,
    name: given::PersonName,
    /// Official.
    #[schema(max_length = 254)]
    email: String,
    /// In which mails are written; German when absent.
    #[serde(default)]
    language: Option<RequestLanguage>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestLanguage {
    De,
    En,
}

/// The same for everybody.
#[derive(Serialize, ToSchema)]
pub struct RequestTaken {
    /// A mail goes to the address, if it can belong to a teacher of the school.
    taken: bool,
}

/// What was mailed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailedToken {
    #[schema(max_length = 100)]
    token: String,
}

/// What a teacher answers to the question of the school.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeacherAnswer {
    /// What was mailed.
    #[schema(max_length = 100)]
    token: String,
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
}

/// How a request stands, for the teacher who made it.
#[derive(Serialize, ToSchema)]
pub struct OwnTeacherRequest {
    state: RequestState,
    name: String,
    /// The name of the school.
    school: String,
    /// Whether a file that proves employment is wanted. Another one replaces that which is there.
    proof_wanted: bool,
    /// What the school asks.
    question: Option<String>,
}

/// A request, for those who decide.
#[derive(Serialize, ToSchema)]
pub struct TeacherRequest {
    id: String,
    state: RequestState,
    name: String,
    email: String,
    /// Whether the register of the office has the address.
    known: bool,
    /// The media type of the file that proves employment.
    proof: Option<String>,
    /// What was asked back, or why it was refused.
    note: Option<String>,
    /// What the teacher answered to what was asked back.
    answer: Option<String>,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Then it is deleted. Milliseconds since the Unix epoch.
    expires_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct TeacherRequestList {
    /// Oldest first.
    requests: Vec<TeacherRequest>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RequestsAsked {
    /// Only those with this state.
    #[serde(default)]
    #[param(inline)]
    state: Option<RequestState>,
    /// Entries on a page; 50 when absent.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(min_length = 1, max_length = 64, pattern = "^[0-9A-Za-z_-]{1,64}$")]
    after: Option<String>,
}

/// A question, or a reason.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
}

impl Words {
    fn read(self) -> Result<String, Problem> {
        words(&self.text)
    }
}

fn words(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_owned();
    let fits = (1..=MAX_NOTE_CHARS).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_control() && c != '\n');
    fits.then_some(text)
        .ok_or_else(|| Problem::invalid("text: it must have from 1 to 1000 characters."))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoContract => Problem::no_contract(),
            Refused::NotNow => Problem::not_now("The request was decided already."),
            Refused::TooMany => Problem::too_many_accounts(),
            Refused::AddressTaken => Problem::address_taken(),
            Refused::Proof(error @ (NoProof::Kind | NoProof::TooLarge)) => {
                Problem::invalid(format!("The file: {error}."))
            }
            Refused::Proof(error) => Problem::internal(&error),
            Refused::Store(error) => error.into(),
        }
    }
}

fn to_response(request: KeptRequest) -> TeacherRequest {
    TeacherRequest {
        id: request.id,
        state: request.state,
        name: request.name,
        email: request.email,
        known: request.known,
        proof: request.proof,
        note: request.note,
        answer: request.answer,
        created_at: request.created_at,
        expires_at: request.expires_at,
    }
}

async fn own(app: &Requests, request: KeptRequest) -> Result<OwnTeacherRequest, Problem> {
    let open = matches!(
        request.state,
        RequestState::Waiting | RequestState::AskedBack
    );
    let asked = request.state == RequestState::AskedBack;
    let school = app.store.school(&request.school).await?;
    Ok(OwnTeacherRequest {
        school: school.ok_or_else(Problem::not_found)?.name,
        proof_wanted: open && (asked || !request.known),
        question: request.note.filter(|_| asked),
        state: request.state,
        name: request.name,
    })
}

/// Leaves a mail about a request to be sent. Where an address got many today, it gets no more, and nobody is told.
async fn send(app: &Requests, request: &KeptRequest, mail: Mail) -> Result<(), Problem> {
    let now = app.clock.now();
    let sent = teacher_requests::send(&app.store, &app.mailer, now, request, mail).await;
    match sent {
        Ok(()) | Err(NotInvited::Mail(NotTaken::TooMany)) => Ok(()),
        Err(NotInvited::NoPassword(NoPassword::NoContract)) => Err(Problem::no_contract()),
        Err(error) => Err(Problem::internal(&error)),
    }
}

/// Without mail nobody can prove an address, and nobody learns what was decided.
fn must_send_mail(app: &Requests) -> Result<(), Problem> {
    if app.mailer.is_set_up() {
        Ok(())
    } else {
        Err(Problem::no_mail())
    }
}

/// Schools whose teachers may ask for an account
#[utoipa::path(
    get, path = "/api/v1/teacher-requests/schools", tag = "teacher_requests", security(()),
    responses((status = 200, body = SchoolsToAsk))
)]
pub async fn schools(State(app): State<Requests>) -> Result<Json<SchoolsToAsk>, Problem> {
    let schools = app
        .store
        .schools_to_ask(app.clock.now(), MAX_SCHOOLS)
        .await?
        .into_iter();
    let schools = schools.map(|(id, name)| SchoolToAsk { id, name }).collect();
    Ok(Json(SchoolsToAsk { schools }))
}

/// Ask for an account. The answer tells nobody who has one
#[utoipa::path(
    post, path = "/api/v1/teacher-requests", tag = "teacher_requests", security(()),
    request_body = NewTeacherRequest,
    responses(
        (status = 202, body = RequestTaken),
        (status = 404, body = Problem, description = "`not_found`: no such school"),
        (status = 409, body = Problem, description = "`no_mail`: this server sends no mail, so no address can be proved"),
        (status = 422, body = Problem, description = "`invalid`: the name or the address"),
        (status = 429, body = Problem, description = "`too_many_requests`; `Retry-After` says how long"),
    )
)]
pub async fn create(
    State(app): State<Requests>,
    address: ClientAddress,
    Body(new): Body<NewTeacherRequest>,
) -> Result<(StatusCode, Json<RequestTaken>), Problem> {
    must_send_mail(&app)?;
    let name = String::from(new.name.read("name")?);
    let email: EmailAddress = new
        .email
        .parse()
        .map_err(|error| Problem::invalid(format!("email: {error}.")))?;
    let allowed = app
        .teacher_requests
        .may_ask(address.network(), Instant::now());
    allowed.map_err(|wait| Problem::too_many_requests(wait.as_secs() + 1))?;
    let school = app.store.school(&new.school_id).await?;
    let school = school.ok_or_else(Problem::not_found)?;
    let language = match new.language {
        Some(RequestLanguage::En) => Language::English,
        _ => Language::German,
    };
    let asked = NewRequest {
        school: &school,
        name: &name,
        email: &email,
        language,
    };
    let register = &app.teacher_requests.register;
    let noted = teacher_requests::ask(&app.store, app.clock.now(), register, &asked).await?;
    if let Some((request, mail)) = noted {
        send(&app, &request, mail).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(RequestTaken { taken: true })))
}

async fn by_token(app: &Requests, token: &str) -> Result<KeptRequest, Problem> {
    let request = teacher_requests::by_token(&app.store, app.clock.now(), token).await?;
    request.ok_or_else(Problem::not_found)
}

/// Prove one's address by what was mailed, or look how one's request stands
#[utoipa::path(
    post, path = "/api/v1/teacher-requests/confirm", tag = "teacher_requests", security(()),
    request_body = MailedToken,
    responses((status = 200, body = OwnTeacherRequest), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn confirm(
    State(app): State<Requests>,
    Body(mailed): Body<MailedToken>,
) -> Result<Json<OwnTeacherRequest>, Problem> {
    let request = by_token(&app, &mailed.token).await?;
    let request = teacher_requests::confirm(&app.store, app.clock.now(), &request).await?;
    Ok(Json(own(&app, request).await?))
}

/// Add the file that proves employment: PDF, JPEG or PNG, at most 5 MB
#[utoipa::path(
    put, path = "/api/v1/teacher-requests/proof", tag = "teacher_requests", security(()),
    params(("Request-Token" = String, Header, description = "What was mailed.")),
    request_body(content = FileBody, content_type = "application/octet-stream", description = "The file."),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: it was decided, or the address is not proved"),
        (status = 413, body = Problem, description = "`too_large`"),
        (status = 422, body = Problem, description = "`invalid`: another kind of file"),
        (status = 429, body = Problem, description = "`too_many_requests`: others add files right now, or you do"),
    )
)]
pub async fn add_proof(
    State(app): State<Requests>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let token = request.headers().get(TOKEN);
    let token =
        token.ok_or_else(|| Problem::bad_request("Request-Token: what was mailed is needed."))?;
    let known = by_token(&app, token.to_str().unwrap_or_default()).await?;
    teacher_requests::may_add_proof(&known)?;
    let TeacherRequests { proofs, files, .. } = &*app.teacher_requests;
    // By the address: all requests of one person have it.
    let (file, _place) = FileBody::read(request, files, &known.email).await?;
    teacher_requests::add_proof(&app.store, proofs, &known, file).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answer what the school asked
#[utoipa::path(
    put, path = "/api/v1/teacher-requests/answer", tag = "teacher_requests", security(()),
    request_body = TeacherAnswer,
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: nothing was asked, or it was decided"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn answer(
    State(app): State<Requests>,
    Body(answer): Body<TeacherAnswer>,
) -> Result<StatusCode, Problem> {
    let request = by_token(&app, &answer.token).await?;
    teacher_requests::answer(&app.store, &request, &words(&answer.text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Teachers who ask for an account
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teacher-requests", tag = "teacher_requests",
    params(("school_id" = String, Path), RequestsAsked),
    responses((status = 200, body = TeacherRequestList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn list(
    State(app): State<Requests>,
    caller: Caller,
    Path(school_id): Path<String>,
    QueryParams(asked): QueryParams<RequestsAsked>,
) -> Result<Json<TeacherRequestList>, Problem> {
    let school = caller
        .school(&app.store, &school_id, Scope::TeachersRead)
        .await?;
    let page = Page {
        limit: asked.limit,
        after: asked.after,
    };
    let limit = page.limit()?;
    let filter = RecordFilter {
        school: Some(&school.id),
        after: page.after.as_deref(),
        limit: limit + 1,
        ..Default::default()
    };
    let mut requests = app.store.teacher_requests(filter, asked.state).await?;
    let next = next(&mut requests, limit, |request| &request.id);
    let requests = requests.into_iter().map(to_response).collect();
    Ok(Json(TeacherRequestList { requests, next }))
}

async fn request(
    app: &Requests,
    caller: &Caller,
    (school_id, id): (&str, &str),
    scope: Scope,
) -> Result<KeptRequest, Problem> {
    let school = caller.school(&app.store, school_id, scope).await?;
    let request = app.store.teacher_request(id).await?;
    let seen = |request: &KeptRequest| {
        request.school == school.id && request.state != RequestState::Unconfirmed
    };
    request.filter(seen).ok_or_else(Problem::not_found)
}

/// One request
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teacher-requests/{id}", tag = "teacher_requests",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = TeacherRequest), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Requests>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<Json<TeacherRequest>, Problem> {
    let request = request(&app, &caller, (&school_id, &id), Scope::TeachersRead).await?;
    Ok(Json(to_response(request)))
}

/// The file that proves employment
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teacher-requests/{id}/proof", tag = "teacher_requests",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, content(
            (DocumentFile = "application/pdf"), (DocumentFile = "image/jpeg"), (DocumentFile = "image/png")
        )),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn proof(
    State(app): State<Requests>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let request = request(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    let kind = request.proof.clone().ok_or_else(Problem::not_found)?;
    let (now, proofs) = (app.clock.now(), &app.teacher_requests.proofs);
    let by = caller.as_actor();
    let file = teacher_requests::read_proof(&app.store, now, proofs, &request, &by).await?;
    // A stranger's file: it is saved or shown by itself, and runs nothing.
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, file).into_response())
}

/// Make the account, and mail its one-time link
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-requests/{id}/accept", tag = "teacher_requests",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = TeacherRequest),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: it was decided; `address_taken`; `too_many`: the school has as many accounts as it may; `no_mail`"),
    )
)]
pub async fn accept(
    State(app): State<Requests>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<Json<TeacherRequest>, Problem> {
    let known = request(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    must_send_mail(&app)?;
    let (now, proofs) = (app.clock.now(), &app.teacher_requests.proofs);
    let by = caller.as_actor();
    let mail = teacher_requests::accept(&app.store, now, proofs, &known, &by).await?;
    decided(&app, &known, mail).await
}

/// Ask the teacher something
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-requests/{id}/ask", tag = "teacher_requests",
    params(("school_id" = String, Path), ("id" = String, Path)), request_body = Words,
    responses(
        (status = 200, body = TeacherRequest),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: it was decided; `no_mail`"),
    )
)]
pub async fn ask(
    State(app): State<Requests>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    Body(words): Body<Words>,
) -> Result<Json<TeacherRequest>, Problem> {
    let known = request(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    must_send_mail(&app)?;
    let (text, now, by) = (words.read()?, app.clock.now(), caller.as_actor());
    let mail = teacher_requests::ask_back(&app.store, now, &known, &text, &by).await?;
    decided(&app, &known, mail).await
}

/// Refuse, with a reason that the teacher reads
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teacher-requests/{id}/refuse", tag = "teacher_requests",
    params(("school_id" = String, Path), ("id" = String, Path)), request_body = Words,
    responses(
        (status = 200, body = TeacherRequest),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: it was decided; `no_mail`"),
    )
)]
pub async fn refuse(
    State(app): State<Requests>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    Body(words): Body<Words>,
) -> Result<Json<TeacherRequest>, Problem> {
    let known = request(&app, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    must_send_mail(&app)?;
    let (text, proofs) = (words.read()?, &app.teacher_requests.proofs);
    let (now, by) = (app.clock.now(), caller.as_actor());
    let mail = teacher_requests::refuse(&app.store, now, proofs, &known, &text, &by).await?;
    decided(&app, &known, mail).await
}

async fn decided(
    app: &Requests,
    request: &KeptRequest,
    mail: Mail,
) -> Result<Json<TeacherRequest>, Problem> {
    send(app, request, mail).await?;
    let now = app.store.teacher_request(&request.id).await?;
    Ok(Json(to_response(now.ok_or_else(Problem::not_found)?)))
}
