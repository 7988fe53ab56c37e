//! Pages for the administrator of a platform: what to enter by hand, and what an address is for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::pages::{Framers, Language, Page, escaped};
use crate::tool::Bridge;

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
    let list: String = values
        .iter()
        .map(|(name, value)| {
            format!(
                "<dt>{}</dt><dd><code>{}</code></dd>",
                escaped(name),
                escaped(value)
            )
        })
        .collect();
    let next = language.say(
        "Danach nennt die Plattform ihre eigenen Werte (Issuer, Client ID, Deployment ID, drei Adressen).",
        "Afterwards the platform names its own values (issuer, client ID, deployment ID, three addresses).",
    );
    let where_to = escaped(language.of_words(&bridge.settings.wording.manual_setup));
    Page {
        language,
        title,
        body: format!("<h1>{title}</h1><dl>{list}</dl><p>{next} {where_to}</p>"),
        data: Vec::new(),
        framers: Framers::Only(Vec::new()),
        base: bridge.base_path(),
    }
    .answer(StatusCode::OK)
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
    let what = language.say(
        "Hierher schickt ein Formular, was eine Lehrkraft im Kurs ausgewählt hat (LTI Deep Linking). Von Hand gibt es hier nichts zu öffnen: Öffne die Aktivität im Kurs.",
        "A form sends here what a teacher has chosen in the course (LTI Deep Linking). There is nothing to open by hand: open the activity in the course.",
    );
    let values = language.say(
        "Alle Adressen, die in der Lernplattform einzutragen sind",
        "Every address to enter in the platform",
    );
    Page {
        language,
        title,
        body: format!(
            "<h1>{title}</h1><p>{what}</p><p><a href=\"{}\">{values}</a></p>",
            escaped(&bridge.url(""))
        ),
        data: Vec::new(),
        framers: Framers::Only(Vec::new()),
        base: bridge.base_path(),
    }
    .answer(status)
}
