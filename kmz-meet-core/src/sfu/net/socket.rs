//! The one UDP socket for everybody, IPv4 and IPv6: batched receive (recvmmsg, GRO), segmented send (GSO).

use std::cell::Cell;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sfu::relay::address::{ByRelay, RelayId, is_relayed};
use crate::sfu::relay::outbox::{Lane, Outbox};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use socket2::{Domain, Protocol, Type};

/// Kernel buffers; the kernel gives what its limits allow.
const BUFFER: usize = 8 * 1024 * 1024;
/// Largest run of segments in one send, in bytes (the limit of a UDP datagram).
const MAX_SEND: usize = 65_000;

/// One send that fails makes the library give up sending runs of segments; after this time it is tried again.
const WITHOUT_SEGMENTS: Duration = Duration::from_mins(1);

/// Where a packet came from and at which of our addresses. A relayed client has an address that exists on no network
/// ([`RelayId::address`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    pub remote: SocketAddr,
    /// Answers leave from the address that was spoken to.
    pub local: Option<IpAddr>,
}

/// The bound socket.
pub struct Socket {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    dual_stack: bool,
    /// What the kernel took at the start.
    segments: usize,
    without_segments: Option<Instant>,
    /// Clients that come over TCP.
    relays: ByRelay<Arc<Outbox>>,
    not_relayed: Cell<u64>,
}

/// What one receive call brought: a buffer for each datagram (or run of datagrams of one sender).
pub struct Inbox {
    bytes: Box<[u8]>,
    metas: [RecvMeta; BATCH_SIZE],
    each: usize,
}

impl Inbox {
    /// The datagrams of the last receive call, `count` being its result.
    pub fn for_each(&mut self, count: usize, mut handle: impl FnMut(&mut [u8], Path)) {
        for (chunk, meta) in self
            .bytes
            .chunks_mut(self.each)
            .zip(&self.metas)
            .take(count)
        {
            let path = Path {
                remote: meta.addr,
                local: meta.dst_ip,
            };
            // No network has these addresses, so somebody forged it.
            if is_relayed(path.remote.ip()) {
                continue;
            }
            for datagram in chunk[..meta.len.min(self.each)].chunks_mut(meta.stride.max(1)) {
                handle(datagram, path);
            }
        }
    }
}

impl Socket {
    /// Binds one socket for both families, or for IPv4 alone where there is no IPv6.
    ///
    /// # Errors
    /// When the port is in use.
    pub fn bind(port: u16) -> io::Result<Self> {
        let (socket, dual_stack) = match dual(port) {
            Ok(socket) => (socket, true),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => {
                let socket = socket2::Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
                socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
                (socket, false)
            }
        };
        socket.set_nonblocking(true)?;
        // Best effort: larger buffers ride out a moment in which the thread is not scheduled.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self {
            io: mio::net::UdpSocket::from_std(socket.into()),
            segments: state.max_gso_segments(),
            state,
            dual_stack,
            without_segments: None,
            relays: ByRelay::default(),
            not_relayed: Cell::default(),
        })
    }

    /// The port in use.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn port(&self) -> io::Result<u16> {
        self.io.local_addr().map(|address| address.port())
    }

    /// Whether IPv6 addresses can be announced.
    #[must_use]
    pub fn has_ipv6(&self) -> bool {
        self.dual_stack
    }

    /// For registering with the poll.
    pub fn source(&mut self) -> &mut mio::net::UdpSocket {
        &mut self.io
    }

    /// Buffers for [`Self::receive`].
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        let each = 1_500 * self.state.gro_segments().max(1);
        Inbox {
            bytes: vec![0; each * BATCH_SIZE].into_boxed_slice(),
            metas: [RecvMeta::default(); BATCH_SIZE],
            each,
        }
    }

    /// Receives what is there, at most a batch. Zero: nothing (more) for now.
    pub fn receive(&self, inbox: &mut Inbox) -> usize {
        let mut slices = inbox.bytes.chunks_mut(inbox.each);
        let mut buffers: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(slices.next().unwrap_or_default()));
        // An error other than 'would block' is an ICMP message of some peer; the next call goes on.
        self.state
            .recv(UdpSockRef::from(&self.io), &mut buffers, &mut inbox.metas)
            .unwrap_or(0)
    }

    /// Most segments that one send may carry.
    #[must_use]
    pub fn max_segments(&self, size: usize) -> usize {
        self.state
            .max_gso_segments()
            .min(MAX_SEND / size.max(1))
            .max(1)
    }

    /// Sends one datagram, or several of `segment` bytes each (the last may be shorter). A full kernel queue or an
    /// unreachable peer loses them, as the network would. False: nothing can leave on this path at all.
    pub fn send(&self, path: Path, contents: &[u8], segment: Option<usize>) -> bool {
        if let Some(relay) = RelayId::at(path.remote) {
            return self.send_relayed(relay, path.local, std::iter::once((contents, Lane::Urgent)));
        }
        let sent = self.state.try_send(
            UdpSockRef::from(&self.io),
            &Transmit {
                destination: path.remote,
                ecn: None,
                contents,
                segment_size: segment,
                src_ip: path.local,
            },
        );
        let Err(error) = sent else { return true };
        let is_invalid = error.kind() == io::ErrorKind::InvalidInput;
        match segment {
            // The device may not take runs of segments; `EIO` says the same.
            Some(size) if self.state.max_gso_segments() < self.segments => contents
                .chunks(size.max(1))
                .all(|datagram| self.send(path, datagram, None)),
            Some(_) => true,
            None => !is_invalid,
        }
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
        if self.state.max_gso_segments() >= self.segments {
            return;
        }
        let since = *self.without_segments.get_or_insert(now);
        if now.saturating_duration_since(since) >= WITHOUT_SEGMENTS {
            self.without_segments = None;
            if let Ok(state) = UdpSocketState::new(UdpSockRef::from(&self.io)) {
                self.state = state;
            }
        }
    }
}

fn dual(port: u16) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(Domain::IPV6, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_only_v6(false)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(port: u16) -> Path {
        Path {
            remote: SocketAddr::from((Ipv6Addr::from_bits(0xffff_7f00_0001), port)),
            local: None,
        }
    }

    #[test]
    fn send_that_fails_stops_segments_only_for_a_while() {
        let mut socket = Socket::bind(0).expect("a socket");
        if !socket.has_ipv6() || socket.max_segments(100) == 1 {
            return;
        }
        let before = socket.max_segments(100);
        // Nobody has port 0, says the kernel.
        assert!(!socket.send(path(0), &[0; 200], Some(100)));
        assert!(!socket.send(path(0), &[0; 100], None));
        assert_eq!(socket.max_segments(100), 1);
        let now = Instant::now();
        socket.recover(now);
        assert_eq!(socket.max_segments(100), 1, "not at once");
        socket.recover(now + WITHOUT_SEGMENTS);
        assert_eq!(socket.max_segments(100), before);
        assert!(socket.send(path(9), &[0; 200], Some(100)));
    }
}
