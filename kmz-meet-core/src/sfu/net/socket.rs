//! What a media thread sends and receives by: its sockets, one for each UDP port, and the clients that come over TCP.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use super::port::{PortIndex, Received, UdpPort};
use crate::sfu::relay::address::{ByRelay, RelayId, is_relayed};
use crate::sfu::relay::outbox::{Lane, Outbox};

/// UDP ports that can be announced.
pub const MAX_PORTS: usize = 5;

/// Where a packet came from and at which of our addresses. A relayed client has an address that exists on no network
/// ([`RelayId::address`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    pub remote: SocketAddr,
    /// Answers leave from the address that was spoken to …
    pub local: Option<IpAddr>,
    /// … and from the port.
    pub port: PortIndex,
}

/// A port that cannot be bound.
#[derive(Debug)]
pub struct BindError {
    pub port: u16,
    pub source: io::Error,
}

/// See the module.
pub struct Socket {
    ports: Vec<UdpPort>,
    /// Clients that come over TCP.
    relays: ByRelay<Arc<Outbox>>,
    not_relayed: Cell<u64>,
}

/// What one receive call brought.
pub struct Inbox(Received);

impl Inbox {
    /// The datagrams of the last receive call from this port, `count` being its result.
    pub fn for_each(
        &mut self,
        port: PortIndex,
        count: usize,
        mut handle: impl FnMut(&mut [u8], Path),
    ) {
        let Received { bytes, metas, each } = &mut self.0;
        for (chunk, meta) in bytes.chunks_mut(*each).zip(&*metas).take(count) {
            let path = Path {
                remote: meta.addr,
                local: meta.dst_ip,
                port,
            };
            // No network has these addresses, so somebody forged it.
            if is_relayed(path.remote.ip()) {
                continue;
            }
            for datagram in chunk[..meta.len.min(*each)].chunks_mut(meta.stride.max(1)) {
                handle(datagram, path);
            }
        }
    }
}

impl Socket {
    /// Binds these ports for one thread; 0 takes any free one.
    ///
    /// # Errors
    /// The first port that cannot be used.
    pub fn bind(ports: &[u16]) -> Result<Self, BindError> {
        let bound = ports.iter().map(|port| {
            UdpPort::bind(*port).map_err(|source| BindError {
                port: *port,
                source,
            })
        });
        Ok(Self::new(bound.collect::<Result<_, _>>()?))
    }

    fn new(ports: Vec<UdpPort>) -> Self {
        Self {
            ports,
            relays: ByRelay::default(),
            not_relayed: Cell::default(),
        }
    }

    /// The same ports for so many threads more.
    ///
    /// # Errors
    /// The first port that cannot be shared.
    pub fn for_more_threads(&self, more: usize) -> Result<Vec<Self>, BindError> {
        let mut all: Vec<Vec<UdpPort>> = (0..more).map(|_| Vec::new()).collect();
        for port in &self.ports {
            let shared = port.for_more_threads(more).map_err(|source| BindError {
                port: port.number().unwrap_or_default(),
                source,
            })?;
            for (ports, port) in all.iter_mut().zip(shared) {
                ports.push(port);
            }
        }
        Ok(all.into_iter().map(Self::new).collect())
    }

    /// The sockets once more, for those who steer what comes to them.
    ///
    /// # Errors
    /// As the kernel says.
    #[cfg(target_os = "linux")]
    pub fn handles(&self) -> io::Result<Vec<std::os::fd::OwnedFd>> {
        self.ports.iter().map(UdpPort::handle).collect()
    }

    /// The ports in use.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn ports(&self) -> io::Result<Vec<u16>> {
        self.ports.iter().map(UdpPort::number).collect()
    }

    /// Whether IPv6 addresses can be announced.
    #[must_use]
    pub fn has_ipv6(&self) -> bool {
        self.ports.iter().all(UdpPort::has_ipv6)
    }

    /// For registering with the poll.
    pub fn sources(&mut self) -> impl Iterator<Item = &mut mio::net::UdpSocket> {
        self.ports.iter_mut().map(UdpPort::source)
    }

    /// Buffers for [`Self::receive`].
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        Inbox(Received::new(
            self.ports.iter().map(UdpPort::runs).max().unwrap_or(1),
        ))
    }

    /// Receives what is there at a port, at most a batch. Zero: nothing (more) for now.
    pub fn receive(&self, port: PortIndex, inbox: &mut Inbox) -> usize {
        self.ports
            .get(port.index())
            .map_or(0, |port| port.receive(&mut inbox.0))
    }

    /// Most segments that one send may carry on this path.
    #[must_use]
    pub fn max_segments(&self, path: Path, size: usize) -> usize {
        self.ports
            .get(path.port.index())
            .map_or(1, |port| port.max_segments(size))
    }

    /// Sends one datagram, or several of `segment` bytes each (the last may be shorter). A full kernel queue or an
    /// unreachable peer loses them, as the network would. False: nothing can leave on this path at all.
    pub fn send(&self, path: Path, contents: &[u8], segment: Option<usize>) -> bool {
        if let Some(relay) = RelayId::at(path.remote) {
            return self.send_relayed(relay, path.local, std::iter::once((contents, Lane::Urgent)));
        }
        self.ports
            .get(path.port.index())
            .is_some_and(|port| port.send(path.remote, path.local, contents, segment))
    }

    /// Sends datagrams to a relayed client, each in its lane. What does not fit is lost, as on a line that is full.
    /// False: the client is not there any more.
    pub fn send_relayed<'a>(
        &self,
        relay: RelayId,
        from: Option<IpAddr>,
        datagrams: impl Iterator<Item = (&'a [u8], Lane)>,
    ) -> bool {
        let (Some(outbox), Some(from)) = (self.relays.get(&relay), from) else {
            return false;
        };
        let lost = outbox.send(from, datagrams);
        self.not_relayed.set(self.not_relayed.get() + lost as u64);
        true
    }

    /// Datagrams for relayed clients that were lost since this was asked last.
    pub fn take_not_relayed(&self) -> u64 {
        self.not_relayed.take()
    }

    /// A relayed client came.
    pub fn open_relay(&mut self, relay: RelayId, outbox: Arc<Outbox>) {
        self.relays.insert(relay, outbox);
    }

    /// It went.
    pub fn close_relay(&mut self, relay: RelayId) {
        self.relays.remove(&relay);
    }

    /// To be called now and then: tries again to send runs of segments.
    pub fn recover(&mut self, now: Instant) {
        for port in &mut self.ports {
            port.recover(now);
        }
    }
}
