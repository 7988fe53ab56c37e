//! DTLS (RFC 6347) as the server side of every connection, and the SRTP keys that come out of it (RFC 5764).

#[cfg(test)]
mod tests;

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
