//! What happened to accounts, told to the servers that run: commands work on the store beside them. A locked or removed
//! account leaves its conferences at once, and so does who came by a session that was ended.

use std::collections::HashSet;
use std::sync::Weak;
use std::time::Duration;

use kmz_meet_core::room::{Action, Ended};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::state::App;
use crate::store::{Kind, Record, Records, StoreError, Which};

/// Servers look so often.
const EVERY: Duration = Duration::from_secs(1);
/// A server that starts later finds out by the account itself.
const KEPT_MS: i64 = 60 * 60 * 1_000;
/// More are not read at once.
const MOST: u64 = 1_000;

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
struct Change {
    user: String,
    happened: Happened,
    /// Which sessions ended; absent in rows of earlier versions, which ended all.
    #[serde(default)]
    ended: EndedSessions,
    /// By some server.
    done: bool,
}

impl Kind for Change {
    const KIND: &'static str = "account_change";
}

/// Tells all servers on this store.
///
/// # Errors
/// When the store fails.
pub async fn tell<S: Records + ?Sized>(
    store: &S,
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
pub async fn signed_out<S: Records + ?Sized>(
    store: &S,
    user: &str,
    ended: EndedSessions,
    now: Timestamp,
) -> Result<(), StoreError> {
    keep(store, user, Happened::SignedOut, ended, now).await
}

async fn keep<S: Records + ?Sized>(
    store: &S,
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
    record.put(store).await
}

/// Runs for as long as the server does.
pub async fn run(app: Weak<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut seen = HashSet::new();
    let mut started = false;
    loop {
        ticks.tick().await;
        let Some(app) = app.upgrade() else {
            return;
        };
        match once(&app, &mut seen, !started).await {
            Ok(()) => started = true,
            Err(error) => tracing::warn!(%error, "changes of accounts cannot be read"),
        }
    }
}

/// Acts on what is new. What another server or an earlier run did is not done again at the start.
async fn once(app: &App, seen: &mut HashSet<String>, start: bool) -> Result<(), StoreError> {
    let which = Which {
        limit: MOST,
        newest_first: true,
        ..Which::default()
    };
    let mut changes = Record::<Change>::list(&*app.store, which).await?;
    changes.reverse();
    if start {
        for user in app.store.locked_users().await? {
            act(app, &user, Happened::Withdrawn, EndedSessions::All).await?;
        }
    }
    let kept: HashSet<String> = changes.iter().map(|change| change.id.clone()).collect();
    seen.retain(|id| kept.contains(id));
    for mut change in changes {
        if !seen.insert(change.id.clone()) || (start && change.data.done) {
            continue;
        }
        let Change {
            user,
            happened,
            ended,
            ..
        } = &change.data;
        act(app, user, *happened, ended.clone()).await?;
        if !change.data.done {
            change.data.done = true;
            change.update(&*app.store).await?;
        }
    }
    Ok(())
}

async fn act(
    app: &App,
    user: &str,
    happened: Happened,
    ended: EndedSessions,
) -> Result<(), StoreError> {
    let user = user.to_owned();
    let action = match happened {
        Happened::Withdrawn => Action::WithdrawUser { user },
        Happened::Readmitted => Action::ReadmitUser { user },
        Happened::SignedOut => Action::SignOut {
            user,
            ended: ended.into(),
        },
    };
    for room in app.conferences.rooms() {
        let Some(conference) = app.conferences.handle(&room) else {
            continue;
        };
        // One that has just ended needs nothing.
        let _ = conference.act(action.clone()).await;
        // Rooms may have gone with their owner.
        if happened == Happened::Withdrawn && app.store.room(&room).await?.is_none() {
            let _ = conference.act(Action::EndForAll).await;
        }
    }
    Ok(())
}
