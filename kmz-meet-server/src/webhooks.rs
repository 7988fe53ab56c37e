//! Webhooks: integrations of a school that hear what happens in its conferences.

use kmz_meet_core::conference::{ConferenceEvent, Visitor};
use kmz_meet_core::signal::{ConferenceId, Role};
use serde_json::{Value, json};

use crate::deliveries::{Delivery, Event, Webhook};
use crate::state::App;
use crate::store::{Record, RecordFilter, Room, StoreError};
use crate::user_id::api_user;

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
    app: &App,
    room: &Room,
    conference: &ConferenceId,
    event: &ConferenceEvent,
) -> Result<(), StoreError> {
    let (event, participant) = match event {
        ConferenceEvent::Started => (Event::ConferenceStarted, None),
        ConferenceEvent::Joined(visitor) => (Event::ParticipantJoined, Some(visitor)),
        ConferenceEvent::Left(visitor) => (Event::ParticipantLeft, Some(visitor)),
    };
    let about = About {
        event,
        participant,
        left_out: 0,
    };
    tell(app, room, conference, None, about).await
}

/// The conference is over. Said twice, it is told once. `left_out` joins and leaves were not reported.
///
/// # Errors
/// When the store fails.
pub async fn ended(
    app: &App,
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
    tell(app, room, conference, key, about).await
}

/// What is told.
struct About<'a> {
    event: Event,
    participant: Option<&'a Visitor>,
    left_out: u64,
}

async fn tell(
    app: &App,
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
    let mut told = Vec::new();
    for webhook in wanted {
        // A receiver that does not answer is not to fill the store, and never misses when a lesson begins and ends.
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
        told.push((key, delivery));
    }
    app.deliveries.push_all(&room.school, told).await
}
