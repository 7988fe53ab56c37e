//! Meetings and secrets, as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::random_token;
use crate::clock::Timestamp;
use crate::store::{Kind, Record, Room, StoreError, Which};

/// More secrets than any installation has.
const MOST_SECRETS: u64 = 5_000;
/// A secret that was replaced holds for this long: time to change it in every platform.
const ROTATION_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

const MINUTE_MS: i64 = 60_000;
const LONGEST_MINUTES: i64 = 7 * 24 * 60;
/// A meeting in which nobody is after this is over: what the platform sets up next has to count.
const EMPTY_MS: i64 = 60 * MINUTE_MS;

/// A school's shared secret. Kept readable: checksums are made with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub secret: String,
    /// From when on a newer one is meant to be used.
    pub retired_at: Option<Timestamp>,
}

impl Kind for Secret {
    const KIND: &'static str = "bbb_secret";
}

/// A new secret of a school; those before it hold for another week.
///
/// # Errors
/// When the store fails.
pub async fn new_secret(app: &App, school: &str) -> Result<Record<Secret>, StoreError> {
    let now = app.clock.now();
    for mut former in secrets_of(app, Some(school)).await? {
        if former.data.retired_at.is_none() {
            former.data.retired_at = Some(now);
            former.expires_at = Some(now + ROTATION_MS);
            former.put(&*app.store).await?;
        }
    }
    let data = Secret {
        secret: random_token::<36>(),
        retired_at: None,
    };
    let record = Record::new(school.to_owned(), now, data);
    record.put(&*app.store).await?;
    Ok(record)
}

/// The secrets that hold now: of a school, or all.
///
/// # Errors
/// When the store fails.
pub async fn secrets_of(
    app: &App,
    school: Option<&str>,
) -> Result<Vec<Record<Secret>>, StoreError> {
    let which = Which {
        school,
        limit: MOST_SECRETS,
        ..Which::default()
    };
    let now = app.clock.now();
    let secrets = Record::<Secret>::list(&*app.store, which).await?;
    Ok(secrets
        .into_iter()
        .filter(|secret| secret.expires_at.is_none_or(|at| at > now))
        .collect())
}

/// A meeting: from its creation until it has ended.
#[allow(clippy::struct_field_names, reason = "the API's own name of it")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    pub meeting_id: String,
    pub internal_id: String,
    pub name: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: Timestamp,
    pub attendee_password: String,
    pub moderator_password: String,
    pub voice_bridge: String,
    pub record: bool,
    /// Minutes; 0 is no limit.
    pub duration: u64,
    pub max_users: u64,
    pub guests: Guests,
    pub logout_url: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Told of the end.
    #[serde(default)]
    pub ended_urls: Vec<String>,
    /// Id of the secret with which it was made: callbacks are signed with the same one.
    #[serde(default)]
    pub secret: String,
}

/// What holds for people who come as guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guests {
    /// They come in as everyone does.
    #[default]
    Accepted,
    /// They wait in the lobby.
    Asked,
    Denied,
}

impl Kind for Meeting {
    const KIND: &'static str = "bbb_meeting";
}

/// By what a meeting is looked up.
pub fn key(school: &str, meeting_id: &str) -> String {
    format!("{school} {meeting_id}")
}

impl Meeting {
    /// When its time is up, if it has an end.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let minutes = i64::try_from(self.duration).ok().filter(|some| *some > 0)?;
        Some(self.created_at + minutes.min(LONGEST_MINUTES) * MINUTE_MS)
    }

    /// When to look whether it goes on.
    pub fn look_at(&self, now: Timestamp) -> Timestamp {
        let later = now + EMPTY_MS;
        self.ends_at().map_or(later, |end| later.min(end))
    }
}

/// Whether a meeting goes on in this room, and is the one of this internal id.
///
/// # Errors
/// When the store fails.
pub async fn is_open(app: &App, room: &Room, internal_id: &str) -> Result<bool, StoreError> {
    let Some(id) = &room.external else {
        return Ok(false);
    };
    let meeting = find(app, &room.school, id).await?;
    Ok(meeting.is_some_and(|meeting| {
        meeting.data.internal_id == internal_id && meeting.parent.as_ref() == Some(&room.id)
    }))
}

/// The meeting of a school.
///
/// # Errors
/// When the store fails.
pub async fn find(
    app: &App,
    school: &str,
    meeting_id: &str,
) -> Result<Option<Record<Meeting>>, StoreError> {
    Record::by_key(&*app.store, &key(school, meeting_id)).await
}
