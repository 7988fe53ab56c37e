//! DTLS (RFC 6347) as the server side of every connection, and the SRTP keys that come out of it (RFC 5764).

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_srtp::protection_profile::ProtectionProfile;

use crate::sfu::transport::srtp::Keys;

/// The endpoint tells associations apart by address; ours has one whose address may change underway.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
const LABEL: &str = "EXTRACTOR-dtls_srtp";
/// A flight that nothing answers is sent again after this time, then after twice as long, and so on.
const MIN_REPEAT_INTERVAL: Duration = Duration::from_millis(200);
const MAX_REPEAT_INTERVAL: Duration = Duration::from_secs(2);
/// … so often: together twelve seconds, as long as our client waits for a connection.
const MAX_REPEATS: u32 = 8;
/// Most that a peer may send for one handshake, in bytes; the library keeps records of the next epoch without limit.
const MAX_READ: usize = 64 * 1_024;

/// The server's certificate, made anew at each start: browsers learn its fingerprint from the answer.
pub struct Identity {
    config: Arc<HandshakeConfig>,
    fingerprint: String,
    provider: Arc<dyn RTCCryptoProvider>,
}

/// Something went wrong in a handshake; the participant's transport ends.
#[derive(Debug, thiserror::Error)]
#[error("DTLS: {0}")]
pub struct DtlsError(String);

impl From<rtc_shared::error::Error> for DtlsError {
    fn from(error: rtc_shared::error::Error) -> Self {
        Self(error.to_string())
    }
}

impl Identity {
    /// # Errors
    /// When key or certificate cannot be made.
    pub fn generate() -> Result<Self, DtlsError> {
        let provider =
            rtc_crypto::default_provider().map_err(|error| DtlsError(error.to_string()))?;
        let certificate =
            Certificate::generate_self_signed(vec!["kmz-meet".to_owned()], provider.crypto())?;
        let der = certificate
            .certificate
            .first()
            .ok_or_else(|| DtlsError("no certificate".into()))?;
        let fingerprint = sha256_of(der.as_ref(), &provider)?;
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider.clone())
            .with_certificates(vec![certificate.clone()])
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // The peer's certificate is self-signed by design; its fingerprint is compared after the handshake.
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_replay_protection_window(64)
            .build(false, None)?;
        Ok(Self {
            config: Arc::new(config),
            fingerprint,
            provider,
        })
    }

    /// SHA-256 of the certificate in the form of `a=fingerprint` (RFC 8122).
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The cryptography in use.
    #[must_use]
    pub fn provider(&self) -> &Arc<dyn RTCCryptoProvider> {
        &self.provider
    }
}

fn sha256_of(der: &[u8], provider: &Arc<dyn RTCCryptoProvider>) -> Result<String, DtlsError> {
    let digest = provider
        .crypto()
        .hash(HashAlgorithm::Sha256, der)
        .map_err(|error| DtlsError(error.to_string()))?;
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(pairs.join(":"))
}

/// What was sent last and may have to be sent again.
///
/// The library forgets its timer with any record that arrives, even one that leads no further (a repeated ClientHello, a
/// part of a flight), and then waits for ever; so repeating is done here.
#[derive(Default)]
struct Flight {
    datagrams: Vec<BytesMut>,
    repeat: Option<Instant>,
    repeats: u32,
}

/// One association.
pub struct Dtls {
    endpoint: Endpoint,
    flight: Flight,
    outgoing: VecDeque<BytesMut>,
    read: usize,
    done: bool,
    /// What the offer said about the peer's certificate.
    expected: String,
    provider: Arc<dyn RTCCryptoProvider>,
}

impl Dtls {
    /// Waits for the handshake of the peer whose certificate has this SHA-256 fingerprint.
    #[must_use]
    pub fn new(identity: &Identity, expected: String) -> Self {
        Self {
            endpoint: Endpoint::new(PEER, TransportProtocol::UDP, Some(identity.config.clone())),
            flight: Flight::default(),
            outgoing: VecDeque::new(),
            read: 0,
            done: false,
            expected,
            provider: identity.provider.clone(),
        }
    }

    /// Takes a datagram; gives the SRTP keys when the handshake is done with it.
    ///
    /// # Errors
    /// When the handshake fails, is longer than any, or the certificate is not the one that the offer announced.
    pub fn read(&mut self, now: Instant, datagram: &[u8]) -> Result<Option<Keys>, DtlsError> {
        self.read = self.read.saturating_add(datagram.len());
        if self.read > MAX_READ {
            // Afterwards there is nothing to say but goodbye, which the path's silence tells as well.
            return if self.done {
                Ok(None)
            } else {
                Err(DtlsError("the handshake is too long".into()))
            };
        }
        let events = self
            .endpoint
            .read(now, PEER, None, BytesMut::from(datagram));
        self.collect(now);
        let events = events?;
        let mut keys = None;
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    self.done = true;
                    // From here on the library sends its last flight again when the peer repeats its own.
                    self.flight = Flight::default();
                    keys = Some(self.keys()?);
                }
                EndpointEvent::PeerClosed => return Err(DtlsError("closed by the peer".into())),
                _ => {}
            }
        }
        Ok(keys)
    }

    fn keys(&self) -> Result<Keys, DtlsError> {
        let state = self
            .endpoint
            .get_connection_state(PEER)
            .ok_or_else(|| DtlsError("no association".into()))?;
        let certificate = state
            .peer_certificates
            .first()
            .ok_or_else(|| DtlsError("no certificate".into()))?;
        if !sha256_of(certificate, &self.provider)?.eq_ignore_ascii_case(&self.expected) {
            return Err(DtlsError("the certificate is not the announced one".into()));
        }
        let profile = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => ProtectionProfile::AeadAes128Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => {
                ProtectionProfile::Aes128CmHmacSha1_80
            }
            other => return Err(DtlsError(format!("no common SRTP profile ({other:?})"))),
        };
        let (key, salt) = (profile.key_len(), profile.salt_len());
        let material = state.export_keying_material(LABEL, &[], 2 * (key + salt))?;
        let bytes: &[u8] = material.as_ref();
        let part = |from: usize, length: usize| {
            bytes
                .get(from..from + length)
                .map(<[u8]>::to_vec)
                .ok_or_else(|| DtlsError("too little keying material".into()))
        };
        Ok(Keys {
            profile,
            client_key: part(0, key)?,
            server_key: part(key, key)?,
            client_salt: part(2 * key, salt)?,
            server_salt: part(2 * key + salt, salt)?,
        })
    }

    /// Takes over what the library wants to send: the next flight.
    fn collect(&mut self, now: Instant) {
        let mut datagrams = Vec::new();
        while let Some(transmit) = self.endpoint.poll_transmit() {
            datagrams.push(transmit.message);
        }
        if datagrams.is_empty() {
            return;
        }
        self.outgoing.extend(datagrams.iter().cloned());
        if !self.done {
            self.flight = Flight {
                datagrams,
                repeat: Some(now + MIN_REPEAT_INTERVAL),
                repeats: 0,
            };
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<BytesMut> {
        self.outgoing.pop_front()
    }

    /// When [`Self::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.flight.repeat
    }

    /// Sends the last flight again when it is due.
    ///
    /// # Errors
    /// When it was sent often enough.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsError> {
        if self.flight.repeat.is_none_or(|at| now < at) {
            return Ok(());
        }
        if self.flight.repeats >= MAX_REPEATS {
            return Err(DtlsError("the peer does not answer".into()));
        }
        self.flight.repeats += 1;
        let pause = MIN_REPEAT_INTERVAL * (1 << self.flight.repeats);
        self.flight.repeat = Some(now + pause.min(MAX_REPEAT_INTERVAL));
        self.outgoing.extend(self.flight.datagrams.iter().cloned());
        Ok(())
    }

    /// Says goodbye, so that the browser knows at once.
    pub fn close(&mut self, now: Instant) {
        let _ = self.endpoint.stop(now, PEER);
        self.done = true;
        self.collect(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A browser's end with virtual time; one datagram of the wire, counted over both directions, may be lost.
    struct Wire {
        server: Dtls,
        client: Endpoint,
        now: Instant,
        count: usize,
        lost: std::ops::Range<usize>,
        complete: [bool; 2],
    }

    impl Wire {
        fn new(lost: std::ops::Range<usize>) -> Self {
            let identity = Identity::generate().expect("an identity");
            let provider = identity.provider.clone();
            let certificate =
                Certificate::generate_self_signed(vec!["peer".to_owned()], provider.crypto())
                    .expect("a certificate");
            let fingerprint =
                sha256_of(certificate.certificate[0].as_ref(), &provider).expect("a digest");
            let config = ConfigBuilder::default()
                .with_crypto_provider(provider)
                .with_certificates(vec![certificate])
                .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
                .with_insecure_skip_verify(true)
                .with_extended_master_secret(ExtendedMasterSecretType::Require)
                .build(true, None)
                .expect("a configuration");
            let now = Instant::now();
            let mut client = Endpoint::new(PEER, TransportProtocol::UDP, None);
            client
                .connect(now, PEER, Arc::new(config), None)
                .expect("a handshake");
            Self {
                server: Dtls::new(&identity, fingerprint),
                client,
                now,
                count: 0,
                lost,
                complete: [false; 2],
            }
        }

        fn arrives(&mut self) -> bool {
            self.count += 1;
            !self.lost.contains(&(self.count - 1))
        }

        /// Carries what is under way; true if there was anything.
        fn carry(&mut self) -> bool {
            let mut any = false;
            while let Some(transmit) = self.client.poll_transmit() {
                any = true;
                if self.arrives() {
                    let keys = self.server.read(self.now, &transmit.message);
                    self.complete[0] |= keys.expect("a handshake").is_some();
                }
            }
            while let Some(datagram) = self.server.poll_transmit() {
                any = true;
                if self.arrives() {
                    let events = self.client.read(self.now, PEER, None, datagram);
                    self.complete[1] |= events
                        .expect("a handshake")
                        .iter()
                        .any(|event| matches!(event, EndpointEvent::HandshakeComplete));
                }
            }
            any
        }

        /// How long until both ends are through.
        fn drive_handshake(&mut self) -> Duration {
            let start = self.now;
            while self.complete != [true; 2] {
                if !self.carry() {
                    self.now += Duration::from_millis(50);
                    assert!(
                        self.now - start < Duration::from_secs(8),
                        "stuck without {:?} of {}: {:?}",
                        self.lost,
                        self.count,
                        self.complete
                    );
                    self.server.handle_timeout(self.now).expect("not yet");
                    if self.client.poll_timeout(&PEER).is_some() {
                        let _ = self.client.handle_timeout(PEER, self.now);
                    }
                }
            }
            self.now - start
        }
    }

    #[test]
    fn whatever_datagram_is_lost_the_handshake_goes_on() {
        let mut whole = Wire::new(0..0);
        assert_eq!(whole.drive_handshake(), Duration::ZERO);
        for lost in 0..whole.count {
            Wire::new(lost..lost + 1).drive_handshake();
            Wire::new(lost..lost + 2).drive_handshake();
        }
    }

    #[test]
    fn a_repeated_hello_does_not_stop_the_repetition_of_the_answer() {
        let mut wire = Wire::new(0..0);
        let hello = wire.client.poll_transmit().expect("a hello").message;
        wire.server.read(wire.now, &hello).expect("a handshake");
        while wire.server.poll_transmit().is_some() {}
        wire.server.read(wire.now, &hello).expect("a handshake");
        while wire.server.poll_transmit().is_some() {}
        wire.server
            .handle_timeout(wire.now + MIN_REPEAT_INTERVAL)
            .expect("not yet");
        assert!(wire.server.poll_transmit().is_some());
    }

    #[test]
    fn who_never_answers_is_given_up_after_some_seconds() {
        let mut wire = Wire::new(1..10_000);
        wire.carry();
        let mut sent = 0;
        let given_up = (0..1_000).find(|step| {
            let now = wire.now + Duration::from_millis(step * 20);
            let result = wire.server.handle_timeout(now);
            while wire.server.poll_transmit().is_some() {
                sent += 1;
            }
            result.is_err()
        });
        let after = given_up.expect("an end") * 20;
        assert!((10_000..15_000).contains(&after), "{after} ms");
        assert!(sent <= 8 * 8, "{sent}");
    }

    #[test]
    fn a_handshake_without_end_is_refused() {
        let mut wire = Wire::new(0..0);
        let hello = wire.client.poll_transmit().expect("a hello").message;
        wire.server.read(wire.now, &hello).expect("a handshake");
        // Records of the next epoch, which the library keeps for later.
        let mut record = vec![22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 4, 0];
        record.resize(13 + 1_024, 0);
        let refused = (0..100).any(|_| wire.server.read(wire.now, &record).is_err());
        assert!(refused);
    }
}
