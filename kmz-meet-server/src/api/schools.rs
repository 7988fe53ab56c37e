//! Schools as operators see them. What a school decides for itself is in `school.rs`.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::AppendHeaders;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, PublicUrl};
use crate::contracts::{self, Standing, Vault, last_day};
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::http::preconditions::{Conditions, IfMatch};
use crate::school_settings::SchoolSettings;
use crate::state::sub_state;
use crate::store::{AddError, AlreadyExists, School, SharedStore};
use crate::time_zone::SchoolZone;

sub_state! {
    /// What handlers of schools and their contracts reach.
    pub struct Administration {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        config: Arc<Config>,
        public_url: PublicUrl,
        contract_vault: Arc<Vault>,
    }
}

/// Of one school.
const MAX_DOMAINS: usize = 20;
/// The longest text to search for.
const MAX_SEARCH_CHARS: usize = 100;

#[derive(Serialize, ToSchema)]
pub struct SchoolEntry {
    id: String,
    name: String,
    /// What is behind the @ in the addresses of its teachers. None: any address will do.
    domains: Vec<String>,
    contract: Standing,
    /// From this moment on a signed contract does not hold any more. Milliseconds since the Unix epoch.
    valid_until: Option<i64>,
    /// The last day on which it holds, in the time zone of the server's schools.
    last_day: Option<String>,
    /// When the contract was changed last. Milliseconds since the Unix epoch.
    changed_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct SchoolList {
    schools: Vec<SchoolEntry>,
    /// `after` of the next page.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchoolFilter {
    /// Part of the name or of a domain, in any case.
    #[serde(default)]
    #[param(max_length = 100)]
    search: Option<String>,
    /// How its contract stands.
    #[serde(default)]
    #[param(inline)]
    state: Option<Standing>,
    /// Entries on a page; 50 when absent.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(min_length = 1, max_length = 64, pattern = "^[0-9A-Za-z_-]{1,64}$")]
    after: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchool {
    name: given::SchoolName,
    #[serde(default)]
    #[schema(max_items = 20)]
    domains: Vec<given::AddressDomain>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SchoolEdit {
    name: Option<given::SchoolName>,
    #[schema(max_items = 20)]
    domains: Option<Vec<given::AddressDomain>>,
}

pub type Tagged = (
    AppendHeaders<[(header::HeaderName, String); 1]>,
    Json<SchoolEntry>,
);

fn entry(school: School, changed_at: Option<Timestamp>, now: Timestamp) -> SchoolEntry {
    let last = school.valid_until;
    let last = last.and_then(|until| last_day(until, &SchoolZone::default()));
    SchoolEntry {
        contract: Standing::of_school(&school, now),
        id: school.id,
        name: school.name,
        domains: school.domains,
        valid_until: school.valid_until,
        last_day: last.map(|day| day.to_string()),
        changed_at,
    }
}

/// What of a school is changed here, as one text.
fn tag(school: &School) -> String {
    let text = serde_json::json!([school.name, school.domains]).to_string();
    format!(
        "\"{}\"",
        &hex::encode(digest(&SHA256, text.as_bytes()))[..32]
    )
}

async fn tagged(app: &Administration, school: School) -> Result<Tagged, Problem> {
    let tag = tag(&school);
    let history = app.store.contract_changes(&school.id).await?;
    let changed_at = history.last().map(|last| last.created_at);
    let entry = entry(school, changed_at, app.clock.now());
    Ok((AppendHeaders([(header::ETAG, tag)]), Json(entry)))
}

/// In which zone the days of a school are counted.
pub(super) async fn zone_of(app: &Administration, school: &str) -> Result<SchoolZone, Problem> {
    Ok(SchoolSettings::of(&app.store, school).await?.time_zone)
}

fn read_domains(given: Vec<given::AddressDomain>) -> Result<Vec<String>, Problem> {
    if given.len() > MAX_DOMAINS {
        let detail = format!("domains: there are more than {MAX_DOMAINS}.");
        return Err(Problem::invalid(detail));
    }
    let mut domains = Vec::new();
    for domain in given {
        let domain = String::from(domain.read("domains")?);
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

/// The schools of this service, by name; for operators
#[utoipa::path(
    get, path = "/api/v1/schools", tag = "schools", params(SchoolFilter),
    responses((status = 200, body = SchoolList))
)]
pub async fn list(
    State(app): State<Administration>,
    caller: Caller,
    QueryParams(filter): QueryParams<SchoolFilter>,
) -> Result<Json<SchoolList>, Problem> {
    caller.operates()?;
    let SchoolFilter {
        search,
        state,
        limit,
        after,
    } = filter;
    let page = Page { limit, after };
    let limit = page.limit()?;
    let search = search.unwrap_or_default().trim().to_lowercase();
    if search.chars().count() > MAX_SEARCH_CHARS {
        let detail = format!("search: it must have at most {MAX_SEARCH_CHARS} characters.");
        return Err(Problem::bad_request(detail));
    }
    let now = app.clock.now();
    // Folded here, because databases fold umlauts each in their own way. There are some hundred schools.
    let mut schools = app.store.schools_with_last_change().await?;
    schools.sort_by_cached_key(|(school, _)| (school.name.to_lowercase(), school.id.clone()));
    let matches = |school: &School| {
        let mut names = std::iter::once(&school.name).chain(&school.domains);
        search.is_empty() || names.any(|name| name.to_lowercase().contains(&search))
    };
    let begin = match &page.after {
        None => 0,
        Some(after) => {
            let at = schools.iter().position(|(school, _)| school.id == *after);
            1 + at.ok_or_else(|| Problem::bad_request("after: it is no `next` of this list."))?
        }
    };
    let wanted = schools.into_iter().skip(begin).filter(|(school, _)| {
        state.is_none_or(|state| Standing::of_school(school, now) == state) && matches(school)
    });
    let more = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let mut schools: Vec<SchoolEntry> = wanted
        .take(more)
        .map(|(school, changed_at)| entry(school, changed_at, now))
        .collect();
    let next = next(&mut schools, limit, |school| &school.id);
    Ok(Json(SchoolList { schools, next }))
}

/// Make a school, whose contract is asked for; for operators
#[utoipa::path(
    post, path = "/api/v1/schools", extensions(("x-repetition" = json!("same_answer"))), tag = "schools", request_body = NewSchool,
    responses(
        (status = 201, body = SchoolEntry),
        (status = 409, body = Problem, description = "`school_taken`; `too_many`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn create(
    State(app): State<Administration>,
    caller: Caller,
    Body(new): Body<NewSchool>,
) -> Result<(StatusCode, Json<SchoolEntry>), Problem> {
    caller.operates()?;
    let name = new.name.read("name")?.into();
    let domains = read_domains(new.domains)?;
    let now = app.clock.now();
    let by = caller.actor();
    let added = contracts::add_school(&app.store, now, (name, domains), false, &by).await?;
    match added {
        Ok(school) => {
            note(&app, &caller, (Action::SchoolMade, &school.id)).await?;
            Ok((StatusCode::CREATED, Json(entry(school, Some(now), now))))
        }
        Err(AddError::AlreadyExists) => Err(Problem::school_taken()),
        Err(AddError::TooMany) => Err(Problem::too_many(
            "This service has as many schools as it may have.",
        )),
    }
}

/// A school. Its own administrators see it, too
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}", extensions(("x-entity-tag" = json!(true))), tag = "schools",
    params(("school_id" = String, Path)),
    responses((status = 200, body = SchoolEntry), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Administration>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    let school = caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    tagged(&app, school).await
}

/// Change name and domains of a school; for operators
#[utoipa::path(
    patch, path = "/api/v1/schools/{school_id}", extensions(("x-entity-tag" = json!(true))), tag = "schools",
    request_body = SchoolEdit, params(("school_id" = String, Path), IfMatch),
    responses(
        (status = 200, body = SchoolEntry),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`school_taken`"),
        (status = 412, body = Problem, description = "`changed_meanwhile`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn change(
    State(app): State<Administration>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(edit): Body<SchoolEdit>,
) -> Result<Tagged, Problem> {
    caller.operates()?;
    let school = caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    let conditions = Conditions::of(&headers)?;
    let mut changed = school.clone();
    if let Some(name) = read(edit.name, "name")? {
        changed.name = name.into();
    }
    if let Some(domains) = edit.domains {
        changed.domains = read_domains(domains)?;
    }
    conditions.met_by(&tag(&school))?;
    match contracts::change_school(&app.store, &school, &changed, &caller.actor()).await? {
        Ok(true) => {
            note(&app, &caller, (Action::SchoolChanged, &changed.id)).await?;
            tagged(&app, changed).await
        }
        Ok(false) => Err(Problem::changed_meanwhile()),
        Err(AlreadyExists) => Err(Problem::school_taken()),
    }
}

/// Into the log of the school itself.
async fn note(
    app: &Administration,
    caller: &Caller,
    (action, school): (Action, &str),
) -> Result<(), Problem> {
    let (now, by) = (app.clock.now(), caller.as_actor());
    audit::note(&app.store, now, &by, Some(school), (action, school)).await?;
    Ok(())
}
