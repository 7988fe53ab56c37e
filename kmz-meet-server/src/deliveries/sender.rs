//! Sends deliveries, several at a time, and tries again those that failed.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::task::{Id, JoinError, JoinSet};
use url::Url;

use super::{Deliveries, Delivery, DeliveryState, Webhook, sign};
use crate::clock::millis;
use crate::store::{Record, StoreError};

/// Pauses after a failed try. After the last one the delivery is given up: two and a half days in all.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(4),
    Duration::from_hours(12),
    Duration::from_hours(36),
];
/// No other process tries the same delivery during this time.
const LEASE: Duration = Duration::from_mins(1);
/// How often we look for what is due.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tries at a time. A receiver that does not answer takes only its own part of them: others are not delayed.
const MAX_TRIES: usize = 32;
const MAX_TRIES_OF_SCHOOL: usize = 8;
const MAX_TRIES_AT_HOST: usize = 4;
/// Due deliveries of one webhook that a round reads.
const MAX_DUE_OF_WEBHOOK: u64 = 4;
/// Due deliveries that a round reads in all.
const MAX_DUE: u64 = 500;

/// Runs for as long as the server does.
pub async fn run(deliveries: Weak<Deliveries>) {
    let mut running = Running::default();
    while let Some(deliveries) = deliveries.upgrade() {
        if let Err(error) = fill(&deliveries, &mut running).await {
            tracing::warn!(%error, "deliveries wait for the store");
            tokio::time::sleep(INTERVAL).await;
        }
        tokio::select! {
            Some(ended) = running.tries.join_next_with_id() => running.ended(ended),
            () = deliveries.notify.notified() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
        while let Some(ended) = running.tries.try_join_next_with_id() {
            running.ended(ended);
        }
    }
}

/// Where a try goes; tries are counted by it.
struct Target {
    school: Option<String>,
    host: String,
}

#[derive(Default)]
struct Running {
    tries: JoinSet<Result<(), StoreError>>,
    targets: HashMap<Id, Target>,
}

impl Running {
    fn is_full(&self) -> bool {
        self.targets.len() >= MAX_TRIES
    }

    fn of_school(&self, school: Option<&str>) -> usize {
        let same = |target: &&Target| target.school.as_deref() == school;
        self.targets.values().filter(same).count()
    }

    fn at_host(&self, host: &str) -> usize {
        let same = |target: &&Target| target.host == host;
        self.targets.values().filter(same).count()
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), StoreError>), JoinError>) {
        let id = match ended {
            Ok((id, Ok(()))) => id,
            Ok((id, Err(error))) => {
                tracing::warn!(%error, "what became of a delivery is not stored; it is made again");
                id
            }
            Err(error) => error.id(),
        };
        self.targets.remove(&id);
    }
}

/// Begins what is due, as far as there is room for it.
async fn fill(deliveries: &Arc<Deliveries>, running: &mut Running) -> Result<(), StoreError> {
    if running.is_full() {
        return Ok(());
    }
    let now = deliveries.clock.now();
    let due = Record::<Delivery>::due_of_each(&deliveries.store, now, MAX_DUE_OF_WEBHOOK, MAX_DUE)
        .await?;
    for mut record in due {
        if running.is_full() {
            return Ok(());
        }
        if running.of_school(record.school.as_deref()) >= MAX_TRIES_OF_SCHOOL {
            continue;
        }
        let webhook = match &record.data.webhook {
            None => None,
            Some(id) => match Record::<Webhook>::get(&deliveries.store, id).await? {
                Some(webhook) if webhook.data.active => Some(webhook),
                Some(_) => {
                    record.give_up("the webhook is not active", now);
                    record.update(&deliveries.store).await?;
                    continue;
                }
                // The event came while the webhook was being deleted.
                None => {
                    record.delete(&deliveries.store).await?;
                    continue;
                }
            },
        };
        if let Some(webhook) = &webhook {
            // It may have moved since.
            record.data.url.clone_from(&webhook.data.url);
        }
        let host = host(&record.data.url);
        if running.at_host(&host) >= MAX_TRIES_AT_HOST {
            continue;
        }
        if !record.lease(&deliveries.store, now + millis(LEASE)).await? {
            continue;
        }
        let target = Target {
            school: record.school.clone(),
            host,
        };
        let deliveries = deliveries.clone();
        let secret = webhook.map(|webhook| webhook.data.secret);
        let task = running
            .tries
            .spawn(async move { attempt(&deliveries, record, secret.as_deref()).await });
        running.targets.insert(task.id(), target);
    }
    Ok(())
}

fn host(url: &str) -> String {
    Url::parse(url)
        .ok()
        .and_then(|url| {
            let port = url.port_or_known_default().unwrap_or_default();
            Some(format!("{}:{port}", url.host_str()?))
        })
        .unwrap_or_default()
}

async fn attempt(
    deliveries: &Deliveries,
    mut record: Record<Delivery>,
    secret: Option<&str>,
) -> Result<(), StoreError> {
    let outcome = send(deliveries, &record, secret).await;
    let now = deliveries.clock.now();
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
    // 410: the receiver does not want it any more.
    let unwanted = delivery.last_status == Some(410);
    let pause = PAUSES.get(delivery.attempts as usize - 1).copied();
    if done {
        record.over(DeliveryState::Delivered, now);
    } else if let Some(pause) = pause.filter(|_| !unwanted) {
        record.due_at = Some(now + millis(pause));
    } else {
        let (event, attempts) = (&record.data.event, record.data.attempts);
        tracing::warn!(%event, attempts, "a delivery is given up");
        record.over(DeliveryState::Failed, now);
    }
    // It is not there when the webhook was deleted meanwhile, and this with it.
    let kept = record.update(&deliveries.store).await?;
    match &record.data.webhook {
        Some(webhook) if kept && unwanted => deliveries.unwanted(webhook, &record.data.url).await,
        _ => Ok(()),
    }
}

/// The status of the answer, or why there is none.
async fn send(
    deliveries: &Deliveries,
    record: &Record<Delivery>,
    secret: Option<&str>,
) -> Result<u16, String> {
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
    if let Some(secret) = secret {
        let seconds = deliveries.clock.now() / 1_000;
        let signature = sign(secret, &record.id, seconds, &body);
        set("webhook-id", &record.id)?;
        set("webhook-timestamp", &seconds.to_string())?;
        set(
            "webhook-signature",
            &signature.ok_or("the secret is damaged")?,
        )?;
    }
    let answer = deliveries
        .outgoing
        .send(method, &url, headers, body.into_bytes());
    let answer = answer.await.map_err(|error| error.to_string())?;
    Ok(answer.status.as_u16())
}
