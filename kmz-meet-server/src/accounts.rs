//! Accounts: how their owners get in, and what the running servers are told of them. Admin commands change the store while
//! servers run: a locked or removed account leaves its conferences at once, and so do people whose session was ended.

pub mod address;
pub mod forgotten;
mod invitation;
pub mod password;
pub mod staff;

use std::time::Duration;

use kmz_meet_core::room::Ended;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, millis};
use crate::store::{Database, Kind, Record, StoreError};

pub use forgotten::Forgotten;
pub use invitation::{
    NoPassword, NotInvited, PasswordPermit, invite, may_activate, paper_link, password_purpose,
    tell_owner,
};

/// How long an event is kept. A server that starts later reads the account itself.
const KEPT: Duration = Duration::from_hours(1);

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEvent {
    /// It was locked or removed.
    Withdrawn,
    /// It was unlocked.
    Readmitted,
    /// Sessions ended; people with other sessions stay.
    SignedOut,
}

/// Which sessions of an account ended, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedSessions {
    #[default]
    All,
    AllBut(String),
    One(String),
}

impl From<EndedSessions> for Ended {
    fn from(ended: EndedSessions) -> Self {
        match ended {
            EndedSessions::All => Self::AllBut(None),
            EndedSessions::AllBut(kept) => Self::AllBut(Some(kept)),
            EndedSessions::One(session) => Self::One(session),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) user: String,
    #[serde(rename = "happened")]
    pub(crate) event: AccountEvent,
    /// Which sessions ended; absent in rows of earlier versions, which ended all.
    #[serde(default)]
    pub(crate) ended: EndedSessions,
    /// By some server.
    pub(crate) done: bool,
}

impl Kind for Change {
    const KIND: &'static str = "account_change";
}

/// Tells all servers on this store.
///
/// # Errors
/// When the store fails.
pub async fn tell(
    store: &Database,
    user: &str,
    event: AccountEvent,
    now: Timestamp,
) -> Result<(), StoreError> {
    keep(store, user, event, EndedSessions::All, now).await
}

/// What tells all servers on this store that an account is gone, for whoever keeps it together with the removal.
pub(crate) fn withdrawn(user: &str, now: Timestamp) -> Record<Change> {
    record(user, AccountEvent::Withdrawn, EndedSessions::All, now)
}

/// Tells all servers on this store that sessions of an account ended.
///
/// # Errors
/// When the store fails.
pub async fn signed_out(
    store: &Database,
    user: &str,
    ended: EndedSessions,
    now: Timestamp,
) -> Result<(), StoreError> {
    keep(store, user, AccountEvent::SignedOut, ended, now).await
}

async fn keep(
    store: &Database,
    user: &str,
    event: AccountEvent,
    ended: EndedSessions,
    now: Timestamp,
) -> Result<(), StoreError> {
    record(user, event, ended, now)
        .insert_or_replace(store)
        .await
}

fn record(user: &str, event: AccountEvent, ended: EndedSessions, now: Timestamp) -> Record<Change> {
    let change = Change {
        user: user.to_owned(),
        event,
        ended,
        done: false,
    };
    let mut record = Record::new(None, now, change);
    record.expires_at = Some(now + millis(KEPT));
    record
}
