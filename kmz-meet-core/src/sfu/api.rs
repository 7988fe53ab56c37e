//! What the handle and the media threads say to each other.

use tokio::sync::{mpsc, oneshot};

use crate::sfu::net::socket::BindError;
use crate::sfu::relay::serve::ToMedia;
use crate::sfu::sdp::answer::Plan;
use crate::signal::{ConferenceId, ParticipantId, QualityLevel, Tile};

/// Why media cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The UDP port cannot be used.
    #[error("UDP port {port} cannot be used: {source}")]
    Bind { port: u16, source: std::io::Error },
    /// More ports than [`MAX_PORTS`](crate::sfu::MAX_PORTS).
    #[error("too many UDP ports")]
    TooManyPorts,
    /// The machine has no address to announce.
    #[error("no network address found to announce to browsers")]
    NoAddress,
    /// Keys or certificate could not be made, or the thread not started.
    #[error("media cannot start: {0}")]
    Start(String),
}

impl MediaError {
    pub(in crate::sfu) fn start(error: impl std::fmt::Display) -> Self {
        Self::Start(error.to_string())
    }
}

impl From<BindError> for MediaError {
    fn from(BindError { port, source }: BindError) -> Self {
        Self::Bind { port, source }
    }
}

/// What is forwarded of a participant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one switch for each source")]
pub struct Permit {
    pub microphone: bool,
    pub camera: bool,
    /// The screen and its audio.
    pub screen: bool,
    /// Moderators and who has the floor: first into the audio slots.
    pub first: bool,
}

/// What the members of a conference together may send, and as much may be sent to them; more is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrafficLimit {
    /// Packets a second each way, and a second's worth at once; 0: no limit.
    pub packets_per_second: u32,
    /// The same in bytes: of datagrams that come, of payloads that leave.
    pub bytes_per_second: u32,
}

/// What happened in the media of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// Media flows between the server and this person.
    Connected { participant: ParticipantId },
    /// Nothing was heard of this person's browser for some seconds, or their transport failed.
    Disconnected { participant: ParticipantId },
    /// Who is in this person's slots now.
    Slots {
        participant: ParticipantId,
        audio: Vec<Option<ParticipantId>>,
        video: Vec<Option<ParticipantId>>,
        screen: Option<ParticipantId>,
    },
    /// Which simulcast streams of this person are watched, by their `rid`s.
    Watched {
        participant: ParticipantId,
        camera: Vec<String>,
        screen: Vec<String>,
    },
    /// Who speaks, loudest first. For everyone in the conference.
    Speaking { participants: Vec<ParticipantId> },
    /// How well this person's connection does.
    Quality {
        participant: ParticipantId,
        level: QualityLevel,
    },
}

/// What the handle asks of a thread.
pub enum Command {
    Add {
        conference: ConferenceId,
        participant: ParticipantId,
        events: mpsc::UnboundedSender<MediaEvent>,
    },
    Connect {
        participant: ParticipantId,
        plan: Box<Plan>,
        done: oneshot::Sender<bool>,
    },
    /// Of a conference that is here.
    Limit {
        conference: ConferenceId,
        limit: TrafficLimit,
    },
    Permit {
        participant: ParticipantId,
        permit: Permit,
    },
    View {
        participant: ParticipantId,
        tiles: Vec<Tile>,
        pinned: Option<ParticipantId>,
    },
    /// Their client may have missed what was told of them.
    TellAgain {
        participant: ParticipantId,
    },
    Remove {
        participant: ParticipantId,
    },
    /// From a client that comes over TCP.
    Relay(ToMedia),
    /// Everything that was said before is done.
    #[cfg(test)]
    Settle {
        done: std::sync::mpsc::Sender<()>,
    },
    /// The next step of this kind that works for this participant panics.
    #[cfg(test)]
    Fault {
        participant: ParticipantId,
        at: Fault,
    },
}

/// Where a test lets a step panic.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A packet of theirs comes.
    Receive,
    /// A packet of somebody else is copied to them.
    Copy,
    /// Their batch leaves.
    Flush,
}
