//! What each teacher of an import gets: a user name, and a one-time link by which they choose their password. Never a password.

use std::time::Duration;

use crate::clock::{Timestamp, millis};
use crate::config::PublicUrl;
use crate::credentials::{fingerprint, random_token};
use crate::store::{Database, KeptImport, RowState, StoreError};

/// For so long a first link holds: the school's office prints, and people are ill.
pub const LINK_LIFETIME: Duration = Duration::from_hours(14 * 24);
/// Accounts of one answer.
pub const MAX_CREDENTIALS: u64 = 500;

/// What one person gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Of its row in the list.
    pub number: u32,
    pub name: String,
    pub username: String,
    pub email: String,
    /// Opens the account once. Whoever has it has the account.
    pub link: String,
}

/// Makes new links for accounts of an import, those behind a row's number; links that they had before are over. Accounts
/// that have a password already get none.
///
/// # Errors
/// When the store fails.
pub async fn hand_out(
    store: &Database,
    now: Timestamp,
    public_url: &PublicUrl,
    import: &KeptImport,
    after: u32,
    _by: &str,
) -> Result<Vec<Credential>, StoreError> {
    let made = [RowState::Made];
    let rows = store
        .teacher_import_rows(&import.id, (None, &made), after, MAX_CREDENTIALS)
        .await?;
    let mut all = Vec::new();
    for row in rows {
        let (Some(id), Some(username)) = (&row.user, &row.username) else {
            continue;
        };
        let account = store.user(id).await?;
        if account.is_none_or(|account| !account.password_hash.is_empty()) {
            continue;
        }
        let token = random_token::<32>();
        let time = (now, now + millis(LINK_LIFETIME));
        store
            .replace_first_password_link(id, &fingerprint(&token), time)
            .await?;
        all.push(Credential {
            number: row.number,
            name: row.name(),
            username: username.clone(),
            email: row.email.clone().unwrap_or_default(),
            link: format!("{public_url}/password#{token}"),
        });
    }
    Ok(all)
}

/// Whose account a link opens, by what is behind its `#`.
///
/// # Errors
/// When the store fails.
pub async fn owner(
    store: &Database,
    now: Timestamp,
    token: &str,
) -> Result<Option<String>, StoreError> {
    store
        .user_of_first_password_link(&fingerprint(token), now)
        .await
}
