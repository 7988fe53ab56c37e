//! Passes the events of conferences on: to webhooks, to BigBlueButton callbacks and to the attendance of a course.

pub mod attendance;

use std::sync::Weak;

use kmz_meet_core::conference::{ConferenceEvent, Summary};
use kmz_meet_core::signal::ConferenceId;

use crate::conferences::{ConferenceFeed, Feeds, RoomEvent};
use crate::integrations::bbb::{self, Meetings};
use crate::state::App;
use crate::store::{Room, StoreError};
use crate::webhooks;

/// Runs for as long as the server does. Each conference has its own task: its events are handled in order and do not wait
/// for those of other conferences.
pub async fn run(app: Weak<App>, mut feeds: Feeds) {
    while let Some(feed) = feeds.recv().await {
        tokio::spawn(follow(app.clone(), feed));
    }
}

/// Handles events up to the end of the conference. If the server stops first, the feed closes and the snapshot stays.
async fn follow(app: Weak<App>, feed: ConferenceFeed) {
    let ConferenceFeed { room, mut events } = feed;
    while let Some(event) = events.recv().await {
        let Some(app) = app.upgrade() else {
            return;
        };
        match event {
            RoomEvent::Conference { conference, event } => {
                on_event(&app, &room, &conference, &event).await;
            }
            RoomEvent::Ended {
                summary,
                unreported: untold,
                done,
            } => {
                // The conference says it again when it failed, or when nobody waits for the answer any more.
                let _ = done.send(ended(&app, &room, &summary, untold).await);
            }
        }
    }
}

/// The conference is over; everything of it is still there. Called again with the same summary when it failed.
/// `untold` comings and goings were not told of.
async fn ended(app: &App, room: &Room, summary: &Summary, untold: u64) -> Result<(), StoreError> {
    attendance::ended(app, room, summary).await?;
    bbb::ended(&Meetings::from(app), room, summary).await?;
    webhooks::ended(app, room, &summary.conference, untold).await
}

/// A failure is only logged: the conference goes on.
async fn on_event(app: &App, room: &Room, conference: &ConferenceId, event: &ConferenceEvent) {
    if let Err(error) = webhooks::on_event(app, room, conference, event).await {
        tracing::warn!(%error, "webhooks were not told of something");
    }
}
