//! The routes of the tool.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::html::STYLESHEET;
use crate::tool::Bridge;
use crate::{deep_linking, keys, launch, login, registration, setup_page};

/// Longest body of a request, in bytes: launches with their tokens, and selections.
const MAX_BODY_BYTES: usize = 128 * 1024;

impl Bridge {
    /// The routes, to be nested at the path of [`Settings::base_url`](crate::Settings::base_url).
    pub fn router<S: Clone + Send + Sync + 'static>(self: &Arc<Self>) -> Router<S> {
        Router::new()
            .route("/", get(setup_page::manual_setup_page))
            .route("/login", get(login::by_query).post(login::by_form))
            .route("/cookie-check", get(login::cookie_check))
            .route(
                "/launch",
                get(launch::redirect_to_setup_page).post(launch::launch),
            )
            .route(
                "/deep-link",
                get(setup_page::for_programs).post(deep_linking::chosen),
            )
            .route("/register", get(registration::without_invitation))
            .route("/register/{invitation}", get(registration::register))
            .route("/jwks", get(jwks))
            .route("/lti.js", get(script))
            .route("/lti.css", get(style))
            .method_not_allowed_fallback(setup_page::not_allowed)
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(self.clone())
    }
}

async fn jwks(State(bridge): State<Arc<Bridge>>) -> Response {
    match keys::published(&*bridge.store, bridge.now()).await {
        Ok(set) => (
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "public, max-age=300"),
            ],
            set.to_string(),
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "our keys cannot be published");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn script() -> Response {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../assets/lti.js"),
    )
}

async fn style() -> Response {
    file("text/css; charset=utf-8", STYLESHEET)
}

fn file(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, Bytes::from_static(content.as_bytes())).into_response()
}
