//! The sealed drop: a school's secretary hands over a list of teachers that only an operator can read.
//!
//! An operator makes a link for a school ([`invite`]). The page behind it encrypts the list in the browser, to the public halves of
//! all active operators' keys, and sends ciphertext ([`seal`]). An operator's browser opens it: the private half of a key lies here
//! only as an age file that its passphrase opens. This server never has the passphrase, the private half, the file or its name.

mod age_file;
mod limits;
mod recipient;

use std::time::Duration;

use uuid::Uuid;

pub use age_file::{MAX_ACTIVE_KEYS, NotAge, Opens, opens};
pub use limits::DropLimits;
pub use recipient::is_recipient;

use crate::audit::{self, Action, Actor};
use crate::clock::{Timestamp, millis};
use crate::credentials::{fingerprint, random_token};
use crate::schools;
use crate::store::{
    AddError, Database, KeyNeeded, LinkBounds, NoLink, NotSealed, OperatorKey, SealBounds, Sealed,
    SealedDrop, StoreError,
};
use crate::store::{DropState, School};

/// A link is over after this time.
pub const LINK_LIFETIME: Duration = Duration::from_hours(14 * 24);
/// What came is deleted after this time.
const DROP_LIFETIME: Duration = Duration::from_hours(30 * 24);
/// Links of a school by which nothing came yet.
const MAX_WAITING_LINKS: u64 = 5;
/// Links that are made for a school in a day, whatever becomes of them.
const MAX_LINKS_A_DAY: u64 = 20;
/// Uploads that are tried by one link.
const MAX_TRIES: i32 = 20;
/// Of a file that a page seals; it says so.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Of a sealed file: it has its name, padding, and two layers of encryption around it.
pub const MAX_CIPHERTEXT_BYTES: usize = 11 * 1024 * 1024;
/// Ciphertext of one school: as much as its waiting links can bring.
const MAX_SCHOOL_BYTES: u64 = MAX_WAITING_LINKS * MAX_CIPHERTEXT_BYTES as u64;
/// Ciphertext of all schools.
const MAX_TOTAL_BYTES: u64 = 1024 * 1024 * 1024;
/// Keys of operators, active or not.
const MAX_KEYS: u64 = 50;
/// Random bytes of a link.
const TOKEN_BYTES: usize = 32;
/// Characters of a link's token.
const TOKEN_CHARS: usize = 43;

const DAY: Duration = Duration::from_hours(24);

/// Whether lists of teachers of this school may come here.
async fn is_permitted(store: &Database, now: Timestamp, school: &str) -> Result<bool, StoreError> {
    Ok(schools::may_open(store, now, school).await?.is_some())
}

/// Why there is no link.
#[derive(Debug)]
pub enum NotInvited {
    /// The school has no contract, so nothing about its people may come here.
    NoContract,
    /// There is no active key to which a list could be sealed.
    NoKey,
    /// The school has as many links as it may.
    Bound(NoLink),
    Store(StoreError),
}

impl From<StoreError> for NotInvited {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Makes a link for a school; gives the drop and the token, which is kept nowhere.
///
/// # Errors
/// When the school may not have one (now), or the store fails.
pub async fn invite(
    store: &Database,
    now: Timestamp,
    by: &str,
    school: &School,
) -> Result<(SealedDrop, String), NotInvited> {
    if !is_permitted(store, now, &school.id).await? {
        return Err(NotInvited::NoContract);
    }
    if active_keys(store).await?.is_empty() {
        return Err(NotInvited::NoKey);
    }
    let token = random_token::<TOKEN_BYTES>();
    let drop = SealedDrop {
        id: Uuid::now_v7().to_string(),
        school: school.id.clone(),
        created_by: by.to_owned(),
        created_at: now,
        expires_at: now + millis(LINK_LIFETIME),
        uploaded_at: None,
        size: 0,
        keys: Vec::new(),
        state: DropState::Waiting,
    };
    let bounds = LinkBounds {
        waiting: MAX_WAITING_LINKS,
        recent: (now - millis(DAY), MAX_LINKS_A_DAY),
    };
    let added = store
        .add_drop_link(&drop, &fingerprint(&token), bounds)
        .await?;
    added.map_err(NotInvited::Bound)?;
    Ok((drop, token))
}

/// The drop of a link.
///
/// # Errors
/// When the store fails.
pub async fn of_link(
    store: &Database,
    now: Timestamp,
    token: &str,
) -> Result<Option<SealedDrop>, StoreError> {
    if token.len() != TOKEN_CHARS {
        return Ok(None);
    }
    store.drop_by_token(&fingerprint(token), now).await
}

/// Why nothing more may be sent by a link.
#[derive(Debug)]
pub enum NotTaken {
    /// The link is used up, withdrawn or over.
    Used,
    NoContract,
    /// So much was tried by it that it takes nothing any more.
    TooManyTries,
    Store(StoreError),
}

impl From<StoreError> for NotTaken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Before a byte of an upload is read: whether it may come. It counts as a try.
///
/// # Errors
/// When it may not, or the store fails.
pub async fn begin_upload(
    store: &Database,
    now: Timestamp,
    drop: &SealedDrop,
) -> Result<(), NotTaken> {
    if drop.state != DropState::Waiting {
        return Err(NotTaken::Used);
    }
    if !is_permitted(store, now, &drop.school).await? {
        return Err(NotTaken::NoContract);
    }
    if !store.count_drop_try(&drop.id, MAX_TRIES).await? {
        return Err(NotTaken::TooManyTries);
    }
    Ok(())
}

/// Why an upload was not stored.
#[derive(Debug)]
pub enum Unsealed {
    /// It is no age file that the named keys open.
    Unfit(NotAge),
    Refused(NotSealed),
    Store(StoreError),
}

impl From<StoreError> for Unsealed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Stores what came by a link, for the keys with these ids.
///
/// # Errors
/// When it is nothing sealed, the link is used up, too much lies here, or the store fails.
pub async fn seal(
    store: &Database,
    now: Timestamp,
    drop: &SealedDrop,
    (ciphertext, keys): (&[u8], &[String]),
) -> Result<(), Unsealed> {
    match opens(ciphertext).map_err(Unsealed::Unfit)? {
        Opens::Keys(number) if number == keys.len() => {}
        Opens::Keys(_) => return Err(Unsealed::Unfit(NotAge("it is for other keys"))),
        Opens::Passphrase => return Err(Unsealed::Unfit(NotAge("only a passphrase opens it"))),
    }
    keep(store, now, drop, (ciphertext, keys)).await
}

/// The same for what this server sealed itself: nobody else can open it, whatever its header has beside our keys.
pub(crate) async fn keep(
    store: &Database,
    now: Timestamp,
    drop: &SealedDrop,
    (ciphertext, keys): (&[u8], &[String]),
) -> Result<(), Unsealed> {
    let sealed = Sealed {
        ciphertext,
        keys,
        expires_at: now + millis(DROP_LIFETIME),
    };
    let bounds = SealBounds {
        of_school: MAX_SCHOOL_BYTES,
        in_all: MAX_TOTAL_BYTES,
    };
    let stored = store.seal_drop(drop, now, sealed, bounds).await?;
    stored.map_err(Unsealed::Refused)
}

/// Withdraws a link, or deletes what came by it: it was imported, or nobody wants it. Says whether it was open. `by` asked for it.
///
/// # Errors
/// When the store fails.
pub async fn close(
    store: &Database,
    now: Timestamp,
    by: &Actor,
    drop: &SealedDrop,
) -> Result<bool, StoreError> {
    let closed = store.close_drop(&drop.id, now).await?;
    if closed {
        let what = (Action::DropClosed, drop.id.as_str());
        audit::note(store, now, by, Some(&drop.school), what).await?;
    }
    Ok(closed)
}

/// The keys to which new lists are sealed, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn active_keys(store: &Database) -> Result<Vec<OperatorKey>, StoreError> {
    let mut keys = store.operator_keys().await?;
    keys.retain(|key| key.retired_at.is_none());
    keys.truncate(MAX_ACTIVE_KEYS);
    Ok(keys)
}

/// A key that an operator's browser made.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'a> {
    pub label: &'a str,
    pub recipient: &'a str,
    /// Base64 of an age file that only a passphrase opens.
    pub identity: &'a str,
}

/// Keeps a key.
///
/// # Errors
/// [`AddError`]: it is here already, or there are too many.
pub async fn add_key(
    store: &Database,
    now: Timestamp,
    by: &str,
    new: NewKey<'_>,
) -> Result<Result<OperatorKey, AddError>, StoreError> {
    let key = OperatorKey {
        id: Uuid::now_v7().to_string(),
        label: new.label.to_owned(),
        recipient: new.recipient.to_owned(),
        identity: new.identity.to_owned(),
        created_at: now,
        created_by: by.to_owned(),
        retired_at: None,
    };
    let bounds = (MAX_KEYS, MAX_ACTIVE_KEYS as u64);
    let added = store.add_operator_key(&key, bounds).await?;
    Ok(added.map(|()| key))
}

/// Changes what a key is called, or whether new lists are sealed to it. `None`: there is no such key.
///
/// # Errors
/// When the store fails.
pub async fn change_key(
    store: &Database,
    now: Timestamp,
    by: &Actor,
    id: &str,
    (label, retired): (Option<&str>, Option<bool>),
) -> Result<Option<Result<OperatorKey, AddError>>, StoreError> {
    let retired = retired.map(|retired| retired.then_some(now));
    let most = MAX_ACTIVE_KEYS as u64;
    let changed = store
        .change_operator_key(id, (label, retired), most)
        .await?;
    if matches!(changed, Some(Ok(_))) {
        audit::note(store, now, by, None, (Action::OperatorKeyChanged, id)).await?;
    }
    Ok(changed)
}

/// Deletes a key that no list needs. `None`: there is no such key.
///
/// # Errors
/// When the store fails.
pub async fn delete_key(
    store: &Database,
    now: Timestamp,
    by: &Actor,
    id: &str,
) -> Result<Option<Result<(), KeyNeeded>>, StoreError> {
    let deleted = store.delete_operator_key(id).await?;
    if matches!(deleted, Some(Ok(()))) {
        audit::note(store, now, by, None, (Action::OperatorKeyDeleted, id)).await?;
    }
    Ok(deleted)
}
