//! Sessions of an account at the command line.

use super::{Admin, AdminError};
use crate::accounts::{self, EndedSessions};
use crate::audit::Action;
use crate::clock;
use crate::credentials::fingerprint;

impl Admin {
    /// Where somebody is signed in, a line each.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn list_sessions(&self, username: &str) -> Result<String, AdminError> {
        let user = self.user(username).await?;
        let sessions = self
            .store
            .sessions_of(&user.id, clock::system().now())
            .await?;
        if sessions.is_empty() {
            return Ok(format!("{} is signed in nowhere.", user.username));
        }
        let mut lines = vec![format!(
            "{:<43}  {:<20}  {:<20}  browser",
            "id", "since", "used"
        )];
        lines.extend(sessions.iter().map(|session| {
            format!(
                "{:<43}  {:<20}  {:<20}  {}",
                fingerprint(&session.token_hash),
                second(session.created_at),
                second(session.used_at),
                session.browser.as_deref().unwrap_or("unknown")
            )
        }));
        Ok(lines.join("\n"))
    }

    /// Ends one session of somebody.
    ///
    /// # Errors
    /// When there is no such account, or it has no such session.
    pub async fn end_session(&self, username: &str, id: &str) -> Result<(), AdminError> {
        let user = self.user(username).await?;
        let now = clock::system().now();
        let sessions = self.store.sessions_of(&user.id, now).await?;
        let mut sessions = sessions.into_iter();
        let session = sessions.find(|one| fingerprint(&one.token_hash) == id);
        let session = session.ok_or_else(|| AdminError::NoSession(id.to_owned()))?;
        self.store.delete_session(&session.token_hash).await?;
        let ended = EndedSessions::One(id.to_owned());
        accounts::signed_out(&self.store, &user.id, ended, now).await?;
        self.note(&user.school, Action::SessionsEnded, &user.id)
            .await
    }
}

/// A time without its fraction of a second.
fn second(at: clock::Timestamp) -> String {
    clock::rfc3339(at - at.rem_euclid(1_000))
}
