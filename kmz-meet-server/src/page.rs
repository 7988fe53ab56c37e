//! Small pages that the server writes itself, for people whom another platform sent here.

use std::fmt::Write;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::language::Language;

/// Text that cannot become markup.
pub fn escaped(text: &str) -> String {
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

/// A page with a title, what it means, a code for the administrator and a way back.
pub fn refusal(german: bool, title: &str, words: &str, code: &str, back: Option<&str>) -> Response {
    let lang = if german { "de" } else { "en" };
    let mut body = format!(
        "<h1>{}</h1><p>{}</p><p class=\"code\"><code>{}</code></p>",
        escaped(title),
        escaped(words),
        escaped(code)
    );
    if let Some(back) = back {
        let words = if german { "Zurück" } else { "Back" };
        let _ = write!(
            body,
            "<p><a class=\"button\" href=\"{}\">{words}</a></p>",
            escaped(back)
        );
    }
    document(lang, title, &body, StatusCode::BAD_REQUEST)
}

/// Where there is nothing, with the way home.
pub fn nothing_here(language: Language) -> Response {
    let title = language.say("Hier ist nichts", "There is nothing here");
    let body = format!(
        "<h1>{title}</h1><p>{}</p><p><a class=\"button\" href=\"/\">{}</a></p>",
        language.say(
            "Diese Adresse führt nirgendwohin. Prüfe den Link, oder frag die Person, von der du ihn hast.",
            "This address leads nowhere. Check the link, or ask the person who gave it to you.",
        ),
        language.say("Zur Startseite", "To the home page"),
    );
    document(language.tag(), title, &body, StatusCode::NOT_FOUND)
}

/// `body` is markup; whatever comes from outside in it was escaped.
fn document(lang: &str, title: &str, body: &str, status: StatusCode) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><link rel=\"stylesheet\" href=\"/plain.css\"></head>\
         <body><main>{body}</main></body></html>",
        escaped(title)
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, html).into_response()
}
