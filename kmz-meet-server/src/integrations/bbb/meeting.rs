//! Meetings, as they are kept.

use std::collections::BTreeMap;
use std::time::Duration;

use kmz_meet_core::conference::ConferenceHandle;
use kmz_meet_core::room::Action;
use kmz_meet_core::signal::Alert;
use serde::{Deserialize, Serialize};

use super::state::Meetings;
use crate::clock::{Timestamp, millis};
use crate::store::{Kind, Record, Room, StoreError};

/// A conference needs two participants.
const MIN_PARTICIPANTS: u32 = 2;
const MINUTE_MS: i64 = 60_000;
const MAX_DURATION_MINUTES: i64 = 7 * 24 * 60;
/// An empty meeting is over after this time, so that what the platform sets up next takes effect.
const MAX_EMPTY: Duration = Duration::from_hours(1);

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
    /// The platform sent a presentation, which rooms do not show.
    #[serde(default)]
    pub presents: bool,
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
    #[serde(rename = "Asked")]
    MustKnock,
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
        Some(self.created_at + minutes.min(MAX_DURATION_MINUTES) * MINUTE_MS)
    }

    /// Most people in its conference, as the platform wants it, within what a conference of ours can have. Moderators come
    /// in beyond it.
    pub fn capacity(&self, limit: u32) -> u32 {
        match u32::try_from(self.max_users).unwrap_or(u32::MAX) {
            0 => limit,
            wanted => wanted.clamp(MIN_PARTICIPANTS, limit.max(MIN_PARTICIPANTS)),
        }
    }

    /// The same as answers have it: 0 where the platform set no limit.
    pub fn max_users(&self, limit: u32) -> u32 {
        match self.max_users {
            0 => 0,
            _ => self.capacity(limit),
        }
    }

    /// When to look whether it goes on.
    pub fn look_at(&self, now: Timestamp) -> Timestamp {
        let later = now + millis(MAX_EMPTY);
        self.ends_at().map_or(later, |end| later.min(end))
    }
}

/// Whether a meeting goes on in this room, and is the one of this internal id.
///
/// # Errors
/// When the store fails.
pub async fn is_open(app: &Meetings, room: &Room, internal_id: &str) -> Result<bool, StoreError> {
    let Some(id) = &room.external else {
        return Ok(false);
    };
    let meeting = find(app, &room.school, id).await?;
    Ok(meeting.is_some_and(|meeting| {
        meeting.data.internal_id == internal_id && meeting.parent.as_ref() == Some(&room.id)
    }))
}

/// Tells the moderators of a conference that the presentation of its meeting is not here, if there is one.
///
/// # Errors
/// When the store fails.
pub async fn tell_of_presentation(
    app: &Meetings,
    room: &Room,
    conference: &ConferenceHandle,
) -> Result<(), StoreError> {
    let Some(id) = &room.external else {
        return Ok(());
    };
    let meeting = find(app, &room.school, id).await?;
    if meeting.is_some_and(|meeting| meeting.data.presents) {
        // One that has just ended has nobody to tell.
        let _ = conference
            .act(Action::Alert(Alert::PresentationNotShown))
            .await;
    }
    Ok(())
}

/// The meeting of a school.
///
/// # Errors
/// When the store fails.
pub async fn find(
    app: &Meetings,
    school: &str,
    meeting_id: &str,
) -> Result<Option<Record<Meeting>>, StoreError> {
    Record::by_key(&app.store, &key(school, meeting_id)).await
}
