//! What has to reach someone else's server: webhooks, and the callbacks of the BigBlueButton API.
//!
//! A delivery is in the store before anyone tries it, so it outlives a restart. It is tried with growing pauses, and
//! what became of it is kept for a week, without its content.

mod endpoint;
mod sender;
mod signature;

use std::sync::Arc;

use lti_bridge::outgoing::Outgoing;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::clock::{Clock, Timestamp};
use crate::store::{Kind, Record, SharedStore, StoreError, Which};

pub use endpoint::{Event, Webhook};
pub use sender::run;
pub use signature::{new_secret, sign};

/// What became of a delivery is kept for this long.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
const PAGE: u64 = 200;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried (again).
    Waiting,
    /// The other side took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// A request that is still to be made, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// What it is about, such as `conference.started`.
    pub event: String,
    /// `GET` or `POST`
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Taken away as soon as it is not needed any more.
    pub body: Option<String>,
    /// The webhook that signs each try.
    pub webhook: Option<String>,
    /// Else the room that it is about: it goes with it.
    #[serde(default)]
    pub room: Option<String>,
    pub state: DeliveryState,
    pub attempts: u32,
    /// Status of the last answer.
    pub last_status: Option<u16>,
    /// Why there was none.
    pub last_error: Option<String>,
    pub last_at: Option<Timestamp>,
}

impl Kind for Delivery {
    const KIND: &'static str = "delivery";
}

impl Delivery {
    /// A request that nobody has tried yet.
    pub fn new(event: &str, method: &str, url: &str) -> Self {
        Self {
            event: event.to_owned(),
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            webhook: None,
            room: None,
            state: DeliveryState::Waiting,
            attempts: 0,
            last_status: None,
            last_error: None,
            last_at: None,
        }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: String) -> Self {
        self.headers
            .push(("content-type".to_owned(), "application/json".to_owned()));
        self.body = Some(body);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What is to be delivered, and by what means.
pub struct Deliveries {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    outgoing: Outgoing,
    /// Told when there is something to deliver.
    notify: Notify,
}

impl Deliveries {
    /// Over this store. They are made by [`run`].
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>, outgoing: Outgoing) -> Self {
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
        let now = self.clock.now();
        let parent = delivery.webhook.clone().or_else(|| delivery.room.clone());
        let mut record = Record::new(school.to_owned(), now, delivery);
        record.key = key;
        record.parent = parent;
        record.due_at = Some(now);
        // Taken: it was left before, and the caller asks again after a failure of something else.
        let _ = record.add(&*self.store).await?;
        self.wake();
        Ok(())
    }

    /// Gives up what waits for a webhook. A try that runs meanwhile ends by itself, and is not repeated.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn give_up(&self, school: &str, webhook: &str, why: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut after: Option<String> = None;
        loop {
            let which = Which {
                school: Some(school),
                parent: Some(webhook),
                after: after.as_deref(),
                limit: PAGE,
                ..Which::default()
            };
            let page = Record::<Delivery>::list(&*self.store, which).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            for mut delivery in page {
                if delivery.data.state == DeliveryState::Waiting {
                    delivery.give_up(why, now);
                    delivery.update(&*self.store).await?;
                }
            }
        }
    }

    /// Deletes all that was or is to be sent to a webhook.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget(&self, webhook: &str) -> Result<(), StoreError> {
        Record::<Delivery>::delete_of(&*self.store, webhook).await?;
        Ok(())
    }
}

impl Record<Delivery> {
    /// It is over, whatever became of it. Only that is kept, not what was in it.
    fn over(&mut self, state: DeliveryState, now: Timestamp) {
        self.data.state = state;
        self.data.body = None;
        self.data.headers = Vec::new();
        self.due_at = None;
        self.expires_at = Some(now + KEPT_MS);
    }

    fn give_up(&mut self, why: &str, now: Timestamp) {
        self.data.last_error = Some(why.to_owned());
        self.over(DeliveryState::Failed, now);
    }
}
