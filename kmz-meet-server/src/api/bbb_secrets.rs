//! Shared secrets of the BigBlueButton-compatible API.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Action;
use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::BbbSecret;
use crate::credentials::BbbSecrets;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::path::Path;
use crate::integrations::bbb;
use crate::state::sub_state;
use crate::store::Record;
use crate::store::SharedStore;

sub_state! {
    /// What handlers of shared secrets reach.
    pub struct SharedSecrets {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        bbb_secrets: Arc<BbbSecrets>,
    }
}

/// A secret that holds.
#[derive(Serialize, ToSchema)]
pub struct SharedSecret {
    id: String,
    /// For the platform's settings, beside `url`.
    secret: String,
    /// For the platform's settings.
    url: String,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// When a newer one took its place; it holds for a week more, or until two newer ones have been replaced too. Milliseconds since the Unix epoch.
    retired_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct SharedSecretList {
    secrets: Vec<SharedSecret>,
}

fn to_response(app: &SharedSecrets, record: Record<BbbSecret>) -> SharedSecret {
    SharedSecret {
        id: record.id,
        secret: record.data.secret,
        url: format!("{}{}", app.public_url, bbb::PATH),
        created_at: record.created_at,
        retired_at: record.data.retired_at,
    }
}

/// The school's secrets that hold
#[utoipa::path(
    get, path = "/api/v1/bbb/secrets", tag = "bigbluebutton", responses((status = 200, body = SharedSecretList))
)]
pub async fn list(
    State(app): State<SharedSecrets>,
    caller: Caller,
) -> Result<Json<SharedSecretList>, Problem> {
    caller.may(Scope::BbbWrite)?;
    let secrets = app.bbb_secrets.of_school(&caller.school).await?;
    let secrets = secrets
        .into_iter()
        .map(|one| to_response(&app, one))
        .collect();
    Ok(Json(SharedSecretList { secrets }))
}

/// Make a new secret; those before it hold for another week, but never more than two of them
#[utoipa::path(
    post, path = "/api/v1/bbb/secrets", extensions(("x-repetition" = json!("refusal"))), tag = "bigbluebutton", responses((status = 201, body = SharedSecret))
)]
pub async fn create(
    State(app): State<SharedSecrets>,
    caller: Caller,
) -> Result<(StatusCode, Json<SharedSecret>), Problem> {
    caller.may(Scope::BbbWrite)?;
    let secret = app.bbb_secrets.new_secret(&caller.school).await?;
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::BbbSecretMade, &secret.id)
        .await?;
    Ok((StatusCode::CREATED, Json(to_response(&app, secret))))
}

/// Take a secret back at once
#[utoipa::path(
    delete, path = "/api/v1/bbb/secrets/{id}", tag = "bigbluebutton", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<SharedSecrets>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::BbbWrite)?;
    let secret = Record::<BbbSecret>::of_school(&app.store, &caller.school, &id).await?;
    let secret = secret.ok_or_else(Problem::not_found)?;
    secret.delete(&app.store).await?;
    app.bbb_secrets.forget().await;
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::BbbSecretDeleted, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
