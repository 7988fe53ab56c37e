//! Webhooks that are switched off: by the school, or by a receiver that answers 410.

use super::Deliveries;
use crate::store::{Delivery, Record, StoreError, Webhook};

impl Deliveries {
    /// The other side answered that it is gone: nothing is sent there any more until the school says so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unwanted(&self, id: &str, url: &str) -> Result<(), StoreError> {
        // It may have moved while the old address was being tried.
        if Record::<Webhook>::silence(&self.store, id, url, &self.not_active()).await? {
            tracing::warn!(webhook = %id, "a webhook is silenced: its receiver answers 410");
        }
        Ok(())
    }

    /// Nothing that waits for it is sent later.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn silenced(&self, webhook: &Record<Webhook>) -> Result<(), StoreError> {
        Record::<Delivery>::give_up_of(&self.store, &webhook.id, &self.not_active()).await
    }
}
