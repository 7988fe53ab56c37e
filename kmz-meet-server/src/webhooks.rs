//! What webhooks of a school are sent about its conferences.

use std::sync::Arc;

use kmz_meet_core::conference::{ConferenceEvent, Visitor};
use kmz_meet_core::signal::{ConferenceId, Role};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::deliveries::{Deliveries, Delivery, Event, Webhook};
use crate::state::sub_state;
use crate::store::{Record, RecordFilter, Room, SharedStore, StoreError};
use crate::user_id::api_user;

sub_state! {
    /// What webhooks reach of the server.
    pub struct Webhooks {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        deliveries: Arc<Deliveries>,
    }
}

/// Webhooks that a school may have.
pub const MAX_WEBHOOKS: u64 = 20;
/// Messages that may wait for one webhook; beyond this we drop those about participants who join and leave.
const MAX_WAITING_DELIVERIES: u64 = 5_000;

fn person(visitor: &Visitor, school: &str) -> Value {
    // Integrators get back the name that they gave, not ours for it.
    let user = visitor.user.as_deref();
    json!({
        "id": visitor.participant.0,
        "user": user.map(|user| api_user(school, user).unwrap_or(user)),
        "name": visitor.name,
        "role": match visitor.role {
            Role::Moderator => "moderator",
            Role::Participant => "participant",
        },
    })
}

/// Queues a delivery for each webhook of the school that wants this event.
///
/// # Errors
/// When the store fails.
pub async fn on_event(
    app: &Webhooks,
    room: &Room,
    conference: &ConferenceId,
    event: &ConferenceEvent,
) -> Result<(), StoreError> {
    let (event, participant) = match event {
        ConferenceEvent::Started => (Event::ConferenceStarted, None),
        ConferenceEvent::Joined(visitor) => (Event::ParticipantJoined, Some(visitor)),
        ConferenceEvent::Left(visitor) => (Event::ParticipantLeft, Some(visitor)),
        // It is the school's alone.
        ConferenceEvent::Incident(_) => return Ok(()),
    };
    let about = About {
        event,
        participant,
        left_out: 0,
    };
    deliver(app, room, conference, None, about).await
}

/// The conference is over. Each webhook gets one delivery of it, however often this is called. `left_out` joins and leaves were not reported.
///
/// # Errors
/// When the store fails.
pub async fn ended(
    app: &Webhooks,
    room: &Room,
    conference: &ConferenceId,
    left_out: u64,
) -> Result<(), StoreError> {
    let key = Some(format!("ended {}", conference.0));
    let about = About {
        event: Event::ConferenceEnded,
        participant: None,
        left_out,
    };
    deliver(app, room, conference, key, about).await
}

/// What the deliveries of one event say.
struct About<'a> {
    event: Event,
    participant: Option<&'a Visitor>,
    left_out: u64,
}

async fn deliver(
    app: &Webhooks,
    room: &Room,
    conference: &ConferenceId,
    key: Option<String>,
    about: About<'_>,
) -> Result<(), StoreError> {
    let About {
        event,
        participant,
        left_out,
    } = about;
    let filter = RecordFilter {
        school: Some(&room.school),
        limit: MAX_WEBHOOKS,
        ..RecordFilter::default()
    };
    let webhooks = Record::<Webhook>::list(&app.store, filter).await?;
    let wanted = webhooks
        .into_iter()
        .filter(|webhook| webhook.data.active && webhook.data.events.contains(&event));
    let mut deliveries = Vec::new();
    for webhook in wanted {
        // A receiver that does not answer must not fill the store, but it never misses the start or the end of a lesson.
        if participant.is_some()
            && Record::<Delivery>::due_of(&app.store, &webhook.id).await? >= MAX_WAITING_DELIVERIES
        {
            continue;
        }
        let mut data = json!({
            "conference": conference.0,
            "room": {"id": room.id, "name": room.name, "title": room.title, "external": room.external},
        });
        if let Some(visitor) = participant {
            data["participant"] = person(visitor, &room.school);
        }
        if left_out > 0 {
            data["participant_events_left_out"] = json!(left_out);
        }
        let body = json!({
            "type": event.as_str(),
            "timestamp": crate::clock::rfc3339(app.clock.now()),
            "data": data,
        });
        let mut delivery =
            Delivery::new(event.as_str(), "POST", &webhook.data.url).json(body.to_string());
        delivery.webhook = Some(webhook.id.clone());
        let key = key.as_ref().map(|key| format!("{key} {}", webhook.id));
        deliveries.push((key, delivery));
    }
    app.deliveries.push_all(&room.school, deliveries).await
}
