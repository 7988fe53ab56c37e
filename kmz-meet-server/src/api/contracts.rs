//! The contract of a school: how it stands, how it came to be, and the next step.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::AppendHeaders;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schools::{Administration, zone_of};
use crate::audit;
use crate::auth::Caller;
use crate::contracts::{self, NotChanged, Signature, Standing, Step, StepTaken, last_day};
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::http::preconditions::{Conditions, IfMatch};
use crate::store::{Contract, ContractChange, ContractDocument, School};
use crate::time_zone::SchoolZone;

/// The contract of a school.
#[derive(Serialize, ToSchema)]
pub struct SchoolContract {
    school_id: String,
    state: Standing,
    /// Whether accounts, rooms and conferences are made now.
    open: bool,
    /// From this moment on it does not hold any more. Milliseconds since the Unix epoch.
    valid_until: Option<i64>,
    /// The last day on which it holds, in the school's time zone.
    last_day: Option<String>,
    /// The day of the last signature.
    signed_on: Option<String>,
    /// All changes, the oldest first. Operators see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<ChangeEntry>>,
    /// The documents that were uploaded. Operators see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<Vec<DocumentEntry>>,
}

/// A change of a contract.
#[derive(Serialize, ToSchema)]
pub struct ChangeEntry {
    id: String,
    /// Milliseconds since the Unix epoch.
    at: i64,
    /// Who did it: the id of an account, or `command line`.
    by: String,
    /// The name of that account, as long as it exists.
    by_name: Option<String>,
    state: Contract,
    signer: Option<String>,
    signed_on: Option<String>,
    valid_until: Option<i64>,
    /// The last day on which it holds, such as `2027-07-31`.
    last_day: Option<String>,
    document_id: Option<String>,
    /// In hexadecimal digits.
    document_sha256: Option<String>,
    note: Option<String>,
}

/// A signed document.
#[derive(Serialize, ToSchema)]
pub struct DocumentEntry {
    pub(super) id: String,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// In hexadecimal digits.
    sha256: String,
    media_type: String,
    /// In bytes.
    size: u64,
}

impl From<ContractDocument> for DocumentEntry {
    fn from(document: ContractDocument) -> Self {
        Self {
            id: document.id,
            created_at: document.created_at,
            sha256: document.sha256,
            media_type: document.media_type,
            size: document.size,
        }
    }
}

/// What is done to a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractStep {
    /// A school whose contract is over asks for another one.
    Request,
    /// The form goes to the head of the school, for the first time or again.
    SendForm,
    /// It is signed, for the first time or again.
    Sign,
    /// It is over at once.
    End,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContractChange {
    step: ContractStep,
    /// Who signed, for the school; with `sign`.
    #[serde(default)]
    signer: Option<given::Label>,
    /// The day of the signature; with `sign`.
    #[serde(default)]
    signed_on: Option<given::Day>,
    /// The last day on which it holds; with `sign`. Without it, it holds until it is ended.
    #[serde(default)]
    last_day: Option<given::Day>,
    /// The id of the signed document, which was uploaded before; with `sign`.
    #[serde(default)]
    document_id: Option<given::ForeignId>,
    #[serde(default)]
    note: Option<given::Note>,
}

pub type Tagged = (
    AppendHeaders<[(header::HeaderName, String); 1]>,
    Json<SchoolContract>,
);

/// The newest change is what a change that follows was made to.
fn tag(history: &[ContractChange]) -> String {
    let newest = history.last().map_or("none", |last| last.id.as_str());
    format!("\"{newest}\"")
}

async fn to_response(
    app: &Administration,
    caller: &Caller,
    school: School,
    (history, zone): (Vec<ContractChange>, SchoolZone),
) -> Result<Tagged, Problem> {
    let tag = tag(&history);
    let standing = Standing::of_school(&school, app.clock.now());
    let last = school.valid_until;
    let last = last.and_then(|until| last_day(until, &zone));
    let signed = history
        .iter()
        .rfind(|change| change.state == Contract::Signed);
    let mut contract = SchoolContract {
        state: standing,
        open: standing.holds(),
        valid_until: school.valid_until,
        last_day: last.map(|day| day.to_string()),
        signed_on: signed.and_then(|change| change.signed_on.clone()),
        history: None,
        documents: None,
        school_id: school.id,
    };
    if caller.operates().is_ok() {
        let documents = app.store.contract_documents(&contract.school_id).await?;
        let mut entries = Vec::new();
        for change in history {
            let by = app.store.user(&change.changed_by).await?;
            entries.push(ChangeEntry {
                id: change.id,
                at: change.created_at,
                by: change.changed_by,
                by_name: by.map(|user| user.name),
                state: change.state,
                signer: change.signer,
                signed_on: change.signed_on,
                valid_until: change.valid_until,
                last_day: change
                    .valid_until
                    .and_then(|until| last_day(until, &zone))
                    .map(|day| day.to_string()),
                document_id: change.document,
                document_sha256: change.document_sha256,
                note: change.note,
            });
        }
        contract.history = Some(entries);
        contract.documents = Some(documents.into_iter().map(DocumentEntry::from).collect());
    }
    Ok((AppendHeaders([(header::ETAG, tag)]), Json(contract)))
}

/// How the contract of a school stands. Its own administrators see that, too
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/contract", extensions(("x-entity-tag" = json!(true))), tag = "contracts",
    params(("school_id" = String, Path)),
    responses((status = 200, body = SchoolContract), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Administration>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    let read = contracts::read(&app.store, &id).await?;
    let (school, history) = read.ok_or_else(Problem::not_found)?;
    let zone = zone_of(&app, &id).await?;
    to_response(&app, &caller, school, (history, zone)).await
}

/// Take the next step with a contract; for operators. The end of it closes the school at once
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/contract/changes", extensions(("x-repetition" = json!("refusal"))),
    tag = "contracts", request_body = NewContractChange, params(("school_id" = String, Path), IfMatch),
    responses(
        (status = 201, body = SchoolContract),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`; `too_many`"),
        (status = 412, body = Problem, description = "`changed_meanwhile`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn change(
    State(app): State<Administration>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new): Body<NewContractChange>,
) -> Result<(StatusCode, Tagged), Problem> {
    caller.operates()?;
    caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    let conditions = Conditions::of(&headers)?;
    let (step, note) = read_change(&app, &id, new).await?;
    let read = contracts::read(&app.store, &id).await?;
    let (school, mut history) = read.ok_or_else(Problem::not_found)?;
    conditions.met_by(&tag(&history))?;
    let zone = zone_of(&app, &id).await?;
    let by = caller.actor();
    let taken = StepTaken {
        step,
        note,
        by: &by,
    };
    let now = app.clock.now();
    let change = contracts::take_step(&app.store, (now, &zone), &school, &history, taken);
    let change = change.await.map_err(refused)?;
    let changed = School {
        contract: change.state,
        valid_until: change.valid_until,
        ..school
    };
    let what = (contracts::action(change.state), id.as_str());
    audit::note(&app.store, now, &caller.as_actor(), Some(&id), what).await?;
    history.push(change);
    let response = to_response(&app, &caller, changed, (history, zone)).await?;
    Ok((StatusCode::CREATED, response))
}

fn refused(error: NotChanged) -> Problem {
    match error {
        NotChanged::Refused(refused) if refused.is_about_values() => {
            Problem::invalid(refused.to_string())
        }
        NotChanged::Refused(refused) => Problem::not_now(refused.to_string()),
        NotChanged::ChangedMeanwhile => Problem::changed_meanwhile(),
        NotChanged::TooMany => Problem::too_many(error.to_string()),
        NotChanged::Store(error) => error.into(),
    }
}

/// The step of a request, with all that it needs and nothing else.
async fn read_change(
    app: &Administration,
    school: &str,
    new: NewContractChange,
) -> Result<(Step, Option<String>), Problem> {
    let note = read(new.note, "note")?.map(String::from);
    let note = note.filter(|note| !note.is_empty());
    let signer = read(new.signer, "signer")?;
    let signed_on = read(new.signed_on, "signed_on")?;
    let last_day = read(new.last_day, "last_day")?;
    let document = read(new.document_id, "document_id")?;
    let step = match new.step {
        ContractStep::Sign => {
            let (Some(signer), Some(signed_on), Some(document)) = (signer, signed_on, document)
            else {
                return Err(Problem::invalid(
                    "A signature needs signer, signed_on and document_id.",
                ));
            };
            let wanted = String::from(document);
            let documents = app.store.contract_documents(school).await?;
            let document = documents.into_iter().find(|one| one.id == wanted);
            let document = document.ok_or_else(|| {
                Problem::invalid("document_id: the school has no such document. Upload it first.")
            })?;
            return Ok((
                Step::Sign(Signature {
                    signer: signer.into(),
                    signed_on: signed_on.into(),
                    last_day: last_day.map(Into::into),
                    document: document.id,
                    document_sha256: document.sha256,
                }),
                note,
            ));
        }
        ContractStep::Request => Step::Request,
        ContractStep::SendForm => Step::SendForm,
        ContractStep::End => Step::End,
    };
    if signer.is_some() || signed_on.is_some() || last_day.is_some() || document.is_some() {
        return Err(Problem::invalid(
            "signer, signed_on, last_day and document_id belong to the step sign.",
        ));
    }
    Ok((step, note))
}
