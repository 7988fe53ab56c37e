//! Test media carries its own origin: the last bytes of every payload say which packet it is and when it was made,
//! so that the one who receives it can tell how long it was on the way. Sender and receiver must share a clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes that a stamp takes at the end of a payload.
pub const STAMP_LENGTH: usize = 20;
const MAGIC: [u8; 4] = *b"kmz!";

/// What a payload says of its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The publisher's SSRC and sequence number: the forwarder writes its own into the header.
    pub ssrc: u32,
    pub sequence: u16,
    /// When it was made, in nanoseconds since the Unix epoch.
    pub at: u64,
}

impl Stamp {
    /// Writes the stamp over the end of a payload; does nothing when there is no room.
    pub fn write(&self, payload: &mut [u8]) {
        let Some(tail) = payload.last_chunk_mut::<STAMP_LENGTH>() else {
            return;
        };
        tail[..4].copy_from_slice(&MAGIC);
        tail[4..8].copy_from_slice(&self.ssrc.to_be_bytes());
        tail[8..10].copy_from_slice(&self.sequence.to_be_bytes());
        tail[10..12].fill(0);
        tail[12..].copy_from_slice(&self.at.to_be_bytes());
    }

    /// The stamp of a payload, if it has one.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let tail = payload.last_chunk::<STAMP_LENGTH>()?;
        if tail[..4] != MAGIC {
            return None;
        }
        Some(Self {
            ssrc: u32::from_be_bytes([tail[4], tail[5], tail[6], tail[7]]),
            sequence: u16::from_be_bytes([tail[8], tail[9]]),
            at: u64::from_be_bytes([
                tail[12], tail[13], tail[14], tail[15], tail[16], tail[17], tail[18], tail[19],
            ]),
        })
    }
}

/// Nanoseconds since the Unix epoch.
#[must_use]
pub fn clock() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamp_written_into_a_payload_is_read_back() {
        let stamp = Stamp {
            ssrc: 0xdead_beef,
            sequence: 65_535,
            at: clock(),
        };
        let mut payload = vec![7; 40];
        stamp.write(&mut payload);
        assert_eq!(Stamp::read(&payload), Some(stamp));
        assert_eq!(payload[..20], [7; 20]);
        assert_eq!(Stamp::read(&payload[..39]), None);
        assert_eq!(Stamp::read(&[]), None);
    }
}
