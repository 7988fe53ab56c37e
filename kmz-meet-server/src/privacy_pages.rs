//! `/privacy` and `/accessibility`: what everybody may read before they join. The information of a school names it, so it has its own
//! address; which school a room is of is told to nobody here.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::clock::Clock;
use crate::config::{Config, PublicUrl};
use crate::contracts::Content;
use crate::http::Problem;
use crate::language::Language;
use crate::page;
use crate::privacy::html::{Other, PaperPage};
use crate::privacy::{self, InformationLanguage, Of, OfSchool};
use crate::school_settings::SchoolSettings;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What the pages reach.
    pub struct PrivacyPages {
        config: Arc<Config>,
        public_url: PublicUrl,
        clock: Arc<dyn Clock>,
        store: SharedStore,
    }
}

impl PrivacyPages {
    fn of(&self) -> Of<'_> {
        Of {
            config: &self.config,
            service: self.public_url.as_str(),
            now: self.clock.now(),
        }
    }
}

/// The language that somebody chose by a link.
#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    language: Option<String>,
}

impl Chosen {
    fn or_wanted(&self, headers: &HeaderMap) -> InformationLanguage {
        let chosen = self
            .language
            .as_deref()
            .and_then(InformationLanguage::named);
        chosen.unwrap_or_else(|| Language::wanted(headers).into())
    }
}

/// The pages.
pub fn routes<S>() -> Router<S>
where
    PrivacyPages: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/privacy", get(general))
        .route("/privacy/{school_id}", get(of_school))
        .route("/accessibility", get(accessibility))
}

async fn general(
    State(app): State<PrivacyPages>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> Response {
    let language = chosen.or_wanted(&headers);
    let paper = privacy::information(app.of(), None, language);
    show(&paper, "/privacy", language, &InformationLanguage::ALL)
}

async fn of_school(
    State(app): State<PrivacyPages>,
    Path(id): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = chosen.or_wanted(&headers);
    // A school that does not open yet is no business of others.
    let school = app.store.school(&id).await?;
    let Some(school) = school.filter(|school| school.is_open(app.clock.now())) else {
        return Ok(page::nothing_here(Language::wanted(&headers)));
    };
    let settings = SchoolSettings::of(&app.store, &id).await?;
    let school = OfSchool {
        name: school.name,
        attendance_days: settings.attendance_days,
    };
    let paper = privacy::information(app.of(), Some(&school), language);
    Ok(show(
        &paper,
        &format!("/privacy/{id}"),
        language,
        &InformationLanguage::ALL,
    ))
}

async fn accessibility(
    State(app): State<PrivacyPages>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> Response {
    let language = chosen.or_wanted(&headers);
    let spoken = match language {
        InformationLanguage::English => Language::English,
        InformationLanguage::German | InformationLanguage::GermanEasy => Language::German,
    };
    let paper = privacy::accessibility(app.of(), spoken);
    let languages = [InformationLanguage::German, InformationLanguage::English];
    show(&paper, "/accessibility", spoken.into(), &languages)
}

fn show(
    paper: &Content,
    path: &str,
    language: InformationLanguage,
    languages: &[InformationLanguage],
) -> Response {
    let others = languages.iter().filter(|other| **other != language);
    let others: Vec<(String, InformationLanguage)> = others
        .map(|other| (format!("{path}?language={}", other.name()), *other))
        .collect();
    let others: Vec<Other<'_>> = others
        .iter()
        .map(|(href, other)| Other {
            href,
            label: other.label(),
            tag: other.tag(),
        })
        .collect();
    page::ok(&PaperPage::new(paper, language.tag(), &others))
}
