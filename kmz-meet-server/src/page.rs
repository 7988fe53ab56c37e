//! Small pages that the server writes itself, for people whom another platform sent here. Their markup is in `templates/`,
//! where everything is escaped.

use std::fmt::{self, Write};
use std::time::Duration;

use askama::Template;
use askama::filters::Escaper;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
/// The stylesheet of these pages: they look like those of the LTI tool.
pub use lti_bridge::STYLESHEET;
use lti_bridge::escape_html;

use crate::language::Language;

/// Our picture; learning platforms show it beside the tool's name.
pub const ICON: &str = "/favicon.svg";
/// Where [`STYLESHEET`] is served.
pub const STYLESHEET_PATH: &str = "plain.css";

/// What the templates escape with (`askama.toml`).
#[derive(Clone, Copy)]
pub(crate) struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        to.write_str(&escape_html(text))
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    language: Language,
    title: &'a str,
    text: &'a str,
    /// For the administrator.
    code: &'a str,
    back: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "nothing_here.html")]
struct NothingHerePage<'a> {
    language: Language,
    title: &'a str,
}

#[derive(Template)]
#[template(path = "busy.html")]
struct BusyPage<'a> {
    language: Language,
    title: &'a str,
    /// How long until the page asks again.
    seconds: u64,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    language: Language,
    title: &'a str,
    text: &'a str,
    href: &'a str,
    label: &'a str,
}

/// A page that says something, with the way on: where it leads and what it is called.
pub fn notice(
    language: Language,
    title: &str,
    text: &str,
    (href, label): (&str, &str),
) -> Response {
    let page = NoticePage {
        language,
        title,
        text,
        href,
        label,
    };
    answer(StatusCode::OK, &page)
}

/// A page with a title, what it means, a code for the administrator and a way back.
pub fn refusal(
    language: Language,
    title: &str,
    text: &str,
    code: &str,
    back: Option<&str>,
) -> Response {
    let page = RefusalPage {
        language,
        title,
        text,
        code,
        back,
    };
    answer(StatusCode::BAD_REQUEST, &page)
}

/// Where there is nothing, with the way home.
pub fn nothing_here(language: Language) -> Response {
    let title = language.say("Hier ist nichts", "There is nothing here");
    answer(StatusCode::NOT_FOUND, &NothingHerePage { language, title })
}

/// Very much comes from where the browser is, and this page asks again by itself. Only for what is asked for by its address.
pub fn busy(language: Language, again: Duration) -> Response {
    let seconds = again.as_secs().max(1);
    let page = BusyPage {
        language,
        title: language.say("Gerade ist viel los", "It is busy right now"),
        seconds,
    };
    let mut response = answer(StatusCode::TOO_MANY_REQUESTS, &page);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, seconds.into());
    headers.insert(header::REFRESH, seconds.into());
    response
}

/// A page of ours as an answer.
pub(crate) fn ok(page: &impl Template) -> Response {
    answer(StatusCode::OK, page)
}

fn answer(status: StatusCode, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page cannot be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn busy_page_speaks_the_language_and_comes_again_by_itself() {
        for (language, again, words) in [
            (Language::German, 5, "noch einmal, in 5 Sekunden."),
            (Language::German, 1, "noch einmal, in einer Sekunde."),
            (Language::English, 5, "tries again by itself, in 5 seconds."),
            (Language::English, 1, "tries again by itself, in a second."),
        ] {
            let response = busy(language, Duration::from_secs(again));
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            for name in [header::RETRY_AFTER, header::REFRESH] {
                assert_eq!(response.headers()[name], again.to_string());
            }
            let html = to_bytes(response.into_body(), 10_000).await.unwrap();
            let html = String::from_utf8(html.to_vec()).unwrap();
            assert!(html.contains(words), "{html}");
        }
    }
}
