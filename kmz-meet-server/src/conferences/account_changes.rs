//! Applies changes of accounts to the conferences that run here. A locked or removed account leaves them at once, and so does
//! everybody who came by a session that has ended.

use std::collections::HashSet;
use std::sync::Weak;
use std::time::Duration;

use kmz_meet_core::room::Action;
use kmz_meet_core::signal::ClientMessage;

use super::registry::Registry;
use crate::accounts::{AccountEvent, Change, EndedSessions};
use crate::store::{Record, RecordFilter, SharedStore, StoreError};

/// The interval of rounds.
const EVERY: Duration = Duration::from_secs(1);
/// How many changes one round reads.
const MAX_CHANGES: u64 = 1_000;

/// Runs for as long as the server does.
pub async fn run(store: SharedStore, conferences: Weak<Registry>) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut seen = HashSet::new();
    let mut started = false;
    loop {
        ticks.tick().await;
        let Some(conferences) = conferences.upgrade() else {
            return;
        };
        match run_once(&store, &conferences, &mut seen, !started).await {
            Ok(()) => started = true,
            Err(error) => tracing::warn!(%error, "changes of accounts cannot be read"),
        }
    }
}

/// Applies new changes. At the start it does not repeat what another server or an earlier run has applied.
async fn run_once(
    store: &SharedStore,
    conferences: &Registry,
    seen: &mut HashSet<String>,
    start: bool,
) -> Result<(), StoreError> {
    let filter = RecordFilter {
        limit: MAX_CHANGES,
        newest_first: true,
        ..RecordFilter::default()
    };
    let mut changes = Record::<Change>::list(store, filter).await?;
    changes.reverse();
    if start {
        for user in store.locked_users().await? {
            act(
                store,
                conferences,
                &user,
                AccountEvent::Withdrawn,
                EndedSessions::All,
            )
            .await?;
        }
    }
    let kept: HashSet<String> = changes.iter().map(|change| change.id.clone()).collect();
    seen.retain(|id| kept.contains(id));
    for mut change in changes {
        if !seen.insert(change.id.clone()) || (start && change.data.done) {
            continue;
        }
        let Change {
            user, event, ended, ..
        } = &change.data;
        act(store, conferences, user, *event, ended.clone()).await?;
        if !change.data.done {
            change.data.done = true;
            change.update(store).await?;
        }
    }
    Ok(())
}

async fn act(
    store: &SharedStore,
    conferences: &Registry,
    user: &str,
    event: AccountEvent,
    ended: EndedSessions,
) -> Result<(), StoreError> {
    let user = user.to_owned();
    let action = match event {
        AccountEvent::Withdrawn => Action::WithdrawUser { user },
        AccountEvent::Readmitted => Action::ReadmitUser { user },
        AccountEvent::SignedOut => Action::SignOut {
            user,
            ended: ended.into(),
        },
    };
    for room in conferences.rooms() {
        let Some(conference) = conferences.handle(&room) else {
            continue;
        };
        // A conference that has just ended needs nothing.
        let _ = conference.act(action.clone()).await;
        // The room may have been deleted with its owner.
        if event == AccountEvent::Withdrawn && store.room(&room).await?.is_none() {
            let _ = conference.act(ClientMessage::EndForAll).await;
        }
    }
    Ok(())
}
