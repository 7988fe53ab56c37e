//! Platforms whose courses open rooms, and invitations for registering more of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lti_bridge::{AddPlatformError, Bridge, Invitation, Platform, PlatformState, WebOrigin};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::school::read_origins;
use crate::audit::Action;
use crate::auth::Caller;
use crate::clock::{Clock, millis};
use crate::credentials::{Scope, random_token};
use crate::frame_ancestors::FrameAncestors;
use crate::http::Problem;
use crate::http::addresses::check_host;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::integrations::lti::refresh_frame_ancestors;
use crate::integrations::lti::{KeptInvitation, KeptPlatform, LtiStore, MAX_PLATFORMS_OF_SCHOOL};
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{Record, RecordFilter};
use guarded_http::GuardedClient;

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
const MAX_DEPLOYMENTS: usize = 100;

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
    name: Option<given::Label>,
    /// `iss` of its tokens.
    issuer: given::Issuer,
    /// Our id at the platform.
    client_id: given::ForeignId,
    #[schema(min_items = 1, max_items = 100)]
    deployment_ids: Vec<given::ForeignId>,
    authorization_endpoint: given::OutgoingAddress,
    token_endpoint: given::OutgoingAddress,
    jwks_uri: given::OutgoingAddress,
    /// The `aud` of our client assertions; the token endpoint when absent.
    authorization_server: Option<given::ForeignId>,
    /// Where its pages come from beside the hosts of the issuer and of the sign-in: they may show rooms in a frame, and
    /// take the answer of a content selection.
    #[schema(max_items = 10)]
    page_origins: Option<Vec<given::WebOrigin>>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LtiPlatformChange {
    name: Option<given::Label>,
    #[schema(min_items = 1, max_items = 100)]
    deployment_ids: Option<Vec<given::ForeignId>>,
    /// A platform that moves has a new one; its rooms stay.
    issuer: Option<given::Issuer>,
    authorization_endpoint: Option<given::OutgoingAddress>,
    token_endpoint: Option<given::OutgoingAddress>,
    jwks_uri: Option<given::OutgoingAddress>,
    /// The `aud` of our client assertions.
    authorization_server: Option<given::ForeignId>,
    /// Where its pages come from beside the hosts of the issuer and of the sign-in.
    #[schema(max_items = 10)]
    page_origins: Option<Vec<given::WebOrigin>>,
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

fn read_deployments(given: Vec<given::ForeignId>) -> Result<Vec<String>, Problem> {
    if !(1..=MAX_DEPLOYMENTS).contains(&given.len()) {
        return Err(Problem::invalid(format!(
            "deployment_ids: name from 1 to {MAX_DEPLOYMENTS} of them."
        )));
    }
    let ids = given.into_iter().map(|id| id.read("deployment_ids"));
    ids.map(|id| id.map(String::from)).collect()
}

fn read_address(
    app: &Platforms,
    given: given::OutgoingAddress,
    field: &str,
) -> Result<Url, Problem> {
    given.read_permitted(field, &app.outgoing)
}

/// People are sent there, so its host becomes a part of headers.
fn read_sign_in(app: &Platforms, given: given::OutgoingAddress) -> Result<Url, Problem> {
    const FIELD: &str = "authorization_endpoint";
    let url = read_address(app, given, FIELD)?;
    check_host(&url).map_err(|unfit| unfit.in_field(FIELD))?;
    Ok(url)
}

fn read_page_origins(given: Vec<given::WebOrigin>) -> Result<Vec<WebOrigin>, Problem> {
    if given.len() > MAX_ORIGINS {
        return Err(Problem::invalid("page_origins: there are more than 10."));
    }
    read_origins(given, "page_origins")
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
    let issuer = String::from(new.issuer.read("issuer")?);
    let client_id = new.client_id.read("client_id")?.into();
    let deployment_ids = read_deployments(new.deployment_ids)?;
    let audience = read(new.authorization_server, "authorization_server")?;
    let name = match read(new.name, "name")? {
        Some(name) => name.into(),
        None => issuer.chars().take(100).collect(),
    };
    let named_only = app
        .lti_store()
        .is_of_others(&issuer, &caller.school)
        .await?;
    let platform = Platform {
        id: Uuid::now_v7().to_string(),
        tenant: caller.school.clone(),
        name,
        authorization_endpoint: read_sign_in(&app, new.authorization_endpoint)?,
        token_endpoint: read_address(&app, new.token_endpoint, "token_endpoint")?,
        jwks_uri: read_address(&app, new.jwks_uri, "jwks_uri")?,
        issuer,
        client_id,
        deployment_ids,
        state: PlatformState::Active,
        page_origins: read_page_origins(new.page_origins.unwrap_or_default())?,
        proven: false,
        named_only,
        audience: audience.map(String::from),
    };
    let now = app.clock.now();
    let record = KeptPlatform::record(platform, now);
    match app.lti_store().add(&record).await? {
        Ok(()) => {
            caller
                .note(&app.store, now, Action::PlatformMade, &record.id)
                .await?;
            Ok((StatusCode::CREATED, Json(to_response(record))))
        }
        Err(AddPlatformError::AlreadyRegistered) => Err(Problem::platform_taken()),
        Err(AddPlatformError::TooMany) => Err(Problem::too_many(format!(
            "The school has {MAX_PLATFORMS_OF_SCHOOL} platforms already. Delete one that is not needed any more."
        ))),
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
    let mut seen = load_visible(&app, &caller, &id).await?;
    let name = read(change.name, "name")?.map(String::from);
    let deployment_ids = change.deployment_ids.map(read_deployments).transpose()?;
    let authorization_endpoint = change
        .authorization_endpoint
        .map(|given| read_sign_in(&app, given))
        .transpose()?;
    let address = |given: Option<given::OutgoingAddress>, name| {
        given
            .map(|given| read_address(&app, given, name))
            .transpose()
    };
    let token_endpoint = address(change.token_endpoint, "token_endpoint")?;
    let jwks_uri = address(change.jwks_uri, "jwks_uri")?;
    let audience = read(change.authorization_server, "authorization_server")?.map(String::from);
    let page_origins = change.page_origins.map(read_page_origins).transpose()?;
    let issuer = read(change.issuer, "issuer")?.map(String::from);
    let of_others = match &issuer {
        Some(issuer) => app.lti_store().is_of_others(issuer, &caller.school).await?,
        None => false,
    };
    let set = |platform: &mut Platform| {
        replace(&mut platform.name, name.as_ref());
        replace(&mut platform.deployment_ids, deployment_ids.as_ref());
        replace(
            &mut platform.authorization_endpoint,
            authorization_endpoint.as_ref(),
        );
        replace(&mut platform.token_endpoint, token_endpoint.as_ref());
        replace(&mut platform.jwks_uri, jwks_uri.as_ref());
        replace(&mut platform.page_origins, page_origins.as_ref());
        if let Some(state) = change.state {
            platform.state = state.into();
        }
        if audience.is_some() {
            platform.audience.clone_from(&audience);
        }
        if let Some(issuer) = issuer.as_ref().filter(|given| **given != platform.issuer) {
            platform.proven = false;
            platform.named_only = of_others;
            platform.issuer.clone_from(issuer);
        }
    };
    set(&mut seen.data.0);
    if issuer.is_some() && app.lti_store().is_taken(&seen.data.0).await? {
        return Err(Problem::platform_taken());
    }
    // A launch may add its deployment at the same moment; who deletes the platform must not find it again.
    let changed = Record::<KeptPlatform>::change(&app.store, &id, set).await?;
    let record = changed.ok_or_else(Problem::not_found)?;
    refresh_frame_ancestors(&app.frame_ancestors, &app.store).await?;
    let action = match change.state {
        Some(LtiPlatformState::Active) => Action::PlatformApproved,
        Some(LtiPlatformState::Disabled) => Action::PlatformLocked,
        _ => Action::PlatformChanged,
    };
    caller
        .note(&app.store, app.clock.now(), action, &id)
        .await?;
    Ok(Json(to_response(record)))
}

fn replace<T: Clone>(former: &mut T, given: Option<&T>) {
    if let Some(given) = given {
        former.clone_from(given);
    }
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
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::PlatformDeleted, &id)
        .await?;
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
    let mut record = Record::new(caller.school.clone(), now, invitation);
    let code = random_token::<24>();
    record.key = Some(code.clone());
    record.expires_at = Some(now + millis(INVITATION_VALID));
    record.insert_or_replace(&app.store).await?;
    caller
        .note(&app.store, now, Action::PlatformInvited, &record.id)
        .await?;
    let invitation = LtiInvitation {
        registration_url: app.lti.registration_url(&code),
        expires_at: now + millis(INVITATION_VALID),
    };
    Ok((StatusCode::CREATED, Json(invitation)))
}
