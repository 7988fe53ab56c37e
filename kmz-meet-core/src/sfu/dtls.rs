//! DTLS (RFC 6347) as the server side of every connection, and the SRTP keys that come out of it (RFC 5764).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc_crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_srtp::protection_profile::ProtectionProfile;

use super::srtp::Keys;

/// The endpoint tells associations apart by address; ours has one whose address may change underway.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
const LABEL: &str = "EXTRACTOR-dtls_srtp";

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

/// One association.
pub struct Dtls {
    endpoint: Endpoint,
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
            expected,
            provider: identity.provider.clone(),
        }
    }

    /// Takes a datagram; gives the SRTP keys when the handshake is done with it.
    ///
    /// # Errors
    /// When the handshake fails or the certificate is not the one that the offer announced.
    pub fn read(&mut self, now: Instant, datagram: &[u8]) -> Result<Option<Keys>, DtlsError> {
        let events = self
            .endpoint
            .read(now, PEER, None, BytesMut::from(datagram))?;
        let mut keys = None;
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => keys = Some(self.keys()?),
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

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<BytesMut> {
        self.endpoint
            .poll_transmit()
            .map(|transmit| transmit.message)
    }

    /// When [`Self::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&PEER)
    }

    /// Sends the last flight again when it is due.
    ///
    /// # Errors
    /// When it was sent often enough.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsError> {
        if self.poll_timeout().is_some() {
            self.endpoint.handle_timeout(PEER, now)?;
        }
        Ok(())
    }

    /// Says goodbye, so that the browser knows at once.
    pub fn close(&mut self, now: Instant) {
        let _ = self.endpoint.stop(now, PEER);
    }
}
