//! Device cookies: they tell browsers apart and say when this server issued them. Nobody can forge one, or make one older.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::Timestamp;
use crate::limits::limit_key::AGED;

const RANDOM: usize = 8;
const TIME: usize = 4;
const PROOF: usize = 12;
/// In base64, without padding.
const LENGTH: usize = (RANDOM + TIME + PROOF) / 3 * 4;
/// The same key signs other things too, none of which begins like this.
const PURPOSE: &[u8] = b"device:";

/// Issues and reads device cookies.
pub struct Devices(hmac::Key);

impl Devices {
    /// Takes the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Issues a cookie.
    pub fn issue(&self, now: Timestamp) -> String {
        let random: [u8; RANDOM] = rand::random();
        let seconds = u32::try_from(now / 1_000).unwrap_or(u32::MAX);
        let mut bytes = [random.as_slice(), &seconds.to_be_bytes()].concat();
        let proof = self.proof(&bytes);
        bytes.extend_from_slice(&proof.as_ref()[..PROOF]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// When the cookie was issued; `None` if it is not ours.
    pub fn issued_at(&self, device: &str) -> Option<Timestamp> {
        if device.len() != LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(device).ok()?;
        let (said, proof) = bytes.split_at_checked(RANDOM + TIME)?;
        verify_slices_are_equal(proof, self.proof(said).as_ref().get(..PROOF)?).ok()?;
        let seconds: [u8; TIME] = said[RANDOM..].try_into().ok()?;
        Some(Timestamp::from(u32::from_be_bytes(seconds)) * 1_000)
    }

    /// How long a browser has had its cookie; zero if it is not ours.
    pub fn age(&self, device: &str, now: Timestamp) -> Duration {
        let age = self.issued_at(device).map_or(0, |since| now - since);
        Duration::from_millis(u64::try_from(age).unwrap_or(0))
    }

    /// Whether the browser was here before: see [`AGED`].
    pub fn is_aged(&self, device: &str, now: Timestamp) -> bool {
        self.age(device, now) >= AGED
    }

    fn proof(&self, said: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, &[PURPOSE, said].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_says_when_it_was_issued_and_cannot_be_forged() {
        let devices = Devices::new(&[7; 32]);
        let device = devices.issue(1_800_000_000_123);
        assert_eq!(devices.issued_at(&device), Some(1_800_000_000_000));
        assert_ne!(device, devices.issue(1_800_000_000_123));
        let aged = 1_800_000_000_000 + 3 * 60_000;
        assert!(devices.is_aged(&device, aged));
        assert!(!devices.is_aged(&device, aged - 1));
        // The clock was set back.
        assert_eq!(devices.age(&device, 0), Duration::ZERO);
        assert!(!devices.is_aged("invented", aged));
        assert_eq!(Devices::new(&[8; 32]).issued_at(&device), None);
        for position in 0..device.len() {
            let mut forged = device.clone();
            let other = if &forged[position..=position] == "A" {
                "B"
            } else {
                "A"
            };
            forged.replace_range(position..=position, other);
            assert_eq!(devices.issued_at(&forged), None, "{position}");
        }
        let long = "A".repeat(LENGTH);
        for invented in ["", "me", "AAAAAAAAAAAAAAAAAAAAAA", long.as_str(), "ä"] {
            assert_eq!(devices.issued_at(invented), None, "{invented}");
        }
    }
}
