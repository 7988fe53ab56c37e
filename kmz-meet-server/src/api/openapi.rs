//! The operations of the API, and their description.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRef};
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::{
    account, attendance, audit, bbb_secrets, class_lists, conference_people, conferences,
    configuration, contract_documents, contract_papers, contracts, description, drop_links,
    incidents, jitsi_apps, keys, lti_failures, lti_platforms, mails, notices, operator_keys,
    passkeys, password, privacy, pupil_cards, rooms, school, school_activity, schools,
    sealed_drops, second_factor, self_tests, session, sign_in_providers, substitute_passes,
    teacher_accounts, teacher_imports, teacher_requests, teachers, tickets, webhooks,
};
use crate::auth::{Callers, SignIn};
use crate::config::{Config, PublicUrl};
use crate::contracts::MAX_DOCUMENT_BYTES;
use crate::credentials::Devices;
use crate::integrations::lti::Courses;
use crate::integrations::oidc::SignOn;
use crate::state::AppState;
use crate::teacher_lists::MAX_FILE_BYTES;
use crate::teacher_requests::MAX_PROOF_BYTES;

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
    class_lists::ClassLists: FromRef<S>,
    conferences::Conferences: FromRef<S>,
    drop_links::DropLinks: FromRef<S>,
    incidents::Incidents: FromRef<S>,
    jitsi_apps::JitsiApps: FromRef<S>,
    keys::Keys: FromRef<S>,
    lti_failures::Failures: FromRef<S>,
    lti_platforms::Platforms: FromRef<S>,
    operator_keys::OperatorKeys: FromRef<S>,
    mails::Mails: FromRef<S>,
    password::PasswordLinks: FromRef<S>,
    pupil_cards::PupilCards: FromRef<S>,
    second_factor::OthersSecondFactors: FromRef<S>,
    notices::Notices: FromRef<S>,
    rooms::Rooms: FromRef<S>,
    school::Schools: FromRef<S>,
    sealed_drops::SealedDrops: FromRef<S>,
    school_activity::SchoolActivities: FromRef<S>,
    schools::Administration: FromRef<S>,
    self_tests::Testing: FromRef<S>,
    substitute_passes::SubstitutePasses: FromRef<S>,
    teacher_imports::Imports: FromRef<S>,
    teacher_requests::Requests: FromRef<S>,
    teacher_accounts::TeacherAccounts: FromRef<S>,
    teachers::Teachers: FromRef<S>,
    SignOn: FromRef<S>,
    sign_in_providers::SignInProviders: FromRef<S>,
    tickets::TicketOffice: FromRef<S>,
    webhooks::Webhooks: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(configuration::show))
        .routes(routes!(session::show, session::create, session::delete))
        .routes(routes!(session::by_code))
        .routes(routes!(password::forgotten))
        .routes(routes!(password::link))
        .routes(routes!(password::choose_password))
        .routes(routes!(account::show))
        .routes(routes!(account::change_address))
        .routes(routes!(account::confirm_address))
        .routes(routes!(second_factor::begin, second_factor::confirm))
        .routes(routes!(second_factor::remove))
        .routes(routes!(second_factor::new_codes))
        .routes(routes!(second_factor::remove_of))
        .routes(routes!(passkeys::list_passkeys, passkeys::add_passkey))
        .routes(routes!(passkeys::ask_to_add_passkey))
        .routes(routes!(passkeys::ask_for_passkey))
        .routes(routes!(passkeys::remove_passkey))
        .routes(routes!(passkeys::ask_to_sign_in))
        .routes(routes!(passkeys::by_passkey))
        .routes(routes!(account::list, account::end_others))
        .routes(routes!(account::end))
        .routes(routes!(account::change_password))
        .routes(routes!(rooms::list, rooms::create))
        .routes(routes!(rooms::suggest_name))
        .routes(routes!(rooms::show, rooms::change, rooms::delete))
        .routes(routes!(tickets::create))
        .routes(routes!(substitute_passes::list, substitute_passes::create))
        .routes(routes!(substitute_passes::delete))
        .routes(routes!(substitute_passes::enter))
        .routes(routes!(class_lists::show, class_lists::change))
        .routes(routes!(class_lists::read))
        .routes(routes!(class_lists::print, class_lists::withdraw_all))
        .routes(routes!(class_lists::renew_all))
        .routes(routes!(class_lists::renew))
        .routes(routes!(class_lists::withdraw))
        .routes(routes!(pupil_cards::enter))
        .routes(routes!(conferences::list))
        .routes(routes!(
            conferences::show,
            conferences::change,
            conferences::end
        ))
        .routes(routes!(conferences::mute))
        .routes(routes!(conferences::remove))
        .routes(routes!(conference_people::change))
        .routes(routes!(conference_people::send_to_lobby))
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
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::list_of_room))
        .routes(routes!(incidents::show))
        .routes(routes!(incidents::document))
        .routes(routes!(attendance::send))
        .routes(routes!(self_tests::network::network))
        .routes(routes!(self_tests::running::begin))
        .routes(routes!(self_tests::running::connect))
        .routes(routes!(self_tests::results::report))
        .routes(routes!(self_tests::results::result))
        .routes(routes!(self_tests::counts::counts))
        .routes(routes!(operator_keys::list, operator_keys::create))
        .routes(routes!(operator_keys::change, operator_keys::delete))
        .routes(routes!(sealed_drops::list))
        .routes(routes!(sealed_drops::invite))
        .routes(routes!(sealed_drops::delete))
        .routes(routes!(sealed_drops::content))
        .routes(routes!(drop_links::show))
        .routes(routes!(drop_links::upload))
        .routes(
            routes!(teacher_imports::list, teacher_imports::create)
                .layer(DefaultBodyLimit::max(MAX_FILE_BYTES)),
        )
        .routes(routes!(teacher_imports::show, teacher_imports::delete))
        .routes(routes!(teacher_imports::rows))
        .routes(routes!(teacher_imports::confirm))
        .routes(routes!(teacher_imports::undo))
        .routes(routes!(teacher_imports::letters))
        .routes(routes!(teacher_imports::mails))
        .routes(routes!(teacher_requests::schools))
        .routes(routes!(teacher_requests::create))
        .routes(routes!(teacher_requests::confirm))
        .routes(routes!(teacher_requests::add_proof).layer(DefaultBodyLimit::max(MAX_PROOF_BYTES)))
        .routes(routes!(teacher_requests::answer))
        .routes(routes!(teacher_requests::list))
        .routes(routes!(teacher_requests::show))
        .routes(routes!(teacher_requests::proof))
        .routes(routes!(teacher_requests::accept))
        .routes(routes!(teacher_requests::ask))
        .routes(routes!(teacher_requests::refuse))
        .routes(routes!(teacher_accounts::list, teacher_accounts::create))
        .routes(routes!(teacher_accounts::change))
        .routes(routes!(teacher_accounts::mail))
        .routes(routes!(teacher_accounts::letter))
        .routes(routes!(teachers::export))
        .routes(routes!(teachers::remove))
        .routes(routes!(mails::list))
        .routes(routes!(mails::list_of_school))
        .routes(routes!(mails::templates))
        .routes(routes!(mails::show))
        .routes(routes!(mails::preview))
        .routes(routes!(school_activity::list))
        .routes(routes!(notices::current))
        .routes(routes!(notices::list, notices::create))
        .routes(routes!(notices::change, notices::delete))
        .routes(routes!(audit::list))
        .routes(routes!(audit::table))
        .routes(routes!(schools::list, schools::create))
        .routes(routes!(schools::show, schools::change))
        .routes(routes!(contracts::show))
        .routes(routes!(contracts::change))
        .routes(
            routes!(contract_documents::upload).layer(DefaultBodyLimit::max(MAX_DOCUMENT_BYTES)),
        )
        .routes(routes!(contract_documents::download))
        .routes(routes!(contract_papers::form))
        .routes(routes!(contract_papers::table))
        .routes(routes!(contract_papers::paper))
        .routes(routes!(privacy::paper))
        .routes(routes!(privacy::information))
}

/// The description of the API, as in `openapi/openapi.json`.
pub fn openapi() -> String {
    let (_, api) = described::<AppState>().split_for_parts();
    let api = description::complete(serde_json::to_value(api).unwrap_or_default());
    format!("{api:#}\n")
}
