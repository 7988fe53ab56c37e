//! The channel for events of conferences. This module only sends; the receivers are on a higher floor.

use kmz_meet_core::conference::{ConferenceEvent, Summary};
use kmz_meet_core::signal::ConferenceId;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Room, StoreError};

/// One event of a conference, for the receivers outside.
#[derive(Debug)]
pub enum RoomEvent {
    Conference {
        conference: ConferenceId,
        event: ConferenceEvent,
    },
    /// The conference is over. Its data stays until `done` says that all receivers have handled the end. If they fail, the
    /// event comes again with the same summary.
    Ended {
        summary: Summary,
        /// How many joins and leaves were not reported.
        left_out: u64,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// The events of one room's conference, in order. The sender bounds how many joins and leaves it reports.
pub struct ConferenceFeed {
    pub room: Room,
    pub events: mpsc::UnboundedReceiver<RoomEvent>,
}

/// The feeds of all conferences; each arrives when its conference starts.
pub type Feeds = mpsc::UnboundedReceiver<ConferenceFeed>;

/// Nobody received the event.
#[derive(Debug, thiserror::Error)]
#[error("nobody receives the events of the conference")]
pub struct NobodyListens;

/// The sending end of one conference's feed.
pub(super) struct EventSender(mpsc::UnboundedSender<RoomEvent>);

impl EventSender {
    /// The two ends of a feed.
    pub(super) fn of_room(room: Room) -> (Self, ConferenceFeed) {
        let (sender, events) = mpsc::unbounded_channel();
        (Self(sender), ConferenceFeed { room, events })
    }

    /// Sends an event without waiting.
    pub(super) fn conference_event(&self, conference: ConferenceId, event: ConferenceEvent) {
        // Nobody listens while the server stops.
        let _ = self.0.send(RoomEvent::Conference { conference, event });
    }

    /// Reports the end, and waits until all receivers have handled it and every event before it.
    ///
    /// # Errors
    /// When nobody listens, as while the server stops.
    pub(super) async fn ended(
        &self,
        summary: Summary,
        left_out: u64,
    ) -> Result<Result<(), StoreError>, NobodyListens> {
        let (done, answer) = oneshot::channel();
        let event = RoomEvent::Ended {
            summary,
            left_out,
            done,
        };
        self.0.send(event).map_err(|_| NobodyListens)?;
        answer.await.map_err(|_| NobodyListens)
    }
}
