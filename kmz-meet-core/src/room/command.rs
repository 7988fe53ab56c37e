//! What a room is told, and what it answers with.

use std::collections::BTreeSet;
use std::time::Duration;

use super::incident::Incident;
use crate::signal::{
    Alert, ChatMessage, ClientMessage, ErrorCode, ParticipantId, RefusalReason, Role, ServerMessage,
};

/// Who comes, as far as the server could verify it. An application makes it from its own tickets and accounts, in one place.
/// Unlike a [`Role`], it does not change during a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Someone with a name only. `device`: a cookie that tells browsers apart, as long as it is kept.
    Guest { device: Option<String> },
    /// Signed in, or launched by a signed claim; not a moderator of this room.
    Verified {
        user: String,
        device: Option<String>,
        /// On the room's list: neither password nor knocking stands in the way, only a closed door and a full room.
        listed: bool,
        /// The claim names nobody in particular, so `user` is another one each time: after a removal it could be
        /// anyone, who knocks where the door says so.
        unidentified: bool,
    },
    /// Someone with a name only, whom a signed claim lets past password and knocking. On no list, and nobody vouches for
    /// the name.
    Invited { device: Option<String> },
    /// By a pupil card of the room's class list. It is as good as being listed, for one place at a time: while somebody is in by
    /// it, another browser that comes by the same card knocks.
    Card {
        user: String,
        device: Option<String>,
    },
    /// A moderator of this room, by account or signed claim.
    Owner { user: String },
    /// Holds a seat in this conference, signed by us.
    Seat {
        participant: ParticipantId,
        owner: SeatOwner,
    },
}

/// To whom a seat has to belong: at a computer that many use, it may be another person's than the one who comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeatOwner {
    /// Nothing is known of who comes: the seat is enough.
    Bearer,
    /// The seat counts only if it is a guest's.
    Guest,
    /// The seat counts only if it is this person's.
    User(String),
}

/// Someone at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The id that this person gets unless they return to a seat. Fresh and unguessable.
    pub id: ParticipantId,
    pub name: String,
    pub identity: Identity,
    pub password: Option<String>,
    /// Too many wrong attempts came from this address: even who is right goes to the lobby, and is not to learn that
    /// they were right.
    pub unproven: bool,
    /// Whether the name is this person's own word: neither an account nor a platform gave it.
    pub typed_name: bool,
    /// An opaque key of the group of addresses that this person comes from: places in the lobby are shared out by it. It
    /// is kept in memory only. `None` where the server does not know.
    pub address: Option<String>,
    /// The session by which someone with an account comes, as an opaque key: with it their place ends. `None` for all others.
    pub session: Option<String>,
    /// How long the server has known the device, as far as nobody can pretend it: who was known before a crowd came is
    /// not shut out by it. `None`: from now on.
    pub known_for: Option<Duration>,
    /// Whether the name looks like one on the room's class list, though they came by no card of it.
    pub resembles_pupil: bool,
}

impl Arrival {
    /// Someone of whom nothing more is known than this. Guests typed their names.
    #[must_use]
    pub fn new(id: ParticipantId, name: impl Into<String>, identity: Identity) -> Self {
        let typed_name = matches!(identity, Identity::Guest { .. } | Identity::Invited { .. });
        Self {
            id,
            name: name.into(),
            identity,
            password: None,
            unproven: false,
            typed_name,
            address: None,
            session: None,
            known_for: None,
            resembles_pupil: false,
        }
    }
}

/// The answer to an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// In, under this id. `returned`: it is a seat that was held before.
    Admitted {
        participant: ParticipantId,
        returned: bool,
    },
    /// In the lobby, under this id.
    Lobby {
        participant: ParticipantId,
    },
    /// To be answered exactly like a room that does not exist.
    Hidden,
    Refused(RefusalReason),
}

/// Something that a person in the conference, or the server itself, wants to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// What a client can ask for; the server asks for the same on behalf of integrators. Messages about the connection or
    /// the media session are none of the room's business and are refused.
    Message(ClientMessage),
    /// Moderators are told something that they may have to act upon. The server's alone.
    Alert(Alert),
    /// This account was locked or removed: it leaves with all its places and cannot come back, not even as moderator. The
    /// server's alone.
    WithdrawUser { user: String },
    /// Sessions of this account ended: who came by one of them goes, and may come back by another. The server's alone.
    SignOut { user: String, ended: Ended },
    /// This account was unlocked. The server's alone.
    ReadmitUser { user: String },
    /// These pupil cards were withdrawn or renewed: who came by them goes. The server's alone.
    EndCards { users: BTreeSet<String> },
    /// Whether the room has a class list from now on. The server's alone.
    SetClassList { exists: bool },
}

impl From<ClientMessage> for Action {
    fn from(message: ClientMessage) -> Self {
        Self::Message(message)
    }
}

/// Which sessions of an account ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This one.
    One(String),
    /// All but the one that asked for it, if it was one.
    AllBut(Option<String>),
}

impl Ended {
    /// Whether this one did. Of whom it is not known by which they came, it did.
    #[must_use]
    pub fn has(&self, session: Option<&str>) -> bool {
        session.is_none_or(|session| match self {
            Self::One(ended) => ended == session,
            Self::AllBut(kept) => kept.as_deref() != Some(session),
        })
    }
}

/// Who wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Person(ParticipantId),
    /// An integrator with the right to, over the REST API.
    Server,
}

/// What a room is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Arrive(Arrival),
    Act {
        by: By,
        action: Action,
    },
    /// This person's connection was lost (or their place in the lobby given up).
    Gone {
        participant: ParticipantId,
    },
    /// These people speak now, loudest first. It replaces what was said before.
    Speaking {
        participants: Vec<ParticipantId>,
    },
    /// How the lines are now: whose is poor, of so many with a media session.
    Lines {
        poor: Vec<ParticipantId>,
        of: u32,
    },
    /// Time went on.
    Tick,
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the role or the policy does not permit it")]
    NotPermitted,
    #[error("no such person here")]
    UnknownParticipant,
    #[error("a field is out of range")]
    BadMessage,
    #[error("the conference is full")]
    Full,
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotPermitted => Self::NotPermitted,
            Refusal::UnknownParticipant => Self::UnknownParticipant,
            Refusal::BadMessage => Self::BadMessage,
            Refusal::Full => Self::Full,
        }
    }
}

/// How someone's connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveNotice {
    Left,
    /// The seat has expired: nobody is connected to be told.
    Lost,
    Removed,
    Refused(RefusalReason),
}

/// What of a person is forwarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one switch for each source")]
pub struct Forwarding {
    pub microphone: bool,
    pub camera: bool,
    pub screen: bool,
    /// Heard before others.
    pub first: bool,
}

/// Someone in the roster, as those outside know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub participant: ParticipantId,
    /// As the server knows them; `None` for guests.
    pub user: Option<String>,
    pub name: String,
    pub role: Role,
}

/// What has to be done about it, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The answer to [`Command::Arrive`]; always the first effect of one.
    Answered(Admission),
    /// This person is in from now on: give them the state of the conference.
    Entered {
        participant: ParticipantId,
    },
    /// This person is out: say goodbye, end the connection and the media.
    Out {
        participant: ParticipantId,
        notice: LeaveNotice,
    },
    /// This person is in the roster from now on. The messages for those inside are effects of their own.
    Joined(Visitor),
    /// This person is no longer in the roster.
    Left {
        participant: ParticipantId,
    },
    To {
        participant: ParticipantId,
        message: ServerMessage,
    },
    ToAll(ServerMessage),
    ToOthers {
        but: ParticipantId,
        message: ServerMessage,
    },
    ToModerators(ServerMessage),
    /// This person is in the lobby from now on: tell them and end the media, but not the connection.
    SentToLobby {
        participant: ParticipantId,
    },
    /// Who is called how changed: moderators are to be told whose name looks like another one, but not for each change anew.
    NamesChanged,
    /// Who is in the lobby changed: moderators are to be told the whole list, but not for each change anew.
    LobbyChanged,
    Forward {
        participant: ParticipantId,
        forwarding: Forwarding,
    },
    /// Keep this message for those who come later.
    Keep(ChatMessage),
    /// Keep this record for the school.
    Incident(Incident),
    /// Something changed that has to outlive a restart.
    Save,
    /// The conference is over.
    End,
}
