//! Platforms whose courses open rooms, and invitations for registering more of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lti_bridge::{AddPlatformError, Invitation, Platform, PlatformState};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::school::origins;
use crate::auth::Caller;
use crate::clock::{Clock, millis};
use crate::credentials::{Scope, random_token};
use crate::frame_ancestors::FrameAncestors;
use crate::http::Problem;
use crate::http::formats::{ForeignId, Line, OutgoingAddress, WebOrigin};
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::http::texts::validate_name;
use crate::integrations::lti::refresh_frame_ancestors;
use crate::integrations::lti::{KeptInvitation, KeptPlatform, LtiStore, MAX_PLATFORMS_OF_SCHOOL};
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{Record, RecordFilter};
use guarded_http::GuardedClient;
use lti_bridge::Bridge;

sub_state! {
    /// What handlers of platforms reach.
    pub struct Platforms {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        frame_ancestors: Arc<FrameAncestors>,
        outgoing: GuardedClient,
        lti: Arc<Bridge>,
    }
}

impl Platforms {
    fn lti_store(&self) -> LtiStore {
        LtiStore::new(
            self.store.clone(),
            self.clock.clone(),
            self.frame_ancestors.clone(),
        )
    }
}

/// How long an invitation is valid.
const INVITATION_VALID: Duration = Duration::from_hours(7 * 24);
const MAX_ORIGINS: usize = 10;

/// Whether launches of a platform are taken.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LtiPlatformState {
    /// Registered, and not approved yet.
    Pending,
    Active,
    /// Taken back.
    Disabled,
}

impl From<PlatformState> for LtiPlatformState {
    fn from(state: PlatformState) -> Self {
        match state {
            PlatformState::Pending => Self::Pending,
            PlatformState::Active => Self::Active,
            PlatformState::Disabled => Self::Disabled,
        }
    }
}

impl From<LtiPlatformState> for PlatformState {
    fn from(state: LtiPlatformState) -> Self {
        match state {
            LtiPlatformState::Pending => Self::Pending,
            LtiPlatformState::Active => Self::Active,
            LtiPlatformState::Disabled => Self::Disabled,
        }
    }
}

/// A platform.
#[derive(Serialize, ToSchema)]
pub struct LtiPlatform {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    /// Empty where a registration named none: then the first launch names it.
    deployment_ids: Vec<String>,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    /// For whom our client assertions are, where that is not the token endpoint.
    authorization_server: Option<String>,
    /// Where its pages come from beside the hosts of the issuer and of the sign-in.
    page_origins: Vec<String>,
    state: LtiPlatformState,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct LtiPlatformList {
    platforms: Vec<LtiPlatform>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLtiPlatform {
    /// What people call it; its issuer when absent.
    #[schema(value_type = Option<Line>)]
    name: Option<String>,
    /// `iss` of its tokens.
    #[schema(value_type = ForeignId)]
    issuer: String,
    /// Our id at the platform.
    #[schema(value_type = ForeignId)]
    client_id: String,
    #[schema(value_type = Vec<ForeignId>, min_items = 1, max_items = 100)]
    deployment_ids: Vec<String>,
    #[schema(value_type = OutgoingAddress)]
    authorization_endpoint: String,
    #[schema(value_type = OutgoingAddress)]
    token_endpoint: String,
    #[schema(value_type = OutgoingAddress)]
    jwks_uri: String,
    /// The `aud` of our client assertions; the token endpoint when absent.
    #[schema(value_type = Option<ForeignId>)]
    authorization_server: Option<String>,
    /// Where its pages come from beside the hosts of the issuer and of the sign-in: they may show rooms in a frame, and
    /// take the answer of a content selection.
    #[schema(value_type = Option<Vec<WebOrigin>>, max_items = 10)]
    page_origins: Option<Vec<String>>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LtiPlatformChange {
    #[schema(value_type = Option<Line>)]
    name: Option<String>,
    #[schema(value_type = Option<Vec<ForeignId>>, min_items = 1, max_items = 100)]
    deployment_ids: Option<Vec<String>>,
    /// A platform that moves has a new one; its rooms stay.
    #[schema(value_type = Option<ForeignId>)]
    issuer: Option<String>,
    #[schema(value_type = Option<OutgoingAddress>)]
    authorization_endpoint: Option<String>,
    #[schema(value_type = Option<OutgoingAddress>)]
    token_endpoint: Option<String>,
    #[schema(value_type = Option<OutgoingAddress>)]
    jwks_uri: Option<String>,
    /// The `aud` of our client assertions.
    #[schema(value_type = Option<ForeignId>)]
    authorization_server: Option<String>,
    /// Where its pages come from beside the hosts of the issuer and of the sign-in.
    #[schema(value_type = Option<Vec<WebOrigin>>, max_items = 10)]
    page_origins: Option<Vec<String>>,
    /// `active` approves a platform that registered itself.
    state: Option<LtiPlatformState>,
}

#[derive(Serialize, ToSchema)]
pub struct LtiInvitation {
    /// For the platform's administrator to paste (Moodle: 'Add LTI Advantage').
    registration_url: String,
    /// Milliseconds since the Unix epoch.
    expires_at: i64,
}

fn to_response(record: Record<KeptPlatform>) -> LtiPlatform {
    let platform = record.data.0;
    LtiPlatform {
        id: record.id,
        name: platform.name,
        issuer: platform.issuer,
        client_id: platform.client_id,
        deployment_ids: platform.deployment_ids,
        authorization_endpoint: platform.authorization_endpoint.into(),
        token_endpoint: platform.token_endpoint.into(),
        jwks_uri: platform.jwks_uri.into(),
        authorization_server: platform.audience,
        page_origins: platform
            .page_origins
            .into_iter()
            .map(String::from)
            .collect(),
        state: platform.state.into(),
        created_at: record.created_at,
    }
}

pub(super) fn validate_text(what: &str, text: &str) -> Result<(), Problem> {
    let fits = (1..=500).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && !text.trim().is_empty();
    if fits {
        Ok(())
    } else {
        Err(Problem::invalid(format!(
            "{what}: it must have from 1 to 500 characters, not only spaces, and no control characters."
        )))
    }
}

fn validate_deployments(ids: &[String]) -> Result<(), Problem> {
    if !(1..=100).contains(&ids.len()) {
        return Err(Problem::invalid(
            "deployment_ids: name from 1 to 100 of them.",
        ));
    }
    ids.iter()
        .try_for_each(|id| validate_text("deployment_ids", id))
}

fn address(app: &Platforms, what: &str, text: &str) -> Result<Url, Problem> {
    let wrong = |reason: String| Problem::invalid(format!("{what}: {reason}."));
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if text.len() > 2_000 {
        return Err(wrong("it is longer than 2000 characters".to_owned()));
    }
    app.outgoing
        .check(&url)
        .map_err(|error| wrong(error.to_string()))?;
    // People are sent there: its host becomes a part of headers.
    if what == "authorization_endpoint" {
        is_web(what, &url)?;
    }
    Ok(url)
}

fn validate_origins(texts: &[String]) -> Result<Vec<lti_bridge::WebOrigin>, Problem> {
    if texts.len() > MAX_ORIGINS {
        return Err(Problem::invalid("page_origins: there are more than 10."));
    }
    origins("page_origins", texts)
}

/// Its host becomes a part of headers. An issuer need not be an address; one that is names the host of pages.
fn validate_issuer(issuer: &str) -> Result<(), Problem> {
    validate_text("issuer", issuer)?;
    match Url::parse(issuer) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => is_web("issuer", &url),
        _ => Ok(()),
    }
}

fn is_web(what: &str, url: &Url) -> Result<(), Problem> {
    let origin = lti_bridge::WebOrigin::of(url);
    origin.map_err(|error| Problem::invalid(format!("{what}: {error}.")))?;
    Ok(())
}

fn taken() -> Problem {
    Problem::conflict(
        "platform_taken",
        "This client_id of this issuer is registered already. Change it, or delete it first. If another school has it: let \
         the platform register itself by an invitation, which proves that it is yours.",
    )
}

/// The school's platforms
#[utoipa::path(
    get, path = "/api/v1/lti/platforms", tag = "lti", params(Page), responses((status = 200, body = LtiPlatformList))
)]
pub async fn list(
    State(app): State<Platforms>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<LtiPlatformList>, Problem> {
    caller.may(Scope::LtiWrite)?;
    let limit = page.limit()?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        after: page.after.as_deref(),
        limit: limit + 1,
        ..RecordFilter::default()
    };
    let mut platforms = Record::<KeptPlatform>::list(&app.store, filter).await?;
    let next = next(&mut platforms, limit, |platform| &platform.id);
    let platforms = platforms.into_iter().map(to_response).collect();
    Ok(Json(LtiPlatformList { platforms, next }))
}

/// Register a platform by hand
#[utoipa::path(
    post, path = "/api/v1/lti/platforms", extensions(("x-repetition" = json!("same_answer"))), tag = "lti", request_body = NewLtiPlatform,
    responses((status = 201, body = LtiPlatform))
)]
pub async fn create(
    State(app): State<Platforms>,
    caller: Caller,
    Body(new): Body<NewLtiPlatform>,
) -> Result<(StatusCode, Json<LtiPlatform>), Problem> {
    caller.may(Scope::LtiWrite)?;
    validate_issuer(&new.issuer)?;
    validate_text("client_id", &new.client_id)?;
    validate_deployments(&new.deployment_ids)?;
    if let Some(server) = &new.authorization_server {
        validate_text("authorization_server", server)?;
    }
    let name = match &new.name {
        Some(name) => validate_name(name)?.to_owned(),
        None => new.issuer.chars().take(100).collect(),
    };
    let named_only = app
        .lti_store()
        .is_of_others(&new.issuer, &caller.school)
        .await?;
    let platform = Platform {
        id: Uuid::now_v7().to_string(),
        tenant: caller.school.clone(),
        name,
        authorization_endpoint: address(
            &app,
            "authorization_endpoint",
            &new.authorization_endpoint,
        )?,
        token_endpoint: address(&app, "token_endpoint", &new.token_endpoint)?,
        jwks_uri: address(&app, "jwks_uri", &new.jwks_uri)?,
        issuer: new.issuer,
        client_id: new.client_id,
        deployment_ids: new.deployment_ids,
        state: PlatformState::Active,
        page_origins: validate_origins(&new.page_origins.unwrap_or_default())?,
        proven: false,
        named_only,
        audience: new.authorization_server,
    };
    let record = KeptPlatform::record(platform, app.clock.now());
    match app.lti_store().add(&record).await? {
        Ok(()) => Ok((StatusCode::CREATED, Json(to_response(record)))),
        Err(AddPlatformError::AlreadyRegistered) => Err(taken()),
        Err(AddPlatformError::TooMany) => Err(Problem::conflict(
            "too_many",
            format!(
                "The school has {MAX_PLATFORMS_OF_SCHOOL} platforms already. Delete one that is not needed any more."
            ),
        )),
    }
}

async fn load_visible(
    app: &Platforms,
    caller: &Caller,
    id: &str,
) -> Result<Record<KeptPlatform>, Problem> {
    caller.may(Scope::LtiWrite)?;
    let platform = Record::<KeptPlatform>::of_school(&app.store, &caller.school, id).await?;
    platform.ok_or_else(Problem::not_found)
}

/// A platform
#[utoipa::path(
    get, path = "/api/v1/lti/platforms/{id}", tag = "lti", params(("id" = String, Path)),
    responses((status = 200, body = LtiPlatform))
)]
pub async fn show(
    State(app): State<Platforms>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LtiPlatform>, Problem> {
    Ok(Json(to_response(load_visible(&app, &caller, &id).await?)))
}

/// Approve a platform, take it back, name its deployments, or say where it is now
#[utoipa::path(
    patch, path = "/api/v1/lti/platforms/{id}", tag = "lti", params(("id" = String, Path)),
    request_body = LtiPlatformChange, responses((status = 200, body = LtiPlatform))
)]
pub async fn change(
    State(app): State<Platforms>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<LtiPlatformChange>,
) -> Result<Json<LtiPlatform>, Problem> {
    let mut record = load_visible(&app, &caller, &id).await?;
    let platform = &mut record.data.0;
    if let Some(name) = &change.name {
        validate_name(name)?.clone_into(&mut platform.name);
    }
    if let Some(ids) = change.deployment_ids {
        validate_deployments(&ids)?;
        platform.deployment_ids = ids;
    }
    if let Some(state) = change.state {
        platform.state = state.into();
    }
    for (what, text, known) in [
        (
            "authorization_endpoint",
            change.authorization_endpoint,
            &mut platform.authorization_endpoint,
        ),
        (
            "token_endpoint",
            change.token_endpoint,
            &mut platform.token_endpoint,
        ),
        ("jwks_uri", change.jwks_uri, &mut platform.jwks_uri),
    ] {
        if let Some(text) = text {
            *known = address(&app, what, &text)?;
        }
    }
    if let Some(server) = change.authorization_server {
        validate_text("authorization_server", &server)?;
        platform.audience = Some(server);
    }
    if let Some(origins) = change.page_origins {
        platform.page_origins = validate_origins(&origins)?;
    }
    if let Some(issuer) = change.issuer {
        validate_issuer(&issuer)?;
        if platform.issuer != issuer {
            platform.proven = false;
            platform.named_only = app
                .lti_store()
                .is_of_others(&issuer, &caller.school)
                .await?;
        }
        platform.issuer = issuer;
        if app.lti_store().is_taken(platform).await? {
            return Err(taken());
        }
    }
    KeptPlatform::index(&mut record);
    if !record.update(&app.store).await? {
        return Err(Problem::not_found());
    }
    refresh_frame_ancestors(&app.frame_ancestors, &app.store).await?;
    Ok(Json(to_response(record)))
}

/// Forget a platform: its courses open nothing any more; the rooms stay
#[utoipa::path(
    delete, path = "/api/v1/lti/platforms/{id}", tag = "lti", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<Platforms>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    load_visible(&app, &caller, &id)
        .await?
        .delete(&app.store)
        .await?;
    refresh_frame_ancestors(&app.frame_ancestors, &app.store).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invite a platform to register itself, once; what registers waits for an approval
#[utoipa::path(
    post, path = "/api/v1/lti/invitations", extensions(("x-repetition" = json!("refusal"))), tag = "lti", responses((status = 201, body = LtiInvitation))
)]
pub async fn invite(
    State(app): State<Platforms>,
    caller: Caller,
) -> Result<(StatusCode, Json<LtiInvitation>), Problem> {
    caller.may(Scope::LtiWrite)?;
    let now = app.clock.now();
    let invitation = KeptInvitation(Invitation {
        tenant: caller.school.clone(),
        approved: false,
        once: true,
    });
    let mut record = Record::new(caller.school, now, invitation);
    let code = random_token::<24>();
    record.key = Some(code.clone());
    record.expires_at = Some(now + millis(INVITATION_VALID));
    record.insert_or_replace(&app.store).await?;
    let invitation = LtiInvitation {
        registration_url: app.lti.registration_url(&code),
        expires_at: now + millis(INVITATION_VALID),
    };
    Ok((StatusCode::CREATED, Json(invitation)))
}
