//! A connected peer.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc_crypto::RTCCryptoProvider;
use rtc_rtcp::packet::Packet;

use super::checks::{answer_check, binding_request};
use super::{LEVEL, MID, RID, Received, Sent, TRANSPORT_CC};
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::rtp::header::{Header, write_header};
use crate::sfu::transport::srtp::Srtp;

/// Connected.
pub struct Peer {
    pub(super) socket: UdpSocket,
    /// The last packet index of each stream sent.
    pub(super) sent: HashMap<u32, u64>,
    pub(super) server: SocketAddr,
    pub(super) srtp: Srtp,
    pub(super) provider: Arc<dyn RTCCryptoProvider>,
    pub(super) ufrag: String,
    pub(super) password: String,
    /// SSRCs of the slots: audio, video, screen, in the order of the answer.
    pub audio: Vec<u32>,
    pub video: Vec<u32>,
    pub screen: Option<u32>,
}

impl Peer {
    /// Sends a media packet.
    ///
    /// # Panics
    /// When the socket refuses it.
    pub fn send(&mut self, sent: &Sent<'_>) {
        let wire = self.protected(sent);
        self.transmit(&wire);
    }

    /// A media packet as it goes over the wire.
    ///
    /// # Panics
    /// Never for packets of usual size.
    pub fn protected(&mut self, sent: &Sent<'_>) -> Vec<u8> {
        let mut extensions = Vec::new();
        let mut add = |id: u8, value: &[u8]| {
            extensions.push((id << 4) | (u8::try_from(value.len()).expect("short") - 1));
            extensions.extend_from_slice(value);
        };
        add(MID, sent.mid.as_bytes());
        if let Some(rid) = sent.rid {
            add(RID, rid.as_bytes());
        }
        if let Some(level) = sent.level {
            add(LEVEL, &[level]);
        }
        extensions.resize(extensions.len().next_multiple_of(4), 0);
        let mut packet = vec![0; 12];
        write_header(
            &mut packet,
            sent.marker,
            sent.payload_type,
            sent.sequence,
            sent.timestamp,
            sent.ssrc,
            None,
        );
        packet[0] |= 0x10;
        packet.extend_from_slice(&[
            0xbe,
            0xde,
            0,
            u8::try_from(extensions.len() / 4).expect("short"),
        ]);
        packet.extend_from_slice(&extensions);
        let header = packet.len();
        packet.extend_from_slice(sent.payload);
        let last = self
            .sent
            .entry(sent.ssrc)
            .or_insert(u64::from(sent.sequence));
        let step = sent
            .sequence
            .wrapping_sub((*last & 0xffff) as u16)
            .cast_signed();
        *last = last.saturating_add_signed(i64::from(step));
        let index = *last;
        assert!(self.srtp.protect(&mut packet, 0, header, sent.ssrc, index));
        packet
    }

    /// Sends bytes as they are.
    ///
    /// # Panics
    /// When the socket refuses it.
    pub fn transmit(&self, wire: &[u8]) {
        self.socket.send_to(wire, self.server).expect("sent");
    }

    /// Sends an RTCP packet.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn send_rtcp(&mut self, packet: &dyn Packet) {
        let plain = packet.marshal().expect("fits");
        let wire = self.srtp.protect_rtcp(&plain).expect("protected");
        self.transmit(&wire);
    }

    /// The next media packet, waiting at most so long.
    pub fn receive(&mut self, wait: Duration) -> Option<Received> {
        let deadline = Instant::now() + wait;
        let mut buffer = [0u8; 2_048];
        while Instant::now() < deadline {
            let Ok((length, _)) = self.socket.recv_from(&mut buffer) else {
                continue;
            };
            if kind(&buffer[..length]) != Kind::Rtp {
                self.answer(&buffer[..length]);
                continue;
            }
            let header = Header::parse(&buffer[..length])?;
            let Some(length) = self.srtp.unprotect(&mut buffer[..length], &header) else {
                continue;
            };
            let payload = header.payload_of(&buffer[..length])?.to_vec();
            let transport = header
                .extension(&buffer[..length], TRANSPORT_CC)
                .and_then(|value| Some(u16::from_be_bytes(value.try_into().ok()?)));
            return Some(Received {
                header,
                transport,
                payload,
            });
        }
        None
    }

    /// RTCP packets that come within this time.
    pub fn receive_rtcp(&mut self, wait: Duration) -> Vec<Box<dyn Packet>> {
        let deadline = Instant::now() + wait;
        let mut buffer = [0u8; 2_048];
        let mut all = Vec::new();
        while Instant::now() < deadline {
            let Ok((length, _)) = self.socket.recv_from(&mut buffer) else {
                continue;
            };
            self.answer(&buffer[..length]);
            if kind(&buffer[..length]) == Kind::Rtcp
                && let Some(mut plain) = self.srtp.unprotect_rtcp(&buffer[..length])
                && let Ok(packets) = rtc_rtcp::packet::unmarshal(&mut plain)
            {
                all.extend(packets);
            }
        }
        all
    }

    /// Goes on from another local port, as after a change of network.
    ///
    /// # Panics
    /// When there is no socket.
    pub fn move_to_another_port(&mut self) {
        let address = self.socket.local_addr().expect("an address").ip();
        self.socket = UdpSocket::bind((address, 0)).expect("a socket");
        self.socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a timeout");
        self.prove_path();
    }

    /// Goes on to another address or port of the server, as when a browser nominates another pair.
    pub fn move_to(&mut self, server: SocketAddr) {
        self.server = server;
        self.prove_path();
    }

    fn prove_path(&self) {
        self.keep_alive();
        // A browser answers in no time; this peer only when it is called.
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut buffer = [0u8; 2_048];
        while Instant::now() < deadline {
            if let Ok((length, _)) = self.socket.recv_from(&mut buffer)
                && self.answer(&buffer[..length])
            {
                return;
            }
        }
    }

    /// Answers the server's check, if this is one.
    pub fn answer(&self, datagram: &[u8]) -> bool {
        let answer = answer_check(datagram, self.server, &self.provider);
        if let Some(answer) = &answer {
            self.transmit(answer);
        }
        answer.is_some()
    }

    /// Answers the checks that wait, for those who only send.
    pub fn answer_all(&self) {
        let mut buffer = [0u8; 2_048];
        if self.socket.set_nonblocking(true).is_ok() {
            while let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
                self.answer(&buffer[..length]);
            }
        }
        let _ = self.socket.set_nonblocking(false);
    }

    /// A check of this session, for those who send it from elsewhere.
    #[must_use]
    pub fn check(&self) -> Vec<u8> {
        binding_request(&self.ufrag, &self.password, &self.provider)
    }

    /// The socket, for those who receive by themselves.
    #[must_use]
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Asks the server to keep the path open (RFC 7675).
    pub fn keep_alive(&self) {
        self.transmit(&self.check());
    }

    /// Takes the protection off a packet that was received otherwise; gives its payload.
    pub fn open<'a>(&mut self, packet: &'a mut [u8], header: &Header) -> Option<&'a [u8]> {
        let length = self.srtp.unprotect(packet, header)?;
        header.payload_of(&packet[..length])
    }

    /// The server's media address.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        self.server
    }
}
