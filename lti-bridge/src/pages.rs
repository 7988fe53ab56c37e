//! The HTML pages of the tool. Their markup is in `templates/`, where everything is escaped; scripts and styles are files.

use askama::Template;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::origin::WebOrigin;
use crate::words::Words;

/// German first; English for those whose browser or platform says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    German,
    English,
}

impl Language {
    /// As a platform or a browser names it.
    pub(crate) fn of(tag: &str) -> Self {
        if tag.trim().to_ascii_lowercase().starts_with("de") {
            Self::German
        } else {
            Self::English
        }
    }

    /// The first language that the browser wants.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map_or(Self::German, Self::of)
    }

    /// The host's words in this language.
    pub(crate) fn of_words(self, words: &Words) -> &str {
        self.say(&words.german, &words.english)
    }

    /// As in `lang` of a page.
    pub(crate) fn tag(self) -> &'static str {
        self.say("de", "en")
    }

    pub(crate) fn say<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// The origins that may frame a page and receive its forms.
pub(crate) enum Framers {
    /// For pages without anything to press.
    Anyone,
    Only(Vec<WebOrigin>),
}

impl Framers {
    fn sources(&self) -> String {
        match self {
            Self::Anyone => "*".to_owned(),
            Self::Only(origins) => {
                let origins: Vec<&str> = origins.iter().map(WebOrigin::as_str).collect();
                origins.join(" ")
            }
        }
    }
}

/// What all pages have. The template of each has it as its field `page`.
pub(crate) struct Page<'a> {
    pub(crate) language: Language,
    pub(crate) title: &'a str,
    /// Data attributes for the script.
    pub(crate) data: Vec<(&'static str, String)>,
    pub(crate) framers: Framers,
    /// The path under which the bridge is mounted, for its script and style.
    pub(crate) base: &'a str,
}

impl Page<'_> {
    pub(crate) fn answer(&self, status: StatusCode, template: &impl Template) -> Response {
        let html = match template.render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page cannot be written");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let sources = self.framers.sources();
        let framers = if sources.is_empty() {
            "'none'"
        } else {
            &sources
        };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
             form-action 'self' {sources}; frame-ancestors {framers}"
        );
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
            (
                HeaderName::from_static("x-content-type-options"),
                "nosniff".to_owned(),
            ),
        ];
        (status, headers, html).into_response()
    }
}
