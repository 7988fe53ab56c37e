//! Creates rooms, for whatever asks for one: a teacher, the REST API, a course, a meeting, an app's token.

use kmz_meet_core::room::room_name;
use kmz_meet_core::signal::Policy;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::store::{AlreadyExists, OpenSchool, Room, RoomSource, SharedStore, StoreError, User};

/// How many names are tried for one room before the attempt is given up. One proposal in billions is taken.
const MAX_PROPOSALS: usize = 8;

/// A request for a room.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub school: OpenSchool,
    pub origin: RoomSource,
    /// Who starts and moderates what happens there. Counts only if their account is one of the school: operators make rooms in other
    /// schools, which nobody owns, nor do those of platforms have an owner.
    pub owner: Option<User>,
    /// The platform's id of the room; unique for a school and an origin.
    pub external: Option<String>,
    /// A canonical name. `None`: the server proposes one.
    pub name: Option<String>,
    pub title: Option<String>,
    pub welcome: Option<String>,
    pub policy: Policy,
    pub password: Option<String>,
}

impl NewRoom {
    /// A room without an owner, with this policy and a proposed name.
    pub fn new(school: &OpenSchool, origin: RoomSource, policy: Policy) -> Self {
        Self {
            school: school.clone(),
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
        let owner = self.owner.filter(|user| user.school == self.school.id());
        Room {
            id: Uuid::new_v4().to_string(),
            school: self.school.id().to_owned(),
            owner: owner.map(|user| user.id),
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

/// The policy of a room for which nobody chose one, on a server whose conferences have at most this many participants.
pub fn default_policy(max_capacity: u32) -> Policy {
    let policy = Policy::default();
    Policy {
        capacity: policy.capacity.min(max_capacity),
        ..policy
    }
}

/// Creates a room. [`AlreadyExists`]: its name or the platform's id belongs to another room.
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
        if store.add_room(&new.school, &room).await?.is_ok() {
            return Ok(Ok(room));
        }
        // Another proposal helps only if the proposed name was taken.
        if new.name.is_some() || new.existing(store).await?.is_some() {
            break;
        }
    }
    Ok(Err(AlreadyExists))
}

/// Finds the room by the platform's id, or creates it. A whole class presses its link at once, and all get the same room.
///
/// # Errors
/// When the store fails.
pub async fn find_or_create(
    store: &SharedStore,
    now: Timestamp,
    new: NewRoom,
) -> Result<Result<Room, AlreadyExists>, StoreError> {
    if let Some(room) = new.existing(store).await? {
        return Ok(Ok(room));
    }
    match create(store, now, new.clone()).await? {
        Ok(room) => Ok(Ok(room)),
        Err(AlreadyExists) => Ok(new.existing(store).await?.ok_or(AlreadyExists)),
    }
}

/// Finds the room that a platform knows by this id. It may have been made when the school still had a contract.
///
/// # Errors
/// When the store fails.
pub async fn by_external(
    store: &SharedStore,
    school: &str,
    origin: RoomSource,
    external: Option<&str>,
) -> Result<Option<Room>, StoreError> {
    match external {
        Some(external) => store.room_by_external(school, origin, external).await,
        None => Ok(None),
    }
}

impl NewRoom {
    /// The room that the platform means already.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn existing(&self, store: &SharedStore) -> Result<Option<Room>, StoreError> {
        let external = self.external.as_deref();
        by_external(store, self.school.id(), self.origin, external).await
    }
}
