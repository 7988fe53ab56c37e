//! What the end of a school's contract means for the conferences that run here: they finish, and their moderators are told. One
//! that does not finish by itself is ended: a conference that never ends would be a way past the contract.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kmz_meet_core::room::Action;
use kmz_meet_core::signal::{Alert, ClientMessage};

use super::registry::Registry;
use crate::clock::{Clock, Timestamp, millis};
use crate::contracts::{ContractEnd, closed_since};
use crate::store::{Record, RecordFilter, School, SharedStore, StoreError};

/// The interval of rounds.
const EVERY: Duration = Duration::from_secs(1);
/// Rounds between two looks without anybody telling of an end: contracts run out by themselves, too.
const ROUNDS_OF_A_LOOK: u64 = 60;
/// How many ends one round reads.
const MAX_ENDS: u64 = 1_000;
/// A conference that runs when the contract ends goes on for this time at the most: a day of school.
pub const MAX_AFTER_CONTRACT: Duration = Duration::from_hours(6);

/// What was looked at, and who was told.
#[derive(Default)]
struct Known {
    /// The ids of ends that were looked at.
    ends: HashSet<String>,
    /// Rooms whose moderators know of an end.
    told: HashSet<String>,
    /// Whether a restored conference may know of an end that is not in `told`.
    may_know_more: bool,
}

/// Runs for as long as the server does.
pub async fn run((store, clock): (SharedStore, Arc<dyn Clock>), conferences: Weak<Registry>) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut known = Known {
        may_know_more: true,
        ..Known::default()
    };
    for number in 0_u64.. {
        ticks.tick().await;
        let Some(conferences) = conferences.upgrade() else {
            return;
        };
        let is_time = number % ROUNDS_OF_A_LOOK == 0;
        let round = round(&store, &conferences, &mut known, (clock.now(), is_time));
        if let Err(error) = round.await {
            tracing::warn!(%error, "ends of contracts cannot be read");
        }
    }
}

/// Looks if it is time, or a contract ended that nobody looked at yet. Where looking fails, the next round looks again.
async fn round(
    store: &SharedStore,
    conferences: &Registry,
    known: &mut Known,
    (now, is_time): (Timestamp, bool),
) -> Result<(), StoreError> {
    let filter = RecordFilter {
        limit: MAX_ENDS,
        newest_first: true,
        ..RecordFilter::default()
    };
    let ends = Record::<ContractEnd>::list(store, filter).await?;
    let ends: HashSet<String> = ends.into_iter().map(|end| end.id).collect();
    if is_time || !ends.is_subset(&known.ends) {
        look(store, conferences, known, now).await?;
        known.may_know_more = false;
    }
    known.ends = ends;
    Ok(())
}

/// Goes through the running conferences: those of schools whose contract does not hold are told, or end; those that were told are
/// told when it holds again.
async fn look(
    store: &SharedStore,
    conferences: &Registry,
    known: &mut Known,
    now: Timestamp,
) -> Result<(), StoreError> {
    let running = conferences.rooms();
    let rooms = store.rooms_by_id(&running).await?;
    let schools: HashSet<String> = rooms.iter().map(|room| room.school.clone()).collect();
    let schools: Vec<String> = schools.into_iter().collect();
    let mut closed = HashMap::new();
    for school in store.schools_by_id(&schools).await? {
        if !school.is_open(now) {
            let since = since(store, &school, now).await?;
            closed.insert(school.id, since);
        }
    }
    known.told.retain(|room| running.contains(room));
    for room in rooms {
        let Some(conference) = conferences.handle(&room.id) else {
            known.told.remove(&room.id);
            continue;
        };
        // A conference that has just ended needs nothing.
        let Some(since) = closed.get(&room.school) else {
            if known.told.remove(&room.id) || known.may_know_more {
                let _ = conference.act(Action::Alert(Alert::ContractHolds)).await;
            }
            continue;
        };
        if since.is_some_and(|since| now - since >= millis(MAX_AFTER_CONTRACT)) {
            let _ = conference.act(ClientMessage::EndForAll).await;
        } else if known.told.insert(room.id) {
            let _ = conference.act(Action::Alert(Alert::ContractEnded)).await;
        }
    }
    Ok(())
}

async fn since(
    store: &SharedStore,
    school: &School,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let history = store.contract_changes(&school.id).await?;
    Ok(closed_since(school, &history, now))
}
