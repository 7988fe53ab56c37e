//! Who is in the conference or at its door, as far as the room knows.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::{AWAY_SHOWN, SEAT_SHOWN};
use super::seen_name::SeenName;
use crate::signal::{ParticipantId, Right, Role, Source};
use crate::timestamp::Timestamp;

/// What is known of someone who was admitted. It is kept as their seat after they dropped out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Person {
    pub name: SeenName,
    pub role: Role,
    /// A moderator by account or claim: cannot be removed or demoted.
    pub owner: bool,
    pub user: Option<String>,
    pub device: Option<String>,
    /// The session by which they came last; in snapshots of older versions nothing is known of it.
    #[serde(default)]
    pub session: Option<String>,
    /// Since when the server knows the device.
    #[serde(default)]
    pub known_since: Option<Timestamp>,
    /// The group of addresses that they come from. Not kept.
    #[serde(skip)]
    pub address: Option<String>,
    /// Since when they are on the roster.
    #[serde(default)]
    pub came_at: Timestamp,
    /// Belongs to the room by its list.
    #[serde(default)]
    pub listed: bool,
    /// Belongs to the class because a moderator says so. It opens no door.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
    /// Nobody but this person vouches for the name.
    #[serde(default)]
    pub typed_name: bool,
    /// The claim names nobody in particular: see [`super::Identity::Verified`].
    #[serde(default, rename = "anonymous")]
    pub unidentified: bool,
    /// They came by a pupil card, which is for one place at a time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub card: bool,
    /// See [`super::Arrival::resembles_pupil`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resembles_pupil: bool,
    /// The name before it was told apart from others; empty in snapshots of older versions.
    #[serde(default)]
    pub asked_name: String,
    /// A moderator gave the name. `asked_name` is still what the person says at the door.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renamed: bool,
    /// A moderator sent them to the lobby and has not let them in again: whatever the door says, the seat leads there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sent_to_lobby: bool,
    pub grants: BTreeSet<Right>,
    pub sources: BTreeSet<Source>,
    /// `None`: connected.
    pub lost_at: Option<Timestamp>,
    /// The page was closed: shown for [`AWAY_SHOWN`] only.
    #[serde(default)]
    pub away: bool,
    /// When they left the roster last. Not kept.
    #[serde(skip)]
    pub left_at: Option<Timestamp>,
    /// In the roster. Not so when the seat is only kept for coming back.
    pub present: bool,
    /// Order of coming.
    pub number: u64,
}

impl Person {
    /// Whether they belong to the room or its class.
    pub(super) fn is_listed(&self) -> bool {
        self.listed || self.owner || self.marked
    }

    /// Whether this is a seat of the same account or the same browser.
    pub(super) fn is_of(&self, user: Option<&str>, device: Option<&str>) -> bool {
        (user.is_some() && self.user.as_deref() == user)
            || (device.is_some() && self.device.as_deref() == device)
    }

    /// How long someone whose connection is lost stays on the roster.
    pub(super) fn shown_for(&self) -> Duration {
        if self.away { AWAY_SHOWN } else { SEAT_SHOWN }
    }
}

/// Someone in the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Waiting {
    pub id: ParticipantId,
    pub name: SeenName,
    /// The name before it was told apart from others.
    pub asked_name: String,
    pub user: Option<String>,
    pub device: Option<String>,
    pub address: Option<String>,
    /// See [`super::Arrival`].
    pub session: Option<String>,
    /// Since when the server knows the browser; of someone without one, since when they wait.
    pub since: Timestamp,
    pub listed: bool,
    /// See [`Person::marked`].
    pub marked: bool,
    pub typed_name: bool,
    /// The name that a moderator gave them.
    pub given_name: Option<SeenName>,
    /// A moderator sent them here.
    pub sent: bool,
    pub unidentified: bool,
    /// Here because of too many wrong attempts, not because of the door.
    pub unproven: bool,
    /// See [`Person::card`].
    pub card: bool,
    /// See [`super::Arrival::resembles_pupil`].
    pub resembles_pupil: bool,
    /// Here because somebody else is in by the same card.
    pub second_use: bool,
}

impl Waiting {
    /// Whether they belong to the room or its class.
    pub(super) fn is_listed(&self) -> bool {
        self.listed || self.marked
    }
}
