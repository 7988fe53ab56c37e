//! What happened to accounts, told to the servers that run: commands work on the store beside them. A locked or removed
//! account leaves its conferences at once, and so does who came by a session that was ended.

use std::collections::HashSet;
use std::sync::Weak;
use std::time::Duration;

use kmz_meet_core::room::Action;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Timestamp;
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
    /// Sessions ended; who still has one may come back.
    SignedOut,
}

#[derive(Debug, Serialize, Deserialize)]
struct Change {
    user: String,
    happened: Happened,
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
    let change = Change {
        user: user.to_owned(),
        happened,
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
            act(app, &user, Happened::Withdrawn).await?;
        }
    }
    let kept: HashSet<String> = changes.iter().map(|change| change.id.clone()).collect();
    seen.retain(|id| kept.contains(id));
    for mut change in changes {
        if !seen.insert(change.id.clone()) || (start && change.data.done) {
            continue;
        }
        act(app, &change.data.user, change.data.happened).await?;
        if !change.data.done {
            change.data.done = true;
            change.update(&*app.store).await?;
        }
    }
    Ok(())
}

async fn act(app: &App, user: &str, happened: Happened) -> Result<(), StoreError> {
    let withdraw = || Action::WithdrawUser {
        user: user.to_owned(),
    };
    let readmit = || Action::ReadmitUser {
        user: user.to_owned(),
    };
    let actions = match happened {
        Happened::Withdrawn => vec![withdraw()],
        Happened::Readmitted => vec![readmit()],
        Happened::SignedOut => vec![withdraw(), readmit()],
    };
    for room in app.conferences.rooms() {
        let Some(conference) = app.conferences.handle(&room) else {
            continue;
        };
        for action in &actions {
            // One that has just ended needs nothing.
            let _ = conference.act(action.clone()).await;
        }
        // Rooms may have gone with their owner.
        if happened == Happened::Withdrawn && app.store.room(&room).await?.is_none() {
            let _ = conference.act(Action::EndForAll).await;
        }
    }
    Ok(())
}
