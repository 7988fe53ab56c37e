//! The operations of the API, and their description.

use std::sync::Arc;

use axum::extract::FromRef;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    account, attendance, audit, bbb_secrets, conferences, configuration, description, jitsi_apps,
    keys, lti_failures, lti_platforms, notices, rooms, school, school_activity, self_tests,
    session, tickets, webhooks,
};
use crate::auth::{Callers, SignIn};
use crate::config::{Config, PublicUrl};
use crate::credentials::Devices;
use crate::integrations::lti::Courses;
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
    audit::Audit: FromRef<S>,
    bbb_secrets::SharedSecrets: FromRef<S>,
    conferences::Conferences: FromRef<S>,
    jitsi_apps::JitsiApps: FromRef<S>,
    keys::Keys: FromRef<S>,
    lti_failures::Failures: FromRef<S>,
    lti_platforms::Platforms: FromRef<S>,
    notices::Notices: FromRef<S>,
    rooms::Rooms: FromRef<S>,
    school::Schools: FromRef<S>,
    school_activity::SchoolActivities: FromRef<S>,
    self_tests::Testing: FromRef<S>,
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
        .routes(routes!(bbb_secrets::list, bbb_secrets::create))
        .routes(routes!(bbb_secrets::delete))
        .routes(routes!(lti_platforms::list, lti_platforms::create))
        .routes(routes!(
            lti_platforms::show,
            lti_platforms::change,
            lti_platforms::delete
        ))
        .routes(routes!(lti_failures::list))
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
        .routes(routes!(self_tests::network))
        .routes(routes!(self_tests::begin))
        .routes(routes!(self_tests::connect))
        .routes(routes!(self_tests::report))
        .routes(routes!(self_tests::result))
        .routes(routes!(self_tests::counts))
        .routes(routes!(school_activity::list))
        .routes(routes!(notices::current))
        .routes(routes!(notices::list, notices::create))
        .routes(routes!(notices::change, notices::delete))
        .routes(routes!(audit::list))
        .routes(routes!(audit::table))
}

/// The description of the API, as in `openapi/openapi.json`.
pub fn openapi() -> String {
    let (_, api) = described::<AppState>().split_for_parts();
    let api = description::complete(serde_json::to_value(api).unwrap_or_default());
    format!("{api:#}\n")
}
