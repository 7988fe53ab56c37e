//! Makes deliveries, one after the other, and tries again what failed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use super::{Delivery, DeliveryState, sign};
use crate::app::App;
use crate::store::{Record, StoreError};
use crate::webhooks::Webhook;

/// Pauses after a failed try, in seconds. After the last one it is given up: two and a half days in all.
const PAUSES: [i64; 9] = [5, 30, 120, 600, 1_800, 3_600, 14_400, 43_200, 129_600];
/// What became of a delivery is kept for this long.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Another process does not try the same delivery meanwhile.
const LEASE_MS: i64 = 60_000;
const AT_ONCE: u64 = 16;
const LOOK: Duration = Duration::from_secs(2);

/// Runs for as long as the server does.
pub async fn run(app: Weak<App>) {
    while let Some(app) = app.upgrade() {
        match round(&app).await {
            Ok(0) => {
                let _ = tokio::time::timeout(LOOK, app.deliveries.notified()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "deliveries wait for the store");
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

async fn round(app: &Arc<App>) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let due = Record::<Delivery>::due(&*app.store, now, AT_ONCE).await?;
    let count = due.len();
    let mut tries = tokio::task::JoinSet::new();
    for mut record in due {
        record.due_at = Some(now + LEASE_MS);
        record.put(&*app.store).await?;
        let app = app.clone();
        tries.spawn(async move { attempt(&app, record).await });
    }
    while let Some(outcome) = tries.join_next().await {
        if let Ok(Err(error)) = outcome {
            tracing::warn!(%error, "what became of a delivery is not stored; it is made again");
        }
    }
    Ok(count)
}

async fn attempt(app: &App, mut record: Record<Delivery>) -> Result<(), StoreError> {
    let outcome = send(app, &record).await;
    let now = app.clock.now();
    let delivery = &mut record.data;
    delivery.attempts += 1;
    delivery.last_at = Some(now);
    delivery.last_status = None;
    delivery.last_error = None;
    let done = match outcome {
        Ok(status) => {
            delivery.last_status = Some(status);
            (200..300).contains(&status)
        }
        Err(error) => {
            delivery.last_error = Some(error);
            false
        }
    };
    // The other side says that it does not want it any more.
    let unwanted = delivery.last_status == Some(410);
    let pause = PAUSES.get(delivery.attempts as usize - 1).copied();
    if done {
        delivery.state = DeliveryState::Delivered;
        record.due_at = None;
    } else if let Some(pause) = pause.filter(|_| !unwanted) {
        record.due_at = Some(now + pause * 1_000);
    } else {
        delivery.state = DeliveryState::Failed;
        record.due_at = None;
        tracing::warn!(event = %delivery.event, attempts = delivery.attempts, "a delivery is given up");
    }
    if record.due_at.is_none() {
        record.data.body = None;
        record.data.headers = Vec::new();
        record.expires_at = Some(now + KEPT_MS);
    }
    record.put(&*app.store).await
}

/// The status of the answer, or why there is none.
async fn send(app: &App, record: &Record<Delivery>) -> Result<u16, String> {
    let delivery = &record.data;
    let url = Url::parse(&delivery.url).map_err(|error| error.to_string())?;
    let method =
        Method::from_bytes(delivery.method.as_bytes()).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    let mut set = |name: &str, value: &str| -> Result<(), String> {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
        headers.insert(name, value);
        Ok(())
    };
    for (name, value) in &delivery.headers {
        set(name, value)?;
    }
    let body = delivery.body.clone().unwrap_or_default();
    if let Some(webhook) = &delivery.webhook {
        let webhook = Record::<Webhook>::get(&*app.store, webhook).await;
        let webhook = webhook.map_err(|error| error.to_string())?;
        let webhook = webhook.ok_or("the webhook was deleted")?;
        let seconds = app.clock.now() / 1_000;
        let signature = sign(&webhook.data.secret, &record.id, seconds, &body);
        set("webhook-id", &record.id)?;
        set("webhook-timestamp", &seconds.to_string())?;
        set(
            "webhook-signature",
            &signature.ok_or("the secret is damaged")?,
        )?;
    }
    let answer = app.outgoing.send(method, &url, headers, body.into_bytes());
    let answer = answer.await.map_err(|error| error.to_string())?;
    Ok(answer.status.as_u16())
}
