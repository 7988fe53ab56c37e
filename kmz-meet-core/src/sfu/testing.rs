//! A small, blocking peer for tests of the media plane: real ICE checks, DTLS and SRTP over a real socket, but no codec,
//! no congestion control and no threads. The full participant is `client`.
#![allow(clippy::expect_used, reason = "a test peer fails by panicking")]

use std::collections::HashMap;
use std::fmt::Write;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_rtcp::packet::Packet;
use rtc_shared::TransportProtocol;
use rtc_srtp::protection_profile::ProtectionProfile;
use rtc_stun::attributes::{ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, Message, Setter, TransactionId};
use rtc_stun::textattrs::TextAttribute;

use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::rtp::header::{Header, write_header};
use crate::sfu::transport::srtp::{Keys, Srtp};
use crate::sfu::transport::stun;

pub use crate::sfu::rtp::transport_feedback::ArrivalLog;
use crate::signal::Sections;

pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
pub const RTX: u8 = 97;
const UFRAG: &str = "peer";
const PASSWORD: &str = "peerpeerpeerpeerpeerpeer";
const MID: u8 = 4;
const RID: u8 = 10;
const LEVEL: u8 = 1;
pub const TRANSPORT_CC: u8 = 3;

/// What a test packet is.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub ssrc: u32,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub mid: &'a str,
    pub rid: Option<&'a str>,
    pub level: Option<u8>,
    pub payload: &'a [u8],
}

/// A packet that came to the peer.
#[derive(Clone, Debug)]
pub struct Received {
    pub header: Header,
    /// The transport-wide number.
    pub transport: Option<u16>,
    pub payload: Vec<u8>,
}

/// Before the answer.
pub struct Offering {
    socket: UdpSocket,
    config: Arc<HandshakeConfig>,
    provider: Arc<dyn RTCCryptoProvider>,
    pub sdp: String,
    pub sections: Sections,
}

/// Connected.
pub struct Peer {
    socket: UdpSocket,
    /// The last packet index of each stream sent.
    sent: HashMap<u32, u64>,
    server: SocketAddr,
    srtp: Srtp,
    provider: Arc<dyn RTCCryptoProvider>,
    ufrag: String,
    password: String,
    /// SSRCs of the slots: audio, video, screen, in the order of the answer.
    pub audio: Vec<u32>,
    pub video: Vec<u32>,
    pub screen: Option<u32>,
}

impl Offering {
    /// An offer with all four sources, five audio slots, `video_slots` video slots and a screen slot.
    ///
    /// # Panics
    /// When the machine has no loopback socket or no cryptography.
    #[must_use]
    pub fn new(video_slots: usize) -> Self {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let certificate =
            Certificate::generate_self_signed(vec!["peer".to_owned()], provider.crypto())
                .expect("a certificate");
        let digest = provider
            .crypto()
            .hash(HashAlgorithm::Sha256, certificate.certificate[0].as_ref())
            .expect("a digest");
        let fingerprint = digest
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<Vec<_>>()
            .join(":");
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider.clone())
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(true, None)
            .expect("a configuration");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let (sdp, sections) = offer(&fingerprint, video_slots);
        Self {
            socket,
            config: Arc::new(config),
            provider,
            sdp,
            sections,
        }
    }

    /// Goes through ICE and DTLS with the answer's server.
    ///
    /// # Panics
    /// When that takes longer than five seconds.
    #[must_use]
    pub fn connect(self, answer: &str) -> Peer {
        let value = |prefix: &str| {
            answer
                .lines()
                .find_map(|line| line.strip_prefix(prefix))
                .expect(prefix)
                .trim()
                .to_owned()
        };
        let candidate = value("a=candidate:");
        let words: Vec<&str> = candidate.split(' ').collect();
        let server: SocketAddr = format!("{}:{}", words[4], words[5])
            .parse()
            .expect("an address");
        let ufrag = value("a=ice-ufrag:");
        let password = value("a=ice-pwd:");
        self.socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a timeout");
        let check = binding_request(&ufrag, &password, &self.provider);
        self.socket.send_to(&check, server).expect("sent");
        let mut dtls = Endpoint::new(server, TransportProtocol::UDP, None);
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut buffer = [0u8; 2_048];
        let mut started = false;
        let keys = loop {
            assert!(Instant::now() < deadline, "no connection");
            while let Some(transmit) = dtls.poll_transmit() {
                self.socket
                    .send_to(&transmit.message, server)
                    .expect("sent");
            }
            let Ok((length, _)) = self.socket.recv_from(&mut buffer) else {
                if started {
                    let _ = dtls.handle_timeout(server, Instant::now());
                }
                continue;
            };
            if let Some(answer) = answer_check(&buffer[..length], server, &self.provider) {
                self.socket.send_to(&answer, server).expect("sent");
                continue;
            }
            match kind(&buffer[..length]) {
                Kind::Stun if !started => {
                    started = true;
                    dtls.connect(Instant::now(), server, self.config.clone(), None)
                        .expect("a handshake");
                }
                Kind::Dtls => {
                    let events = dtls
                        .read(
                            Instant::now(),
                            server,
                            None,
                            BytesMut::from(&buffer[..length]),
                        )
                        .expect("a handshake");
                    if events
                        .iter()
                        .any(|event| matches!(event, EndpointEvent::HandshakeComplete))
                    {
                        while let Some(transmit) = dtls.poll_transmit() {
                            self.socket
                                .send_to(&transmit.message, server)
                                .expect("sent");
                        }
                        break keys_of(&dtls, server);
                    }
                }
                _ => {}
            }
        };
        let mut slots = (Vec::new(), Vec::new(), None);
        let mut sends = None;
        for line in answer.lines() {
            if let Some(msid) = line.strip_prefix("a=msid:") {
                sends = Some(msid.chars().next().unwrap_or(' '));
            } else if let Some(rest) = line.strip_prefix("a=ssrc:") {
                let ssrc = rest
                    .split(' ')
                    .next()
                    .and_then(|ssrc| ssrc.parse().ok())
                    .expect("an SSRC");
                match sends.take() {
                    Some('a') => slots.0.push(ssrc),
                    Some('v') => slots.1.push(ssrc),
                    Some('s') => slots.2 = Some(ssrc),
                    _ => {}
                }
            }
        }
        Peer {
            srtp: Srtp::new(&keys, &self.provider).expect("keys"),
            socket: self.socket,
            sent: HashMap::new(),
            server,
            provider: self.provider,
            ufrag,
            password,
            audio: slots.0,
            video: slots.1,
            screen: slots.2,
        }
    }
}

/// The keys with the roles swapped: [`Srtp`] is written from the server's view.
fn keys_of(dtls: &Endpoint, server: SocketAddr) -> Keys {
    let state = dtls.get_connection_state(server).expect("a state");
    let material = state
        .export_keying_material("EXTRACTOR-dtls_srtp", &[], 56)
        .expect("keys");
    let bytes: &[u8] = material.as_ref();
    Keys {
        profile: ProtectionProfile::AeadAes128Gcm,
        server_key: bytes[..16].to_vec(),
        client_key: bytes[16..32].to_vec(),
        server_salt: bytes[32..44].to_vec(),
        client_salt: bytes[44..56].to_vec(),
    }
}

/// What the server's checks of a peer are made with.
#[cfg(test)]
pub(super) fn credentials() -> crate::sfu::sdp::offer::Credentials {
    crate::sfu::sdp::offer::Credentials {
        ufrag: UFRAG.into(),
        password: PASSWORD.into(),
    }
}

/// The answer to a check of the server's, as a browser gives it.
pub(super) fn answer_check(
    datagram: &[u8],
    from: SocketAddr,
    provider: &Arc<dyn RTCCryptoProvider>,
) -> Option<Vec<u8>> {
    (stun::local_ufrag(datagram)? == UFRAG)
        .then(|| stun::answer(datagram, PASSWORD, from, provider.crypto()))?
        .map(|checked| checked.response)
}

/// An authentic connectivity check that nominates its path.
///
/// # Panics
/// Never: all attributes fit.
#[must_use]
pub fn binding_request(
    ufrag: &str,
    password: &str,
    provider: &Arc<dyn RTCCryptoProvider>,
) -> Vec<u8> {
    let mut message = Message {
        typ: BINDING_REQUEST,
        transaction_id: TransactionId::new(),
        ..Message::default()
    };
    message.write_header();
    TextAttribute::new(ATTR_USERNAME, format!("{ufrag}:peer"))
        .add_to(&mut message)
        .expect("fits");
    message.add(ATTR_USE_CANDIDATE, &[]);
    MessageIntegrity::new_short_term_integrity_with_provider(
        password.to_owned(),
        provider.crypto(),
    )
    .add_to(&mut message)
    .expect("fits");
    FINGERPRINT.add_to(&mut message).expect("fits");
    message.raw
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
        self.socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        self.socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a timeout");
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

/// The payload of a VP8-like packet: picture id, temporal index, and whether a key frame starts.
#[must_use]
pub fn vp8(picture: u16, key: bool, length: usize) -> Vec<u8> {
    let mut payload = vec![0x90, 0xe0];
    payload.extend_from_slice(&(picture | 0x8000).to_be_bytes());
    payload.extend_from_slice(&[picture as u8, 0x20, u8::from(!key)]);
    payload.resize(length.max(8), 0x55);
    payload
}

fn offer(fingerprint: &str, video_slots: usize) -> (String, Sections) {
    let mut sdp = String::from("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
    let count = 4 + 5 + video_slots + 1;
    let mids: Vec<String> = (0..count).map(|mid| mid.to_string()).collect();
    let _ = write!(
        sdp,
        "a=group:BUNDLE {}\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\n",
        mids.join(" ")
    );
    for (index, mid) in mids.iter().enumerate() {
        let video = matches!(index, 1 | 2) || index >= 9;
        let direction = if index < 4 { "sendonly" } else { "recvonly" };
        let _ = if video {
            write!(
                sdp,
                "m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{VP8} VP8/90000\r\n\
                 a=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n"
            )
        } else {
            write!(
                sdp,
                "m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{OPUS} opus/48000/2\r\n\
                 a=extmap:{LEVEL} urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
            )
        };
        let _ = write!(
            sdp,
            "a=mid:{mid}\r\na=ice-ufrag:{UFRAG}\r\na=ice-pwd:{PASSWORD}\r\na=rtcp-mux\r\na={direction}\r\n\
             a=extmap:{MID} urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
             a=extmap:{RID} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
             a=extmap:{TRANSPORT_CC} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
        );
        if index == 1 {
            sdp.push_str(
                "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n",
            );
        }
    }
    let sections = Sections {
        microphone: Some("0".into()),
        camera: Some("1".into()),
        screen: Some("2".into()),
        screen_sound: Some("3".into()),
        audio_slots: mids[4..9].to_vec(),
        video_slots: mids[9..9 + video_slots].to_vec(),
        screen_slot: mids.last().cloned(),
    };
    (sdp, sections)
}
