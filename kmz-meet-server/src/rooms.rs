//! How rooms come into being, whichever way asks for one: a teacher, the REST API, a course, a meeting, an app's token.

use kmz_meet_core::room::room_name;
use kmz_meet_core::signal::Policy;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::store::{AlreadyExists, Room, RoomSource, SharedStore, StoreError};

/// Names that are proposed for one room before it is given up: one in billions is taken.
const MAX_PROPOSALS: usize = 8;

/// A room that is asked for.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub school: String,
    pub origin: RoomSource,
    /// The account that owns it; rooms of platforms have none.
    pub owner: Option<String>,
    /// What the platform calls it; unique for a school and an origin.
    pub external: Option<String>,
    /// Canonical. `None`: one is proposed.
    pub name: Option<String>,
    pub title: Option<String>,
    pub welcome: Option<String>,
    pub policy: Policy,
    pub password: Option<String>,
}

impl NewRoom {
    /// A room of nobody in particular, with this policy and a name that is proposed.
    pub fn new(school: &str, origin: RoomSource, policy: Policy) -> Self {
        Self {
            school: school.to_owned(),
            origin,
            owner: None,
            external: None,
            name: None,
            title: None,
            welcome: None,
            policy,
            password: None,
        }
    }

    fn into_room(self, now: Timestamp) -> Room {
        Room {
            id: Uuid::new_v4().to_string(),
            school: self.school,
            owner: self.owner,
            name: self.name.unwrap_or_else(room_name::propose),
            title: self.title,
            welcome: self.welcome,
            origin: self.origin,
            external: self.external,
            policy: self.policy,
            password: self.password,
            created_at: now,
        }
    }
}

/// The policy of a room of which nobody said anything, on a server where conferences have at most this many participants.
pub fn default_policy(max_capacity: u32) -> Policy {
    let policy = Policy::default();
    Policy {
        capacity: policy.capacity.min(max_capacity),
        ..policy
    }
}

/// Makes a room. [`AlreadyExists`]: its name or what the platform calls it belongs to another room.
///
/// # Errors
/// When the store fails.
pub async fn create(
    store: &SharedStore,
    now: Timestamp,
    new: NewRoom,
) -> Result<Result<Room, AlreadyExists>, StoreError> {
    for _ in 0..MAX_PROPOSALS {
        let room = new.clone().into_room(now);
        if store.add_room(&room).await?.is_ok() {
            return Ok(Ok(room));
        }
        // Another proposal helps only where the proposal was the trouble.
        if new.name.is_some() || by_external(store, &new).await?.is_some() {
            break;
        }
    }
    Ok(Err(AlreadyExists))
}

/// The room that the platform calls so; made by whoever asks first. A whole class presses its link at once, and all get the
/// same room.
///
/// # Errors
/// When the store fails.
pub async fn find_or_create(
    store: &SharedStore,
    now: Timestamp,
    new: NewRoom,
) -> Result<Result<Room, AlreadyExists>, StoreError> {
    if let Some(room) = by_external(store, &new).await? {
        return Ok(Ok(room));
    }
    match create(store, now, new.clone()).await? {
        Ok(room) => Ok(Ok(room)),
        Err(AlreadyExists) => Ok(by_external(store, &new).await?.ok_or(AlreadyExists)),
    }
}

/// The room that has the `external` of this one.
///
/// # Errors
/// When the store fails.
pub async fn by_external(store: &SharedStore, new: &NewRoom) -> Result<Option<Room>, StoreError> {
    match &new.external {
        Some(external) => {
            store
                .room_by_external(&new.school, new.origin, external)
                .await
        }
        None => Ok(None),
    }
}
