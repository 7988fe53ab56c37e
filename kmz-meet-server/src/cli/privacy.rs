//! `kmz-meet privacy`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use askama::Template;
use axum::http::HeaderMap;
use clap::{Args, Subcommand, ValueEnum};

use super::contracts::PaperLanguage;
use crate::config::{Config, PublicUrl};
use crate::contracts::Content;
use crate::language::Language;
use crate::privacy::connections::Connections;
use crate::privacy::html::PaperPage;
use crate::privacy::report::{Report, Subject};
use crate::privacy::{self, InformationLanguage, Of, OfSchool, papers};
use crate::school_settings::SchoolSettings;
use crate::store::Database;
use crate::{api, clock, data_dir, tls, web};

/// How long the running server may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// In which language the information is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SpokenLanguage {
    De,
    /// German easy language
    DeEasy,
    En,
}

/// Where a paper goes; without a file, it is printed as text.
#[derive(Args)]
pub(super) struct Written {
    /// Write a PDF into this file
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Write a page into this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum PrivacyCommand {
    /// Check each point of the catalogue against configuration, database, files and the running server
    ///
    /// Exit codes: 0, every point holds; 2, some do not; 1, it could not be looked.
    Report {
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// The record of processing activities (Art. 30 GDPR)
    Record {
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        #[command(flatten)]
        written: Written,
    },
    /// The technical and organisational measures (Art. 32 GDPR)
    Measures {
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        #[command(flatten)]
        written: Written,
    },
    /// All ports and outgoing connections
    Connections {
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        #[command(flatten)]
        written: Written,
    },
    /// The information for people (Art. 13 GDPR)
    Information {
        /// Name of the school; without it, what is the same for all
        #[arg(long)]
        school: Option<String>,
        #[arg(long, value_enum, default_value = "de")]
        language: SpokenLanguage,
        #[command(flatten)]
        written: Written,
    },
    /// The accessibility statement (BITV 2.0)
    Accessibility {
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        #[command(flatten)]
        written: Written,
    },
}

impl From<SpokenLanguage> for InformationLanguage {
    fn from(language: SpokenLanguage) -> Self {
        match language {
            SpokenLanguage::De => Self::German,
            SpokenLanguage::DeEasy => Self::GermanEasy,
            SpokenLanguage::En => Self::English,
        }
    }
}

type Failed = Box<dyn std::error::Error>;

/// Gives what is printed, and whether every point holds.
pub(super) async fn privacy(
    config: &Config,
    command: PrivacyCommand,
) -> Result<(String, bool), Failed> {
    // Before the database is opened, which mends what it finds.
    let open_files = data_dir::examine(&config.data_dir).into_iter();
    let open_files: Vec<String> = open_files.map(|finding| finding.to_string()).collect();
    let store = Database::open(config.database_url.as_deref(), &config.data_dir).await?;
    let service = config.public_url_at(config.listen.port());
    let of = Of {
        config,
        service: service.as_str(),
        now: clock::system().now(),
    };
    let (paper, written) = match command {
        PrivacyCommand::Report { language, json } => {
            let client = web::client_files();
            let answered = answered(&service).await;
            let subject = Subject {
                config,
                service: &service,
                store: &store,
                now: of.now,
                language: language.into(),
                client: &client,
                interface: &api::openapi(),
                answered: answered.as_ref(),
                open_files: &open_files,
            };
            let report = Report::of(&subject).await?;
            let said = if json {
                format!("{:#}", report.json())
            } else {
                report.text()
            };
            return Ok((said, report.holds()));
        }
        PrivacyCommand::Record { language, written } => {
            (papers::record(of, language.into()), written)
        }
        PrivacyCommand::Measures { language, written } => {
            (papers::measures(of, language.into()), written)
        }
        PrivacyCommand::Connections { language, written } => {
            let connections = Connections::read(config, &store).await?;
            (
                papers::connections(of, &connections, language.into()),
                written,
            )
        }
        PrivacyCommand::Information {
            school,
            language,
            written,
        } => {
            let school = match school {
                Some(name) => Some(of_school(&store, &name).await?),
                None => None,
            };
            (
                privacy::information(of, school.as_ref(), language.into()),
                written,
            )
        }
        PrivacyCommand::Accessibility { language, written } => (
            privacy::accessibility(of, Language::from(language)),
            written,
        ),
    };
    Ok((put(&paper, &written)?, true))
}

async fn of_school(store: &Database, name: &str) -> Result<OfSchool, Failed> {
    let schools = store.schools().await?.into_iter();
    let school = schools.into_iter().find(|school| school.name == name);
    let school = school.ok_or_else(|| {
        format!("there is no school called {name}; `kmz-meet school list` prints all")
    })?;
    let settings = SchoolSettings::of(store, &school.id).await?;
    Ok(OfSchool {
        name: school.name,
        attendance_days: settings.attendance_days,
    })
}

/// Writes a paper into the files that are asked for, and gives what is printed.
fn put(paper: &Content, written: &Written) -> Result<String, Failed> {
    let save = |path: &Path, bytes: &[u8]| {
        let saved = std::fs::write(path, bytes);
        saved.map_err(|error| format!("{} cannot be written: {error}", path.display()))
    };
    let mut said = Vec::new();
    if let Some(path) = &written.pdf {
        save(path, &paper.pdf()?)?;
        said.push(format!("{} is written.", path.display()));
    }
    if let Some(path) = &written.html {
        save(path, PaperPage::whole(paper).render()?.as_bytes())?;
        said.push(format!("{} is written.", path.display()));
    }
    Ok(if said.is_empty() {
        paper.plain_text()
    } else {
        said.join("\n")
    })
}

/// The headers of the start page; `None`: this server does not run, or is not reached.
async fn answered(service: &PublicUrl) -> Option<HeaderMap> {
    tls::install();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWERS_WITHIN)
        .build()
        .ok()?;
    let health = client
        .get(format!("{}/healthz", service.as_str()))
        .send()
        .await
        .ok()?;
    if health.text().await.ok()? != "ok" {
        return None;
    }
    let page = client
        .get(format!("{}/", service.as_str()))
        .send()
        .await
        .ok()?;
    Some(page.headers().clone())
}
