//! How somebody comes to the password of their account: by a one-time link, never by a password in clear.

use crate::clock::{Timestamp, millis};
use crate::config::PublicUrl;
use crate::credentials::one_time_link::{self, lifetime};
use crate::language::Language;
use crate::mail::{Field, Mailer, Message, NotTaken, Template, spoken};
use crate::schools;
use crate::store::{Database, FormerLinks, LinkPurpose, MostLinks, StoreError, TooManyLinks, User};

/// The page on which a password is chosen.
pub const PASSWORD_PAGE: &str = "password";
/// The page on which an address is confirmed.
pub const ADDRESS_PAGE: &str = "confirm-address";
/// Mails with links to another password for one account within the time that one is valid, whoever asks for them: who is kept from
/// another one by somebody who asks all the time has one that is valid. Letters have no limit, and are counted.
const MAX_RESETS: u64 = 2;

/// Why somebody was not invited.
#[derive(Debug, thiserror::Error)]
pub enum NotInvited {
    #[error(transparent)]
    NoPassword(#[from] NoPassword),
    #[error("the account has no address")]
    NoAddress,
    #[error(transparent)]
    Mail(#[from] NotTaken),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nobody may choose a password for an account.
#[derive(Debug, thiserror::Error)]
pub enum NoPassword {
    #[error("the school has no valid contract")]
    NoContract,
    #[error("a provider opens the account, which has no password")]
    OfProvider,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether an account may be activated: the one place that asks for the contract of its school.
///
/// # Errors
/// When the store fails.
pub async fn may_activate(
    store: &Database,
    now: Timestamp,
    user: &User,
) -> Result<bool, StoreError> {
    let open = schools::may_open(store, now, &user.school).await?;
    Ok(open.is_some())
}

/// Shows that a password may be chosen for an account: no link to one is made or opened without.
pub struct PasswordPermit<'a>(&'a User);

impl<'a> PasswordPermit<'a> {
    /// For an account with or without a password. Whom a provider's account opens gets none beside it: it would stay when the
    /// provider lets them in no more.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn of(
        store: &Database,
        now: Timestamp,
        user: &'a User,
    ) -> Result<Self, NoPassword> {
        if user.password_hash().is_none() && store.is_made_by_provider(&user.id).await? {
            return Err(NoPassword::OfProvider);
        }
        if !may_activate(store, now, user).await? {
            return Err(NoPassword::NoContract);
        }
        Ok(Self(user))
    }

    /// For an account that has a password, and is not activated by another one: its holder changes it with a contract or without.
    ///
    /// # Errors
    /// Why there is none for an account without a password.
    pub async fn of_holder(
        store: &Database,
        now: Timestamp,
        user: &'a User,
    ) -> Result<Self, NoPassword> {
        if user.password_hash().is_some() {
            return Ok(Self(user));
        }
        Self::of(store, now, user).await
    }
}

/// Mails somebody a link by which they choose their first password; all former links of the account are over.
///
/// # Errors
/// Why they get none.
pub async fn invite(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    user: &User,
    language: Language,
) -> Result<(), NotInvited> {
    let permit = PasswordPermit::of(store, now, user).await?;
    let school = store.school(&user.school).await?;
    let school = school.map(|school| school.name).unwrap_or_default();
    let link = MailedLink {
        template: Template::FirstPassword,
        purpose: LinkPurpose::FirstPassword,
        former: FormerLinks::End,
        fields: vec![(Field::School, school)],
    };
    mail_link(store, mailer, now, &permit, language, link).await
}

/// To which password a link leads: to a first one as long as nobody has come in by the account, otherwise to another one.
///
/// # Errors
/// When the store fails.
pub async fn password_purpose(store: &Database, user: &User) -> Result<LinkPurpose, StoreError> {
    let unused = store.unused_users(&[&user.id]).await?;
    Ok(if unused.is_empty() {
        LinkPurpose::PasswordReset
    } else {
        LinkPurpose::FirstPassword
    })
}

/// Makes a link that somebody gets on paper, for a first password or for another one. That to an account in use is as short as
/// one by mail: whoever finds the letter has the account. All former links of the account are over.
///
/// # Errors
/// Why they get none.
pub async fn paper_link(
    store: &Database,
    public_url: &PublicUrl,
    now: Timestamp,
    user: &User,
    purpose: LinkPurpose,
) -> Result<String, NotInvited> {
    let PasswordPermit(user) = PasswordPermit::of(store, now, user).await?;
    let (link, token) = one_time_link::new(&user.id, purpose, None, now);
    let added = store.add_link(&link, None, FormerLinks::End, None).await?;
    added.map_err(|TooManyLinks| NotTaken::TooMany)?;
    Ok(format!("{public_url}/{PASSWORD_PAGE}#{token}"))
}

/// A link that a mail brings.
pub(super) struct MailedLink {
    template: Template,
    purpose: LinkPurpose,
    former: FormerLinks,
    /// Of the template, beside the link and what all mails about an account have.
    fields: Vec<(Field, String)>,
}

impl MailedLink {
    /// To another password of an account.
    pub(super) const fn reset(former: FormerLinks) -> Self {
        Self {
            template: Template::PasswordReset,
            purpose: LinkPurpose::PasswordReset,
            former,
            fields: Vec::new(),
        }
    }
}

/// Makes a link and leaves the mail that brings it, both or none.
pub(super) async fn mail_link(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    PasswordPermit(user): &PasswordPermit<'_>,
    language: Language,
    link: MailedLink,
) -> Result<(), NotInvited> {
    let MailedLink {
        template,
        purpose,
        former,
        mut fields,
    } = link;
    let to = user.email.clone().ok_or(NotInvited::NoAddress)?;
    let (link, token) = one_time_link::new(&user.id, purpose, None, now);
    fields.push((Field::Link, mailer.link(PASSWORD_PAGE, &token)));
    fields.push((Field::Valid, spoken(lifetime(purpose), language)));
    let message = message_about(user, to, (language, template), fields);
    let mail = mailer.prepare(store, now, message).await?;
    // Mails that somebody waits for have no limit by their address.
    let most = (purpose == LinkPurpose::PasswordReset).then(|| MostLinks {
        links: MAX_RESETS,
        since: now - millis(lifetime(purpose)),
    });
    let added = store.add_link(&link, Some(&mail), former, most).await?;
    added.map_err(|TooManyLinks| NotTaken::TooMany)?;
    mailer.wake();
    Ok(())
}

/// A mail that is about an account.
pub(super) fn message_about(
    user: &User,
    to: crate::email_address::EmailAddress,
    (language, template): (Language, Template),
    more: Vec<(Field, String)>,
) -> Message {
    let mut fields = vec![
        (Field::Name, user.name.clone()),
        (Field::Username, user.username.clone()),
    ];
    fields.extend(more);
    Message {
        to,
        language,
        template,
        fields,
        school: Some(user.school.clone()),
        user: Some(user.id.clone()),
    }
}

/// Tells the owner of an account by mail what happened to it. Where no mail leaves, nobody is told.
pub async fn tell_owner(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    user: &User,
    language: Language,
    template: Template,
) {
    let Some(to) = user.email.clone().filter(|_| mailer.is_set_up()) else {
        return;
    };
    let message = message_about(user, to, (language, template), Vec::new());
    if let Err(error) = mailer.send(store, now, message).await {
        tracing::warn!(%error, "the owner of an account is not told what happened to it");
    }
}
