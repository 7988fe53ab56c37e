//! What a conference keeps beyond a restart, in the server's store.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use kmz_meet_core::Timestamp;
use kmz_meet_core::conference::{ConferenceEvent, ConferenceStore, StoreError, Summary};
use kmz_meet_core::signal::{ChatMessage, ConferenceId, ParticipantId};

use super::events::EventSender;
use crate::clock::{Clock, to_conference};
use crate::credentials::Seats;
use crate::limits::{Rate, RateLimiter};
use crate::store::{Room, SharedStore};

/// Comings and goings that are told of in a conference: a class several times over, and then now and then.
const TOLD: Rate = Rate {
    at_once: 400,
    each: Duration::from_secs(3),
};

/// What integrators were told of people, and what not.
#[derive(Default)]
pub(super) struct Told {
    limiter: RateLimiter<()>,
    untold: u64,
}

/// The store as one room's conference uses it.
pub(super) struct ConferencePersistence {
    pub(super) room: Room,
    pub(super) events: EventSender,
    pub(super) store: SharedStore,
    pub(super) seats: Arc<Seats>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) told: Mutex<Told>,
}

impl Told {
    /// Whether this one is told of; those that are not are counted.
    fn is_told(&mut self, event: &ConferenceEvent, now: Instant) -> bool {
        if matches!(event, ConferenceEvent::Started) {
            return true;
        }
        let is_told = self.limiter.try_acquire(&(), TOLD, now);
        if !is_told {
            self.untold += 1;
        }
        is_told
    }
}

impl ConferencePersistence {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
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
        // Whoever has to hear of it first: what they need is gone afterwards.
        let untold = self.told().untold;
        let told = self.events.ended(summary.clone(), untold);
        told.await.map_err(failed)?.map_err(failed)?;
        self.store
            .end_conference(&summary.conference)
            .await
            .map_err(failed)
    }

    fn on_event(&self, conference: &ConferenceId, event: ConferenceEvent) {
        if self.told().is_told(&event, Instant::now()) {
            self.events.conference_event(conference.clone(), event);
        }
    }

    fn sign_seat(&self, conference: &ConferenceId, participant: &ParticipantId) -> String {
        let seat = self.seats.sign(conference, participant, self.clock.now());
        // Without a seat they take part, and come back as a newcomer.
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
    fn comings_and_goings_without_end_are_told_of_now_and_then_and_counted() {
        let (mut told, now) = (Told::default(), Instant::now());
        let joined = ConferenceEvent::Joined(Visitor {
            participant: ParticipantId("p".to_owned()),
            user: None,
            name: "Anna".to_owned(),
            role: Role::Participant,
        });
        // A class that comes and goes twice.
        assert!((0..280).all(|_| told.is_told(&joined, now)));
        let of_many = (0..2_000).filter(|_| told.is_told(&joined, now)).count();
        assert_eq!(280 + of_many, TOLD.at_once as usize);
        assert_eq!(told.untold, 2_000 - of_many as u64);
        assert!(told.is_told(&ConferenceEvent::Started, now));
        assert!(told.is_told(&joined, now + TOLD.each));
    }

    #[tokio::test]
    async fn ended_without_anybody_who_listens_is_an_error_and_nothing_is_lost() {
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
        let (told, ()) = tokio::join!(events.ended(summary.clone(), 0), stops);
        assert!(told.is_err());
        assert!(events.ended(summary, 0).await.is_err());
    }
}
