//! An import at the command line: `kmz-meet import`.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use super::credentials;
use super::letters::letters;
use super::{Refused, check, confirm, delete, work};
use crate::accounts::NotInvited;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::language::Language;
use crate::pdf::PdfError;
use crate::secrets::write_private;
use crate::store::{Database, ImportState, StoreError};
use crate::teacher_lists::{self, MAX_FILE_BYTES, Refusal, RowFault};

/// Who did it, in the log of administrators' actions.
const BY: &Actor = &Actor::CommandLine;
/// Rows that are named one by one.
const MAX_NAMED: u64 = 50;

/// Why nothing was imported: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error("{}", .0.words(Language::English))]
    List(Refusal),
    #[error("there is no school called {0}; `kmz-meet school add` makes one")]
    NoSchool(String),
    #[error(
        "not all accounts were made: the contract of the school ended meanwhile, or the school has as many accounts as it may have; `kmz-meet teacher remove` removes those of people who left. Then import the list again"
    )]
    Stopped,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{0}; check KMZ_MEET_DATABASE_URL and KMZ_MEET_DATA_DIR")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Links(#[from] NotInvited),
    #[error(transparent)]
    Letters(#[from] PdfError),
}

/// What is asked for.
pub struct Wanted<'a> {
    pub file: &'a Path,
    /// The first line of it is the password of the list.
    pub password_file: Option<&'a Path>,
    /// The name of the school.
    pub school: &'a str,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Where letters with one-time links are written.
    pub letters: Option<&'a Path>,
}

fn read_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let failed = |error| CommandError::File(path.display().to_string(), error);
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Imports a list; gives what is printed.
///
/// # Errors
/// When the list cannot be read, or the school has no contract.
pub async fn import(
    store: &Database,
    clock: &dyn Clock,
    public_url: &PublicUrl,
    wanted: &Wanted<'_>,
) -> Result<String, CommandError> {
    let school = store.school_by_name(wanted.school.trim()).await?;
    let school = school.ok_or_else(|| CommandError::NoSchool(wanted.school.to_owned()))?;
    let password = wanted.password_file.map(read_file).transpose()?;
    let password = password.map(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().next().unwrap_or_default().to_owned()
    });
    let bytes = read_file(wanted.file)?;
    let list = teacher_lists::read(&bytes, password.as_deref()).map_err(CommandError::List)?;
    let mut said = String::new();
    for note in &list.notes {
        let _ = writeln!(said, "{}", note.words(Language::English));
    }
    let import = check(store, clock.now(), (&school, BY), list).await?;
    let mut counts: Vec<(String, u64)> = Vec::new();
    for (verdict, _, count) in store.count_teacher_import_rows(&import.id).await? {
        match counts.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, sum)) => *sum += count,
            None => counts.push((verdict, count)),
        }
    }
    counts.sort();
    for (verdict, count) in counts {
        let _ = writeln!(said, "{verdict:>12}  {count}");
    }
    let unreadable = (Some("unreadable"), [].as_slice());
    for row in store
        .teacher_import_rows(&import.id, unreadable, 0, MAX_NAMED)
        .await?
    {
        let fault = row.detail.as_deref().and_then(RowFault::of_code);
        let why = fault.map_or("", |fault| fault.words(Language::English));
        let _ = writeln!(said, "row {}: {why}", row.number);
    }
    if wanted.dry_run {
        delete(store, clock.now(), &import, BY).await?;
        said.push_str("Nothing was made: this was a dry run.");
        return Ok(said);
    }
    if let Err(refused) = confirm(store, clock.now(), &import, BY).await {
        delete(store, clock.now(), &import, BY).await?;
        return Err(refused.into());
    }
    work(store, clock, &import).await?;
    let done = store.teacher_import(&import.id).await?;
    if done.is_some_and(|import| import.state == ImportState::Stopped) {
        return Err(CommandError::Stopped);
    }
    let counts = store.count_teacher_import_rows(&import.id).await?;
    let made = counts.iter().filter(|(_, state, _)| state == "made");
    let made: u64 = made.map(|(_, _, count)| count).sum();
    let _ = write!(said, "{made} accounts are made.");
    if let Some(path) = wanted.letters {
        let all = all_credentials(store, clock, public_url, &import).await?;
        let pdf = letters(
            &school.name,
            &public_url.to_string(),
            Language::German,
            &all,
        )?;
        write_private(path, &pdf)
            .map_err(|error| CommandError::File(path.display().to_string(), error))?;
        let _ = write!(
            said,
            " Letters for {} of them: {}",
            all.len(),
            path.display()
        );
    }
    Ok(said)
}

async fn all_credentials(
    store: &Database,
    clock: &dyn Clock,
    public_url: &PublicUrl,
    import: &super::KeptImport,
) -> Result<Vec<credentials::Credential>, CommandError> {
    let mut all = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        let (more, next) =
            credentials::hand_out(store, public_url, clock.now(), import, from, BY).await?;
        all.extend(more);
        after = next;
    }
    Ok(all)
}
