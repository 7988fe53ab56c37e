//! Passes the events of conferences on: to webhooks, to BigBlueButton callbacks, to the attendance of a course and to the
//! incident records of a school.

pub mod attendance;
pub mod incidents;

use kmz_meet_core::conference::{ConferenceEvent, Summary};
use kmz_meet_core::signal::ConferenceId;

use crate::conferences::{ConferenceFeed, Feeds, RoomEvent};
use crate::integrations::bbb::{self, Meetings};
use crate::integrations::lti::Courses;
use crate::state::{App, WhileRunning};
use crate::store::{Room, StoreError};
use crate::webhooks::{self, Webhooks};

/// Those who hear of conferences, with what they reach.
pub struct Listeners {
    courses: Courses,
    meetings: Meetings,
    webhooks: Webhooks,
}

impl From<&App> for Listeners {
    fn from(app: &App) -> Self {
        Self {
            courses: app.into(),
            meetings: app.into(),
            webhooks: app.into(),
        }
    }
}

/// Runs for as long as the server does. Each conference has its own task: its events are handled in order and do not wait
/// for those of other conferences.
pub async fn run(listeners: WhileRunning<Listeners>, mut feeds: Feeds) {
    while let Some(feed) = feeds.recv().await {
        tokio::spawn(follow(listeners.clone(), feed));
    }
}

/// Handles events up to the end of the conference. If the server stops first, the feed closes and the snapshot stays.
async fn follow(listeners: WhileRunning<Listeners>, feed: ConferenceFeed) {
    let ConferenceFeed { room, mut events } = feed;
    while let Some(event) = events.recv().await {
        let Some(listeners) = listeners.get() else {
            return;
        };
        match event {
            RoomEvent::Conference { conference, event } => {
                on_event(&listeners, &room, &conference, &event).await;
            }
            RoomEvent::Ended {
                summary,
                left_out,
                done,
            } => {
                // The conference says it again when it failed, or when nobody waits for the answer any more.
                let _ = done.send(ended(&listeners, &room, &summary, left_out).await);
            }
        }
    }
}

/// The conference is over; everything of it is still there. Called again with the same summary when it failed.
/// `left_out` joins and leaves were not reported.
async fn ended(
    listeners: &Listeners,
    room: &Room,
    summary: &Summary,
    left_out: u64,
) -> Result<(), StoreError> {
    attendance::ended(&listeners.courses, room, summary).await?;
    bbb::ended(&listeners.meetings, room, summary).await?;
    webhooks::ended(&listeners.webhooks, room, &summary.conference, left_out).await
}

/// A failure is only logged: the conference goes on.
async fn on_event(
    listeners: &Listeners,
    room: &Room,
    conference: &ConferenceId,
    event: &ConferenceEvent,
) {
    if let ConferenceEvent::Incident(incident) = event
        && let Err(error) =
            incidents::on_incident(&listeners.courses, room, conference, incident).await
    {
        tracing::error!(%error, conference = %conference.0, "an incident record is not stored");
    }
    if let Err(error) = webhooks::on_event(&listeners.webhooks, room, conference, event).await {
        tracing::warn!(%error, "an event is not stored for the webhooks");
    }
}
