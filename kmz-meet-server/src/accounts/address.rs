//! The address of an account: another one counts when its owner has confirmed it by a link, and the former one is told.

use std::time::Duration;

use super::invitation::{ADDRESS_PAGE, NotInvited, message_about};
use crate::clock::{Timestamp, millis};
use crate::credentials::one_time_link::{self, lifetime};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::mail::{Field, Mailer, Template, spoken};
use crate::store::{
    AlreadyExists, Database, FormerLinks, KeptLink, LinkPurpose, MostLinks, StoreError,
    TooManyLinks, User,
};

/// Links that one account may ask for in this time.
pub const MAX_LINKS_OF_ACCOUNT: u64 = 5;
pub const WITHIN: Duration = Duration::from_hours(1);

/// What came of a wish for another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wished {
    /// A link is on its way, unless the address is somebody else's: nobody learns that here.
    Accepted,
    TooMany,
}

/// Mails a link to the new address.
///
/// # Errors
/// Why no mail leaves.
pub async fn wish(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    user: &User,
    address: EmailAddress,
    language: Language,
) -> Result<Wished, NotInvited> {
    let purpose = LinkPurpose::ConfirmAddress;
    let most = Some(MostLinks {
        links: MAX_LINKS_OF_ACCOUNT,
        since: now - millis(WITHIN),
    });
    let (link, token) = one_time_link::new(&user.id, purpose, Some(address.clone()), now);
    if store.user_by_email(&address).await?.is_some() {
        // Counted, so that the limit tells no more than the answer.
        let added = store.add_link(&link, None, FormerLinks::Stay, most).await?;
        return Ok(added.map_or(Wished::TooMany, |()| Wished::Accepted));
    }
    let more = vec![
        (Field::Link, mailer.link(ADDRESS_PAGE, &token)),
        (Field::Valid, spoken(lifetime(purpose), language)),
    ];
    let message = message_about(user, address, (language, Template::ConfirmAddress), more);
    let mail = mailer.prepare(store, now, message).await?;
    let added = store.add_link(&link, Some(&mail), FormerLinks::Stay, most);
    if let Err(TooManyLinks) = added.await? {
        return Ok(Wished::TooMany);
    }
    mailer.wake();
    Ok(Wished::Accepted)
}

/// What came of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    Done,
    /// The link opens nothing any more.
    Over,
    /// Another account got the address meanwhile.
    OfAnother,
}

/// The owner of the new address used the link: it counts from now on.
///
/// # Errors
/// When the store fails.
pub async fn confirm(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    link: &KeptLink,
    language: Language,
) -> Result<Confirmed, StoreError> {
    let Some(user) = store.user(&link.user).await? else {
        return Ok(Confirmed::Over);
    };
    let Some(address) = &link.address else {
        return Ok(Confirmed::Over);
    };
    let former = user.email.clone().filter(|former| former != address);
    let mut mail = None;
    if let Some(former) = former.filter(|_| mailer.is_set_up()) {
        let more = vec![(Field::Address, address.masked())];
        let message = message_about(&user, former, (language, Template::AddressChanged), more);
        match mailer.prepare(store, now, message).await {
            Ok(prepared) => mail = Some(prepared),
            Err(error) => {
                tracing::warn!(%error, "the former address of an account is not told of the new one");
            }
        }
    }
    let set = store.set_email_by_link(link, address, mail.as_ref(), now);
    match set.await? {
        Ok(true) => {
            mailer.wake();
            Ok(Confirmed::Done)
        }
        Ok(false) => Ok(Confirmed::Over),
        Err(AlreadyExists) => Ok(Confirmed::OfAnother),
    }
}
