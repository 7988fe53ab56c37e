//! Small pages that the server writes itself, for people whom another platform sent here.

use std::fmt::Write;
use std::time::Duration;

/// Our picture; learning platforms show it beside the tool's name.
pub const ICON: &str = "/favicon.svg";

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

/// Very much comes from where the browser is, and this page asks again by itself. Only for what is asked for by its address.
pub fn busy(language: Language, again: Duration) -> Response {
    let title = language.say("Gerade ist viel los", "It is busy right now");
    let again = again.as_secs().max(1);
    let (german, english) = match again {
        1 => ("einer Sekunde".to_owned(), "a second".to_owned()),
        _ => (format!("{again} Sekunden"), format!("{again} seconds")),
    };
    let body = format!(
        "<h1>{title}</h1><p role=\"status\">{} {}. {}</p>",
        language.say(
            "Von dem Anschluss, über den du im Netz bist, kommen gerade sehr viele Anfragen. Diese Seite versucht es von selbst noch einmal, in",
            "Very many requests come from the line by which you are online. This page tries again by itself, in",
        ),
        language.say(&german, &english),
        language.say("Du brauchst nichts zu tun.", "There is nothing that you have to do."),
    );
    let mut response = document(language.tag(), title, &body, StatusCode::TOO_MANY_REQUESTS);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, again.into());
    headers.insert(header::REFRESH, again.into());
    response
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
