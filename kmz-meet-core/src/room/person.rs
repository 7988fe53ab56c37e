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
    /// Nobody but this person vouches for the name.
    #[serde(default)]
    pub typed_name: bool,
    /// The claim names nobody in particular: see [`super::Identity::Verified`].
    #[serde(default, rename = "anonymous")]
    pub unidentified: bool,
    /// The name before it was told apart from others; empty in snapshots of older versions.
    #[serde(default)]
    pub asked_name: String,
    pub grants: BTreeSet<Right>,
    pub sources: BTreeSet<Source>,
    /// `None`: connected.
    pub lost_at: Option<Timestamp>,
    /// The page was closed: shown for [`AWAY_SHOWN`] only.
    #[serde(default)]
    pub away: bool,
    /// In the roster. Not so when the seat is only kept for coming back.
    pub present: bool,
    /// Order of coming.
    pub number: u64,
}

impl Person {
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
    pub typed_name: bool,
    pub unidentified: bool,
    /// Here because of too many wrong attempts, not because of the door.
    pub unproven: bool,
}
