//! What happened to accounts, told to the servers that run: commands work on the store beside them. A locked or removed
//! account leaves its conferences at once, and so does who came by a session that was ended.

use kmz_meet_core::room::Ended;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::store::{Database, Kind, Record, StoreError};

/// A server that starts later finds out by the account itself.
const KEPT_MS: i64 = 60 * 60 * 1_000;
/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It cannot be used any more: locked or removed.
    Withdrawn,
    /// It was unlocked.
    Readmitted,
    /// Sessions ended; who came by another one stays.
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
    pub(crate) happened: Happened,
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
    happened: Happened,
    now: Timestamp,
) -> Result<(), StoreError> {
    keep(store, user, happened, EndedSessions::All, now).await
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
    keep(store, user, Happened::SignedOut, ended, now).await
}

async fn keep(
    store: &Database,
    user: &str,
    happened: Happened,
    ended: EndedSessions,
    now: Timestamp,
) -> Result<(), StoreError> {
    let change = Change {
        user: user.to_owned(),
        happened,
        ended,
        done: false,
    };
    let mut record = Record::new(None, now, change);
    record.expires_at = Some(now + KEPT_MS);
    record.insert_or_replace(store).await
}
