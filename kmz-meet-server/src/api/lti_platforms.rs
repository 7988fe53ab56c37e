//! Platforms whose courses open rooms, and invitations for registering more of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lti_bridge::{Invitation, Platform, PlatformState};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Problem;
use super::body::Body;
use super::formats::{ForeignId, Line, OutgoingAddress};
use super::keys::usable_name;
use super::path::Path;
use super::query::{Asked, Page, next};
use crate::app::App;
use crate::auth::{Caller, Scope, random_token};
use crate::lti::{KeptInvitation, KeptPlatform};
use crate::store::{Record, Which};

/// An invitation holds for a week.
const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

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
    deployment_ids: Vec<String>,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
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
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LtiPlatformChange {
    #[schema(value_type = Option<Line>)]
    name: Option<String>,
    #[schema(value_type = Option<Vec<ForeignId>>, min_items = 1, max_items = 100)]
    deployment_ids: Option<Vec<String>>,
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

fn shown(record: Record<KeptPlatform>) -> LtiPlatform {
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
        state: platform.state.into(),
        created_at: record.created_at,
    }
}

pub(super) fn usable_text(what: &str, text: &str) -> Result<(), Problem> {
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

fn usable_deployments(ids: &[String]) -> Result<(), Problem> {
    if !(1..=100).contains(&ids.len()) {
        return Err(Problem::invalid(
            "deployment_ids: name from 1 to 100 of them.",
        ));
    }
    ids.iter()
        .try_for_each(|id| usable_text("deployment_ids", id))
}

fn address(app: &App, what: &str, text: &str) -> Result<Url, Problem> {
    let wrong = |reason: String| Problem::invalid(format!("{what}: {reason}."));
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if text.len() > 2_000 {
        return Err(wrong("it is longer than 2000 characters".to_owned()));
    }
    app.outgoing
        .check(&url)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(url)
}

/// The school's platforms
#[utoipa::path(
    get, path = "/api/v1/lti/platforms", tag = "lti", params(Page), responses((status = 200, body = LtiPlatformList))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<LtiPlatformList>, Problem> {
    caller.may(Scope::LtiWrite)?;
    let limit = page.limit()?;
    let which = Which {
        school: Some(&caller.school),
        after: page.after.as_deref(),
        limit,
        ..Which::default()
    };
    let platforms = Record::<KeptPlatform>::list(&*app.store, which).await?;
    let next = next(&platforms, limit, |platform| &platform.id);
    let platforms = platforms.into_iter().map(shown).collect();
    Ok(Json(LtiPlatformList { platforms, next }))
}

/// Register a platform by hand
#[utoipa::path(
    post, path = "/api/v1/lti/platforms", tag = "lti", request_body = NewLtiPlatform,
    responses((status = 201, body = LtiPlatform))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewLtiPlatform>,
) -> Result<(StatusCode, Json<LtiPlatform>), Problem> {
    caller.may(Scope::LtiWrite)?;
    usable_text("issuer", &new.issuer)?;
    usable_text("client_id", &new.client_id)?;
    usable_deployments(&new.deployment_ids)?;
    let name = match &new.name {
        Some(name) => usable_name(name)?.to_owned(),
        None => new.issuer.chars().take(100).collect(),
    };
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
    };
    let key = format!("{} {}", platform.issuer, platform.client_id);
    let mut record = Record::new(caller.school, app.clock.now(), KeptPlatform(platform));
    record.id.clone_from(&record.data.0.id);
    record.parent = Some(record.data.0.issuer.clone());
    // One client id of an issuer is one registration, whoever's it is.
    record.key = Some(key);
    if record.add(&*app.store).await?.is_err() {
        return Err(Problem::conflict(
            "platform_taken",
            "This client_id of this issuer is registered already. Change it, or delete it first.",
        ));
    }
    app.framing.refresh(&app.store).await?;
    Ok((StatusCode::CREATED, Json(shown(record))))
}

async fn found(app: &App, caller: &Caller, id: &str) -> Result<Record<KeptPlatform>, Problem> {
    caller.may(Scope::LtiWrite)?;
    let platform = Record::of_school(&*app.store, &caller.school, id).await?;
    platform.ok_or_else(Problem::not_found)
}

/// A platform
#[utoipa::path(
    get, path = "/api/v1/lti/platforms/{id}", tag = "lti", params(("id" = String, Path)),
    responses((status = 200, body = LtiPlatform))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LtiPlatform>, Problem> {
    Ok(Json(shown(found(&app, &caller, &id).await?)))
}

/// Approve a platform, take it back, or name its deployments
#[utoipa::path(
    patch, path = "/api/v1/lti/platforms/{id}", tag = "lti", params(("id" = String, Path)),
    request_body = LtiPlatformChange, responses((status = 200, body = LtiPlatform))
)]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<LtiPlatformChange>,
) -> Result<Json<LtiPlatform>, Problem> {
    let mut record = found(&app, &caller, &id).await?;
    let platform = &mut record.data.0;
    if let Some(name) = &change.name {
        usable_name(name)?.clone_into(&mut platform.name);
    }
    if let Some(ids) = change.deployment_ids {
        usable_deployments(&ids)?;
        platform.deployment_ids = ids;
    }
    if let Some(state) = change.state {
        platform.state = state.into();
    }
    record.put(&*app.store).await?;
    app.framing.refresh(&app.store).await?;
    Ok(Json(shown(record)))
}

/// Forget a platform: its courses open nothing any more; the rooms stay
#[utoipa::path(
    delete, path = "/api/v1/lti/platforms/{id}", tag = "lti", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    found(&app, &caller, &id).await?.delete(&*app.store).await?;
    app.framing.refresh(&app.store).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invite a platform to register itself; what registers waits for an approval
#[utoipa::path(
    post, path = "/api/v1/lti/invitations", tag = "lti", responses((status = 201, body = LtiInvitation))
)]
pub async fn invite(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<(StatusCode, Json<LtiInvitation>), Problem> {
    caller.may(Scope::LtiWrite)?;
    let now = app.clock.now();
    let invitation = KeptInvitation(Invitation {
        tenant: caller.school.clone(),
        approved: false,
    });
    let mut record = Record::new(caller.school, now, invitation);
    let code = random_token::<24>();
    record.key = Some(code.clone());
    record.expires_at = Some(now + INVITATION_MS);
    record.put(&*app.store).await?;
    let invitation = LtiInvitation {
        registration_url: app.lti.registration_url(&code),
        expires_at: now + INVITATION_MS,
    };
    Ok((StatusCode::CREATED, Json(invitation)))
}
