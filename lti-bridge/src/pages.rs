//! The HTML pages of the tool. Everything that comes from outside is escaped; scripts and styles are files.

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

    pub(crate) fn say<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// Escapes text for HTML, attributes included.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
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

/// A page.
pub(crate) struct Page<'a> {
    pub(crate) language: Language,
    pub(crate) title: &'a str,
    /// Markup; whatever comes from outside in it was escaped.
    pub(crate) body: String,
    /// Data attributes for the script, escaped here.
    pub(crate) data: Vec<(&'static str, String)>,
    pub(crate) framers: Framers,
    /// The path under which the bridge is mounted, for its script and style.
    pub(crate) base: &'a str,
}

impl Page<'_> {
    pub(crate) fn answer(self, status: StatusCode) -> Response {
        let data: String = self
            .data
            .iter()
            .map(|(name, value)| format!(" data-{name}=\"{}\"", escaped(value)))
            .collect();
        let html = format!(
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"{base}/lti.css\"></head><body{data}><main>{body}</main>\
             <script src=\"{base}/lti.js\"></script></body></html>",
            lang = self.language.say("de", "en"),
            title = escaped(self.title),
            base = escaped(self.base),
            body = self.body,
        );
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

/// A hidden field.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!(
        "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
        escaped(name),
        escaped(value)
    )
}
