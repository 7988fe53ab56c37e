//! The messages between a client and its conference: JSON over a WebSocket at [`SIGNAL_PATH`].
//!
//! Every message is one JSON object with a `type`. The TypeScript types of the browser client are generated
//! from this file (`make generate`), so it is the one place where the protocol is written down.
//!
//! A conversation:
//! 1. The client sends [`ClientMessage::Join`]. The server answers `joined`, `lobby`, `waiting` or `refused`
//!    (after `way_back`, where the ticket has one).
//!    `waiting` and `lobby` are not the end: the same socket gets `joined` once the person may come in.
//! 2. After `joined` the client sends one [`ClientMessage::Offer`] and gets one [`ServerMessage::Answer`].
//!    A new offer replaces the former media session (after a reload, or when the network was lost for long).
//! 3. From then on both sides send what happens. There is no message that turns on someone else's source.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// Where the WebSocket is served. The version is part of the path.
pub const SIGNAL_PATH: &str = "/api/v1/signal";
/// Largest message that a client may send, in bytes (an offer is the largest one).
pub const MAX_MESSAGE_BYTES: usize = 96 * 1024;
/// Largest session description, in bytes.
pub const MAX_SDP_BYTES: usize = 64 * 1024;
/// Longest chat message, in characters.
pub const MAX_CHAT_CHARS: usize = 2_000;
/// Longest name of a person, in characters.
pub const MAX_NAME_CHARS: usize = 60;
/// Longest conference password, in characters.
pub const MAX_PASSWORD_CHARS: usize = 100;
/// Most entries in any list of a client's message.
pub const MAX_LIST: usize = 256;
/// Where a client is told that it sends too fast: messages a second, and how many may come at once.
pub const MESSAGES_PER_SECOND: u32 = 20;
/// See [`MESSAGES_PER_SECOND`].
pub const MESSAGES_BURST: u32 = 60;

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
    pub capacity: Option<u32>,
}

/// What everyone in the conference knows of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoomInfo {
    /// The room's name as in its link.
    pub name: String,
    pub policy: Policy,
    /// What people call the room: the course or the meeting that it belongs to. Absent: its name is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub title: Option<String>,
    /// What newcomers read first; plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub welcome: Option<String>,
    /// Whether the room knows who belongs to it (a class list): then whoever is not `listed` stands out.
    #[serde(default, rename = "has_list")]
    pub takes_attendance: bool,
    /// Whether a password is set. The password itself is in [`ServerMessage::Password`], for moderators only.
    pub has_password: bool,
    /// Who has the floor: may be heard although microphones are locked.
    pub floor: Option<ParticipantId>,
    /// Milliseconds since the Unix epoch at which the conference started.
    #[ts(type = "number")]
    pub started_at: u64,
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
    pub came_at: Option<u64>,
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
    #[serde(default)]
    pub suspicious: bool,
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
    pub at: u64,
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

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export, optional_fields)]
pub enum ClientMessage {
    /// The first message. Who signed in before is known by the session cookie of the WebSocket's request.
    Join {
        /// The room's name, as in its link.
        room: String,
        /// The name to be shown. A person who is signed in or came by a signed claim keeps that name.
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
        /// The seat from an earlier `joined`: the way back after a lost connection or a reload.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<String>,
        /// A signed claim from a course or an integrator.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// Leave for good: the seat is given back.
    #[serde(deserialize_with = "nothing_else")]
    Leave,
    /// The page is being closed or reloaded: the server does not wait for the connection to be lost. The seat is kept.
    #[serde(deserialize_with = "nothing_else")]
    Away,
    /// Start (or start anew) the media session. Answered by `answer` or `error`.
    Offer { sdp: String, sections: Sections },
    /// What is shown now, in order of importance. Replaces the former view.
    View {
        tiles: Vec<Tile>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned: Option<ParticipantId>,
    },
    /// Turn one's own source on or off.
    SetSource { source: Source, on: bool },
    /// Say something to everyone.
    SendChat { text: String },
    /// Raise or lower one's own hand.
    SetHand { raised: bool },
    /// Answered by `pong`: shows that the connection lives.
    #[serde(deserialize_with = "nothing_else")]
    Ping,

    // --- moderators only ---
    /// Turn sources off. People can turn them on again unless the policy forbids it.
    Mute { target: Target, source: Source },
    /// Ask someone to turn a source on. It is a question; nothing is turned on.
    Ask {
        participant: ParticipantId,
        source: Source,
    },
    /// Change the policy of this conference.
    SetPolicy { change: PolicyChange },
    /// Set (`null` clears) the password. People inside stay.
    SetPassword { password: Option<String> },
    /// Give a right to one person, or take it back.
    Grant {
        participant: ParticipantId,
        right: Right,
        granted: bool,
    },
    /// Give the floor to one person: microphones are locked for the others. `null` takes it back.
    SetFloor { participant: Option<ParticipantId> },
    /// Let people in from the lobby.
    Admit { target: Target },
    /// Turn people in the lobby away.
    Refuse { target: Target },
    /// Remove people; they cannot come back to this conference.
    Remove { target: Target },
    /// Make someone a moderator of this conference, or take that back.
    SetRole {
        participant: ParticipantId,
        role: Role,
    },
    /// Take someone's hand down.
    LowerHand { target: Target },
    /// The emergency brake: all sources of all but moderators off and locked, chat for moderators only, door closed.
    #[serde(deserialize_with = "nothing_else")]
    StopEverything,
    /// End the conference for all.
    #[serde(deserialize_with = "nothing_else")]
    EndForAll,
}

/// A message that is its `type` and nothing more: `deny_unknown_fields` does not reach variants without fields.
fn nothing_else<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(deserializer).map(|Nothing {}| ())
}

impl ClientMessage {
    /// Whether no list in it is longer than [`MAX_LIST`].
    #[must_use]
    pub fn lists_fit(&self) -> bool {
        let longest = match self {
            Self::Offer { sections, .. } => {
                sections.audio_slots.len().max(sections.video_slots.len())
            }
            Self::View { tiles, .. } => tiles.len(),
            Self::Mute { target, .. }
            | Self::Admit { target }
            | Self::Refuse { target }
            | Self::Remove { target }
            | Self::LowerHand { target } => match target {
                Target::These(ids) => ids.len(),
                Target::All | Target::Unlisted => 0,
            },
            Self::Join { .. }
            | Self::Leave
            | Self::Away
            | Self::SetSource { .. }
            | Self::SendChat { .. }
            | Self::SetHand { .. }
            | Self::Ping
            | Self::Ask { .. }
            | Self::SetPolicy { .. }
            | Self::SetPassword { .. }
            | Self::Grant { .. }
            | Self::SetFloor { .. }
            | Self::SetRole { .. }
            | Self::StopEverything
            | Self::EndForAll => 0,
        };
        longest <= MAX_LIST
    }
}

/// Why someone does not come in. What could tell a stranger that a room exists is not among these: it is `waiting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RefusalReason {
    /// The name is empty, too long or has no letter.
    BadName,
    /// The door is closed.
    Closed,
    /// As many people as the room holds are inside.
    Full,
    /// A moderator removed this person, or refused them in the lobby.
    Removed,
    /// The conference is over.
    Ended,
    /// Too many wrong attempts; come again later.
    TooManyAttempts,
    /// The seat or the signed claim is not valid (any more). Join again without it.
    BadSeat,
    /// The signed claim is right, but its time has not come: the clock of who signed it may be ahead. Come again later.
    NotYet,
    /// The same seat was used from elsewhere: this connection gave way to the newer one.
    Replaced,
    /// This person or device took another place, and holds no more than a few: the oldest, this one, gave way.
    TooManyPlaces,
    /// The signed claim is right, but apps of more than one school say that it is theirs. The operator has to settle it.
    Disputed,
    /// The session by which this person came has ended. Sign in again, then join again.
    SignedOut,
}

/// Something that moderators are told because they may have to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Alert {
    /// Many wrong passwords were tried for this room: people whom the server does not know knock now, even with the
    /// right one.
    WrongPasswords,
    /// The platform sent a presentation, which rooms do not show.
    PresentationNotShown,
}

/// Why a message was not acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ErrorCode {
    /// Not JSON of a known form, or a field out of range.
    BadMessage,
    /// The first message must be `join`.
    NotJoined,
    /// The policy or the role does not permit it.
    NotPermitted,
    /// No such person here.
    UnknownParticipant,
    /// Too many messages; what was sent is dropped.
    TooFast,
    /// The offer cannot be answered.
    BadOffer,
    /// The conference holds no more people.
    Full,
    /// The server is at its limit.
    Busy,
}

/// Why someone is not in the conference any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LeaveReason {
    Left,
    /// The connection was lost and the seat has expired.
    Lost,
    Removed,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ServerMessage {
    /// The ticket holds, and says where 'leave' leads: http or https. It comes before what the server answers to `join`,
    /// and not at all for others. What stands in the address beside the ticket is not signed, and leads nowhere.
    WayBack {
        url: String,
    },
    /// There is nothing to enter under this name and password now. The server keeps trying for this socket.
    /// Unknown room, not started, and wrong password look exactly alike.
    Waiting,
    /// In the lobby: the moderators were told.
    Lobby,
    /// Not coming in; the socket is closed after it.
    Refused {
        reason: RefusalReason,
    },
    /// In. The state is complete; everything later is a change.
    Joined {
        conference: ConferenceId,
        you: ParticipantId,
        /// Keep it for coming back; it is a secret of this person.
        seat: String,
        room: RoomInfo,
        /// Everyone, oneself included.
        participants: Vec<Participant>,
        /// The messages of this conference, oldest first.
        chat: Vec<ChatMessage>,
        /// Whether the former media session still runs: no new offer is needed unless the client lost it.
        media_kept: bool,
    },
    /// To moderators, after `joined` and on every change.
    Password {
        password: Option<String>,
    },
    /// To moderators, after `joined` and on every change: the whole lobby, first come first.
    LobbyChanged {
        knockers: Vec<Knocker>,
    },
    Answer {
        sdp: String,
    },
    ParticipantJoined {
        participant: Participant,
    },
    /// Someone's entry changed (sources, hand, grants, role, connection).
    ParticipantChanged {
        participant: Participant,
    },
    ParticipantLeft {
        participant: ParticipantId,
        reason: LeaveReason,
    },
    /// The queue of raised hands, first come first: all of it, on every change. It replaces [`Participant::hand`] of
    /// everyone; only the person whose hand went up or down is told by `participant_changed` too.
    HandsChanged {
        hands: Vec<ParticipantId>,
    },
    /// In a frame, before `joined` or `lobby`: whether all pages around are those of the room's own school. Only then a
    /// session counts, and the page may command and hear more than that someone came and went.
    Framed {
        own: bool,
    },
    /// To moderators.
    Alert {
        alert: Alert,
    },
    /// To moderators: more devices than one person has places came by one account at once, so the oldest of them had to
    /// leave. They may be several people. `name`: that of the account.
    SharedAccount {
        name: String,
    },
    RoomChanged {
        room: RoomInfo,
    },
    Chat {
        message: ChatMessage,
    },
    /// Who is in the receiver's slots now, in the order of [`Sections`]; `null` is an empty slot.
    Slots {
        audio: Vec<Option<ParticipantId>>,
        video: Vec<Option<ParticipantId>>,
        screen: Option<ParticipantId>,
    },
    /// Who speaks now, loudest first.
    Speaking {
        participants: Vec<ParticipantId>,
    },
    /// Changes of connection quality; the receiver's own among them.
    Quality {
        participant: ParticipantId,
        level: QualityLevel,
    },
    /// A moderator asks the receiver to turn a source on.
    Asked {
        source: Source,
        by: ParticipantId,
    },
    /// A moderator turned the receiver's source off, or took the right to it. Stop capturing.
    TurnedOff {
        source: Source,
        by: Option<ParticipantId>,
    },
    /// A message of the receiver was not acted upon.
    Error {
        code: ErrorCode,
    },
    Pong,
    /// The conference is over for everyone; the socket is closed after it.
    Ended,
    /// The receiver was removed; the socket is closed after it.
    Removed,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn read(text: &str) -> Result<ClientMessage, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The types of all messages that have nothing but a type, as the protocol's own description has them.
    fn bare_types() -> BTreeSet<String> {
        let declared = ClientMessage::decl(&ts_rs::Config::default());
        let bare = declared.split("{ \"type\": \"").skip(1);
        bare.filter_map(|one| Some(one.split_once("\" }")?.0.to_owned()))
            .filter(|one| !one.contains('"'))
            .collect()
    }

    #[test]
    fn message_without_fields_is_read_alone_and_refused_with_anything_beside_its_type() {
        let bare = bare_types();
        let known = ["away", "end_for_all", "leave", "ping", "stop_everything"];
        assert_eq!(bare, known.map(str::to_owned).into());
        for kind in bare {
            let alone = read(&format!(r#"{{"type":"{kind}"}}"#));
            let said = serde_json::to_string(&alone.unwrap()).unwrap();
            assert_eq!(said, format!(r#"{{"type":"{kind}"}}"#));
            for beside in [
                format!(r#"{{"type":"{kind}","x":1}}"#),
                format!(r#"{{"x":null,"type":"{kind}"}}"#),
                format!(r#"{{"type":"{kind}","reason":{{"text":"bye"}}}}"#),
                format!(r#"{{"type":"{kind}","type":"{kind}"}}"#),
                format!(r#"{{"type":"{kind}","":[]}}"#),
                format!(r#"["{kind}",1]"#),
            ] {
                assert!(read(&beside).is_err(), "{beside}");
            }
        }
    }

    #[test]
    fn message_with_fields_is_refused_with_one_more() {
        for fits in [
            r#"{"type":"set_hand","raised":true}"#,
            r#"{"type":"send_chat","text":"hello"}"#,
            r#"{"type":"join","room":"r","name":"n"}"#,
            r#"{"type":"admit","target":"all"}"#,
        ] {
            assert!(read(fits).is_ok(), "{fits}");
            let more = fits.replacen('{', r#"{"x":1,"#, 1);
            assert!(read(&more).is_err(), "{more}");
        }
    }
}
