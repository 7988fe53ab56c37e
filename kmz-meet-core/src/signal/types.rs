//! What both sides speak of.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::timestamp::Timestamp;

/// A person in one conference. Unique across servers, unguessable, never re-used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export)]
pub struct ParticipantId(pub String);

/// One run of a room.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export)]
pub struct ConferenceId(pub String);

/// What a person can do in a conference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Role {
    /// A teacher in a room that is theirs, or someone whom such a person made one.
    Moderator,
    /// Everyone else.
    #[default]
    Participant,
}

/// Something that a person sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Source {
    Microphone,
    Camera,
    /// A screen or window, with its sound.
    Screen,
}

/// A right that the policy gives to all, to moderators, or to persons with a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Right {
    Microphone,
    Camera,
    Screen,
    Chat,
}

/// Who has a [`Right`] without a personal grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Who {
    Everyone,
    Moderators,
}

/// How newcomers come in. People with a seat and moderators are not newcomers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Door {
    /// Newcomers come in.
    Open,
    /// Newcomers wait in the lobby until a moderator admits them.
    Knock,
    /// Newcomers are turned away.
    Closed,
}

/// What holds in a room. Durable: it is the room's, a conference starts with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
#[ts(export)]
pub struct Policy {
    pub microphone: Who,
    pub camera: Who,
    pub screen: Who,
    pub chat: Who,
    pub door: Door,
    /// Whether people may be heard from the moment they join, if they turned the microphone on before.
    pub microphone_on_at_join: bool,
    /// Whether people may be seen from the moment they join, if they turned the camera on before.
    pub camera_on_at_join: bool,
    /// Whether participants are shown few large buttons with pictures. Their browser does it; each may turn it off there.
    pub simple_view: bool,
    /// Most people in the conference, 2 to 70 by default configuration. Moderators come in beyond it.
    pub capacity: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            microphone: Who::Everyone,
            camera: Who::Everyone,
            screen: Who::Moderators,
            chat: Who::Everyone,
            door: Door::Open,
            microphone_on_at_join: false,
            camera_on_at_join: false,
            simple_view: false,
            capacity: 70,
        }
    }
}

/// A change of some fields of a [`Policy`]; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
#[ts(export, optional_fields)]
pub struct PolicyChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub door: Option<Door>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone_on_at_join: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera_on_at_join: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simple_view: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
}

/// One entry of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own on the wire"
)]
pub struct Participant {
    pub id: ParticipantId,
    /// Unique in this conference: a second 'Anna' is called 'Anna (2)'.
    pub name: String,
    pub role: Role,
    /// Whether the server knows who this is (signed in, or launched from a course). Guests are not verified.
    pub verified: bool,
    /// Whether this person belongs to the room: came by a course or by an integrator's claim, or moderates it.
    #[serde(default)]
    pub listed: bool,
    /// Whether this person typed the name: neither an account nor a platform vouches for it.
    #[serde(default)]
    pub typed_name: bool,
    /// Sources that are on and permitted.
    pub sources: Vec<Source>,
    /// Personal grants.
    pub grants: Vec<Right>,
    /// Place in the queue of raised hands, from 1; absent when the hand is down.
    pub hand: Option<u32>,
    /// False while this person's connection is lost and their seat is kept.
    pub connected: bool,
    /// Since when they are on the list: milliseconds since the Unix epoch. Absent from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub came_at: Option<Timestamp>,
}

/// Someone in the lobby, as moderators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own on the wire"
)]
pub struct Knocker {
    pub id: ParticipantId,
    pub name: String,
    pub verified: bool,
    /// See [`Participant::listed`].
    #[serde(default)]
    pub listed: bool,
    /// See [`Participant::typed_name`].
    #[serde(default)]
    pub typed_name: bool,
    /// Whether this person is in the lobby because wrong passwords were tried, not because of the door.
    #[serde(default, rename = "suspicious")]
    pub unproven: bool,
}

/// One chat message. Text only: clients show it as text and never as markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChatMessage {
    /// Counts up from 1 within the conference.
    #[ts(type = "number")]
    pub id: u64,
    pub from: ParticipantId,
    /// The sender's name when the message was sent: the sender may be gone.
    pub name: String,
    /// The sender's role when the message was sent.
    #[serde(default)]
    pub role: Role,
    /// See [`Participant::verified`].
    #[serde(default)]
    pub verified: bool,
    /// See [`Participant::listed`].
    #[serde(default)]
    pub listed: bool,
    /// See [`Participant::typed_name`].
    #[serde(default)]
    pub typed_name: bool,
    pub text: String,
    /// Milliseconds since the Unix epoch.
    #[ts(type = "number")]
    pub at: Timestamp,
}

/// The mode 'speakers only': of all cameras only that of the speaker is forwarded, to spare bad lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpeakersOnly {
    pub on: bool,
    /// Whose camera is forwarded, if it is on. `null`: nobody's, because nobody speaks, or because the mode is off.
    pub speaker: Option<ParticipantId>,
}

/// How many people have a poor connection ([`QualityLevel::Poor`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PoorLines {
    pub poor: u32,
    /// Of so many with a media session.
    pub of: u32,
    /// So many of the poor ones come from one network: where that is most of them, its line may be to blame. 0 and 1 say
    /// nothing.
    pub together: u32,
}

/// How well someone's connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum QualityLevel {
    Good,
    /// Some loss, or not every picture in full resolution.
    Fair,
    /// Words are lost or pictures paused.
    Poor,
}

/// Which media section (`a=mid`) of the offer carries what. Anything may be absent: chat works without media.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
#[ts(export, optional_fields)]
pub struct Sections {
    /// sendonly audio
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone: Option<String>,
    /// sendonly video, simulcast with rids `q`, `h`, `f` where the browser can
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    /// sendonly video
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    /// sendonly audio: the sound of what is shared
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_sound: Option<String>,
    /// recvonly audio sections, in slot order (5 of them)
    pub audio_slots: Vec<String>,
    /// recvonly video sections, in slot order (9 on a phone, 25 on a laptop, at most 49)
    pub video_slots: Vec<String>,
    /// recvonly video
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_slot: Option<String>,
}

/// A picture that the client wants to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct Tile {
    pub participant: ParticipantId,
    /// Height in physical pixels; it decides the layer that is sent.
    pub height: u32,
}

/// Whom a moderator's action is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Target {
    /// Everyone whom the action can be about: all but moderators, or everyone in the lobby.
    All,
    These(Vec<ParticipantId>),
    /// Everyone in the conference who is not on the room's list ([`Participant::listed`]); moderators never.
    Unlisted,
}
