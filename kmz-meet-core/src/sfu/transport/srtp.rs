//! SRTP for one peer (RFC 3711, RFC 7714), in place and without allocation for AES-128-GCM.
//!
//! Browsers choose GCM; for those that do not, and for all RTCP, the `rtc-srtp` crate does the work.

use std::sync::Arc;

use rtc_crypto::{AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, RTCCryptoProvider};
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::sfu::rtp::header::Header;

/// Bytes that protection adds to a packet at most.
pub const MAX_OVERHEAD: usize = 16;
const TAG: usize = 16;
const SALT: usize = 12;
/// Streams that one peer may start; more is an attack on memory.
const MAX_STREAMS: usize = 64;

/// What DTLS agreed on (RFC 5764, section 4.2), from the server's view.
pub struct Keys {
    pub profile: ProtectionProfile,
    pub client_key: Vec<u8>,
    pub client_salt: Vec<u8>,
    pub server_key: Vec<u8>,
    pub server_salt: Vec<u8>,
}

/// Keys or ciphers could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("SRTP cannot be set up: {0}")]
pub struct SetupError(String);

struct Gcm {
    cipher: Box<dyn AeadCipher>,
    salt: [u8; SALT],
}

impl Gcm {
    fn new(key: &[u8], salt: &[u8], provider: &dyn RTCCryptoProvider) -> Result<Self, SetupError> {
        let session_key = derive(key, salt, 0, 16, provider)?;
        let session_salt = derive(key, salt, 2, SALT, provider)?;
        let cipher = provider
            .crypto()
            .new_aead(AeadAlgorithm::Aes128Gcm, &session_key)
            .map_err(|error| SetupError(error.to_string()))?;
        let salt = session_salt
            .as_slice()
            .try_into()
            .map_err(|_| SetupError("salt length".into()))?;
        Ok(Self { cipher, salt })
    }

    /// RFC 7714, section 8.1.
    fn nonce(&self, ssrc: u32, index: u64) -> [u8; SALT] {
        let mut nonce = [0u8; SALT];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..12].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in nonce.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        nonce
    }
}

/// AES counter mode key derivation (RFC 3711, section 4.3.3) for 128-bit keys and key derivation rate 0.
fn derive(
    key: &[u8],
    salt: &[u8],
    label: u8,
    length: usize,
    provider: &dyn RTCCryptoProvider,
) -> Result<Vec<u8>, SetupError> {
    let mut input = [0u8; 16];
    for (to, from) in input.iter_mut().zip(salt.iter().take(14)) {
        *to = *from;
    }
    input[7] ^= label;
    let mut out = Vec::with_capacity(length.next_multiple_of(16));
    for counter in 0u16.. {
        if out.len() >= length {
            break;
        }
        let mut block = input;
        block[14..].copy_from_slice(&counter.to_be_bytes());
        provider
            .crypto()
            .block_encrypt(BlockCipherAlgorithm::Aes128, key, &mut block)
            .map_err(|error| SetupError(error.to_string()))?;
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    Ok(out)
}

/// Packet index and replay window of one incoming stream.
#[derive(Default)]
struct Incoming {
    newest: Option<u64>,
    /// Bit n: the packet n before the newest was taken.
    window: u128,
}

impl Incoming {
    /// The index of a packet (RFC 3711, section 3.3.1).
    fn index(&self, sequence: u16) -> u64 {
        let Some(newest) = self.newest else {
            return u64::from(sequence);
        };
        let step = sequence
            .wrapping_sub((newest & 0xffff) as u16)
            .cast_signed();
        newest.saturating_add_signed(i64::from(step))
    }

    fn is_new(&self, index: u64) -> bool {
        match self.newest {
            None => true,
            Some(newest) if index > newest => true,
            Some(newest) => {
                let age = newest - index;
                age < 128 && self.window & (1 << age) == 0
            }
        }
    }

    fn accept(&mut self, index: u64) {
        match self.newest {
            None => {
                self.newest = Some(index);
                self.window = 1;
            }
            Some(newest) if index > newest => {
                let step = index - newest;
                self.window = if step < 128 { self.window << step } else { 0 } | 1;
                self.newest = Some(index);
            }
            Some(newest) => self.window |= 1 << (newest - index).min(127),
        }
    }
}

/// Protection both ways for one peer.
pub struct Srtp {
    outgoing: Option<Gcm>,
    incoming: Option<Gcm>,
    streams: FxHashMap<u32, Incoming>,
    /// SSRCs of which an authentic packet came, of RTP and of RTCP, where the library keeps their state.
    senders: [FxHashSet<u32>; 2],
    probe: Probe,
    /// RTCP of every profile, and RTP of the profiles other than GCM.
    library_out: Context,
    library_in: Context,
}

impl Srtp {
    /// # Errors
    /// When keys do not fit the profile.
    pub fn new(keys: &Keys, provider: &Arc<dyn RTCCryptoProvider>) -> Result<Self, SetupError> {
        let context = |key: &[u8], salt: &[u8], incoming: bool| {
            Context::new(
                key,
                salt,
                keys.profile,
                incoming.then(|| srtp_replay_protection(128)),
                incoming.then(|| srtcp_replay_protection(128)),
                provider.crypto(),
            )
            .map_err(|error| SetupError(error.to_string()))
        };
        let gcm = matches!(keys.profile, ProtectionProfile::AeadAes128Gcm);
        let fast = |key: &[u8], salt: &[u8]| {
            gcm.then(|| Gcm::new(key, salt, provider.as_ref()))
                .transpose()
        };
        Ok(Self {
            outgoing: fast(&keys.server_key, &keys.server_salt)?,
            incoming: fast(&keys.client_key, &keys.client_salt)?,
            streams: FxHashMap::default(),
            senders: Default::default(),
            probe: Probe {
                key: keys.client_key.clone(),
                salt: keys.client_salt.clone(),
                profile: keys.profile,
                provider: provider.clone(),
                context: None,
                tried: 0,
            },
            library_out: context(&keys.server_key, &keys.server_salt, false)?,
            library_in: context(&keys.client_key, &keys.client_salt, true)?,
        })
    }

    /// Takes the protection off a packet in place; returns the length that is left.
    /// `None`: forged, replayed, cut short, or of one stream too many.
    pub fn unprotect(&mut self, packet: &mut [u8], header: &Header) -> Option<usize> {
        let Some(gcm) = &mut self.incoming else {
            let senders = &mut self.senders[0];
            if !senders.contains(&header.ssrc) {
                self.probe.fresh()?.decrypt_rtp(packet).ok()?;
                if !is_one_of_few(senders, header.ssrc) {
                    return None;
                }
            }
            let plain = self.library_in.decrypt_rtp(packet).ok()?;
            packet.get_mut(..plain.len())?.copy_from_slice(&plain);
            return Some(plain.len());
        };
        if !self.streams.contains_key(&header.ssrc) && self.streams.len() >= MAX_STREAMS {
            return None;
        }
        let stream = self.streams.get(&header.ssrc);
        let index = stream.map_or(u64::from(header.sequence), |s| s.index(header.sequence));
        if !stream.is_none_or(|s| s.is_new(index)) {
            return None;
        }
        let end = packet.len().checked_sub(TAG)?;
        if end < header.payload {
            return None;
        }
        let nonce = gcm.nonce(header.ssrc, index);
        let (aad, rest) = packet.split_at_mut(header.payload);
        let (text, tag) = rest.split_at_mut(end - header.payload);
        gcm.cipher.open_in_place(&nonce, aad, text, tag).ok()?;
        // Only an authentic packet makes state.
        self.streams.entry(header.ssrc).or_default().accept(index);
        Some(end)
    }

    /// Protects the packet that starts at `start` and ends with the buffer. `index` is the extended sequence number,
    /// whose low 16 bits stand in the header. On failure the packet is taken out again.
    pub fn protect(
        &mut self,
        buffer: &mut Vec<u8>,
        start: usize,
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> bool {
        let sealed = if let Some(gcm) = &mut self.outgoing {
            let nonce = gcm.nonce(ssrc, index);
            let (aad, text) = buffer[start..].split_at_mut(header);
            let mut tag = [0u8; TAG];
            let sealed = gcm
                .cipher
                .seal_in_place(&nonce, aad, text, &mut tag)
                .is_ok();
            buffer.extend_from_slice(&tag);
            sealed
        } else if let Ok(sealed) = self.library_out.encrypt_rtp(&buffer[start..]) {
            buffer.truncate(start);
            buffer.extend_from_slice(&sealed);
            true
        } else {
            false
        };
        if !sealed {
            buffer.truncate(start);
        }
        sealed
    }

    /// Takes the protection off an RTCP packet.
    pub fn unprotect_rtcp(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        // The index with the E flag stands at the end for GCM, before the tag of ten bytes otherwise. The library passes
        // packets without that flag on as they are, unauthenticated; WebRTC never sends such.
        let tag = if self.incoming.is_some() { 0 } else { 10 };
        let index = packet
            .len()
            .checked_sub(tag + 4)
            .filter(|index| *index >= 8)?;
        if packet[index] & 0x80 == 0 {
            return None;
        }
        let sender: [u8; 4] = packet.get(4..8)?.try_into().ok()?;
        let sender = u32::from_be_bytes(sender);
        let senders = &mut self.senders[1];
        if !senders.contains(&sender) {
            self.probe.fresh()?.decrypt_rtcp(packet).ok()?;
            if !is_one_of_few(senders, sender) {
                return None;
            }
        }
        self.library_in.decrypt_rtcp(packet).ok()
    }

    /// Protects an RTCP packet.
    pub fn protect_rtcp(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        self.library_out.encrypt_rtcp(packet).ok()
    }
}

/// Whether this SSRC may make state.
fn is_one_of_few(senders: &mut FxHashSet<u32>, ssrc: u32) -> bool {
    senders.len() < MAX_STREAMS && senders.insert(ssrc)
}

/// Finds out whether the first packet of a sender is authentic. The library makes state before it knows, so it is given
/// such packets in a context of its own, which is thrown away now and then.
struct Probe {
    key: Vec<u8>,
    salt: Vec<u8>,
    profile: ProtectionProfile,
    provider: Arc<dyn RTCCryptoProvider>,
    context: Option<Context>,
    tried: usize,
}

impl Probe {
    /// A context for one more packet.
    fn fresh(&mut self) -> Option<&mut Context> {
        self.tried += 1;
        if self.tried > MAX_STREAMS {
            self.tried = 1;
            self.context = None;
        }
        if self.context.is_none() {
            let crypto = self.provider.crypto();
            let context =
                Context::new(&self.key, &self.salt, self.profile, None, None, crypto).ok()?;
            self.context = Some(context);
        }
        self.context.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::rtp::header::write_header;

    /// Two ends: the second one's keys are swapped, as a client has them.
    fn pair(profile: ProtectionProfile) -> (Srtp, Srtp) {
        let provider = rtc_crypto::default_provider().expect("a provider");
        let salt = profile.salt_len();
        let keys = Keys {
            profile,
            client_key: vec![1; 16],
            client_salt: vec![2; salt],
            server_key: vec![3; 16],
            server_salt: vec![4; salt],
        };
        let swapped = Keys {
            profile,
            client_key: keys.server_key.clone(),
            client_salt: keys.server_salt.clone(),
            server_key: keys.client_key.clone(),
            server_salt: keys.client_salt.clone(),
        };
        (
            Srtp::new(&keys, &provider).expect("server"),
            Srtp::new(&swapped, &provider).expect("client"),
        )
    }

    fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 12];
        write_header(&mut packet, false, 96, sequence, 1, 99, None);
        packet.extend_from_slice(payload);
        packet
    }

    #[test]
    fn a_packet_comes_through_in_every_profile() {
        for profile in [
            ProtectionProfile::AeadAes128Gcm,
            ProtectionProfile::Aes128CmHmacSha1_80,
        ] {
            let (mut server, mut client) = pair(profile);
            let plain = packet(5, b"picture");
            let mut wire = plain.clone();
            assert!(server.protect(&mut wire, 0, 12, 99, 5));
            assert_ne!(wire, plain);
            let header = Header::parse(&wire).expect("a header");
            let length = client.unprotect(&mut wire, &header).expect("authentic");
            assert_eq!(&wire[..length], &plain);
        }
    }

    /// The library's own GCM agrees with ours, so that a browser does.
    #[test]
    fn our_gcm_is_the_librarys_gcm() {
        let (mut server, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
        let plain = packet(77, b"picture");
        let mut wire = plain.clone();
        assert!(server.protect(&mut wire, 0, 12, 99, 77));
        assert_eq!(
            &client.library_in.decrypt_rtp(&wire).expect("authentic")[..],
            &plain
        );
    }

    #[test]
    fn a_replayed_or_forged_packet_is_refused() {
        let (mut server, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
        let mut wire = packet(5, b"picture");
        assert!(server.protect(&mut wire, 0, 12, 99, 5));
        let header = Header::parse(&wire).expect("a header");
        let mut forged = wire.clone();
        forged[13] ^= 1;
        assert_eq!(client.unprotect(&mut forged, &header), None);
        assert!(client.unprotect(&mut wire.clone(), &header).is_some());
        assert_eq!(client.unprotect(&mut wire, &header), None);
    }

    #[test]
    fn the_rollover_of_sequence_numbers_is_followed() {
        let (mut server, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
        for index in 65_530u64..65_545 {
            let mut wire = packet((index & 0xffff) as u16, b"x");
            assert!(server.protect(&mut wire, 0, 12, 99, index));
            let header = Header::parse(&wire).expect("a header");
            assert!(client.unprotect(&mut wire, &header).is_some(), "{index}");
        }
    }

    #[test]
    fn rtcp_without_encryption_is_refused_and_with_it_comes_through() {
        for profile in [
            ProtectionProfile::AeadAes128Gcm,
            ProtectionProfile::Aes128CmHmacSha1_80,
        ] {
            let (mut server, mut client) = pair(profile);
            // A picture loss indication.
            let plain = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
            let wire = server.protect_rtcp(&plain).expect("protected");
            assert_eq!(
                &client.unprotect_rtcp(&wire).expect("authentic")[..],
                &plain
            );
            let mut naked = plain.to_vec();
            naked.extend_from_slice(&[0; 14]);
            assert!(client.unprotect_rtcp(&naked).is_none());
        }
    }

    #[test]
    fn short_packets_do_no_harm() {
        let (_, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
        let (_, mut other) = pair(ProtectionProfile::Aes128CmHmacSha1_80);
        for length in 0..64 {
            let mut wire = packet(1, &[0; 52]);
            wire.truncate(length);
            for end in [&mut client, &mut other] {
                if let Some(header) = Header::parse(&wire) {
                    assert_eq!(end.unprotect(&mut wire.clone(), &header), None);
                }
                assert!(end.unprotect_rtcp(&wire).is_none());
            }
        }
    }

    /// As from someone who writes another's address into datagrams.
    #[test]
    fn forged_streams_shut_nobody_out() {
        for profile in [
            ProtectionProfile::AeadAes128Gcm,
            ProtectionProfile::Aes128CmHmacSha1_80,
        ] {
            let (mut server, mut client) = pair(profile);
            for ssrc in 1_000..1_500u32 {
                let mut forged = vec![0; 12];
                write_header(&mut forged, false, 96, 1, 1, ssrc, None);
                forged.extend_from_slice(&[7; 40]);
                let header = Header::parse(&forged).expect("a header");
                assert_eq!(client.unprotect(&mut forged, &header), None);
                let mut forged = vec![0x80, 201, 0, 1];
                forged.extend_from_slice(&ssrc.to_be_bytes());
                forged.extend_from_slice(&[0xff; 32]);
                assert!(client.unprotect_rtcp(&forged).is_none());
            }
            let mut wire = packet(5, b"picture");
            assert!(server.protect(&mut wire, 0, 12, 99, 5));
            let header = Header::parse(&wire).expect("a header");
            assert!(client.unprotect(&mut wire.clone(), &header).is_some());
            assert!(client.unprotect(&mut wire, &header).is_none(), "replayed");
            let plain = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
            let wire = server.protect_rtcp(&plain).expect("protected");
            assert!(client.unprotect_rtcp(&wire).is_some());
            assert!(client.unprotect_rtcp(&wire).is_none(), "replayed");
        }
    }

    #[test]
    fn streams_without_end_are_refused_in_every_profile() {
        for profile in [
            ProtectionProfile::AeadAes128Gcm,
            ProtectionProfile::Aes128CmHmacSha1_80,
        ] {
            let (mut server, mut client) = pair(profile);
            let mut taken = [0, 0];
            for ssrc in 1..=100u32 {
                let mut wire = vec![0; 12];
                write_header(&mut wire, false, 96, 1, 1, ssrc, None);
                wire.extend_from_slice(b"x");
                assert!(server.protect(&mut wire, 0, 12, ssrc, 1));
                let header = Header::parse(&wire).expect("a header");
                taken[0] += usize::from(client.unprotect(&mut wire, &header).is_some());
                let mut report = vec![0x80, 201, 0, 1];
                report.extend_from_slice(&ssrc.to_be_bytes());
                let wire = server.protect_rtcp(&report).expect("protected");
                taken[1] += usize::from(client.unprotect_rtcp(&wire).is_some());
            }
            assert_eq!(taken, [MAX_STREAMS; 2]);
        }
    }
}
