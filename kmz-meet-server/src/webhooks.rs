//! Webhooks: integrations of a school that hear what happens in its conferences.

use kmz_meet_core::conference::{Happening, Visitor};
use kmz_meet_core::signal::{ConferenceId, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::deliveries::{self, Delivery};
use crate::state::App;
use crate::store::{Kind, Record, Room, StoreError, Which};

/// Webhooks that a school may have.
pub const MOST: u64 = 20;
/// Messages that may wait for one webhook before nothing more is left there of who comes and goes.
const MOST_WAITING: u64 = 5_000;

/// Something that can be heard of. A conference tells of 400 comings and goings at once and then of one every three
/// seconds; `data.participant_events_left_out` of `conference.ended` says how many it did not tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Event {
    #[serde(rename = "conference.started")]
    ConferenceStarted,
    #[serde(rename = "conference.ended")]
    ConferenceEnded,
    #[serde(rename = "participant.joined")]
    ParticipantJoined,
    #[serde(rename = "participant.left")]
    ParticipantLeft,
}

impl Event {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConferenceStarted => "conference.started",
            Self::ConferenceEnded => "conference.ended",
            Self::ParticipantJoined => "participant.joined",
            Self::ParticipantLeft => "participant.left",
        }
    }
}

/// Who wants to hear what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub url: String,
    pub events: Vec<Event>,
    /// `whsec_...`; kept readable because every message is signed with it.
    pub secret: String,
    pub active: bool,
}

impl Kind for Webhook {
    const KIND: &'static str = "webhook";
}

fn person(visitor: &Visitor, school: &str) -> Value {
    // Integrators get back the name that they gave, not ours for it.
    let prefix = format!("api:{school}:");
    let user = visitor.user.as_deref();
    json!({
        "id": visitor.participant.0,
        "user": user.map(|user| user.strip_prefix(&prefix).unwrap_or(user)),
        "name": visitor.name,
        "role": match visitor.role {
            Role::Moderator => "moderator",
            Role::Participant => "participant",
        },
    })
}

/// Tells those who want to hear of it.
///
/// # Errors
/// When the store fails.
pub async fn happened(
    app: &App,
    room: &Room,
    conference: &ConferenceId,
    happening: &Happening,
) -> Result<(), StoreError> {
    let (event, participant) = match happening {
        Happening::Started => (Event::ConferenceStarted, None),
        Happening::Joined(visitor) => (Event::ParticipantJoined, Some(visitor)),
        Happening::Left(visitor) => (Event::ParticipantLeft, Some(visitor)),
    };
    let about = About {
        event,
        participant,
        untold: 0,
    };
    tell(app, room, conference, None, about).await
}

/// The conference is over. Said twice, it is told once. `untold` comings and goings were not told of.
///
/// # Errors
/// When the store fails.
pub async fn ended(
    app: &App,
    room: &Room,
    conference: &ConferenceId,
    untold: u64,
) -> Result<(), StoreError> {
    let key = Some(format!("ended {}", conference.0));
    let about = About {
        event: Event::ConferenceEnded,
        participant: None,
        untold,
    };
    tell(app, room, conference, key, about).await
}

/// The other side answered that it is gone: nothing is sent there any more until the school says so.
///
/// # Errors
/// When the store fails.
pub async fn unwanted(app: &App, id: &str, url: &str) -> Result<(), StoreError> {
    let webhook = Record::<Webhook>::get(&*app.store, id).await?;
    // It may have moved while the old address was being tried.
    let Some(mut webhook) = webhook.filter(|webhook| webhook.data.url == url) else {
        return Ok(());
    };
    webhook.data.active = false;
    webhook.update(&*app.store).await?;
    tracing::warn!(webhook = %id, "a webhook is silenced: its receiver answers 410");
    silenced(app, &webhook).await
}

/// Nothing that waits for it is sent later.
///
/// # Errors
/// When the store fails.
pub async fn silenced(app: &App, webhook: &Record<Webhook>) -> Result<(), StoreError> {
    let school = webhook.school.as_deref().unwrap_or_default();
    deliveries::give_up(app, school, &webhook.id, "the webhook is not active").await
}

/// What is told.
struct About<'a> {
    event: Event,
    participant: Option<&'a Visitor>,
    untold: u64,
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
        untold,
    } = about;
    let which = Which {
        school: Some(&room.school),
        limit: MOST,
        ..Which::default()
    };
    let webhooks = Record::<Webhook>::list(&*app.store, which).await?;
    let wanted = webhooks
        .into_iter()
        .filter(|webhook| webhook.data.active && webhook.data.events.contains(&event));
    for webhook in wanted {
        // A receiver that does not answer is not to fill the store, and never misses when a lesson begins and ends.
        if participant.is_some()
            && Record::<Delivery>::due_of(&*app.store, &webhook.id).await? >= MOST_WAITING
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
        if untold > 0 {
            data["participant_events_left_out"] = json!(untold);
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
        deliveries::push(app, &room.school, key, delivery).await?;
    }
    Ok(())
}
