//! HTTP requests that we owe to other servers: webhooks, and the callbacks of the BigBlueButton API.
//!
//! A delivery is in the store before anyone tries it, so it outlives a restart. It is tried with growing pauses, and
//! what became of it is kept for a week, without its content.

mod endpoint;
mod sender;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use guarded_http::GuardedClient;
use tokio::sync::Notify;

use crate::clock::{Clock, Timestamp, millis};
use crate::store::{GivenUp, Record, SharedStore, StoreError};

pub use crate::store::{Delivery, DeliveryState, Event, Webhook};
pub use sender::run;
pub use signature::{new_secret, sign};

/// How long the outcome of a delivery is kept.
const OUTCOME_KEPT: Duration = Duration::from_hours(7 * 24);

/// The deliveries that wait, and what sending them takes.
pub struct Deliveries {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    outgoing: GuardedClient,
    /// Notified when there is something to deliver.
    notify: Notify,
}

impl Deliveries {
    /// Over this store. They are made by [`run`].
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>, outgoing: GuardedClient) -> Self {
        Self {
            store,
            clock,
            outgoing,
            notify: Notify::new(),
        }
    }

    /// There may be something to deliver.
    pub fn wake(&self) {
        self.notify.notify_one();
    }

    /// Leaves a delivery to be made. `key` makes it unique: the same one again is the same delivery.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn push(
        &self,
        school: &str,
        key: Option<String>,
        delivery: Delivery,
    ) -> Result<(), StoreError> {
        self.push_all(school, vec![(key, delivery)]).await
    }

    /// Leaves all deliveries of one event: all of them or, when the store fails, none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn push_all(
        &self,
        school: &str,
        deliveries: Vec<(Option<String>, Delivery)>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let record = |(key, delivery)| {
            let mut record = Record::new(school.to_owned(), now, delivery);
            record.key = key;
            record.due_at = Some(now);
            record
        };
        let records: Vec<Record<Delivery>> = deliveries.into_iter().map(record).collect();
        // One that is there was left before, and the caller asks again after a failure of something else.
        Record::<Delivery>::add_all(&self.store, &records).await?;
        self.wake();
        Ok(())
    }

    /// Why what waits for a webhook is given up, and until when that is kept.
    fn not_active(&self) -> GivenUp<'static> {
        GivenUp {
            why: "the webhook is not active",
            kept_until: self.clock.now() + millis(OUTCOME_KEPT),
        }
    }
}

impl Record<Delivery> {
    /// It is over, whatever became of it. Only that is kept, not what was in it.
    fn over(&mut self, state: DeliveryState, now: Timestamp) {
        self.data.state = state;
        self.data.body = None;
        self.data.headers = Vec::new();
        self.due_at = None;
        self.expires_at = Some(now + millis(OUTCOME_KEPT));
    }

    fn give_up(&mut self, why: &str, now: Timestamp) {
        self.data.last_error = Some(why.to_owned());
        self.over(DeliveryState::Failed, now);
    }
}
