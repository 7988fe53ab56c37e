//! Mails: what became of them, without what they say; and what templates look like.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::language::Language;
use crate::mail::{self, SharedMailer, Template};
use crate::state::sub_state;
use crate::store::{KeptMail, MailState, RecordFilter, SharedStore};

sub_state! {
    /// What handlers of mails reach.
    pub struct Mails {
        store: SharedStore,
        mailer: SharedMailer,
    }
}

/// A mail that was or is to be sent, without what it says.
#[derive(Serialize, ToSchema)]
pub struct Mail {
    id: String,
    /// The name of its template.
    kind: String,
    /// The school that it is about; `null` where it is about none.
    school_id: Option<String>,
    to: String,
    state: MailState,
    attempts: u32,
    /// The code of the mail server's last answer (RFC 5321), if it was a refusal.
    last_status: Option<u16>,
    /// Why the last try failed, in words.
    last_error: Option<String>,
    /// Milliseconds since the Unix epoch.
    last_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    next_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct MailList {
    /// Newest first.
    mails: Vec<Mail>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What a mail says, with examples in its fields.
#[derive(Serialize, ToSchema)]
pub struct MailPreview {
    subject: String,
    text: String,
    html: String,
}

/// A template of mails.
#[derive(Serialize, ToSchema)]
pub struct MailTemplate {
    name: &'static str,
    /// `de` or `en`
    language: &'static str,
    /// Whether it is the operator's: a file in the folder `mail` of the data directory.
    changed: bool,
    /// The name of that file.
    file: String,
    /// What may stand in it between braces.
    fields: Vec<&'static str>,
    /// As it is now; `null` where it cannot be used.
    text: Option<String>,
    /// What is wrong with it.
    error: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MailTemplates {
    templates: Vec<MailTemplate>,
}

/// A text that may become a template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTemplateText {
    /// The first line begins with `Betreff:` or `Subject:`.
    #[schema(min_length = 1, max_length = 20000)]
    text: String,
}

fn to_response(mail: KeptMail) -> Mail {
    Mail {
        id: mail.id,
        kind: mail.kind,
        school_id: mail.school,
        to: mail.recipient,
        state: mail.state,
        attempts: mail.attempts,
        last_status: mail.last_status,
        last_error: mail.last_error,
        last_at: mail.last_at,
        next_at: mail.due_at,
        created_at: mail.created_at,
    }
}

async fn list_of(
    app: &Mails,
    school: Option<&str>,
    page: &Page,
) -> Result<Json<MailList>, Problem> {
    let limit = page.limit()?;
    let filter = RecordFilter {
        school,
        after: page.after.as_deref(),
        newest_first: true,
        limit: limit + 1,
        ..RecordFilter::default()
    };
    let mut mails = app.store.mails(filter).await?;
    let next = next(&mut mails, limit, |mail| &mail.id);
    let mails = mails.into_iter().map(to_response).collect();
    Ok(Json(MailList { mails, next }))
}

/// Mails of the whole server, and what became of them. For operators
#[utoipa::path(
    get, path = "/api/v1/mails", tag = "mail", params(Page),
    responses((status = 200, body = MailList), (status = 403, body = Problem, description = "`not_permitted`: who asks is no operator"))
)]
pub async fn list(
    State(app): State<Mails>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<MailList>, Problem> {
    caller.operates()?;
    list_of(&app, None, &page).await
}

/// Mails that are about a school, and what became of them
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/mails", tag = "mail", params(("school_id" = String, Path), Page),
    responses((status = 200, body = MailList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn list_of_school(
    State(app): State<Mails>,
    caller: Caller,
    Path(school_id): Path<String>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<MailList>, Problem> {
    caller
        .school(&app.store, &school_id, Scope::SchoolWrite)
        .await?;
    list_of(&app, Some(&school_id), &page).await
}

/// Templates of mails. For operators
#[utoipa::path(
    get, path = "/api/v1/mail-templates", tag = "mail",
    responses((status = 200, body = MailTemplates), (status = 403, body = Problem, description = "`not_permitted`: who asks is no operator"))
)]
pub async fn templates(
    State(app): State<Mails>,
    caller: Caller,
) -> Result<Json<MailTemplates>, Problem> {
    caller.operates()?;
    let mut templates = Vec::new();
    for template in Template::ALL {
        for language in [Language::German, Language::English] {
            let loaded = mail::load(app.mailer.data_dir(), *template, language);
            let is_ours = matches!(&loaded, Ok(loaded) if !loaded.is_changed);
            let error = loaded.as_ref().err().map(ToString::to_string);
            templates.push(MailTemplate {
                name: template.name(),
                language: language.tag(),
                changed: !is_ours,
                file: mail::file_name(*template, language),
                fields: template.all_fields().map(mail::Field::name).collect(),
                text: loaded.ok().map(|loaded| loaded.text),
                error,
            });
        }
    }
    Ok(Json(MailTemplates { templates }))
}

/// How a text would look as a template. For operators
#[utoipa::path(
    post, path = "/api/v1/mail-templates/{name}/{language}/preview", tag = "mail",
    params(("name" = String, Path), ("language" = String, Path, description = "`de` or `en`")),
    request_body = MailTemplateText,
    responses(
        (status = 200, body = MailPreview),
        (status = 403, body = Problem, description = "`not_permitted`: who asks is no operator"),
        (status = 404, body = Problem, description = "`not_found`: there is no such template"),
        (status = 422, body = Problem, description = "`invalid`: what is wrong with the text"),
    )
)]
pub async fn preview(
    State(app): State<Mails>,
    caller: Caller,
    Path((name, language)): Path<(String, String)>,
    Body(text): Body<MailTemplateText>,
) -> Result<Json<MailPreview>, Problem> {
    caller.operates()?;
    let (template, language) = named(&name, &language)?;
    preview_of(&app, template, language, Some(&text.text))
}

/// How a template looks. For operators
#[utoipa::path(
    get, path = "/api/v1/mail-templates/{name}/{language}", tag = "mail",
    params(("name" = String, Path), ("language" = String, Path, description = "`de` or `en`")),
    responses(
        (status = 200, body = MailPreview),
        (status = 403, body = Problem, description = "`not_permitted`: who asks is no operator"),
        (status = 404, body = Problem, description = "`not_found`: there is no such template"),
        (status = 422, body = Problem, description = "`invalid`: what is wrong with the operator's file"),
    )
)]
pub async fn show(
    State(app): State<Mails>,
    caller: Caller,
    Path((name, language)): Path<(String, String)>,
) -> Result<Json<MailPreview>, Problem> {
    caller.operates()?;
    let (template, language) = named(&name, &language)?;
    preview_of(&app, template, language, None)
}

fn named(name: &str, language: &str) -> Result<(Template, Language), Problem> {
    let language = match language {
        "de" => Language::German,
        "en" => Language::English,
        _ => return Err(Problem::not_found()),
    };
    let template = Template::named(name).ok_or_else(Problem::not_found)?;
    Ok((template, language))
}

fn preview_of(
    app: &Mails,
    template: Template,
    language: Language,
    text: Option<&str>,
) -> Result<Json<MailPreview>, Problem> {
    let written = app.mailer.preview(template, language, text);
    let written = written.map_err(|error| Problem::invalid(format!("text: {error}.")))?;
    let html = mail::html(language, &written, mail::EXAMPLE_SERVER);
    let html = html.map_err(|error| Problem::internal(&error))?;
    Ok(Json(MailPreview {
        subject: written.subject,
        text: written.text,
        html,
    }))
}
