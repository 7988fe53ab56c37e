//! Tells the kernel which media thread a datagram is for (SO_ATTACH_REUSEPORT_CBPF), so that it comes to that thread's socket at
//! once. A kernel that does not take the program (gVisor, a very old one) gives datagrams to any thread, and all are handed over.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use nix::libc::{sock_filter, sock_fprog};
use nix::sys::socket::{setsockopt, sockopt::AttachReusePortCbpf};

use super::routes::Routes;
use super::steering_program::{Intervals, MAX_INTERVALS, program};
use crate::sfu::ids::ThreadIndex;

/// Newcomers are handed over for so long at the most.
const INTERVAL: Duration = Duration::from_millis(100);

/// See the module.
pub struct Steering {
    /// One of the sockets of each port; the program is for all sockets there.
    ports: Vec<OwnedFd>,
    routes: Arc<Routes>,
    threads: usize,
    /// What the kernel takes: less where `net.core.optmem_max` is small.
    most: usize,
    seen: u64,
}

impl Steering {
    /// Begins with connectivity checks, before any address is known.
    #[must_use]
    pub fn new(ports: Vec<OwnedFd>, routes: Arc<Routes>, threads: usize) -> Self {
        let mut steering = Self {
            ports,
            routes,
            threads,
            most: MAX_INTERVALS,
            seen: 0,
        };
        steering.attach(&[]);
        steering
    }

    /// Follows the addresses until `end` is dropped.
    pub fn run(mut self, end: Receiver<()>) {
        while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            self.follow();
        }
    }

    /// Makes the program anew if an address came or went.
    fn follow(&mut self) {
        let changes = self.routes.changes();
        if changes != std::mem::replace(&mut self.seen, changes) {
            self.attach(&self.routes.list());
        }
    }

    fn attach(&mut self, addresses: &[(std::net::SocketAddr, ThreadIndex)]) {
        loop {
            let intervals = Intervals::new(addresses, self.most);
            let mut code = program(&intervals, self.threads);
            let failed = self
                .ports
                .iter()
                .find_map(|port| attach(port, &mut code).err());
            let Some(error) = failed else { return };
            if error != nix::Error::ENOMEM || self.most == 0 {
                tracing::debug!(%error, "the kernel does not steer datagrams to media threads");
                return;
            }
            self.most /= 2;
        }
    }
}

fn attach(port: &OwnedFd, code: &mut [sock_filter]) -> nix::Result<()> {
    let program = sock_fprog {
        // It is no longer than the kernel takes.
        len: u16::try_from(code.len()).map_err(|_| nix::Error::EINVAL)?,
        filter: code.as_mut_ptr(),
    };
    setsockopt(port, AttachReusePortCbpf, &program)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::Instant;

    use super::super::port::PortIndex;
    use super::super::socket::Socket;
    use super::*;

    const THREADS: usize = 3;

    /// At which of the sockets a datagram comes.
    fn arrives(sockets: &[Socket]) -> usize {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            for (index, socket) in sockets.iter().enumerate() {
                let mut inbox = socket.inbox();
                for port in [0, 1].map(PortIndex::from_index) {
                    if socket.receive(port, &mut inbox) > 0 {
                        return index;
                    }
                }
            }
        }
        panic!("nothing came");
    }

    /// The kernel itself runs the program: over IPv4 and IPv6, at each port.
    #[test]
    fn datagram_of_a_known_address_comes_to_the_socket_of_its_thread() {
        let first = Socket::bind(&[0, 0]).expect("ports");
        let ports = first.ports().expect("ports");
        let mut sockets = first.for_more_threads(THREADS - 1).expect("more sockets");
        sockets.insert(0, first);
        let routes = Arc::new(Routes::default());
        let handles = sockets[0].handles().expect("handles");
        let mut steering = Steering::new(handles, routes.clone(), THREADS);
        let mut peers = Vec::new();
        for number in 0..40 {
            let local = if number % 2 == 0 { "127.0.0.1" } else { "::1" };
            let socket = UdpSocket::bind((local, 0)).expect("a socket");
            let thread = ThreadIndex::from_index(number % THREADS);
            let mut address = socket.local_addr().expect("an address");
            if let std::net::IpAddr::V4(four) = address.ip() {
                // That is how a socket for both families sees it.
                address.set_ip(four.to_ipv6_mapped().into());
            }
            routes.claim(address, thread).expect("a free address");
            peers.push((socket, local, thread));
        }
        steering.follow();
        for (socket, local, thread) in &peers {
            for port in &ports {
                socket.send_to(&[0x80; 200], (*local, *port)).expect("sent");
                assert_eq!(arrives(&sockets), thread.index());
            }
        }
        let provider = rtc_crypto::default_provider().expect("cryptography");
        for letter in ["A", "B", "C"] {
            let ufrag = format!("{letter}abcdefghijk");
            let check = crate::sfu::testing::binding_request(&ufrag, "a password", &provider);
            let (socket, local, _) = &peers[0];
            socket.send_to(&check, (*local, ports[1])).expect("sent");
            assert_eq!(arrives(&sockets), usize::from(letter.as_bytes()[0] - b'A'));
        }
    }

    #[test]
    fn port_that_is_shared_by_threads_is_not_shared_by_servers() {
        let first = Socket::bind(&[0]).expect("a port");
        let port = first.ports().expect("ports")[0];
        let _more = first.for_more_threads(1).expect("another socket");
        assert!(Socket::bind(&[port]).is_err());
    }
}
