//! The page after a registration: what is left to do, and the message by which the platform closes its window.

use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::model::{Platform, PlatformState};
use crate::pages::{Framers, Language, Page};
use crate::settings::Wording;
use crate::tool::Bridge;

/// The message by which a page asks the platform to close its window (LTI Dynamic Registration 1.0).
const CLOSE: &str = "org.imsglobal.lti.close";
/// The time without a touch after which the page asks: few when nothing is left to do, more when there is something to read.
const CLOSED_AFTER: Duration = Duration::from_secs(4);
const CLOSED_AFTER_READING: Duration = Duration::from_secs(12);

#[derive(Template)]
#[template(path = "registered.html")]
struct RegisteredPage<'a> {
    page: &'a Page<'a>,
    wording: &'a Wording,
    platform: &'a Platform,
    is_active: bool,
}

pub(crate) fn registered_page(
    bridge: &Bridge,
    platform: &Platform,
    language: Language,
) -> Response {
    let title = language.say(
        "Die Lernplattform ist angemeldet",
        "The platform is registered",
    );
    let is_active = platform.state == PlatformState::Active;
    let is_ready = is_active && !platform.deployment_ids.is_empty();
    let after = if is_ready {
        CLOSED_AFTER
    } else {
        CLOSED_AFTER_READING
    };
    let page = Page {
        language,
        title,
        data: vec![
            ("close", CLOSE.to_owned()),
            ("after", after.as_secs().to_string()),
        ],
        framers: Framers::Only(platform.origins()),
        base: bridge.base_path(),
    };
    page.answer(
        StatusCode::OK,
        &RegisteredPage {
            page: &page,
            wording: &bridge.settings.wording,
            platform,
            is_active,
        },
    )
}
