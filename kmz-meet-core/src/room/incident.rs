//! What an incident record says: when, of which kind, by whom, and who sent what at that time. No content, no name, no
//! address: the seat is a number in the order of coming, which moderators see beside the name during the lesson.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A moderator stopped everything.
    EmergencyStop,
    /// Somebody said that something is wrong.
    Report,
}

/// What somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    Microphone,
    Camera,
    Screen,
    Chat,
}

/// What the server knows of who sits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatKind {
    Moderator,
    /// An account or a platform vouches for the person.
    Account,
    /// Nobody vouches for the person, but they belong to the room.
    Listed,
    Guest,
}

/// One seat in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentSeat {
    /// Place in the order of coming, from 1.
    pub number: u64,
    pub kind: SeatKind,
    pub came_at: Timestamp,
    pub sent: BTreeSet<Sent>,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Unique across conferences.
    pub id: String,
    pub kind: IncidentKind,
    pub at: Timestamp,
    /// Who stopped or reported; `None`: the server did, for an integrator.
    pub by: Option<IncidentSeat>,
    /// Everyone who sent something then, in the order of coming.
    pub seats: Vec<IncidentSeat>,
}
