//! Stores what outlives a restart of a conference, and sends its events.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use kmz_meet_core::Timestamp;
use kmz_meet_core::conference::{ConferenceEvent, ConferenceStore, StoreError, Summary};
use kmz_meet_core::signal::{ChatMessage, ConferenceId, ParticipantId};

use super::events::EventSender;
use crate::clock::{Clock, to_conference};
use crate::credentials::Seats;
use crate::limits::{Rate, Usage};
use crate::store::{Room, SharedStore};

/// How many joins and leaves a conference reports: a class several times over, and then now and then.
const REPORTS: Rate = Rate {
    at_once: 400,
    each: Duration::from_secs(3),
};

/// Bounds the joins and leaves that integrators hear of.
#[derive(Default)]
pub(super) struct ReportLimit {
    reported: Usage,
    left_out: u64,
}

/// The store as one room's conference uses it.
pub(super) struct ConferencePersistence {
    pub(super) room: Room,
    pub(super) events: EventSender,
    pub(super) store: SharedStore,
    pub(super) seats: Arc<Seats>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) reports: Mutex<ReportLimit>,
}

impl ReportLimit {
    /// Whether this one is reported; those that are not are counted.
    fn is_reported(&mut self, event: &ConferenceEvent, now: Instant) -> bool {
        if matches!(
            event,
            ConferenceEvent::Started | ConferenceEvent::Incident(_)
        ) {
            return true;
        }
        let is_reported = self.reported.try_acquire(REPORTS, now);
        if !is_reported {
            self.left_out += 1;
        }
        is_reported
    }
}

impl ConferencePersistence {
    fn reports(&self) -> std::sync::MutexGuard<'_, ReportLimit> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

#[async_trait]
impl ConferenceStore for ConferencePersistence {
    async fn save(&self, conference: &ConferenceId, snapshot: String) -> Result<(), StoreError> {
        self.store
            .save_conference(conference, &self.room.id, snapshot, self.clock.now())
            .await
            .map_err(failed)
    }

    async fn append_chat(
        &self,
        conference: &ConferenceId,
        message: &ChatMessage,
    ) -> Result<(), StoreError> {
        let number = i64::try_from(message.id).map_err(failed)?;
        let message = serde_json::to_string(message).map_err(failed)?;
        self.store
            .append_chat(conference, number, message)
            .await
            .map_err(failed)
    }

    async fn ended(&self, summary: &Summary) -> Result<(), StoreError> {
        // The receivers hear of it first, because the data that they need is gone afterwards.
        let left_out = self.reports().left_out;
        let handled = self.events.ended(summary.clone(), left_out);
        handled.await.map_err(failed)?.map_err(failed)?;
        self.store
            .end_conference(&summary.conference)
            .await
            .map_err(failed)
    }

    fn on_event(&self, conference: &ConferenceId, event: ConferenceEvent) {
        if self.reports().is_reported(&event, Instant::now()) {
            self.events.conference_event(conference.clone(), event);
        }
    }

    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String {
        let seat = self.seats.sign(conference, participant, self.clock.now());
        // Without a seat they take part all the same, but come back as a newcomer.
        seat.unwrap_or_else(|error| {
            tracing::error!(%error, "a participant has no seat");
            String::new()
        })
    }

    fn now(&self) -> Timestamp {
        to_conference(self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use kmz_meet_core::conference::Visitor;
    use kmz_meet_core::signal::{Policy, Role};

    use super::*;
    use crate::store::RoomSource;

    #[test]
    fn is_reported_of_joins_without_end_is_true_now_and_then_and_the_rest_is_counted() {
        let (mut reports, now) = (ReportLimit::default(), Instant::now());
        let joined = ConferenceEvent::Joined(Visitor {
            participant: ParticipantId("p".to_owned()),
            user: None,
            name: "Anna".to_owned(),
            role: Role::Participant,
        });
        // A class that comes and goes twice.
        assert!((0..280).all(|_| reports.is_reported(&joined, now)));
        let of_many = (0..2_000)
            .filter(|_| reports.is_reported(&joined, now))
            .count();
        assert_eq!(280 + of_many, REPORTS.at_once as usize);
        assert_eq!(reports.left_out, 2_000 - of_many as u64);
        assert!(reports.is_reported(&ConferenceEvent::Started, now));
        assert!(reports.is_reported(&joined, now + REPORTS.each));
    }

    #[tokio::test]
    async fn end_of_a_conference_without_a_receiver_is_an_error() {
        let room = Room {
            id: "r".to_owned(),
            school: "a".to_owned(),
            owner: None,
            name: "r".to_owned(),
            title: None,
            welcome: None,
            origin: RoomSource::Own,
            external: None,
            policy: Policy::default(),
            password: None,
            created_at: 0,
        };
        let (events, mut feed) = EventSender::of_room(room);
        let summary = Summary {
            conference: ConferenceId("c".to_owned()),
            started_at: Timestamp::from_millis(0),
            ended_at: Timestamp::from_millis(1),
            attended: Vec::new(),
        };
        let stops = async {
            let taken = feed.events.recv().await;
            drop((taken, feed));
        };
        let (handled, ()) = tokio::join!(events.ended(summary.clone(), 0), stops);
        assert!(handled.is_err());
        assert!(events.ended(summary, 0).await.is_err());
    }
}
