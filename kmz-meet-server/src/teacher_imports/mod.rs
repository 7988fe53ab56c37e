//! Imports of teachers: a list is judged, somebody looks at it and confirms it, and then accounts are made. For a day it can be
//! taken back.
//!
//! Nothing happens before an import is confirmed. Accounts are made one by one, each together with its mark in the import, so
//! a restart in the middle goes on where it was, and to confirm twice is to confirm once. Accounts have no password:
//! [`credentials`] gives each its one-time link.

pub mod command;
pub mod credentials;
pub mod letters;
mod work;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::store::{ImportState, KeptImport, KeptImportRow, RowState};
pub use work::{TeacherImports, work};

use crate::audit::{self, Action, Actor};
use crate::clock::{Timestamp, millis};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::schools::may_open;
use crate::store::{AddError, Database, MAX_ACCOUNTS, School, StoreError};
use crate::teacher_lists::{Format, Judged, Note, TeacherList, Verdict, verdicts};

/// An import that nobody confirms is deleted after this time.
const UNCONFIRMED: Duration = Duration::from_hours(24);
/// For so long after it was confirmed, an import can be taken back.
pub const UNDO_TIME: Duration = Duration::from_hours(24);
/// For so long its rows are kept, for letters to be printed again.
const KEPT: Duration = Duration::from_hours(14 * 24);
/// Imports that a school may have at the same time.
pub const MAX_IMPORTS: u64 = 20;

/// How a list came, and what its sender should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TeacherImportSource)]
pub struct Description {
    /// `csv` or `xlsx`.
    pub format: String,
    /// Of a CSV file.
    pub encoding: Option<String>,
    /// Of a CSV file.
    pub separator: Option<String>,
    /// The sheet of a workbook that was read.
    pub sheet: Option<String>,
    /// Whether a password opened it.
    pub encrypted: bool,
    pub notes: Vec<NoteText>,
}

/// What the sender of a list should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TeacherImportNote)]
pub struct NoteText {
    pub code: String,
    pub german: String,
    pub english: String,
}

impl From<&Note> for NoteText {
    fn from(note: &Note) -> Self {
        Self {
            code: note.code().to_owned(),
            german: note.words(Language::German),
            english: note.words(Language::English),
        }
    }
}

impl Description {
    fn of(format: &Format, notes: &[Note]) -> Self {
        let notes = notes.iter().map(NoteText::from).collect();
        match format {
            Format::Csv {
                encoding,
                separator,
            } => Self {
                format: "csv".to_owned(),
                encoding: Some((*encoding).to_owned()),
                separator: Some(separator.to_string()),
                sheet: None,
                encrypted: false,
                notes,
            },
            Format::Xlsx { sheet, encrypted } => Self {
                format: "xlsx".to_owned(),
                encoding: None,
                separator: None,
                sheet: Some(sheet.clone()),
                encrypted: *encrypted,
                notes,
            },
        }
    }

    /// What is stored of it; nothing but the rows counts.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Why something is not done with an import.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the school has {MAX_IMPORTS} imports; delete one first")]
    TooMany,
    #[error(
        "the school would have more than {MAX_ACCOUNTS} accounts; remove those of people who left"
    )]
    TooManyAccounts,
    #[error("the school has no data-processing agreement that holds now")]
    NoContract,
    #[error("it is too late, or too early for that")]
    NotNow,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Judges a list and keeps what was found: the dry run. `by` gave it.
///
/// # Errors
/// When the school has too many imports.
pub async fn check(
    store: &Database,
    now: Timestamp,
    (school, by): (&School, &Actor),
    list: TeacherList,
) -> Result<KeptImport, Refused> {
    let description = Description::of(&list.format, &list.notes);
    let addresses = list.rows.iter().filter_map(|row| row.read.as_ref().ok());
    let addresses: Vec<&EmailAddress> = addresses.map(|teacher| &teacher.email).collect();
    let known = store.schools_of_addresses(&addresses).await?;
    // Who has an account at another school is not told.
    let is_known = |email: &EmailAddress| known.get(email.as_str()) == Some(&school.id);
    let domains = store.address_domains(school).await?;
    let judged = verdicts(list.rows, &domains, is_known);
    let rows: Vec<KeptImportRow> = judged.into_iter().map(kept).collect();
    let import = KeptImport {
        id: Uuid::now_v7().to_string(),
        school: school.id.clone(),
        state: ImportState::Checked,
        made_by: by.label(),
        description: serde_json::to_string(&description).unwrap_or_default(),
        created_at: now,
        confirmed_at: None,
        expires_at: now + millis(UNCONFIRMED),
    };
    match store
        .add_teacher_import(&import, &rows, MAX_IMPORTS)
        .await?
    {
        Ok(()) => {
            note(store, now, by, &import, Action::ImportMade).await?;
            Ok(import)
        }
        Err(AddError::TooMany | AddError::AlreadyExists) => Err(Refused::TooMany),
    }
}

fn kept(judged: Judged) -> KeptImportRow {
    let detail = match judged.verdict {
        Verdict::Duplicate { of } => Some(of.to_string()),
        Verdict::Unreadable(fault) => Some(fault.code().to_owned()),
        _ => None,
    };
    let state = match judged.verdict {
        Verdict::New => RowState::Waiting,
        _ => RowState::Skipped,
    };
    let teacher = judged.teacher;
    KeptImportRow {
        number: judged.number,
        verdict: judged.verdict.code().to_owned(),
        detail,
        title: teacher.as_ref().and_then(|one| one.title.clone()),
        first_name: teacher.as_ref().map(|one| one.first_name.clone()),
        surname: teacher.as_ref().map(|one| one.surname.clone()),
        email: teacher.map(|one| one.email.to_string()),
        state,
        user: None,
        username: None,
    }
}

async fn note(
    store: &Database,
    now: Timestamp,
    by: &Actor,
    import: &KeptImport,
    action: Action,
) -> Result<(), StoreError> {
    let what = (action, import.id.as_str());
    audit::note(store, now, by, Some(&import.school), what).await
}

/// Whether the school may have the accounts that are still to be made.
async fn fits(store: &Database, import: &KeptImport) -> Result<bool, StoreError> {
    let counts = store.count_teacher_import_rows(&import.id).await?;
    let waiting = counts.iter().filter(|(_, state, _)| state == "waiting");
    let waiting: u64 = waiting.map(|(_, _, count)| count).sum();
    Ok(store.count_accounts(&import.school).await? + waiting <= MAX_ACCOUNTS)
}

/// Confirms an import: from now on its accounts are made. To confirm it again changes nothing.
///
/// # Errors
/// When the school has no contract, would have too many accounts, or the import was taken back.
pub async fn confirm(
    store: &Database,
    now: Timestamp,
    import: &KeptImport,
    by: &Actor,
) -> Result<(), Refused> {
    if may_open(store, now, &import.school).await?.is_none() {
        return Err(Refused::NoContract);
    }
    let from = [ImportState::Checked, ImportState::Stopped];
    if from.contains(&import.state) && !fits(store, import).await? {
        return Err(Refused::TooManyAccounts);
    }
    let time = Some((now, now + millis(KEPT)));
    let to = (from.as_slice(), ImportState::Running);
    if store.set_teacher_import_state(&import.id, to, time).await? {
        return Ok(note(store, now, by, import, Action::ImportConfirmed).await?);
    }
    match store.teacher_import(&import.id).await? {
        Some(now) if matches!(now.state, ImportState::Running | ImportState::Done) => Ok(()),
        _ => Err(Refused::NotNow),
    }
}

/// Takes an import back: removes the accounts that nobody has used. The others stay, and their rows say so.
///
/// # Errors
/// [`Refused::NotNow`] before it is done, or a day after it was confirmed.
pub async fn undo(
    store: &Database,
    now: Timestamp,
    import: &KeptImport,
    by: &Actor,
) -> Result<(), Refused> {
    let confirmed = import.confirmed_at.ok_or(Refused::NotNow)?;
    if now >= confirmed + millis(UNDO_TIME) {
        return Err(Refused::NotNow);
    }
    let from = [ImportState::Done, ImportState::Stopped, ImportState::Undone];
    let to = (from.as_slice(), ImportState::Undone);
    if !store.set_teacher_import_state(&import.id, to, None).await? {
        return Err(Refused::NotNow);
    }
    note(store, now, by, import, Action::ImportUndone).await?;
    let mut after = 0;
    loop {
        let rows = store
            .teacher_import_rows(&import.id, (None, &[RowState::Made]), after, 500)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.number;
        for row in rows {
            let Some(user) = &row.user else { continue };
            let state = if store.delete_unused_user(user).await? {
                RowState::Removed
            } else {
                RowState::Kept
            };
            let place = (import.id.as_str(), row.number);
            store.set_teacher_import_row_state(place, state).await?;
        }
    }
}

/// Deletes an import and all that is known of its list. Accounts that it made stay.
///
/// # Errors
/// [`Refused::NotNow`] while accounts are being made.
pub async fn delete(
    store: &Database,
    now: Timestamp,
    import: &KeptImport,
    by: &Actor,
) -> Result<(), Refused> {
    let states = [
        ImportState::Checked,
        ImportState::Stopped,
        ImportState::Done,
        ImportState::Undone,
    ];
    if store.delete_teacher_import(&import.id, &states).await? {
        return Ok(note(store, now, by, import, Action::ImportDeleted).await?);
    }
    Err(Refused::NotNow)
}
