//! A peer before the answer: its offer, and the way to a connection.

use std::collections::HashMap;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_srtp::protection_profile::ProtectionProfile;

use super::checks::{answer_check, binding_request};
use super::peer::Peer;
use super::{LEVEL, MID, OPUS, PASSWORD, RID, RTX, TRANSPORT_CC, UFRAG, VP8};
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::transport::srtp::{Keys, Srtp};
use crate::signal::Sections;

/// Before the answer.
pub struct Offering {
    socket: UdpSocket,
    config: Arc<HandshakeConfig>,
    provider: Arc<dyn RTCCryptoProvider>,
    pub sdp: String,
    pub sections: Sections,
}

impl Offering {
    /// An offer with all four sources, five audio slots, `video_slots` video slots and a screen slot.
    ///
    /// # Panics
    /// When the machine has no loopback socket or no cryptography.
    #[must_use]
    pub fn new(video_slots: usize) -> Self {
        Self::from_address(video_slots, IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// The same from this address of the machine.
    ///
    /// # Panics
    /// When there is no such address.
    #[must_use]
    pub fn from_address(video_slots: usize, address: IpAddr) -> Self {
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
        let socket = UdpSocket::bind((address, 0)).expect("a socket");
        let (sdp, sections) = offer(&fingerprint, video_slots);
        Self {
            socket,
            config: Arc::new(config),
            provider,
            sdp,
            sections,
        }
    }

    /// A handshake that has just begun, for those who carry its datagrams by themselves.
    #[cfg(test)]
    pub(in crate::sfu) fn handshake(&self, server: SocketAddr) -> Endpoint {
        let mut dtls = Endpoint::new(server, TransportProtocol::UDP, None);
        dtls.connect(Instant::now(), server, self.config.clone(), None)
            .expect("a handshake");
        dtls
    }

    /// Goes through ICE and DTLS with the answer's server.
    ///
    /// # Panics
    /// When that takes longer than five seconds.
    #[must_use]
    pub fn connect(self, answer: &str) -> Peer {
        let (server, ..) = place_of(answer);
        self.connect_at(answer, server)
    }

    /// The same at this candidate of the answer.
    ///
    /// # Panics
    /// As [`Self::connect`].
    #[must_use]
    pub fn connect_at(self, answer: &str, server: SocketAddr) -> Peer {
        let (_, ufrag, password) = place_of(answer);
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
                } else {
                    // It may have been lost, as on any line.
                    self.socket.send_to(&check, server).expect("sent");
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

/// The candidates of an answer's first media section.
#[must_use]
pub fn places_of(answer: &str) -> Vec<SocketAddr> {
    answer
        .lines()
        .skip_while(|line| !line.starts_with("a=candidate:"))
        .map_while(|line| line.strip_prefix("a=candidate:"))
        .filter_map(|candidate| {
            let words: Vec<&str> = candidate.split(' ').collect();
            let (address, port) = (words.get(4)?, words.get(5)?);
            Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?))
        })
        .collect()
}

/// Where the server of an answer is, and its ICE user fragment and password.
pub(in crate::sfu) fn place_of(answer: &str) -> (SocketAddr, String, String) {
    let value = |prefix: &str| {
        answer
            .lines()
            .find_map(|line| line.strip_prefix(prefix))
            .expect(prefix)
            .trim()
            .to_owned()
    };
    let server = *places_of(answer).first().expect("a candidate");
    (server, value("a=ice-ufrag:"), value("a=ice-pwd:"))
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
