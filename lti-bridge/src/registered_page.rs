//! The page after a registration: what is left to do, and the message by which the platform closes its window.

use axum::http::StatusCode;
use axum::response::Response;

use crate::model::{Platform, PlatformState};
use crate::pages::{Framers, Language, Page, escaped};
use crate::tool::Bridge;

/// The message by which a page asks the platform to close its window (LTI Dynamic Registration 1.0).
const CLOSE: &str = "org.imsglobal.lti.close";
/// Seconds without a touch after which the page asks: few when nothing is left to do, more when there is something to read.
const CLOSED_AFTER: u32 = 4;
const CLOSED_AFTER_READING: u32 = 12;

pub(crate) fn registered_page(
    bridge: &Bridge,
    platform: &Platform,
    language: Language,
) -> Response {
    let title = language.say(
        "Die Lernplattform ist angemeldet",
        "The platform is registered",
    );
    let wording = &bridge.settings.wording;
    let next = match platform.state {
        PlatformState::Active => format!(
            "{} {}",
            language.say(
                "Schalte das Werkzeug jetzt in der Lernplattform frei.",
                "Now activate the tool in the platform.",
            ),
            escaped(language.of_words(&wording.registered)),
        ),
        _ => language
            .say(
                "Zwei Schritte fehlen: Die Administration dieses Dienstes gibt die Lernplattform frei, und du schaltest das Werkzeug in der Lernplattform frei.",
                "Two steps are left: the administrator of this service approves the platform, and you activate the tool in the platform.",
            )
            .to_owned(),
    };
    let is_ready = platform.state == PlatformState::Active && !platform.deployment_ids.is_empty();
    let seconds = if is_ready {
        CLOSED_AFTER
    } else {
        CLOSED_AFTER_READING
    };
    let deployment = if platform.deployment_ids.is_empty() {
        format!(
            "<p>{}</p>",
            language.say(
                "Die Lernplattform hat keine Deployment ID genannt. Die des ersten Kurses, der den Dienst öffnet, wird übernommen; weitere trägt die Administration dieses Dienstes ein.",
                "The platform named no deployment ID. That of the first course that opens the service is taken; the administrator of this service enters further ones.",
            )
        )
    } else {
        String::new()
    };
    let hint = wording.registration_hint.as_ref();
    let hint = hint.map(|hint| format!("{} ", escaped(language.of_words(hint))));
    let hint = hint.unwrap_or_default();
    let show = language.say(
        "Damit Lehrkräfte das Werkzeug finden, zeige es in der Aktivitätsauswahl.",
        "So that teachers find the tool, show it in the activity chooser.",
    );
    let number = language.say("Nummer hier, zum Freigeben", "ID here, to approve it");
    Page {
        language,
        title,
        body: format!(
            "<h1>{title}</h1><p>{next}</p>{deployment}<p>{hint}{show}</p><dl><dt>Client ID</dt><dd><code>{}</code></dd>\
             <dt>{number}</dt><dd><code>{}</code></dd></dl>\
             <p><button type=\"button\" id=\"done\" hidden>{}</button></p>",
            escaped(&platform.client_id),
            escaped(&platform.id),
            language.say("Fertig", "Done"),
        ),
        data: vec![
            ("close", CLOSE.to_owned()),
            ("after", seconds.to_string()),
        ],
        framers: Framers::Only(platform.origins()),
        base: bridge.base_path(),
    }
    .answer(StatusCode::OK)
}
