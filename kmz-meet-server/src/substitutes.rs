//! Substitute passes: the right to moderate one room for a limited time, for somebody without an account.
//!
//! A pass is a link whose token is kept as a hash. It is exchanged for a ticket, so that its holder comes in as everybody with a
//! ticket does; whether the pass still holds is looked at again with every arrival. All who come by one pass are one person to the
//! conference, which has three places at once: a phone, a tablet and the computer at the board, and no class of moderators.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::{self, Change};
use crate::clock::{Timestamp, millis};
use crate::credentials::{Identity, Ticket, TicketRole, fingerprint, random_token};
use crate::schools::may_open;
pub use crate::store::TooManyOfRoom;
use crate::store::{ApiKey, Database, Kind, OpenSchool, Record, RecordFilter, Room, StoreError};
use crate::user_id::{UserId, substitute_pass};

/// A pass is valid for at least this time.
pub const MIN_LIFETIME: Duration = Duration::from_mins(10);
/// Longer is no substitution: then the room gets another owner.
pub const MAX_LIFETIME: Duration = Duration::from_hours(14 * 24);
/// Passes of one room that hold at the same time.
pub const MAX_OF_ROOM: usize = 10;
const TOKEN_BYTES: usize = 32;
/// Characters of a token.
const TOKEN_CHARS: usize = 43;
/// A pass that is over stays for this time, so that whoever is in by it can be led out.
const KEPT: Duration = Duration::from_hours(24);
/// Passes that one round of housekeeping ends.
const MAX_DUE: u64 = 500;

/// What is kept of a pass. Its id is that of the record, the room is the record's parent, the hash of the token its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstitutePass {
    /// For whom, in the words of who made it.
    pub label: Option<String>,
    /// The owner of the room at that time: who has it later has given nobody this right.
    pub owner: Option<String>,
    /// The account that made it; `None`: a key.
    pub made_by: Option<String>,
    /// The key that made it. Passes of earlier versions do not say which.
    #[serde(default)]
    pub made_by_key: Option<String>,
    /// From this moment on it opens nothing.
    pub until: Timestamp,
    /// How often it was exchanged for a ticket.
    pub uses: u32,
    pub used_at: Option<Timestamp>,
}

impl Kind for SubstitutePass {
    const KIND: &'static str = "substitute_pass";
}

/// Who makes a pass, by the id.
#[derive(Clone, Copy, Debug)]
pub enum PassMaker<'a> {
    Account(&'a str),
    Key(&'a str),
}

/// A pass as it is asked for.
#[derive(Clone, Debug)]
pub struct NewPass<'a> {
    pub room: &'a Room,
    pub label: Option<&'a str>,
    pub made_by: PassMaker<'a>,
    /// Between [`MIN_LIFETIME`] and [`MAX_LIFETIME`].
    pub lifetime: Duration,
}

/// Makes a pass; gives it and its token, which is kept nowhere.
///
/// # Errors
/// When the store fails.
pub async fn make(
    store: &Database,
    now: Timestamp,
    _school: &OpenSchool,
    new: NewPass<'_>,
) -> Result<Result<(Record<SubstitutePass>, String), TooManyOfRoom>, StoreError> {
    let token = random_token::<TOKEN_BYTES>();
    let until = now + millis(new.lifetime.clamp(MIN_LIFETIME, MAX_LIFETIME));
    let (account, key) = match new.made_by {
        PassMaker::Account(id) => (Some(id), None),
        PassMaker::Key(id) => (None, Some(id)),
    };
    let pass = SubstitutePass {
        label: new.label.map(str::to_owned),
        owner: new.room.owner.clone(),
        made_by: account.map(str::to_owned),
        made_by_key: key.map(str::to_owned),
        until,
        uses: 0,
        used_at: None,
    };
    let mut record = Record::new(new.room.school.clone(), now, pass);
    record.parent = Some(new.room.id.clone());
    record.key = Some(fingerprint(&token));
    record.due_at = Some(until);
    record.expires_at = Some(until + millis(KEPT));
    let holds = |pass: &Record<SubstitutePass>| is_current(pass, new.room, now);
    let added = record.add_to_room(store, MAX_OF_ROOM, holds).await?;
    Ok(added.map(|()| (record, token)))
}

/// Whether a pass of this room opens it still, as far as that depends on the two: another owner has given nobody this right.
fn is_current(pass: &Record<SubstitutePass>, room: &Room, now: Timestamp) -> bool {
    pass.data.owner == room.owner && pass.data.until > now
}

/// The passes of a room that are not over, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn of_room(
    store: &Database,
    now: Timestamp,
    room: &Room,
) -> Result<Vec<Record<SubstitutePass>>, StoreError> {
    let filter = RecordFilter {
        parent: Some(&room.id),
        limit: 4 * MAX_OF_ROOM as u64,
        newest_first: true,
        ..RecordFilter::default()
    };
    let mut passes = Record::<SubstitutePass>::list(store, filter).await?;
    passes.retain(|pass| is_current(pass, room, now));
    passes.reverse();
    Ok(passes)
}

/// Takes a pass back: whoever is in by it leaves at once. Says whether it was there still.
///
/// # Errors
/// When the store fails.
pub async fn revoke(
    store: &Database,
    now: Timestamp,
    pass: &Record<SubstitutePass>,
) -> Result<bool, StoreError> {
    let school = pass.school.as_deref().unwrap_or_default();
    pass.delete_telling(store, &withdrawn(school, &pass.id, now))
        .await
}

/// What tells all servers on this store that a pass is over, for whoever keeps it together with the removal.
pub(crate) fn withdrawn(school: &str, pass: &str, now: Timestamp) -> Record<Change> {
    accounts::withdrawn(UserId::of_substitute(school, pass).as_str(), now)
}

/// Ends passes whose time is up; says how many.
///
/// # Errors
/// When the store fails.
pub async fn end_due(store: &Database, now: Timestamp) -> Result<usize, StoreError> {
    let due = Record::<SubstitutePass>::due(store, now, MAX_DUE).await?;
    for pass in &due {
        revoke(store, now, pass).await?;
    }
    Ok(due.len())
}

fn user(pass: &Record<SubstitutePass>) -> UserId {
    UserId::of_substitute(pass.school.as_deref().unwrap_or_default(), &pass.id)
}

/// Why a pass opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    #[error("the pass is over, was taken back, or never was")]
    Over,
    #[error("the school has no contract that holds now")]
    NoContract,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a pass is exchanged for.
#[derive(Clone, Debug)]
pub struct Opened {
    pub room: Room,
    pub school: OpenSchool,
    pub ticket: Ticket,
    /// Until then the pass can be exchanged.
    pub until: Timestamp,
}

/// Exchanges a pass for a ticket.
///
/// # Errors
/// When it opens nothing.
pub async fn open(store: &Database, now: Timestamp, token: &str) -> Result<Opened, NotOpened> {
    if token.len() != TOKEN_CHARS {
        return Err(NotOpened::Over);
    }
    let pass = Record::<SubstitutePass>::by_key(store, &fingerprint(token)).await?;
    let pass = pass.ok_or(NotOpened::Over)?;
    let room = store.room(pass.parent.as_deref().unwrap_or_default());
    let room = room.await?.ok_or(NotOpened::Over)?;
    if !is_valid(store, now, &room, &pass).await? {
        return Err(NotOpened::Over);
    }
    let school = may_open(store, now, &room.school).await?;
    let school = school.ok_or(NotOpened::NoContract)?;
    let used = |record: &mut Record<SubstitutePass>| -> Result<(), StoreError> {
        record.data.uses = record.data.uses.saturating_add(1);
        record.data.used_at = Some(now);
        Ok(())
    };
    let kept = Record::<SubstitutePass>::change(store, &pass.id, used).await?;
    let pass = kept.ok_or(NotOpened::Over)?;
    let ticket = Ticket {
        room: room.id.clone(),
        identity: Identity::of(user(&pass), TicketRole::Moderator),
        // Nobody vouches for a name: the holder types it.
        name: None,
        may_start: true,
        meeting: None,
        return_url: None,
    };
    Ok(Opened {
        room,
        school,
        ticket,
        until: pass.data.until,
    })
}

/// Whether a ticket opens this room now, as far as that depends on a pass. Tickets of others do not.
///
/// # Errors
/// When the store fails.
pub async fn holds(
    store: &Database,
    now: Timestamp,
    room: &Room,
    ticket: &Ticket,
) -> Result<bool, StoreError> {
    let Some(id) = substitute_pass(&room.school, ticket.identity.user.as_str()) else {
        return Ok(!is_of_pass(ticket));
    };
    let pass = Record::<SubstitutePass>::of_school(store, &room.school, id).await?;
    match pass {
        Some(pass) => is_valid(store, now, room, &pass).await,
        None => Ok(false),
    }
}

/// Whether somebody comes by a pass: then they moderate lessons, and see nothing of former ones.
pub fn is_of_pass(ticket: &Ticket) -> bool {
    ticket.identity.user.is_substitute()
}

async fn is_valid(
    store: &Database,
    now: Timestamp,
    room: &Room,
    pass: &Record<SubstitutePass>,
) -> Result<bool, StoreError> {
    let is_of_room =
        pass.parent.as_ref() == Some(&room.id) && pass.school.as_ref() == Some(&room.school);
    if !is_of_room || !is_current(pass, room, now) {
        return Ok(false);
    }
    // Whoever may not come in any more opens for nobody else either: an account that is locked or gone, a key that was taken
    // back or is over.
    match (&pass.data.made_by, &pass.data.made_by_key) {
        (Some(user), _) => {
            let is_locked = store.locked_at(user).await?.is_some();
            Ok(!is_locked && store.user(user).await?.is_some())
        }
        (None, Some(key)) => {
            let key = Record::<ApiKey>::of_school(store, &room.school, key).await?;
            let is_over = |key: &Record<ApiKey>| key.expires_at.is_some_and(|at| at <= now);
            Ok(key.is_some_and(|key| !is_over(&key)))
        }
        (None, None) => Ok(true),
    }
}
