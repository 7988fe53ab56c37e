//! Media: one UDP port for everybody, ICE-lite, DTLS, SRTP, fixed slots, simulcast, speakers, bandwidth.
//!
//! [`Media`] is the handle; all work is done by one thread that owns the socket and every transport, so that a
//! forwarded packet meets no lock, no task switch and no allocation. The thread takes commands and reports [`MediaEvent`]s.
//! The walk of a packet: `net` (socket, demux) → `engine::receive` (whose is it) → `transport` (unprotect) →
//! `engine::forward` (which stream, who gets it) → `forward::outgoing_stream` (numbers) → `transport` (protect into the
//! viewer's batch) → `net`. ARCHITECTURE.md tells it with all files.

mod allocation;
mod api;
mod congestion;
mod counters;
mod engine;
mod forward;
mod ids;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod internals;
mod net;
mod random;
mod relay;
mod rtp;
mod sdp;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod token_bucket;
mod transport;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use mio::Waker;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};

use api::Command;
pub use api::{MediaError, MediaEvent, Permit};
use counters::Counters;
pub use counters::{Dropped, Drops, Totals};
use engine::worker::Worker;
use net::addresses;
use net::socket::Socket;
use relay::access::Access;
pub use relay::frame::begins_stun;
pub use relay::serve::RelayEnd;
use relay::serve::{Plane, serve};
use sdp::answer::{self, Announcement};
pub use sdp::error::OfferError;
use sdp::offer::Offer;
pub(crate) use token_bucket::TokenBucket;
use transport::dtls::Identity;

use crate::signal::{ConferenceId, ParticipantId, Relay, Sections, Tile};

/// Where media is received and what browsers are told about it.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// UDP port for IPv4 and IPv6; 0 takes any free one.
    pub port: u16,
    /// The addresses announced to browsers. Empty: those of this machine's interfaces.
    pub addresses: Vec<IpAddr>,
    /// Packets a second that one participant may send, of 400 bytes on the average; more is dropped. 0: no limit.
    pub packets_per_second: u32,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            port: 10_000,
            addresses: Vec::new(),
            // Three encodings, a shared screen and two voices need about 800.
            packets_per_second: 2_500,
        }
    }
}

/// Handle to the media thread. Cheap to clone; the thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Media {
    commands: std::sync::mpsc::Sender<Command>,
    /// Dropped after `commands`: the thread wakes once more and finds no handle left.
    waker: Arc<WakeOnDrop>,
    announcement: Arc<Announcement>,
    counters: Arc<Counters>,
    access: Arc<Access>,
    crypto: Arc<dyn rtc_crypto::RTCCryptoProvider>,
}

struct WakeOnDrop(Waker);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        // A thread that cannot be woken has ended.
        let _ = self.0.wake();
    }
}

impl Media {
    /// Binds the UDP port and starts the media thread.
    ///
    /// # Errors
    /// When the port is in use or the machine has no address.
    pub fn start(config: MediaConfig) -> Result<Self, MediaError> {
        let bound = Socket::bind(config.port).and_then(|socket| Ok((socket.port()?, socket)));
        let (port, socket) = bound.map_err(|source| MediaError::Bind {
            port: config.port,
            source,
        })?;
        let addresses = if config.addresses.is_empty() {
            addresses::of_this_machine(socket.has_ipv6())
        } else {
            config.addresses
        };
        if addresses.is_empty() {
            return Err(MediaError::NoAddress);
        }
        let identity =
            Identity::generate().map_err(|error| MediaError::Start(error.to_string()))?;
        let announcement = Announcement {
            addresses,
            port,
            fingerprint: identity.fingerprint().to_owned(),
        };
        let crypto = identity.provider().clone();
        let counters = Arc::new(Counters::default());
        let (commands, inbox) = std::sync::mpsc::channel();
        let (worker, waker) = Worker::new(
            socket,
            Arc::new(identity),
            inbox,
            config.packets_per_second,
            counters.clone(),
        )?;
        std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || worker.run())
            .map_err(|error| MediaError::Start(error.to_string()))?;
        Ok(Self {
            commands,
            waker: Arc::new(WakeOnDrop(waker)),
            announcement: Arc::new(announcement),
            counters,
            access: Arc::default(),
            crypto,
        })
    }

    /// The UDP port in use.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.announcement.port
    }

    /// The addresses announced to browsers.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.announcement.addresses
    }

    /// Where browsers reach the media plane by UDP: the host candidates of every answer (RFC 8445, section 5.1.1.1).
    #[must_use]
    pub fn candidates(&self) -> Vec<SocketAddr> {
        let Announcement {
            addresses, port, ..
        } = &*self.announcement;
        let at = |address: &IpAddr| SocketAddr::new(*address, *port);
        addresses.iter().map(at).collect()
    }

    /// What was counted until about a second ago.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.counters.read()
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
    pub async fn offer(
        &self,
        participant: &ParticipantId,
        sdp: &str,
        sections: &Sections,
    ) -> Result<String, OfferError> {
        let offer = Offer::parse(sdp, sections)?;
        let (answer, plan) = answer::answer(&offer, &self.announcement);
        let (done, known) = oneshot::channel();
        self.send(Command::Connect {
            participant: participant.clone(),
            plan: Box::new(plan),
            done,
        });
        match known.await {
            Ok(true) => Ok(answer),
            _ => Err(OfferError::UnknownParticipant),
        }
    }

    /// What is forwarded of this person from the next packet on. After [`Self::add`]: nothing.
    pub fn permit(&self, participant: &ParticipantId, permit: Permit) {
        self.send(Command::Permit {
            participant: participant.clone(),
            permit,
        });
    }

    /// What this person's client shows now, most important first.
    pub fn view(
        &self,
        participant: &ParticipantId,
        tiles: Vec<Tile>,
        pinned: Option<ParticipantId>,
    ) {
        self.send(Command::View {
            participant: participant.clone(),
            tiles,
            pinned,
        });
    }

    /// Takes a person out; their transport and slots are gone with the next packet.
    pub fn remove(&self, participant: &ParticipantId) {
        self.access.remove(participant);
        self.send(Command::Remove {
            participant: participant.clone(),
        });
    }

    /// What this participant shows to [`Self::relay`] with; it is dead when they are removed.
    #[must_use]
    pub fn relay_credentials(&self, participant: &ParticipantId) -> Relay {
        self.access.credentials(participant)
    }

    /// Serves a TCP connection that speaks TURN (RFC 8656), until it ends: to this media plane, and to nothing else.
    /// `client`: who is at the other end. `allocated` is called when they proved to be a participant.
    ///
    /// Returns how it ended.
    pub async fn relay<S>(
        &self,
        stream: S,
        client: SocketAddr,
        allocated: impl FnOnce(),
    ) -> RelayEnd
    where
        S: AsyncRead + AsyncWrite,
    {
        let plane = Plane {
            peers: self.candidates(),
            access: self.access.clone(),
            crypto: self.crypto.clone(),
            tell: |message| self.send(Command::Relay(message)),
        };
        serve(stream, client, plane, allocated).await
    }

    /// Clients whose media come over TCP now.
    #[must_use]
    pub fn relayed_clients(&self) -> usize {
        self.access.allocations()
    }

    fn send(&self, command: Command) {
        // The thread outlives its handles; a failed send means the process is going down.
        let _ = self.commands.send(command);
        let _ = self.waker.0.wake();
    }
}
