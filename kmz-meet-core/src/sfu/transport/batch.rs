//! Packets that leave with the next flush, one behind the other, protected.

use std::time::{Duration, Instant};

use crate::sfu::net::socket::{Path, Socket};
use crate::sfu::relay::address::RelayId;
use crate::sfu::relay::outbox::Lane;
use crate::sfu::rtp::payload_types::PayloadTypes;

/// Bytes of the batch; when it is full it leaves at once.
const MAX_BYTES: usize = 24 * 1_024;
/// Packets of an unfinished picture wait this long for the rest of it: one send call for the whole picture costs a
/// fraction of one per packet, and the browser cannot show a part anyway.
const HOLD: Duration = Duration::from_millis(2);

/// See the module.
pub struct Batch {
    /// The packets; who writes one into it calls [`Self::finish`].
    pub bytes: Vec<u8>,
    sizes: Vec<u16>,
    /// When an unfinished picture began to wait.
    waits_since: Option<Instant>,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            bytes: Vec::with_capacity(MAX_BYTES + 2_048),
            sizes: Vec::with_capacity(256),
            waits_since: None,
        }
    }
}

impl Batch {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Whether one more packet of so many bytes fits.
    #[must_use]
    pub fn has_room(&self, bytes: usize) -> bool {
        self.bytes.len() + bytes <= MAX_BYTES
    }

    /// The packet that begins at `start` is complete.
    pub fn finish(&mut self, start: usize) {
        let size = self.bytes.len() - start;
        self.sizes.push(u16::try_from(size).unwrap_or(u16::MAX));
    }

    /// Whether an unfinished picture has waited long enough for the rest of it; it begins to wait with the first call.
    pub fn has_waited(&mut self, now: Instant) -> bool {
        let since = *self.waits_since.get_or_insert(now);
        now.saturating_duration_since(since) >= HOLD
    }

    /// Sends all: runs of equally long packets in one call each. False: nothing can leave on this path.
    ///
    /// `voices`: which of the packets must not wait behind others on a path that queues.
    pub fn send(&self, socket: &Socket, path: Path, voices: PayloadTypes) -> bool {
        if let Some(relay) = RelayId::at(path.remote) {
            return socket.send_relayed(relay, path.local, self.in_lanes(voices));
        }
        let mut start = 0;
        let mut index = 0;
        while let Some(size) = self.sizes.get(index).copied() {
            let size = usize::from(size);
            let most = socket.max_segments(path, size);
            let mut end = start + size;
            let mut count = 1;
            index += 1;
            while let Some(next) = self.sizes.get(index).copied().map(usize::from) {
                if count >= most || next > size {
                    break;
                }
                end += next;
                count += 1;
                index += 1;
                // Only the last segment may be shorter.
                if next < size {
                    break;
                }
            }
            let segment = (count > 1).then_some(size);
            if !socket.send(path, &self.bytes[start..end], segment) {
                return false;
            }
            start = end;
        }
        true
    }

    fn in_lanes(&self, voices: PayloadTypes) -> impl Iterator<Item = (&[u8], Lane)> {
        let mut rest = &self.bytes[..];
        self.sizes.iter().map(move |size| {
            let (packet, behind) = rest.split_at(usize::from(*size).min(rest.len()));
            rest = behind;
            let is_voice = packet.get(1).is_some_and(|byte| voices.has(*byte));
            let lane = if is_voice {
                Lane::Urgent
            } else {
                Lane::Pictures
            };
            (packet, lane)
        })
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.sizes.clear();
        self.waits_since = None;
    }
}
