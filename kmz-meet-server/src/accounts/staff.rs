//! Accounts of a school, as its administrators make and change them. Nobody learns a password here: people choose it by a link.

use uuid::Uuid;

use super::invitation::{
    MailedLink, NotInvited, PasswordPermit, invite, mail_link, may_activate, password_purpose,
};
use super::{AccountEvent, tell};
use crate::clock::Timestamp;
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::mail::Mailer;
use crate::schools::may_open;
use crate::store::{AddError, Database, FormerLinks, LinkPurpose, StoreError, User, UserRole};
use crate::usernames;

/// User names that are tried for one person.
const MAX_NAMES: u32 = 30;

/// Why an account is not made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    #[error("the school has no valid contract")]
    NoContract,
    #[error("another account has this address")]
    AddressTaken,
    #[error("the school has as many accounts as it may have")]
    TooMany,
    #[error("all user names for this person are taken")]
    NoName,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The school has no contract that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoContract;

/// Makes an account without a password for somebody.
///
/// # Errors
/// Why it is not made.
pub async fn add(
    store: &Database,
    now: Timestamp,
    school: &str,
    (name, email): (&str, Option<EmailAddress>),
) -> Result<User, NotMade> {
    let open = may_open(store, now, school).await?;
    let open = open.ok_or(NotMade::NoContract)?;
    let (first_name, surname) = name.rsplit_once(' ').unwrap_or(("", name));
    let wanted = usernames::of(first_name, surname, email.as_ref());
    for tries in 0..MAX_NAMES {
        if let Some(email) = &email
            && store.user_by_email(email).await?.is_some()
        {
            return Err(NotMade::AddressTaken);
        }
        let user = User {
            id: Uuid::new_v4().to_string(),
            school: open.id().to_owned(),
            username: usernames::candidate(&wanted, tries),
            name: name.to_owned(),
            role: UserRole::Moderator,
            password_hash: String::new(),
            email: email.clone(),
            created_at: now,
        };
        match store.add_user(&open, &user).await? {
            Ok(()) => return Ok(user),
            Err(AddError::TooMany) => return Err(NotMade::TooMany),
            // The name is another account's, or the address since a moment ago: the next try sees which.
            Err(AddError::AlreadyExists) => {}
        }
    }
    Err(NotMade::NoName)
}

/// Locks or unlocks. Who is locked is out of all sessions and conferences at once, and keeps the rooms. [`NoContract`]: it is to be
/// unlocked without a contract that holds, and that would be a new account.
///
/// # Errors
/// When the store fails.
pub async fn set_locked(
    store: &Database,
    now: Timestamp,
    user: &User,
    locked: bool,
) -> Result<Result<(), NoContract>, StoreError> {
    if !locked && !may_activate(store, now, user).await? {
        return Ok(Err(NoContract));
    }
    store.set_locked(&user.id, locked.then_some(now)).await?;
    if locked {
        store.delete_sessions_of(&user.id, None).await?;
        tell(store, &user.id, AccountEvent::Withdrawn, now).await?;
    } else {
        tell(store, &user.id, AccountEvent::Readmitted, now).await?;
    }
    Ok(Ok(()))
}

/// Mails somebody a link by which they choose a password: their first one, or another one. All former links of the account are
/// over.
///
/// # Errors
/// Why they get none.
pub async fn mail_password_link(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    user: &User,
    language: Language,
) -> Result<(), NotInvited> {
    if password_purpose(store, user).await? == LinkPurpose::FirstPassword {
        return invite(store, mailer, now, user, language).await;
    }
    let permit = PasswordPermit::of(store, now, user).await?;
    let link = MailedLink::reset(FormerLinks::End);
    mail_link(store, mailer, now, &permit, language, link).await
}
