//! Meetings, as they are stored.

use std::collections::BTreeMap;
use std::time::Duration;

use kmz_meet_core::conference::ConferenceHandle;
use kmz_meet_core::room::Action;
use kmz_meet_core::signal::Alert;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, millis};
use crate::store::{Kind, Record, Room, SharedStore, StoreError};

/// A conference needs two participants.
const MIN_PARTICIPANTS: u32 = 2;
/// The longest meeting that a platform can ask for.
const MAX_MEETING: Duration = Duration::from_hours(7 * 24);
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
    /// The URLs that are told of the end.
    #[serde(default)]
    pub ended_urls: Vec<String>,
    /// The id of the secret that signed its `create`. The callbacks are signed with the same one.
    #[serde(default)]
    pub secret: String,
}

/// How guests come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guests {
    /// Like everybody else.
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

/// The key of a meeting's record.
pub fn key(school: &str, meeting_id: &str) -> String {
    format!("{school} {meeting_id}")
}

impl Meeting {
    /// When its time is up, if it has an end.
    pub fn ends_at(&self) -> Option<Timestamp> {
        if self.duration == 0 {
            return None;
        }
        let duration = Duration::from_secs(self.duration.saturating_mul(60));
        Some(self.created_at + millis(duration.min(MAX_MEETING)))
    }

    /// How many people its conference may have: as the platform wants, up to `limit`. Moderators come in beyond it.
    pub fn capacity(&self, limit: u32) -> u32 {
        match u32::try_from(self.max_users).unwrap_or(u32::MAX) {
            0 => limit,
            wanted => wanted.clamp(MIN_PARTICIPANTS, limit.max(MIN_PARTICIPANTS)),
        }
    }

    /// The same in answers: 0 if the platform set no limit.
    pub fn max_users(&self, limit: u32) -> u32 {
        match self.max_users {
            0 => 0,
            _ => self.capacity(limit),
        }
    }

    /// When to check whether it goes on.
    pub fn look_at(&self, now: Timestamp) -> Timestamp {
        let later = now + millis(MAX_EMPTY);
        self.ends_at().map_or(later, |end| later.min(end))
    }
}

/// Whether the meeting with this internal id goes on in this room.
///
/// # Errors
/// When the store fails.
pub async fn is_open(
    store: &SharedStore,
    room: &Room,
    internal_id: &str,
) -> Result<bool, StoreError> {
    let Some(id) = &room.external else {
        return Ok(false);
    };
    let meeting = find(store, &room.school, id).await?;
    Ok(meeting.is_some_and(|meeting| {
        meeting.data.internal_id == internal_id && meeting.parent.as_ref() == Some(&room.id)
    }))
}

/// Tells the moderators of a conference that its meeting's presentation is not shown, if the platform sent one.
///
/// # Errors
/// When the store fails.
pub async fn tell_of_presentation(
    store: &SharedStore,
    room: &Room,
    conference: &ConferenceHandle,
) -> Result<(), StoreError> {
    let Some(id) = &room.external else {
        return Ok(());
    };
    let meeting = find(store, &room.school, id).await?;
    if meeting.is_some_and(|meeting| meeting.data.presents) {
        // A conference that has just ended has nobody to tell.
        let _ = conference
            .act(Action::Alert(Alert::PresentationNotShown))
            .await;
    }
    Ok(())
}

/// Finds a meeting of a school.
///
/// # Errors
/// When the store fails.
pub async fn find(
    store: &SharedStore,
    school: &str,
    meeting_id: &str,
) -> Result<Option<Record<Meeting>>, StoreError> {
    Record::by_key(store, &key(school, meeting_id)).await
}
