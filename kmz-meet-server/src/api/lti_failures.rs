//! Why launches of a platform failed, as numbers.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::path::Path;
use crate::integrations::lti::KeptPlatform;
use crate::state::sub_state;
use crate::store::{LaunchFailure, Record, SharedStore};

sub_state! {
    /// What the list of failures reaches.
    pub struct Failures {
        store: SharedStore,
    }
}

/// A reason for which launches failed.
#[derive(Serialize, ToSchema)]
pub struct LtiFailure {
    /// As on the page that people saw, such as `lti_deployment_unknown`.
    code: String,
    /// How often at least: of very many at once not all are counted.
    count: u64,
    /// Milliseconds since the Unix epoch.
    last_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct LtiFailureList {
    /// The latest first.
    failures: Vec<LtiFailure>,
}

/// Why launches of a platform failed in the last month: how often for which reason, without any person
#[utoipa::path(
    get, path = "/api/v1/lti/platforms/{id}/failures", operation_id = "failures", tag = "lti", params(("id" = String, Path)),
    responses((status = 200, body = LtiFailureList))
)]
pub async fn list(
    State(app): State<Failures>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LtiFailureList>, Problem> {
    caller.may(Scope::LtiWrite)?;
    let platform = Record::<KeptPlatform>::of_school(&app.store, &caller.school, &id).await?;
    let platform = platform.ok_or_else(Problem::not_found)?;
    let failures = app.store.launch_failures(&platform.id).await?;
    let failure = |failure: LaunchFailure| LtiFailure {
        code: failure.code,
        count: failure.count,
        last_at: failure.last_at,
    };
    let failures = failures.into_iter().map(failure).collect();
    Ok(Json(LtiFailureList { failures }))
}
