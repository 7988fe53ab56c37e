//! What a school may do.

use crate::store::{Contract, Database, StoreError};

/// Whether a school may create rooms and start conferences: it has signed the data-processing agreement.
///
/// # Errors
/// When the store fails.
pub async fn may_open(store: &Database, school: &str) -> Result<bool, StoreError> {
    let school = store.school(school).await?;
    Ok(school.is_some_and(|school| school.contract == Contract::Signed))
}
