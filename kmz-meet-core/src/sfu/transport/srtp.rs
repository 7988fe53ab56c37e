//! SRTP for one peer (RFC 3711, RFC 7714), in place and without allocation for AES-128-GCM.
//!
//! Browsers choose GCM; for those that do not, and for all RTCP, the `rtc-srtp` crate does the work.

mod gcm;
mod replay_window;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rtc_crypto::RTCCryptoProvider;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::sfu::rtp::header::Header;
use gcm::Gcm;
pub use gcm::SetupError;
use replay_window::Incoming;

/// Bytes that protection adds to a packet at most.
pub const MAX_OVERHEAD: usize = 16;
const TAG: usize = 16;
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
