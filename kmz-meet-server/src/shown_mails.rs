//! `/demo/mail`: what a demo would have sent. Where mails are sent there is nothing here.

use askama::Template;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::config::PublicUrl;
use crate::http::Problem;
use crate::language::Language;
use crate::mail::{Paragraph, SharedMailer, paragraphs};
use crate::page::{self, STYLESHEET_PATH};
use crate::state::sub_state;
use crate::store::SharedStore;

/// So many are shown, the newest first.
const MAX_SHOWN: u64 = 100;
/// Nothing runs, nothing is loaded but our stylesheet, and nobody shows it in a frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

sub_state! {
    /// What the page reaches.
    pub struct ShownMails {
        store: SharedStore,
        mailer: SharedMailer,
        public_url: PublicUrl,
    }
}

#[derive(Template)]
#[template(path = "demo_mail.html")]
struct Page<'a> {
    language: Language,
    title: &'a str,
    mails: Vec<Entry<'a>>,
}

struct Entry<'a> {
    to: &'a str,
    subject: &'a str,
    paragraphs: Vec<Paragraph<'a>>,
}

#[derive(Serialize)]
struct Document {
    mails: Vec<Mail>,
}

#[derive(Serialize)]
struct Mail {
    id: String,
    kind: String,
    to: String,
    subject: String,
    text: String,
    created_at: i64,
}

/// The page and the same as JSON.
pub fn routes<S>() -> Router<S>
where
    ShownMails: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/demo/mail", get(show))
        .route("/demo/mail.json", get(list))
}

async fn show(State(app): State<ShownMails>, headers: HeaderMap) -> Response {
    let language = Language::wanted(&headers);
    if !app.mailer.is_shown() {
        return page::nothing_here(language);
    }
    let mails = match app.mailer.list_shown(&app.store, MAX_SHOWN).await {
        Ok(mails) => mails,
        Err(error) => return Problem::from(error).into_response(),
    };
    let entries = mails.iter().map(|mail| Entry {
        to: &mail.kept.recipient,
        subject: &mail.written.subject,
        paragraphs: paragraphs(&mail.written.text, app.public_url.as_str()),
    });
    let page = Page {
        language,
        title: language.say("E-Mails der Demo", "Mail of the demo"),
        mails: entries.collect(),
    };
    let mut response = page::ok(&page);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

async fn list(State(app): State<ShownMails>) -> Result<Response, Problem> {
    if !app.mailer.is_shown() {
        return Err(Problem::not_found());
    }
    let mails = app.mailer.list_shown(&app.store, MAX_SHOWN).await?;
    let mails = mails.into_iter().map(|mail| Mail {
        id: mail.kept.id,
        kind: mail.kept.kind,
        to: mail.kept.recipient,
        subject: mail.written.subject,
        text: mail.written.text,
        created_at: mail.kept.created_at,
    });
    let document = Document {
        mails: mails.collect(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(document)).into_response())
}
