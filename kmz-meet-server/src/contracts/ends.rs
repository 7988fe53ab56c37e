//! Tells the running servers that a school's contract ended: a command beside a server changes the store while it runs. What they
//! do then follows from the store (`conferences/contract_changes.rs`); the record only says that it is time to look.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, millis};
use crate::store::{Database, Kind, Record, StoreError};

/// How long it is told. A server that starts later looks anyway.
const KEPT: Duration = Duration::from_hours(1);

/// The contract of the record's school ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ContractEnd {}

impl Kind for ContractEnd {
    const KIND: &'static str = "contract_end";
}

/// Tells all servers on this store.
///
/// # Errors
/// When the store fails.
pub(super) async fn tell(store: &Database, school: &str, now: Timestamp) -> Result<(), StoreError> {
    let mut record = Record::new(school.to_owned(), now, ContractEnd {});
    record.expires_at = Some(now + millis(KEPT));
    record.insert_or_replace(store).await
}
