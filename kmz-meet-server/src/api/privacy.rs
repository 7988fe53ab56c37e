//! Papers on data protection and accessibility: of the service for operators, and the information of a school for its
//! administrators. Everybody reads that information at `/privacy`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::contract_documents::DocumentFile;
use super::schools::Administration;
use crate::auth::Caller;
use crate::contracts::Content;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::path::Path;
use crate::language::Language;
use crate::privacy::connections::Connections;
use crate::privacy::html::PaperPage;
use crate::privacy::{self, InformationLanguage, Of, OfSchool, papers};
use crate::school_settings::SchoolSettings;

/// A paper of the service.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyPaper {
    /// Record of processing activities (Art. 30 GDPR).
    Record,
    /// Technical and organisational measures (Art. 32 GDPR).
    Measures,
    /// Ports and outgoing connections.
    Connections,
    /// Accessibility statement (BITV 2.0).
    Accessibility,
}

/// As what a paper is given.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperFormat {
    Pdf,
    Html,
}

/// In which language the information of a school is.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub enum InformationTag {
    #[serde(rename = "de")]
    German,
    /// German easy language.
    #[serde(rename = "de-easy")]
    GermanEasy,
    #[serde(rename = "en")]
    English,
}

impl From<InformationTag> for InformationLanguage {
    fn from(tag: InformationTag) -> Self {
        match tag {
            InformationTag::German => Self::German,
            InformationTag::GermanEasy => Self::GermanEasy,
            InformationTag::English => Self::English,
        }
    }
}

fn of(app: &Administration) -> Of<'_> {
    Of {
        config: &app.config,
        service: app.public_url.as_str(),
        now: app.clock.now(),
    }
}

/// A paper as a file to be saved. `name` has no ending.
async fn saved(paper: Content, format: PaperFormat, name: &str) -> Result<Response, Problem> {
    let (bytes, media_type, ending) = match format {
        PaperFormat::Pdf => {
            // Fonts are measured, and lists may be long.
            let pdf = tokio::task::spawn_blocking(move || paper.pdf()).await;
            let pdf = pdf.map_err(|error| Problem::internal(&error))?;
            let pdf = pdf.map_err(|error| Problem::internal(&error))?;
            (pdf, "application/pdf", "pdf")
        }
        PaperFormat::Html => {
            let page = PaperPage::whole(&paper).render();
            let page = page.map_err(|error| Problem::internal(&error))?;
            (page.into_bytes(), "text/html; charset=utf-8", "html")
        }
    };
    let named = format!("attachment; filename=\"{name}.{ending}\"");
    let named = HeaderValue::try_from(named).map_err(|error| Problem::internal(&error))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, named);
    Ok(response)
}

/// A paper on data protection or accessibility, made of the settings of this server, in the language that is accepted; for
/// operators
#[utoipa::path(
    get, path = "/api/v1/privacy/{paper}/{format}", tag = "privacy",
    params(("paper" = inline(PrivacyPaper), Path), ("format" = inline(PaperFormat), Path)),
    responses(
        (status = 200, content((DocumentFile = "application/pdf"), (String = "text/html"))),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn paper(
    State(app): State<Administration>,
    caller: Caller,
    Path((paper, format)): Path<(PrivacyPaper, PaperFormat)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.operates()?;
    let language = Language::wanted(&headers);
    let (paper, name) = match paper {
        PrivacyPaper::Record => (
            papers::record(of(&app), language),
            language.say("verzeichnis", "record"),
        ),
        PrivacyPaper::Measures => (
            papers::measures(of(&app), language),
            language.say("massnahmen", "measures"),
        ),
        PrivacyPaper::Connections => {
            let connections = Connections::read(&app.config, &app.store).await?;
            let paper = papers::connections(of(&app), &connections, language);
            (paper, language.say("verbindungen", "connections"))
        }
        PrivacyPaper::Accessibility => (
            privacy::accessibility(of(&app), language),
            language.say("barrierefreiheit", "accessibility"),
        ),
    };
    saved(paper, format, name).await
}

/// The information for people (Art. 13 GDPR) of a school, made of its settings and those of this server
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/privacy/{language}/{format}", tag = "privacy",
    params(("school_id" = String, Path), ("language" = inline(InformationTag), Path), ("format" = inline(PaperFormat), Path)),
    responses(
        (status = 200, content((DocumentFile = "application/pdf"), (String = "text/html"))),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn information(
    State(app): State<Administration>,
    caller: Caller,
    Path((id, language, format)): Path<(String, InformationTag, PaperFormat)>,
) -> Result<Response, Problem> {
    let school = caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    let settings = SchoolSettings::of(&app.store, &id).await?;
    let school = OfSchool {
        name: school.name,
        attendance_days: settings.attendance_days,
    };
    let language = InformationLanguage::from(language);
    let paper = privacy::information(of(&app), Some(&school), language);
    let name = format!("datenschutz-{}", language.name());
    saved(paper, format, &name).await
}
