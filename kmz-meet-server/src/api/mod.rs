//! The REST API: one file per resource. `openapi/openapi.json` is generated from the annotations.

mod account;
mod attendance;
mod audit;
mod bbb_secrets;
mod class_lists;
mod conference_people;
mod conferences;
mod configuration;
mod contract_documents;
mod contract_papers;
mod contracts;
mod creations;
mod description;
mod drop_links;
#[cfg(test)]
mod formats_tests;
mod idempotency;
mod incidents;
mod jitsi_apps;
mod keys;
mod limits;
mod lti_failures;
mod lti_platforms;
mod mails;
mod metrics;
mod notices;
mod openapi;
mod operation;
mod operator_keys;
mod passkeys;
mod password;
mod policy;
mod privacy;
mod pupil_cards;
mod reference;
mod rooms;
mod school;
mod school_activity;
mod schools;
mod sealed_drops;
mod second_factor;
mod self_tests;
mod session;
mod sign_in_providers;
mod substitute_passes;
mod teacher_accounts;
mod teacher_imports;
mod teacher_requests;
mod teachers;
mod tickets;
mod webhook_messages;
mod webhooks;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
pub use openapi::openapi;

use crate::auth::check_origin;
use crate::config::PublicUrl;
use crate::http::Problem;
use crate::http::json_body::MAX_BODY_BYTES;
use crate::state::AppState;
use crate::store::SharedStore;

/// A request that takes longer is given up.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// The routes of the API.
pub fn routes(app: &AppState) -> Router<AppState> {
    let (router, _) = openapi::described().split_for_parts();
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
        .layer(from_fn_with_state(
            app.clone(),
            idempotency::answer_repeated,
        ))
        .layer(from_fn_with_state(app.clone(), limits::limit_requests))
        .layer(from_fn_with_state(PublicUrl::from_ref(app), check_origin))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(give_up))
}

/// Middleware: whoever asks gets an answer in time.
async fn give_up(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(TIMEOUT, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::timed_out().into_response())
}

async fn health(
    axum::extract::State(store): axum::extract::State<SharedStore>,
) -> axum::response::Response {
    match store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}
