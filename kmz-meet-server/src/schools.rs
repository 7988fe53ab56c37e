//! What a school may do.

use crate::clock::Timestamp;
use crate::store::{Database, OpenSchool, StoreError};

/// Whether a school may have accounts, rooms, tickets and conferences: its data-processing agreement is signed and holds now.
/// `None`: it may not.
///
/// # Errors
/// When the store fails.
pub async fn may_open(
    store: &Database,
    now: Timestamp,
    school: &str,
) -> Result<Option<OpenSchool>, StoreError> {
    store.open_school(school, now).await
}
