//! The conferences that run on this server, by room. A conference starts when a moderator of the room enters, and goes on
//! after a restart of the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use kmz_meet_core::conference::{ConferenceHandle, Options};
use kmz_meet_core::room::{Room as RunningRoom, Setup};
use kmz_meet_core::sfu::Media;
use kmz_meet_core::signal::{ChatMessage, ConferenceId};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use super::admissions::{Admissions, ServerFull};
use super::events::{ConferenceFeed, EventSender, Feeds};
use super::persistence::ConferencePersistence;
use crate::capacity::max_people;
use crate::clock::{Clock, to_conference};
use crate::config::Config;
use crate::credentials::{Seats, random_token};
use crate::school_settings::SchoolSettings;
use crate::store::{OpenSchool, Room, RoomSource, SharedStore, StoreError};

/// Somebody who comes right after the end of a conference waits at most this long until it is deleted.
const MAX_DELETING: Duration = Duration::from_secs(5);

/// The place of one room's conference. Whoever starts or restores a conference holds its lock, so that no room has two.
type Place = Arc<tokio::sync::Mutex<Option<ConferenceHandle>>>;

/// Where a start led.
pub enum Started {
    Conference(ConferenceHandle),
    /// The one before is still being deleted.
    NotYet,
    /// The server has no room for another conference.
    ServerFull,
}

/// The running conferences.
pub struct Registry {
    places: Mutex<HashMap<String, Place>>,
    store: SharedStore,
    media: Media,
    seats: Arc<Seats>,
    clock: Arc<dyn Clock>,
    capacity: u32,
    admissions: Admissions,
    options: Options,
    /// Counts the starts of conferences: those who wait for one try again.
    started: watch::Sender<u64>,
    /// To the receivers of events.
    feeds: mpsc::UnboundedSender<ConferenceFeed>,
    /// For the tasks that wait for the end of a conference.
    me: Weak<Registry>,
}

impl Registry {
    /// An empty registry, and the feeds of its conferences.
    pub fn new(
        config: &Config,
        store: SharedStore,
        media: Media,
        seats: Arc<Seats>,
        clock: Arc<dyn Clock>,
    ) -> (Arc<Self>, Feeds) {
        let (feeds, of_all) = mpsc::unbounded_channel();
        let registry = Arc::new_cyclic(|me| Self {
            places: Mutex::default(),
            store,
            media,
            seats,
            clock,
            capacity: config.capacity,
            admissions: Admissions::new(max_people(config.max_people, &config.data_dir)),
            options: Options {
                empty_after: config.empty_after,
            },
            started: watch::Sender::new(0),
            feeds,
            me: me.clone(),
        });
        (registry, of_all)
    }

    /// Restores the conferences that ran when the server stopped. If nobody comes back, they end like others.
    pub async fn restore(&self) {
        let rooms = match self.store.running_room_ids().await {
            Ok(rooms) => rooms,
            Err(error) => {
                tracing::warn!(%error, "the conferences from before the start cannot be looked up");
                return;
            }
        };
        for room in rooms {
            let restored = match self.store.room(&room).await {
                Ok(Some(room)) => self.running(&room).await.map(|_| ()),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = restored {
                tracing::warn!(%error, "a conference from before the start is not restored yet");
            }
        }
    }

    /// The conference of a room, if one runs in this process.
    pub fn handle(&self, room: &str) -> Option<ConferenceHandle> {
        running_at(self.places().get(room)?)
    }

    /// The rooms whose conferences run in this process, sorted.
    pub fn rooms(&self) -> Vec<String> {
        let places = self.places();
        let running = places
            .iter()
            .filter(|(_, place)| running_at(place).is_some());
        let mut rooms: Vec<String> = running.map(|(room, _)| room.clone()).collect();
        rooms.sort_unstable();
        rooms
    }

    /// Changes whenever a conference starts.
    pub fn starts(&self) -> watch::Receiver<u64> {
        self.started.subscribe()
    }

    /// How many people are in the room's conference; `None` if none runs in this process.
    pub fn present(&self, room: &str) -> Option<u32> {
        Some(count(self.handle(room)?.present()))
    }

    /// How many conferences run, and how many people are in them.
    pub fn load(&self) -> (u32, u32) {
        self.places()
            .values()
            .filter_map(running_at)
            .fold((0, 0), |(conferences, people), handle| {
                (conferences + 1, people + count(handle.present()))
            })
    }

    /// Whether the server has room for one more person of whom nothing is known.
    pub fn has_place_for_guest(&self) -> bool {
        self.admissions.has_place_for_guest()
    }

    /// Whether the server has room for one more person of whom nothing is known in this room's conference.
    pub fn has_place_for_guest_in(&self, room: &Room) -> bool {
        self.admissions
            .has_place_for_guest_in(&room.id, Instant::now())
    }

    /// Most people on this server (`None` is no limit), and how many places are used or kept for those who are expected.
    pub fn people_limit(&self) -> (Option<u32>, u32) {
        let used = self.admissions.places(Instant::now());
        (self.admissions.max_people(), used)
    }

    /// The room's conference, if one runs or was running when the server stopped.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn running(&self, room: &Room) -> Result<Option<ConferenceHandle>, StoreError> {
        Ok(match self.find(room, None).await? {
            Started::Conference(handle) => Some(handle),
            Started::NotYet | Started::ServerFull => None,
        })
    }

    /// The room's conference, started if need be and if the server has room for it. It starts by the contract of `school` alone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start(&self, room: &Room, school: &OpenSchool) -> Result<Started, StoreError> {
        self.find(room, Some(school)).await
    }

    async fn find(&self, room: &Room, start: Option<&OpenSchool>) -> Result<Started, StoreError> {
        let found = self.look(room, start).await;
        if !matches!(found, Ok(Started::Conference(_))) {
            // A look-up of a room without a conference must leave nothing behind.
            self.forget(&room.id);
        }
        found
    }

    async fn look(&self, room: &Room, start: Option<&OpenSchool>) -> Result<Started, StoreError> {
        let place = self.places().entry(room.id.clone()).or_default().clone();
        let mut place = place.lock().await;
        if let Some(handle) = place.as_ref() {
            if !handle.is_over() {
                return Ok(Started::Conference(handle.clone()));
            }
            // What is left of it in the store would look like a conference to restore.
            if timeout(MAX_DELETING, handle.deleted()).await.is_err() {
                return Ok(Started::NotYet);
            }
        }
        *place = None;
        let running = match self.restored(room).await? {
            Some(running) => {
                self.admissions.restored(room, Instant::now());
                running
            }
            None if start.is_none_or(|school| school.id() != room.school) => {
                return Ok(Started::NotYet);
            }
            None => {
                if let Err(ServerFull) = self.admissions.start(room, Instant::now()) {
                    tracing::warn!(
                        "the server is full: no further conference starts (`max_people`)"
                    );
                    return Ok(Started::ServerFull);
                }
                let fresh = self.fresh(room).await;
                if fresh.is_err() {
                    self.admissions.ended(&room.id);
                }
                fresh?
            }
        };
        let handle = self.run(room, running);
        self.admissions.runs(&room.id, &handle);
        *place = Some(handle.clone());
        self.started.send_modify(|count| *count += 1);
        Ok(Started::Conference(handle))
    }

    async fn restored(&self, room: &Room) -> Result<Option<RunningRoom>, StoreError> {
        let Some(kept) = self.store.conference_of_room(&room.id).await? else {
            return Ok(None);
        };
        let chat: Vec<ChatMessage> = kept
            .chat
            .iter()
            .filter_map(|message| serde_json::from_str(message).ok())
            .collect();
        let saved_at = to_conference(kept.saved_at);
        match RunningRoom::restore(&kept.snapshot, saved_at, chat, self.now()) {
            Ok(running) => Ok(Some(running)),
            Err(error) => {
                // Another version wrote it: a new conference is better than none.
                tracing::warn!(conference = %kept.id.0, %error, "a conference cannot be restored and is ended");
                self.store.end_conference(&kept.id).await?;
                Ok(None)
            }
        }
    }

    async fn fresh(&self, room: &Room) -> Result<RunningRoom, StoreError> {
        let owner = match &room.owner {
            Some(owner) => self.store.user(owner).await?,
            None => None,
        };
        let settings = SchoolSettings::of(&self.store, &room.school).await?;
        let setup = Setup {
            conference: ConferenceId(random_token::<16>()),
            name: room.name.clone(),
            title: room.title.clone(),
            welcome: room.welcome.clone(),
            takes_attendance: room.origin != RoomSource::Own,
            class_list: self.store.has_class_list(&room.id).await?,
            owner_name: owner.map(|owner| owner.name),
            policy: room.policy.clone(),
            password: room.password.clone(),
            capacity_limit: self.capacity,
            limits: settings.room_limits,
        };
        Ok(RunningRoom::new(setup, self.now()))
    }

    fn run(&self, room: &Room, running: RunningRoom) -> ConferenceHandle {
        let (events, feed) = EventSender::of_room(room.clone());
        // If nobody takes the feed, the end of the conference reports it.
        let _ = self.feeds.send(feed);
        let persistence = ConferencePersistence {
            room: room.clone(),
            events,
            store: self.store.clone(),
            seats: self.seats.clone(),
            clock: self.clock.clone(),
            reports: Mutex::default(),
        };
        let handle = ConferenceHandle::start(
            running,
            self.media.clone(),
            Arc::new(persistence),
            self.options,
        );
        let (ended, registry, room) = (handle.clone(), self.me.clone(), room.id.clone());
        tokio::spawn(async move {
            ended.deleted().await;
            if let Some(registry) = registry.upgrade() {
                registry.forget(&room);
            }
        });
        handle
    }

    /// Removes the place of a room where nothing runs. A place that others hold stays: they might start a conference in it.
    fn forget(&self, room: &str) {
        let mut places = self.places();
        let idle = places
            .get(room)
            .is_some_and(|place| Arc::strong_count(place) == 1 && running_at(place).is_none());
        if idle {
            places.remove(room);
            self.admissions.ended(room);
        }
    }

    fn now(&self) -> kmz_meet_core::Timestamp {
        to_conference(self.clock.now())
    }

    fn places(&self) -> std::sync::MutexGuard<'_, HashMap<String, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The conference at a place; `None` also while it is being started.
fn running_at(place: &Place) -> Option<ConferenceHandle> {
    let handle = place.try_lock().ok()?.clone()?;
    (!handle.is_over()).then_some(handle)
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
