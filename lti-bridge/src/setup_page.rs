//! Pages for the administrator of a platform: what to enter by hand, and what an address is for.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::pages::{Framers, Language, Page};
use crate::tool::Bridge;

#[derive(Template)]
#[template(path = "manual_setup.html")]
struct ManualSetupPage<'a> {
    page: &'a Page<'a>,
    values: &'a [(&'a str, String)],
    where_to: &'a str,
}

#[derive(Template)]
#[template(path = "for_programs.html")]
struct ForProgramsPage<'a> {
    page: &'a Page<'a>,
    setup_url: &'a str,
}

/// Shows every value that an administrator needs to register the tool by hand.
pub(crate) async fn manual_setup_page(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
) -> Response {
    let language = Language::wanted(&headers);
    let title = language.say("LTI 1.3: Werte zum Eintragen", "LTI 1.3: values to enter");
    let values = [
        (
            language.say(
                "Tool-URL und Ziel (Target Link URI)",
                "Tool URL and target link URI",
            ),
            bridge.launch_url(),
        ),
        (
            language.say("Login starten (Initiate login URL)", "Initiate login URL"),
            bridge.login_url(),
        ),
        (
            language.say("Weiterleitung (Redirection URI)", "Redirection URI"),
            bridge.launch_url(),
        ),
        (
            language.say("Öffentliche Schlüssel (Keyset URL)", "Public keyset URL"),
            bridge.jwks_url(),
        ),
        (
            language.say(
                "Auswahl von Inhalten (Deep Linking)",
                "Content selection URL (Deep Linking)",
            ),
            bridge.launch_url(),
        ),
        (
            language.say("Dienste", "Services"),
            "Names and Role Provisioning, Assignment and Grade".to_owned(),
        ),
        (
            language.say("Eigene Parameter (Custom parameters)", "Custom parameters"),
            language.say("keine nötig", "none needed").to_owned(),
        ),
        (
            language.say("Datenschutz", "Privacy"),
            language
                .say(
                    "Name teilen: immer; E-Mail: nie",
                    "Share name: always; email: never",
                )
                .to_owned(),
        ),
    ];
    let page = Page {
        language,
        title,
        data: Vec::new(),
        framers: Framers::Only(Vec::new()),
        base: bridge.base_path(),
    };
    page.answer(
        StatusCode::OK,
        &ManualSetupPage {
            page: &page,
            values: &values,
            where_to: language.of_words(&bridge.settings.wording.manual_setup),
        },
    )
}

/// A person opened an address at which programs speak to each other: the page says what it is for, and where to go.
pub(crate) async fn for_programs(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
) -> Response {
    purpose(&bridge, &headers, StatusCode::OK)
}

pub(crate) async fn not_allowed(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    purpose(&bridge, &headers, StatusCode::METHOD_NOT_ALLOWED)
}

fn purpose(bridge: &Bridge, headers: &HeaderMap, status: StatusCode) -> Response {
    let language = Language::wanted(headers);
    let title = language.say(
        "Eine Adresse für die Lernplattform",
        "An address for the learning platform",
    );
    let page = Page {
        language,
        title,
        data: Vec::new(),
        framers: Framers::Only(Vec::new()),
        base: bridge.base_path(),
    };
    page.answer(
        status,
        &ForProgramsPage {
            page: &page,
            setup_url: &bridge.url(""),
        },
    )
}
