//! A password that is chosen by a link.

use super::invitation::{NoPassword, PasswordPermit, tell_owner};
use super::{EndedSessions, signed_out};
use crate::clock::Timestamp;
use crate::language::Language;
use crate::mail::{Mailer, Template};
use crate::store::{Database, KeptLink, LinkPurpose, School, StoreError, User};

/// Whose password a link opens.
pub enum Opened {
    Of(Box<(User, School)>),
    /// The link opens no password, or not any more.
    Over,
    /// The school has no valid contract, and the account would be activated by it.
    NoContract,
}

/// Whose password a link opens; it is not used up by that.
///
/// # Errors
/// When the store fails.
pub async fn open(
    store: &Database,
    now: Timestamp,
    link: Option<&KeptLink>,
) -> Result<Opened, StoreError> {
    let link = link.filter(|link| {
        matches!(
            link.purpose,
            LinkPurpose::FirstPassword | LinkPurpose::PasswordReset
        )
    });
    let Some(link) = link else {
        return Ok(Opened::Over);
    };
    let Some(user) = store.user(&link.user).await? else {
        return Ok(Opened::Over);
    };
    let Some(school) = store.school(&user.school).await? else {
        return Ok(Opened::Over);
    };
    if store.locked_at(&user.id).await?.is_some() {
        return Ok(Opened::Over);
    }
    match PasswordPermit::of_holder(store, now, &user).await {
        Ok(_) => {}
        Err(NoPassword::NoContract) => return Ok(Opened::NoContract),
        Err(NoPassword::OfProvider) => return Ok(Opened::Over),
        Err(NoPassword::Store(error)) => return Err(error),
    }
    Ok(Opened::Of(Box::new((user, school))))
}

/// Sets the password and uses the link up. All sessions end, and all other links are over. Says whether the link was still
/// there.
///
/// # Errors
/// When the store fails.
pub async fn choose(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    (link, user): (&KeptLink, &User),
    password_hash: &str,
    language: Language,
) -> Result<bool, StoreError> {
    if !store.set_password_by_link(link, password_hash, now).await? {
        return Ok(false);
    }
    if store.delete_sessions_of(&user.id, None).await? > 0 {
        signed_out(store, &user.id, EndedSessions::All, now).await?;
    }
    if user.password_hash().is_some() {
        tell_owner(
            store,
            mailer,
            now,
            user,
            language,
            Template::PasswordChanged,
        )
        .await;
    }
    Ok(true)
}
