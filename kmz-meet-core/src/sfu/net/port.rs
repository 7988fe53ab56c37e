//! One UDP port, IPv4 and IPv6: batched receive (recvmmsg, GRO), segmented send (GSO).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Type};

/// Kernel buffers; the kernel gives what its limits allow.
const BUFFER: usize = 8 * 1024 * 1024;
/// Largest run of segments in one send, in bytes (the limit of a UDP datagram).
const MAX_SEND: usize = 65_000;

/// One send that fails makes the library give up sending runs of segments; after this time it is tried again.
const WITHOUT_SEGMENTS: Duration = Duration::from_mins(1);

/// Which of our UDP ports, in the order in which they are announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortIndex(u8);

impl PortIndex {
    /// The first one. Relayed clients reach this one only.
    pub const MAIN: Self = Self(0);

    /// There are fewer ports than a byte counts ([`super::socket::MAX_PORTS`]).
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(index as u8)
    }

    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The bound socket of a port.
pub struct UdpPort {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    dual_stack: bool,
    /// What the kernel took at the start.
    segments: usize,
    without_segments: Option<Instant>,
}

/// What one receive call brought: a buffer for each datagram (or run of datagrams of one sender).
pub struct Received {
    pub(super) bytes: Box<[u8]>,
    pub(super) metas: [RecvMeta; BATCH_SIZE],
    pub(super) each: usize,
}

impl Received {
    /// Room for runs of so many datagrams.
    pub(super) fn new(runs: usize) -> Self {
        let each = 1_500 * runs.max(1);
        Self {
            bytes: vec![0; each * BATCH_SIZE].into_boxed_slice(),
            metas: [RecvMeta::default(); BATCH_SIZE],
            each,
        }
    }
}

impl UdpPort {
    /// Binds a socket for both families, or for IPv4 alone where there is no IPv6. 0 takes any free port.
    ///
    /// # Errors
    /// When the port is in use, or may not be used.
    pub fn bind(port: u16) -> io::Result<Self> {
        let (socket, dual_stack) = match bound(true, port, false) {
            Ok(socket) => (socket, true),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
                ) =>
            {
                return Err(error);
            }
            Err(_) => (bound(false, port, false)?, false),
        };
        Self::new(socket, dual_stack)
    }

    /// More sockets at the port, in the order of their threads: the kernel gives each datagram to one of them
    /// (SO_REUSEPORT). The first one was bound without sharing, so that two servers cannot have the port.
    ///
    /// # Errors
    /// As the kernel says.
    #[cfg(target_os = "linux")]
    pub fn for_more_threads(&self, more: usize) -> io::Result<Vec<Self>> {
        if more == 0 {
            return Ok(Vec::new());
        }
        socket2::SockRef::from(&self.io).set_reuse_port(true)?;
        let port = self.number()?;
        let bind = |_| Self::new(bound(self.dual_stack, port, true)?, self.dual_stack);
        (0..more).map(bind).collect()
    }

    /// Other systems do not give the datagrams of one sender to one socket.
    ///
    /// # Errors
    /// When there is to be one.
    #[cfg(not(target_os = "linux"))]
    pub fn for_more_threads(&self, more: usize) -> io::Result<Vec<Self>> {
        if more == 0 {
            return Ok(Vec::new());
        }
        Err(io::ErrorKind::Unsupported.into())
    }

    fn new(socket: socket2::Socket, dual_stack: bool) -> io::Result<Self> {
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
        })
    }

    /// The same socket once more, for those who steer what comes to it.
    ///
    /// # Errors
    /// As the kernel says.
    #[cfg(target_os = "linux")]
    pub fn handle(&self) -> io::Result<std::os::fd::OwnedFd> {
        use std::os::fd::AsFd;
        self.io.as_fd().try_clone_to_owned()
    }

    /// The number of the port.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn number(&self) -> io::Result<u16> {
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

    /// Datagrams of one sender that may come as one.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.state.gro_segments()
    }

    /// Receives what is there, at most a batch. Zero: nothing (more) for now.
    pub fn receive(&self, received: &mut Received) -> usize {
        let mut slices = received.bytes.chunks_mut(received.each);
        let mut buffers: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(slices.next().unwrap_or_default()));
        // An error other than 'would block' is an ICMP message of some peer; the next call goes on.
        self.state
            .recv(
                UdpSockRef::from(&self.io),
                &mut buffers,
                &mut received.metas,
            )
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
    /// unreachable peer loses them, as the network would. False: nothing can leave there at all.
    pub fn send(
        &self,
        to: SocketAddr,
        from: Option<IpAddr>,
        contents: &[u8],
        segment: Option<usize>,
    ) -> bool {
        let sent = self.state.try_send(
            UdpSockRef::from(&self.io),
            &Transmit {
                destination: to,
                ecn: None,
                contents,
                segment_size: segment,
                src_ip: from,
            },
        );
        let Err(error) = sent else { return true };
        let is_invalid = error.kind() == io::ErrorKind::InvalidInput;
        match segment {
            // The device may not take runs of segments; `EIO` says the same.
            Some(size) if self.state.max_gso_segments() < self.segments => contents
                .chunks(size.max(1))
                .all(|datagram| self.send(to, from, datagram, None)),
            Some(_) => true,
            None => !is_invalid,
        }
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

#[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
fn bound(dual_stack: bool, port: u16, shared: bool) -> io::Result<socket2::Socket> {
    let (domain, any) = if dual_stack {
        (Domain::IPV6, IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    } else {
        (Domain::IPV4, IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    };
    let socket = socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if dual_stack {
        socket.set_only_v6(false)?;
    }
    #[cfg(target_os = "linux")]
    socket.set_reuse_port(shared)?;
    socket.bind(&SocketAddr::from((any, port)).into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(port: u16) -> SocketAddr {
        SocketAddr::from((Ipv6Addr::from_bits(0xffff_7f00_0001), port))
    }

    #[test]
    fn send_that_fails_stops_segments_only_for_a_while() {
        let mut port = UdpPort::bind(0).expect("a port");
        if !port.has_ipv6() || port.max_segments(100) == 1 {
            return;
        }
        let before = port.max_segments(100);
        // Nobody has port 0, says the kernel.
        assert!(!port.send(to(0), None, &[0; 200], Some(100)));
        assert!(!port.send(to(0), None, &[0; 100], None));
        assert_eq!(port.max_segments(100), 1);
        let now = Instant::now();
        port.recover(now);
        assert_eq!(port.max_segments(100), 1, "not at once");
        port.recover(now + WITHOUT_SEGMENTS);
        assert_eq!(port.max_segments(100), before);
        assert!(port.send(to(9), None, &[0; 200], Some(100)));
    }
}
