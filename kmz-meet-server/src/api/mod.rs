//! The REST API: one file per resource. `openapi/openapi.json` is generated from the annotations.

mod account;
mod attendance;
mod bbb_secrets;
mod body;
mod conditions;
mod conferences;
mod configuration;
mod description;
mod formats;
mod idempotency;
mod jitsi_apps;
pub(crate) mod keys;
mod limits;
mod lti_platforms;
mod metrics;
mod path;
mod policy;
mod problem;
mod query;
mod reference;
mod rooms;
mod school;
mod session;
mod tickets;
mod webhook_messages;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use limits::RequestLimit;
pub use problem::{Problem, spoken};

use crate::app::App;
use crate::auth::check_origin;

/// Nothing that the API takes is longer.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// A request that takes longer is given up.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

#[derive(OpenApi)]
#[openapi(info(
    title = "kmz-meet",
    description = include_str!("assets/guide.md"),
    license(name = "MIT OR Apache-2.0")
))]
struct Description;

fn described() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(configuration::show))
        .routes(routes!(session::show, session::create, session::delete))
        .routes(routes!(account::list, account::end_others))
        .routes(routes!(account::end))
        .routes(routes!(account::change_password))
        .routes(routes!(rooms::list, rooms::create))
        .routes(routes!(rooms::suggest_name))
        .routes(routes!(rooms::show, rooms::change, rooms::delete))
        .routes(routes!(tickets::create))
        .routes(routes!(conferences::list))
        .routes(routes!(
            conferences::show,
            conferences::change,
            conferences::end
        ))
        .routes(routes!(conferences::mute))
        .routes(routes!(conferences::remove))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::delete))
        .routes(routes!(school::show, school::change))
        .routes(routes!(bbb_secrets::list, bbb_secrets::create))
        .routes(routes!(bbb_secrets::delete))
        .routes(routes!(lti_platforms::list, lti_platforms::create))
        .routes(routes!(
            lti_platforms::show,
            lti_platforms::change,
            lti_platforms::delete
        ))
        .routes(routes!(lti_platforms::invite))
        .routes(routes!(jitsi_apps::list, jitsi_apps::create))
        .routes(routes!(jitsi_apps::delete))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::show, webhooks::change, webhooks::delete))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(attendance::list))
        .routes(routes!(
            attendance::show,
            attendance::correct,
            attendance::delete
        ))
        .routes(routes!(attendance::table))
        .routes(routes!(attendance::send))
}

/// The description of the API, as in `openapi/openapi.json`.
pub fn openapi() -> String {
    let (_, api) = described().split_for_parts();
    let api = description::complete(serde_json::to_value(api).unwrap_or_default());
    format!("{api:#}\n")
}

/// The routes of the API.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let (router, _) = described().split_for_parts();
    router
        .route("/healthz", get(health))
        .route("/metrics", get(metrics::show))
        .route("/api/docs", get(reference::show))
        .route("/api/docs/assets/{name}", get(reference::asset))
        .route(
            "/api/docs/",
            get(|| async { Redirect::permanent("/api/docs") }),
        )
        .route("/api/v1/openapi.json", get(reference::document))
        .route("/api", any(|| async { Problem::not_found() }))
        .route("/api/{*rest}", any(|| async { Problem::not_found() }))
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(from_fn_with_state(app.clone(), idempotency::once))
        .layer(from_fn_with_state(app.clone(), limits::limit_requests))
        .layer(from_fn_with_state(app.clone(), check_origin))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(give_up))
}

/// Middleware: whoever asks gets an answer in time.
async fn give_up(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(TIMEOUT, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::timed_out().into_response())
}

async fn health(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
) -> axum::response::Response {
    match app.store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}
