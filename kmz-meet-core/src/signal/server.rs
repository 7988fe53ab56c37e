//! What the server says.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::safety::Safety;
#[cfg(doc)]
use super::types::Sections;
use super::types::{
    ChatMessage, ConferenceId, Knocker, LookAlike, Participant, ParticipantId, Policy, PoorLines,
    QualityLevel, Source, SpeakersOnly,
};
use crate::timestamp::Timestamp;

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
    #[serde(rename = "has_list", default)]
    pub knows_members: bool,
    /// Whether a password is set. The password itself is in [`ServerMessage::Password`], for moderators only.
    pub has_password: bool,
    /// Who has the floor: may be heard although microphones are locked.
    pub floor: Option<ParticipantId>,
    /// Changes come as [`ServerMessage::SpeakersOnlyChanged`].
    #[serde(default)]
    pub speakers_only: SpeakersOnly,
    /// A closed lesson, an emergency stop.
    #[serde(default)]
    pub safety: Safety,
    /// Milliseconds since the Unix epoch at which the conference started.
    #[ts(type = "number")]
    pub started_at: Timestamp,
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
    /// The server has no room for another conference, or for people whom it does not know. Come again later.
    ServerFull,
    /// The school has no data-processing agreement that holds, so no conference starts. Only those hear it who could start one:
    /// others wait for them.
    NoContract,
    /// The substitute pass by which this person comes is over or was taken back. Its holder hears it, however they come.
    PassEnded,
    /// The pupil card by which this person comes was withdrawn or renewed. Its holder hears it, however they come.
    CardEnded,
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
    /// The school's contract does not hold any more: this conference may finish, and no other one starts.
    ContractEnded,
    /// It holds again: what `contract_ended` said is over.
    ContractHolds,
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

/// Credentials for TURN (RFC 8656) on the TCP port of the web page. They are a secret of this person, and dead when the
/// person is not in the conference any more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Relay {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Relay")
    }
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ServerMessage {
    /// The ticket holds, and says where 'leave' leads: http or https. It comes before what the server answers to `join`,
    /// and not at all for others. What stands in the address beside the ticket is not signed, and leads nowhere.
    #[serde(rename = "way_back")]
    ReturnUrl {
        url: String,
    },
    /// There is nothing to enter under this name and password now. The server keeps trying for this socket.
    /// Unknown room, not started, and wrong password look exactly alike.
    Waiting,
    /// In the lobby: the moderators were told.
    Lobby,
    /// In the lobby, because a moderator sent this person there. What they knew of the conference counts no more, the media
    /// session is over, and `joined` comes when they are let in again.
    SentToLobby,
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
        /// How this person's browser reaches the media plane where the network lets no UDP through. Absent: it cannot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        relay: Option<Relay>,
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
    /// To a `probe`.
    ProbeAnswer {
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
    /// To moderators, after `joined` and whenever one more comes: who is here without a card, under a name that looks like one on
    /// the room's class list.
    ResemblingPupils {
        participants: Vec<ParticipantId>,
    },
    RoomChanged {
        room: RoomInfo,
    },
    /// The mode was turned on or off, or somebody else is the speaker. It replaces [`RoomInfo::speakers_only`].
    SpeakersOnlyChanged {
        speakers_only: SpeakersOnly,
    },
    /// To moderators: many lines are poor, and 'speakers only' would spare them. `set_speakers_only` answers it. `null`:
    /// it was answered, or the lines are better.
    SpeakersOnlyProposed {
        lines: Option<PoorLines>,
    },
    Chat {
        message: ChatMessage,
    },
    /// A moderator deleted these messages: their texts are gone, and `deleted` holds of them.
    ChatDeleted {
        #[ts(type = "number[]")]
        ids: Vec<u64>,
    },
    /// A moderator gave the author of these messages another name: it stands on all that they wrote.
    ChatRenamed {
        from: ParticipantId,
        name: String,
    },
    /// To moderators, after `joined` and on every change: all whose names look like somebody else's.
    LookAlikesChanged {
        people: Vec<LookAlike>,
    },
    /// To somebody whom the emergency stop held when they came in: the messages of this conference, oldest first. They are
    /// released now.
    ChatShown {
        messages: Vec<ChatMessage>,
    },
    /// To moderators: this person says that something is wrong.
    Reported {
        by: ParticipantId,
        /// Their name then: they may leave.
        name: String,
    },
    /// To who reported: thank you.
    ReportNoted,
    /// Who is in the receiver's slots now, in the order of [`Sections`]; `null` is an empty slot.
    Slots {
        audio: Vec<Option<ParticipantId>>,
        video: Vec<Option<ParticipantId>>,
        screen: Option<ParticipantId>,
    },
    /// The simulcast streams of the receiver's camera and screen that somebody watches, by the `rid`s of its offer (RFC 8853).
    /// The others need not be sent, and are wanted again when they are named. After an offer all are wanted. It is said again
    /// after a `joined` with `media_kept`, and so are `slots`.
    Watched {
        camera: Vec<String>,
        screen: Vec<String>,
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
