//! Schools and their contracts at the command line.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Admin, AdminError, usable};
use crate::audit::Action;
use crate::clock::{self, Timestamp};
use crate::contracts::{
    self, COMMAND_LINE, Content, FormOf, NotChanged, NotKept, Signature, Standing, Step, StepTaken,
    Vault, YearlyList, last_day,
};
use crate::language::Language;
use crate::school_settings::SchoolSettings;
use crate::store::{ContractChange, School};
use crate::time_zone::SchoolZone;

/// A signature as it is typed.
#[derive(Clone, Debug)]
pub struct TypedSignature<'a> {
    pub signer: &'a str,
    pub signed_on: Date,
    pub last_day: Option<Date>,
    /// The file of the signed document.
    pub document: &'a Path,
}

impl Admin {
    /// All schools: how their contracts stand, and until when they hold.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_schools(&self) -> Result<String, AdminError> {
        let now = clock::system().now();
        let mut lines = vec!["state      last day    school".to_owned()];
        for school in self.store.schools().await? {
            let last = school.valid_until;
            let last = last.and_then(|until| last_day(until, &SchoolZone::default()));
            lines.push(format!(
                "{:<9}  {:<10}  {}",
                Standing::of_school(&school, now).as_str(),
                last.map(|day| day.to_string()).unwrap_or_default(),
                school.name
            ));
        }
        Ok(lines.join("\n"))
    }

    /// Schools that wait for a contract, the longest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting_schools(&self) -> Result<String, AdminError> {
        let now = clock::system().now();
        let schools = self.store.schools_with_last_change().await?;
        let waiting = contracts::waiting(&schools, &[], now);
        if waiting.is_empty() {
            return Ok("No school waits for a contract.".to_owned());
        }
        let zone = SchoolZone::default();
        let day = |since: Option<Timestamp>| {
            let day = since.and_then(|since| zone.date(since));
            day.map(|day| day.to_string()).unwrap_or_default()
        };
        let lines = waiting.into_iter().map(|(school, since)| {
            let state = Standing::of_school(school, now).as_str();
            format!("{:<10}  {state:<9}  {}", day(*since), school.name)
        });
        let lines: Vec<String> = lines.collect();
        Ok(format!(
            "since       state      school\n{}",
            lines.join("\n")
        ))
    }

    /// How the contract of a school stands, and how it came to be.
    ///
    /// # Errors
    /// When there is no such school.
    pub async fn show_contract(&self, school: &str) -> Result<String, AdminError> {
        let (school, history, zone) = self.contract(school).await?;
        let now = clock::system().now();
        let mut lines = vec![format!("{}: {}", school.name, stands(&school, now, &zone))];
        for change in &history {
            let by = self.store.user(&change.changed_by).await?;
            let by = by.map_or_else(|| change.changed_by.clone(), |user| user.name);
            let at = zone.time(change.created_at, Language::English);
            let mut parts = vec![format!("{at}  {:<9}  by {by}", change.state.as_str())];
            let signed_on = change.signed_on.as_deref().unwrap_or("an unknown day");
            if let Some(signer) = &change.signer {
                parts.push(format!("signed by {signer} on {signed_on}"));
            }
            if let Some(day) = change.valid_until.and_then(|until| last_day(until, &zone)) {
                parts.push(format!("last day {day}"));
            }
            if let Some(hash) = &change.document_sha256 {
                parts.push(format!("SHA-256 {hash}"));
            }
            let note = change.note.iter().map(|note| format!(" ({note})"));
            let line = parts.join(", ") + &note.collect::<String>();
            lines.push(line);
        }
        Ok(lines.join("\n"))
    }

    /// How the contract of a school stands, and what comes next: one line.
    pub(super) async fn next_step(&self, school: &str) -> Result<String, AdminError> {
        let (school, _, zone) = self.contract(school).await?;
        let now = clock::system().now();
        Ok(format!("{}: {}", school.name, stands(&school, now, &zone)))
    }

    /// The form of a school: as text, or as a PDF in this file.
    ///
    /// # Errors
    /// When there is no such school, or the file cannot be written.
    pub async fn contract_form(
        &self,
        school: &str,
        language: Language,
        pdf: Option<&Path>,
    ) -> Result<String, AdminError> {
        let (school, _, zone) = self.contract(school).await?;
        let settings = SchoolSettings::of(&self.store, &school.id).await?;
        let config = &self.config;
        let service = config.public_url_at(config.listen.port()).to_string();
        let of = FormOf {
            config,
            service: &service,
            school: &school.name,
            zone: &zone,
            attendance_days: settings.attendance_days,
            now: clock::system().now(),
        };
        let form = contracts::form(of, language);
        match pdf {
            Some(file) => print(&form, file).await,
            None => Ok(form.plain_text()),
        }
    }

    /// Takes a step that needs nothing more.
    ///
    /// # Errors
    /// When there is no such school, or the step is refused.
    pub async fn step_contract(
        &self,
        school: &str,
        step: Step,
        note: Option<String>,
    ) -> Result<String, AdminError> {
        let note = match note.as_deref().map(|note| usable("the note", note, 500)) {
            Some(note) => Some(note?.to_owned()),
            None => None,
        };
        let (school, history, zone) = self.contract(school).await?;
        let now = clock::system().now();
        let taken = StepTaken {
            step,
            note,
            by: COMMAND_LINE,
        };
        let time = (now, &zone);
        let change = contracts::take_step(&self.store, time, &school, &history, taken).await?;
        self.note(&school.id, contracts::action(change.state), &school.id)
            .await?;
        let changed = School {
            contract: change.state,
            valid_until: change.valid_until,
            ..school
        };
        Ok(format!(
            "{}: {}",
            changed.name,
            stands(&changed, now, &zone)
        ))
    }

    /// Keeps the signed document and notes the signature.
    ///
    /// # Errors
    /// When there is no such school, the file is no document, or the signature is refused.
    pub async fn sign_contract(
        &self,
        school: &str,
        typed: TypedSignature<'_>,
    ) -> Result<String, AdminError> {
        let signer = usable("the signer", typed.signer, 200)?;
        let (found, history, zone) = self.contract(school).await?;
        let file = || typed.document.display().to_string();
        let unread = |source| AdminError::Document {
            path: file(),
            source,
        };
        let bytes = tokio::fs::read(typed.document).await.map_err(unread)?;
        // What is refused anyway leaves no document behind.
        let mut signature = Signature {
            signer: signer.to_owned(),
            signed_on: typed.signed_on,
            last_day: typed.last_day,
            document: String::new(),
            document_sha256: String::new(),
        };
        let now = clock::system().now();
        let step = Step::Sign(signature.clone());
        contracts::next(&found, &history, &step, (now, &zone)).map_err(NotChanged::from)?;
        let vault = Arc::new(Vault::open(&self.config.data_dir).map_err(unread)?);
        let kept =
            contracts::keep_document(&self.store, &vault, now, (&found.id, COMMAND_LINE), bytes)
                .await;
        let kept = kept.map_err(|error| match error {
            NotKept::Store(error) => AdminError::Store(error),
            error => AdminError::NotKept {
                path: file(),
                error,
            },
        })?;
        self.note(&found.id, Action::ContractDocumentStored, &kept.id)
            .await?;
        signature.document = kept.id;
        signature.document_sha256 = kept.sha256;
        self.step_contract(school, Step::Sign(signature), None)
            .await
    }

    /// The list of a year for the data-protection officer: as a table for spreadsheets, or as a PDF in this file.
    ///
    /// # Errors
    /// When there is no such year yet, or the file cannot be written.
    pub async fn yearly_list(
        &self,
        year: i16,
        language: Language,
        pdf: Option<&Path>,
    ) -> Result<String, AdminError> {
        let list = YearlyList::read(&self.store, year, clock::system().now()).await?;
        let list = list.ok_or(AdminError::NoYear(year))?;
        let Some(file) = pdf else {
            return Ok(list.csv(language));
        };
        let operator = self.config.operator_name.as_deref();
        let paper = list.paper(&SchoolZone::default(), operator, language);
        print(&paper, file).await
    }

    async fn contract(
        &self,
        school: &str,
    ) -> Result<(School, Vec<ContractChange>, SchoolZone), AdminError> {
        let id = self.school(school).await?;
        let read = contracts::read(&self.store, &id).await?;
        let (found, history) = read.ok_or_else(|| AdminError::NoSchool(school.to_owned()))?;
        let zone = SchoolSettings::of(&self.store, &id).await?.time_zone;
        Ok((found, history, zone))
    }
}

/// Writes a paper into a file, and says so.
async fn print(paper: &Content, file: &Path) -> Result<String, AdminError> {
    let path = file.display().to_string();
    let pdf = paper.pdf()?;
    match tokio::fs::write(file, pdf).await {
        Ok(()) => Ok(format!("{path} is written.")),
        Err(source) => Err(AdminError::Document { path, source }),
    }
}

/// How a contract stands, and what comes next.
fn stands(school: &School, now: Timestamp, zone: &SchoolZone) -> String {
    let standing = Standing::of_school(school, now);
    let last = school.valid_until.and_then(|until| last_day(until, zone));
    let last = last.map(|day| day.to_string()).unwrap_or_default();
    match standing {
        Standing::Requested => {
            "its contract is asked for; nothing opens. Next: `kmz-meet contract form` makes the form, `contract send` notes that the school has it".to_owned()
        }
        Standing::FormSent => {
            "it has the form; nothing opens. Next: `kmz-meet contract sign`, when it came back signed".to_owned()
        }
        Standing::Signed if last.is_empty() => "its contract holds until it is ended".to_owned(),
        Standing::Signed => format!("its contract holds; its last day is {last}"),
        Standing::Expiring => format!(
            "its contract holds; its last day is {last}. Next: `kmz-meet contract sign` with a new one"
        ),
        Standing::Expired => format!(
            "its contract ran out on {last}; nothing opens. Next: `kmz-meet contract sign` with a new one"
        ),
        Standing::Ended => {
            "its contract is ended; nothing opens. `kmz-meet contract request` begins a new one".to_owned()
        }
    }
}
