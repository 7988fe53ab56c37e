//! The operations of the API, and their description.

use std::sync::Arc;

use axum::extract::FromRef;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    account, attendance, bbb_secrets, conferences, configuration, description, jitsi_apps, keys,
    lti_platforms, rooms, school, self_tests, session, sign_in_providers, tickets, webhooks,
};
use crate::auth::{Callers, SignIn};
use crate::config::{Config, PublicUrl};
use crate::credentials::Devices;
use crate::integrations::lti::Courses;
use crate::integrations::oidc::SignOn;
use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(info(
    title = "kmz-meet",
    description = include_str!("assets/guide.md"),
    license(name = "MIT OR Apache-2.0")
))]
struct Description;

/// The operations, and all that they may reach.
pub(super) fn described<S>() -> OpenApiRouter<S>
where
    Callers: FromRef<S>,
    SignIn: FromRef<S>,
    Courses: FromRef<S>,
    Arc<Config>: FromRef<S>,
    PublicUrl: FromRef<S>,
    Arc<Devices>: FromRef<S>,
    account::Account: FromRef<S>,
    bbb_secrets::SharedSecrets: FromRef<S>,
    conferences::Conferences: FromRef<S>,
    jitsi_apps::JitsiApps: FromRef<S>,
    keys::Keys: FromRef<S>,
    lti_platforms::Platforms: FromRef<S>,
    rooms::Rooms: FromRef<S>,
    school::Schools: FromRef<S>,
    self_tests::Testing: FromRef<S>,
    SignOn: FromRef<S>,
    sign_in_providers::SignInProviders: FromRef<S>,
    tickets::TicketOffice: FromRef<S>,
    webhooks::Webhooks: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
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
        .routes(routes!(sign_in_providers::list_shown))
        .routes(routes!(sign_in_providers::list, sign_in_providers::create))
        .routes(routes!(
            sign_in_providers::show,
            sign_in_providers::change,
            sign_in_providers::delete
        ))
        .routes(routes!(sign_in_providers::unlink))
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
        .routes(routes!(self_tests::network::network))
        .routes(routes!(self_tests::running::begin))
        .routes(routes!(self_tests::running::connect))
        .routes(routes!(self_tests::results::report))
        .routes(routes!(self_tests::results::result))
        .routes(routes!(self_tests::counts::counts))
}

/// The description of the API, as in `openapi/openapi.json`.
pub fn openapi() -> String {
    let (_, api) = described::<AppState>().split_for_parts();
    let api = description::complete(serde_json::to_value(api).unwrap_or_default());
    format!("{api:#}\n")
}
