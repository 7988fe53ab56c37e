//! What goes between a conference and those who hold a handle to it.

use std::time::Duration;

use tokio::sync::oneshot;

use super::outbox::Outbox;
use crate::room::{Action, Arrival, Attended, Refusal};
use crate::signal::{ClientMessage, Participant, Policy, RefusalReason, ServerMessage};

/// How a conference behaves beyond its policy.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A conference in which nobody has been connected for this long ends.
    pub empty_after: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            empty_after: Duration::from_mins(5),
        }
    }
}

/// One client's connection to one conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub(super) u64);

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// In; `joined` is in the outbox.
    In {
        connection: ConnectionId,
        /// By the room's password, which stood in the way and was right.
        by_password: bool,
    },
    /// In the lobby; `lobby` is in the outbox, and `joined` or `refused` will be.
    Lobby(ConnectionId),
    /// To be treated like a room that does not exist. Nothing is in the outbox.
    Hidden,
    /// Not coming in. Nothing is in the outbox.
    Refused(RefusalReason),
    /// The conference has just ended.
    Over,
}

impl Entrance {
    /// The connection, in the conference or in its lobby.
    #[must_use]
    pub fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::In { connection, .. } | Self::Lobby(connection) => Some(*connection),
            Self::Hidden | Self::Refused(_) | Self::Over => None,
        }
    }

    /// What the client is to be sent where nothing is in the outbox.
    #[must_use]
    pub fn message(&self) -> Option<ServerMessage> {
        match self {
            Self::In { .. } | Self::Lobby(_) => None,
            Self::Hidden => Some(ServerMessage::Waiting),
            Self::Refused(reason) => Some(ServerMessage::Refused { reason: *reason }),
            Self::Over => Some(ServerMessage::Refused {
                reason: RefusalReason::Ended,
            }),
        }
    }
}

/// What the task of a conference is told.
pub(super) enum Message {
    Enter {
        arrival: Arrival,
        outbox: Outbox,
        reply: oneshot::Sender<Entrance>,
    },
    Say {
        connection: ConnectionId,
        message: ClientMessage,
    },
    Gone {
        connection: ConnectionId,
    },
    Act {
        action: Action,
        reply: oneshot::Sender<Result<(), Refusal>>,
    },
    List {
        reply: oneshot::Sender<Vec<Participant>>,
    },
    Attended {
        reply: oneshot::Sender<Vec<Attended>>,
    },
    Policy {
        reply: oneshot::Sender<Policy>,
    },
}
