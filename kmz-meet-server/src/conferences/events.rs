//! What happens in conferences, on its way to those outside of them. Whoever follows it stands above: here it is only sent.

use kmz_meet_core::conference::{ConferenceEvent, Summary};
use kmz_meet_core::signal::ConferenceId;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Room, StoreError};

/// One thing that happened in a conference.
#[derive(Debug)]
pub enum RoomEvent {
    Happened {
        conference: ConferenceId,
        event: ConferenceEvent,
    },
    /// The conference is over; everything of it is still there until `done` says that all who need it have it. Told again
    /// with the same summary when they have not.
    Ended {
        summary: Summary,
        /// Comings and goings that were not told of.
        untold: u64,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// What happens in one room's conference, in the order in which it happens. Who comes and goes is bounded where it is sent.
pub struct ConferenceFeed {
    pub room: Room,
    pub events: mpsc::UnboundedReceiver<RoomEvent>,
}

/// The feeds of all conferences, each told of when it begins.
pub type Feeds = mpsc::UnboundedReceiver<ConferenceFeed>;

/// The events did not reach those who have to hear of them.
#[derive(Debug, thiserror::Error)]
#[error("nobody takes the events of the conference")]
pub struct NobodyListens;

/// One conference's end of its feed.
pub(super) struct EventSender(mpsc::UnboundedSender<RoomEvent>);

impl EventSender {
    /// The two ends of a feed.
    pub(super) fn of_room(room: Room) -> (Self, ConferenceFeed) {
        let (sender, events) = mpsc::unbounded_channel();
        (Self(sender), ConferenceFeed { room, events })
    }

    /// Does not wait for anybody.
    pub(super) fn happened(&self, conference: ConferenceId, event: ConferenceEvent) {
        // Without anybody who listens the server stops.
        let _ = self.0.send(RoomEvent::Happened { conference, event });
    }

    /// Waits until everybody has what they need, which comes after all that happened before.
    ///
    /// # Errors
    /// When nobody listens, as while the server stops.
    pub(super) async fn ended(
        &self,
        summary: Summary,
        untold: u64,
    ) -> Result<Result<(), StoreError>, NobodyListens> {
        let (done, answer) = oneshot::channel();
        let event = RoomEvent::Ended {
            summary,
            untold,
            done,
        };
        self.0.send(event).map_err(|_| NobodyListens)?;
        answer.await.map_err(|_| NobodyListens)
    }
}
