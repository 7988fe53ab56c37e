//! Webhooks, and what became of their messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::Action;
use crate::auth::Caller;
use crate::clock::Clock;
use crate::credentials::Scope;
use crate::deliveries::Deliveries;
use crate::deliveries::{self, Delivery, DeliveryState, Event, new_secret};
use crate::http::Problem;
use crate::http::given;
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{Record, RecordFilter};
use crate::webhooks;
use guarded_http::GuardedClient;

sub_state! {
    /// What handlers of webhooks reach.
    pub struct Webhooks {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        outgoing: GuardedClient,
        deliveries: Arc<Deliveries>,
    }
}

/// A webhook, without its secret.
#[derive(Serialize, ToSchema)]
pub struct Webhook {
    id: String,
    url: String,
    events: Vec<Event>,
    /// False when it was silenced, also by its receiver: an answer of 410 does so.
    active: bool,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct WebhookList {
    webhooks: Vec<Webhook>,
}

#[derive(Serialize, ToSchema)]
pub struct MadeWebhook {
    #[serde(flatten)]
    webhook: Webhook,
    /// For checking signatures (Standard Webhooks). It is not shown again.
    secret: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where messages are posted: https, at a public address or a host that the operator permits.
    url: given::OutgoingAddress,
    #[schema(min_items = 1, max_items = 4)]
    events: Vec<Event>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookChange {
    /// Also what waits already is sent there.
    url: Option<given::OutgoingAddress>,
    #[schema(min_items = 1, max_items = 4)]
    events: Option<Vec<Event>>,
    /// Nothing is sent while it is false, and what waits when it becomes false is given up.
    active: Option<bool>,
}

/// A message that was or is to be sent.
#[derive(Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// The `webhook-id` header.
    id: String,
    event: String,
    state: DeliveryState,
    attempts: u32,
    /// Status of the last answer.
    last_status: Option<u16>,
    /// Why there was no answer.
    last_error: Option<String>,
    /// Milliseconds since the Unix epoch.
    last_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    next_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct DeliveryList {
    deliveries: Vec<WebhookDelivery>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn to_response(record: Record<deliveries::Webhook>) -> Webhook {
    Webhook {
        id: record.id,
        url: record.data.url,
        events: record.data.events,
        active: record.data.active,
        created_at: record.created_at,
    }
}

async fn load_visible(
    app: &Webhooks,
    caller: &Caller,
    id: &str,
) -> Result<Record<deliveries::Webhook>, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let webhook = Record::<deliveries::Webhook>::of_school(&app.store, &caller.school, id).await?;
    webhook.ok_or_else(Problem::not_found)
}

fn read_url(app: &Webhooks, url: given::OutgoingAddress) -> Result<String, Problem> {
    Ok(url.read_permitted("url", &app.outgoing)?.into())
}

fn read_events(mut events: Vec<Event>) -> Result<Vec<Event>, Problem> {
    if !(1..=4).contains(&events.len()) {
        return Err(Problem::invalid("events: name from 1 to 4 of them."));
    }
    events.sort_unstable();
    events.dedup();
    Ok(events)
}

fn too_many() -> Problem {
    Problem::too_many(format!(
        "A school has at most {} webhooks. Delete one first.",
        webhooks::MAX_WEBHOOKS
    ))
}

/// The school's webhooks
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "webhooks", responses((status = 200, body = WebhookList)))]
pub async fn list(
    State(app): State<Webhooks>,
    caller: Caller,
) -> Result<Json<WebhookList>, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        limit: webhooks::MAX_WEBHOOKS,
        ..RecordFilter::default()
    };
    let webhooks = Record::<deliveries::Webhook>::list(&app.store, filter).await?;
    let webhooks = webhooks.into_iter().map(to_response).collect();
    Ok(Json(WebhookList { webhooks }))
}

/// Hear of what happens
#[utoipa::path(
    post, path = "/api/v1/webhooks", extensions(("x-repetition" = json!("refusal"))), tag = "webhooks", request_body = NewWebhook,
    responses((status = 201, body = MadeWebhook))
)]
pub async fn create(
    State(app): State<Webhooks>,
    caller: Caller,
    Body(new): Body<NewWebhook>,
) -> Result<(StatusCode, Json<MadeWebhook>), Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        limit: webhooks::MAX_WEBHOOKS,
        ..RecordFilter::default()
    };
    let present = Record::<deliveries::Webhook>::list(&app.store, filter).await?;
    if present.len() as u64 >= webhooks::MAX_WEBHOOKS {
        return Err(too_many());
    }
    let data = deliveries::Webhook {
        url: read_url(&app, new.url)?,
        events: read_events(new.events)?,
        secret: new_secret(),
        active: true,
    };
    let secret = data.secret.clone();
    let now = app.clock.now();
    let record = Record::new(caller.school.clone(), now, data);
    // Others may have added some since they were counted.
    let added = record.add(&app.store, webhooks::MAX_WEBHOOKS).await?;
    added.map_err(|_| too_many())?;
    caller
        .note(&app.store, now, Action::WebhookMade, &record.id)
        .await?;
    let webhook = to_response(record);
    Ok((StatusCode::CREATED, Json(MadeWebhook { webhook, secret })))
}

/// A webhook
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Webhook))
)]
pub async fn show(
    State(app): State<Webhooks>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, Problem> {
    Ok(Json(to_response(load_visible(&app, &caller, &id).await?)))
}

/// Change a webhook, or silence it
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    request_body = WebhookChange, responses((status = 200, body = Webhook))
)]
pub async fn change(
    State(app): State<Webhooks>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<WebhookChange>,
) -> Result<Json<Webhook>, Problem> {
    let webhook = load_visible(&app, &caller, &id).await?;
    let url = change.url.map(|url| read_url(&app, url)).transpose()?;
    let events = change.events.map(read_events).transpose()?;
    let set = |webhook: &mut Record<deliveries::Webhook>| -> Result<(), Problem> {
        if let Some(url) = &url {
            webhook.data.url.clone_from(url);
        }
        if let Some(events) = &events {
            webhook.data.events.clone_from(events);
        }
        if let Some(active) = change.active {
            webhook.data.active = active;
        }
        Ok(())
    };
    // Who deletes it at the same moment must not find it again.
    let changed = Record::<deliveries::Webhook>::change(&app.store, &webhook.id, set).await?;
    let webhook = changed.ok_or_else(Problem::not_found)?;
    if change.active == Some(false) {
        app.deliveries.silenced(&webhook).await?;
    }
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::WebhookChanged, &webhook.id)
        .await?;
    Ok(Json(to_response(webhook)))
}

/// Delete a webhook, with all that was or is to be sent to it
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<Webhooks>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let webhook = load_visible(&app, &caller, &id).await?;
    webhook.delete(&app.store).await?;
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::WebhookDeleted, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of a webhook's messages in the last week, the newest first
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks", params(("id" = String, Path), Page),
    responses((status = 200, body = DeliveryList))
)]
pub async fn deliveries(
    State(app): State<Webhooks>,
    caller: Caller,
    Path(id): Path<String>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<DeliveryList>, Problem> {
    let webhook = load_visible(&app, &caller, &id).await?;
    let limit = page.limit()?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        parent: Some(&webhook.id),
        after: page.after.as_deref(),
        newest_first: true,
        limit: limit + 1,
    };
    let mut deliveries = Record::<Delivery>::list(&app.store, filter).await?;
    let next = next(&mut deliveries, limit, |delivery| &delivery.id);
    let deliveries = deliveries.into_iter().map(delivery).collect();
    Ok(Json(DeliveryList { deliveries, next }))
}

fn delivery(record: Record<Delivery>) -> WebhookDelivery {
    WebhookDelivery {
        id: record.id,
        event: record.data.event,
        state: record.data.state,
        attempts: record.data.attempts,
        last_status: record.data.last_status,
        last_error: record.data.last_error,
        last_at: record.data.last_at,
        next_at: record.due_at,
        created_at: record.created_at,
    }
}
