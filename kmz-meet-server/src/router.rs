//! The map of the product: what is served under which address.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use kmz_meet_core::signal::SIGNAL_PATH;

use crate::integrations::{bbb, lti, oidc};
use crate::state::{App, AppState};
use crate::{api, edge, privacy_pages, shown_mails, signaling, web};

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    let app = AppState::from(app);
    Router::new()
        .merge(api::routes(&app))
        .route(SIGNAL_PATH, get(signaling::connect))
        .merge(bbb::routes())
        .merge(oidc::routes())
        .nest(lti::PATH, app.lti.router())
        .merge(shown_mails::routes())
        .merge(privacy_pages::routes())
        .merge(web::routes())
        .layer(from_fn_with_state(
            web::Pages::from_ref(&app),
            web::security_headers,
        ))
        .layer(from_fn(edge::bounded))
        .with_state(app)
}
