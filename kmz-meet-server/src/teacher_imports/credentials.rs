//! What each teacher of an import gets: a user name, and a one-time link by which they choose their password. Never a password.

use std::collections::HashMap;

use super::note;
use crate::accounts::{self, NotInvited};
use crate::audit::{Action, Actor};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::language::Language;
use crate::mail::{Mailer, NotTaken};
use crate::store::{Database, KeptImport, KeptImportRow, LinkPurpose, RowState, StoreError, User};

/// Accounts of one answer.
pub const MAX_CREDENTIALS: u64 = 500;

/// What one person gets on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Of its row in the list.
    pub number: u32,
    pub name: String,
    pub username: String,
    /// Opens the account once. Whoever has it has the account.
    pub link: String,
    /// To a first password or, of an account in use, to another one.
    pub purpose: LinkPurpose,
}

/// Accounts of an import that were not used yet, those behind a row's number; and behind which row to go on, if there are more.
/// Rows of accounts that are used are passed over: there is an account in it, or no more rows.
async fn unused(
    store: &Database,
    import: &KeptImport,
    mut after: u32,
) -> Result<(Vec<(KeptImportRow, User)>, Option<u32>), StoreError> {
    let made = [RowState::Made];
    loop {
        let rows = store
            .teacher_import_rows(&import.id, (None, &made), after, MAX_CREDENTIALS)
            .await?;
        let is_full = rows.len() as u64 == MAX_CREDENTIALS;
        let next = rows.last().map(|row| row.number).filter(|_| is_full);
        let ids: Vec<&str> = rows.iter().filter_map(|row| row.user.as_deref()).collect();
        let users = store.unused_users(&ids).await?.into_iter();
        let mut users: HashMap<String, User> = users.map(|user| (user.id.clone(), user)).collect();
        let of_row = |row: KeptImportRow| {
            let user = users.remove(row.user.as_deref()?)?;
            Some((row, user))
        };
        let all: Vec<_> = rows.into_iter().filter_map(of_row).collect();
        match next {
            Some(next) if all.is_empty() => after = next,
            next => return Ok((all, next)),
        }
    }
}

/// Makes new links for accounts of an import, those behind a row's number; links that they had before are over. Accounts
/// that are used already get none. Gives, too, behind which row to go on, if there are more. `by` gets them.
///
/// # Errors
/// When the school has no contract, or the store fails.
pub async fn hand_out(
    store: &Database,
    public_url: &PublicUrl,
    now: Timestamp,
    import: &KeptImport,
    after: u32,
    by: &Actor,
) -> Result<(Vec<Credential>, Option<u32>), NotInvited> {
    let (unused, next) = unused(store, import, after).await?;
    let mut all = Vec::new();
    for (row, user) in unused {
        let link =
            accounts::paper_link(store, public_url, now, &user, LinkPurpose::FirstPassword).await?;
        all.push(Credential {
            number: row.number,
            name: row.name(),
            username: user.username,
            link,
            purpose: LinkPurpose::FirstPassword,
        });
    }
    if !all.is_empty() {
        note(store, now, by, import, Action::ImportLetters).await?;
    }
    Ok((all, next))
}

/// What was mailed of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailed {
    pub mails: u32,
    /// Rows whose teachers got many such mails today, and no other one now.
    pub left_out: Vec<u32>,
    /// Behind which row to go on, if there are more.
    pub next: Option<u32>,
}

/// Mails each account of an import that was not used yet its link, those behind a row's number. `by` asks for it.
///
/// # Errors
/// When this server sends no mail, the school has no contract, or the store fails. What was mailed is on its way.
pub async fn mail(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    import: &KeptImport,
    after: u32,
    (language, by): (Language, &Actor),
) -> Result<Mailed, NotInvited> {
    let (unused, next) = unused(store, import, after).await?;
    let mut mails = 0;
    let mut left_out = Vec::new();
    let mut refused = None;
    for (row, user) in unused {
        match accounts::invite(store, mailer, now, &user, language).await {
            Ok(()) => mails += 1,
            // They got many today, and find the link in one of those.
            Err(NotInvited::Mail(NotTaken::TooMany)) => left_out.push(row.number),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    // Also where it ended early: some are on their way.
    if mails > 0 {
        note(store, now, by, import, Action::ImportMails).await?;
    }
    match refused {
        Some(error) => Err(error),
        None => Ok(Mailed {
            mails,
            left_out,
            next,
        }),
    }
}
