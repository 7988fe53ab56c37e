//! Media: the same UDP ports for everybody, ICE-lite, DTLS, SRTP, fixed slots, simulcast, speakers, bandwidth.
//!
//! [`Media`] is the handle. The work is done by a few threads. A conference is on one of them (`placement`), which owns every
//! transport of it and sends by a socket of its own, so that a forwarded packet meets no lock, no task switch and no
//! allocation. The threads take commands and report [`MediaEvent`]s. How a packet finds its thread: `net::steering`, and
//! `net::hand_over` for what comes to another.
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
mod placement;
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
mod ufrag;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use mio::Waker;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};

use api::Command;
pub use api::{MediaError, MediaEvent, Permit, TrafficLimit};
use counters::Counters;
pub use counters::{Dropped, Drops, Totals};
use engine::neighbours::{Commons, Neighbours};
use engine::worker::Worker;
pub use ids::MAX_THREADS;
use ids::ThreadIndex;
use net::addresses;
pub use net::socket::MAX_PORTS;
use net::socket::Socket;
#[cfg(target_os = "linux")]
use net::steering::Steering;
use placement::Placement;
use relay::access::Access;
pub use relay::frame::begins_stun;
pub use relay::serve::RelayEnd;
use relay::serve::{Plane, ToMedia, serve};
use sdp::answer::{self, Announcement};
pub use sdp::error::OfferError;
use sdp::offer::Offer;
pub(crate) use token_bucket::TokenBucket;
use transport::dtls::Identity;
use ufrag::Ufrags;

use crate::signal::{ConferenceId, ParticipantId, Relay, Sections, Tile};

/// A thread that is busier than this gets no new conference while another is not.
const FULL: f64 = 0.7;

/// Where media is received and what browsers are told about it.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// UDP port for IPv4 and IPv6; 0 takes any free one.
    pub port: u16,
    /// More of them, announced behind the first, for networks that let only some ports through.
    pub extra_ports: Vec<u16>,
    /// The addresses announced to browsers. Empty: those of this machine's interfaces.
    pub addresses: Vec<IpAddr>,
    /// Media threads, on Linux; all packets of a conference meet on one. `None`: as many as the machine has cores.
    pub threads: Option<NonZeroUsize>,
    /// Packets a second that one participant may send, of 400 bytes on the average; more is dropped. 0: no limit.
    pub packets_per_second: u32,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            port: 10_000,
            extra_ports: Vec::new(),
            addresses: Vec::new(),
            threads: None,
            // Three encodings, a shared screen and two voices need about 800.
            packets_per_second: 2_500,
        }
    }
}

/// Handle to the media threads. Cheap to clone; they end when the last handle is dropped.
#[derive(Clone)]
pub struct Media {
    plane: Arc<MediaPlane>,
}

struct MediaPlane {
    commands: Vec<std::sync::mpsc::Sender<Command>>,
    /// Dropped after `commands`: each thread wakes once more and finds no handle left.
    wakers: Vec<WakeOnDrop>,
    counters: Vec<Arc<Counters>>,
    placement: Mutex<Placement>,
    ufrags: Arc<Ufrags>,
    #[cfg(test)]
    routes: Arc<net::routes::Routes>,
    announcement: Announcement,
    access: Arc<Access>,
    crypto: Arc<dyn rtc_crypto::RTCCryptoProvider>,
    /// Dropped with the rest: then the steering ends.
    _steering: std::sync::mpsc::Sender<()>,
}

struct WakeOnDrop(Arc<Waker>);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        // A thread that cannot be woken has ended.
        let _ = self.0.wake();
    }
}

/// As many as the machine can run at the same time.
fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl Media {
    /// Binds the UDP ports and starts the media threads.
    ///
    /// # Errors
    /// When a port is in use or may not be used, there are more than [`MAX_PORTS`], or the machine has no address.
    pub fn start(config: MediaConfig) -> Result<Self, MediaError> {
        Self::begin(config, true)
    }

    /// `is_steered`: the kernel is told which thread a datagram is for.
    fn begin(config: MediaConfig, is_steered: bool) -> Result<Self, MediaError> {
        let ports: Vec<u16> = std::iter::once(config.port)
            .chain(config.extra_ports)
            .collect();
        if ports.len() > MAX_PORTS {
            return Err(MediaError::TooManyPorts);
        }
        let threads = if cfg!(target_os = "linux") {
            config.threads.unwrap_or_else(cores).get().min(MAX_THREADS)
        } else {
            1
        };
        let socket = Socket::bind(&ports)?;
        let mut sockets = socket.for_more_threads(threads - 1)?;
        sockets.insert(0, socket);
        let ports = sockets[0].ports().map_err(MediaError::start)?;
        let addresses = if config.addresses.is_empty() {
            addresses::of_this_machine(sockets[0].has_ipv6())
        } else {
            config.addresses
        };
        if addresses.is_empty() {
            return Err(MediaError::NoAddress);
        }
        let identity = Arc::new(Identity::generate().map_err(MediaError::start)?);
        let commons = Commons::new(threads);
        let (steering, end) = std::sync::mpsc::channel();
        if threads > 1 && is_steered {
            steer(&sockets[0], &commons, threads, end)?;
        }
        let mut plane = MediaPlane {
            commands: Vec::new(),
            wakers: Vec::new(),
            counters: Vec::new(),
            placement: Mutex::new(Placement::new(threads)),
            ufrags: commons.ufrags.clone(),
            #[cfg(test)]
            routes: commons.routes.clone(),
            announcement: Announcement {
                addresses,
                ports,
                fingerprint: identity.fingerprint().to_owned(),
            },
            access: Arc::default(),
            crypto: identity.provider().clone(),
            _steering: steering,
        };
        let mut workers = Vec::new();
        for (index, socket) in sockets.into_iter().enumerate() {
            let thread = ThreadIndex::from_index(index);
            let counters = Arc::new(Counters::default());
            let (commands, inbox) = std::sync::mpsc::channel();
            let (worker, waker) = Worker::new(
                socket,
                identity.clone(),
                inbox,
                config.packets_per_second,
                counters.clone(),
                Neighbours::new(thread, commons.clone()),
            )?;
            let waker = Arc::new(waker);
            commons.exchange.set_waker(thread, waker.clone());
            plane.commands.push(commands);
            plane.wakers.push(WakeOnDrop(waker));
            plane.counters.push(counters);
            workers.push(worker);
        }
        for (index, worker) in workers.into_iter().enumerate() {
            std::thread::Builder::new()
                .name(format!("media-{index}"))
                .spawn(move || worker.run())
                .map_err(MediaError::start)?;
        }
        Ok(Self {
            plane: Arc::new(plane),
        })
    }

    /// The first of the UDP ports in use.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.ports().first().copied().unwrap_or_default()
    }

    /// All UDP ports in use, as they are announced.
    #[must_use]
    pub fn ports(&self) -> &[u16] {
        &self.plane.announcement.ports
    }

    /// The addresses announced to browsers.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.plane.announcement.addresses
    }

    /// Where browsers reach the media plane by UDP: the host candidates of every answer (RFC 8445, section 5.1.1.1).
    #[must_use]
    pub fn candidates(&self) -> Vec<SocketAddr> {
        self.plane.announcement.places().collect()
    }

    /// What was counted until about a second ago.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for counters in &self.plane.counters {
            totals.add(&counters.read());
        }
        totals
    }

    /// Of each media thread the share of the last second or so in which it did not wait, from 0 to 1.
    #[must_use]
    pub fn busy(&self) -> Vec<f64> {
        let counters = self.plane.counters.iter();
        counters.map(|counters| counters.busy()).collect()
    }

    /// Adds a person; nothing is received or sent before [`Self::offer`].
    pub fn add(
        &self,
        conference: &ConferenceId,
        participant: &ParticipantId,
        events: mpsc::UnboundedSender<MediaEvent>,
    ) {
        let add = Command::Add {
            conference: conference.clone(),
            participant: participant.clone(),
            events,
        };
        let full = |thread: ThreadIndex| {
            let counters = self.plane.counters.get(thread.index());
            counters.is_some_and(|counters| counters.busy() > FULL)
        };
        let (former, thread) = {
            let mut placement = self.placement();
            let former = placement.of(participant);
            (former, placement.add(conference, participant, full))
        };
        if let Some(former) = former.filter(|former| *former != thread) {
            self.plane.access.remove(participant);
            let participant = participant.clone();
            self.send(former, Command::Remove { participant });
        }
        self.send(thread, add);
    }

    /// What the members of this conference together may send and be sent from the next packet on, beside what each of them
    /// may send. It holds until nobody is in the conference; one that has nobody in it has no limit.
    pub fn limit(&self, conference: &ConferenceId, limit: TrafficLimit) {
        let thread = self.placement().of_conference(conference);
        if let Some(thread) = thread {
            let conference = conference.clone();
            self.send(thread, Command::Limit { conference, limit });
        }
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
        let thread = self.placement().of(participant);
        let thread = thread.ok_or(OfferError::UnknownParticipant)?;
        let ufrag = self.plane.ufrags.new_for(thread);
        let (answer, plan) = answer::answer(&offer, &self.plane.announcement, ufrag);
        let (done, known) = oneshot::channel();
        let connect = Command::Connect {
            participant: participant.clone(),
            plan: Box::new(plan),
            done,
        };
        self.send(thread, connect);
        match known.await {
            Ok(true) => Ok(answer),
            _ => Err(OfferError::UnknownParticipant),
        }
    }

    /// What is forwarded of this person from the next packet on. After [`Self::add`]: nothing.
    pub fn permit(&self, participant: &ParticipantId, permit: Permit) {
        let permit = Command::Permit {
            participant: participant.clone(),
            permit,
        };
        self.send_for(participant, permit);
    }

    /// What this person's client shows now, most important first.
    pub fn view(
        &self,
        participant: &ParticipantId,
        tiles: Vec<Tile>,
        pinned: Option<ParticipantId>,
    ) {
        let view = Command::View {
            participant: participant.clone(),
            tiles,
            pinned,
        };
        self.send_for(participant, view);
    }

    /// Reports again who is in this person's slots ([`MediaEvent::Slots`]) and which of their encodings are watched
    /// ([`MediaEvent::Watched`]): both are reported only when they change, and their client may have missed it.
    pub fn tell_again(&self, participant: &ParticipantId) {
        let tell_again = Command::TellAgain {
            participant: participant.clone(),
        };
        self.send_for(participant, tell_again);
    }

    /// Takes a person out; their transport and slots are gone with the next packet.
    pub fn remove(&self, participant: &ParticipantId) {
        self.plane.access.remove(participant);
        let thread = self.placement().remove(participant);
        if let Some(thread) = thread {
            let participant = participant.clone();
            self.send(thread, Command::Remove { participant });
        }
    }

    /// What this participant shows to [`Self::relay`] with; it is dead when they are removed.
    #[must_use]
    pub fn relay_credentials(&self, participant: &ParticipantId) -> Relay {
        self.plane.access.credentials(participant)
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
        // That of the participant, from the allocation on.
        let thread = OnceLock::new();
        let plane = Plane {
            peers: self.plane.announcement.relayed_to().collect(),
            access: self.plane.access.clone(),
            crypto: self.plane.crypto.clone(),
            tell: |message| {
                if let ToMedia::Open { participant, .. } = &message
                    && let Some(theirs) = self.placement().of(participant)
                {
                    let _ = thread.set(theirs);
                }
                if let Some(thread) = thread.get() {
                    self.send(*thread, Command::Relay(message));
                }
            },
        };
        serve(stream, client, plane, allocated).await
    }

    /// Clients whose media come over TCP now.
    #[must_use]
    pub fn relayed_clients(&self) -> usize {
        self.plane.access.allocations()
    }

    fn placement(&self) -> MutexGuard<'_, Placement> {
        // A panic while it was locked would have been one of ours, in counting.
        let placement = self.plane.placement.lock();
        placement.unwrap_or_else(PoisonError::into_inner)
    }

    fn send_for(&self, participant: &ParticipantId, command: Command) {
        let thread = self.placement().of(participant);
        if let Some(thread) = thread {
            self.send(thread, command);
        }
    }

    fn send(&self, thread: ThreadIndex, command: Command) {
        let MediaPlane {
            commands, wakers, ..
        } = &*self.plane;
        let (Some(commands), Some(waker)) =
            (commands.get(thread.index()), wakers.get(thread.index()))
        else {
            return;
        };
        // The thread outlives its handles; a failed send means the process is going down.
        let _ = commands.send(command);
        let _ = waker.0.wake();
    }

    /// Waits until the media threads have carried out everything that was said to them.
    #[cfg(test)]
    fn settle(&self) {
        for index in 0..self.plane.commands.len() {
            let (done, is_done) = std::sync::mpsc::channel();
            self.send(ThreadIndex::from_index(index), Command::Settle { done });
            is_done.recv().expect("a running thread");
        }
    }
}

/// Has the kernel give each thread what is for it, as long as there are handles.
#[cfg(target_os = "linux")]
fn steer(
    socket: &Socket,
    commons: &Commons,
    threads: usize,
    end: std::sync::mpsc::Receiver<()>,
) -> Result<(), MediaError> {
    let ports = socket.handles().map_err(MediaError::start)?;
    let steering = Steering::new(ports, commons.routes.clone(), threads);
    std::thread::Builder::new()
        .name("media-steering".to_owned())
        .spawn(move || steering.run(end))
        .map_err(MediaError::start)?;
    Ok(())
}

/// There is one thread on such a system.
#[cfg(not(target_os = "linux"))]
fn steer(
    _socket: &Socket,
    _commons: &Commons,
    _threads: usize,
    _end: std::sync::mpsc::Receiver<()>,
) -> Result<(), MediaError> {
    Ok(())
}
