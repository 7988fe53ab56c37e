//! What comes from the peer connection: its state and the slots' packets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rtc::rtp::Packet;
use tokio::sync::watch;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceGatheringState, RTCPeerConnectionState,
};

use super::counts::{Counts, Sequence, SlotCounts};
use super::media::starts_key_frame;
use super::options::PacketWatch;
use super::stamp::{Stamp, clock};

/// A place where this client receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Audio(usize),
    Video(usize),
    Screen,
}

/// Which SSRC belongs to which slot.
pub type SlotsBySsrc = HashMap<u32, Slot>;

#[derive(Default)]
struct Received {
    by_ssrc: SlotsBySsrc,
    slots: HashMap<u32, (Sequence, SlotCounts)>,
    counts: Counts,
}

/// Everything that is counted; shared by the tasks of all tracks.
pub(super) struct Ledger {
    received: Mutex<Received>,
    watch: Option<PacketWatch>,
}

impl Ledger {
    pub(super) fn new(watch: Option<PacketWatch>) -> Self {
        Self {
            received: Mutex::default(),
            watch,
        }
    }

    /// Says which SSRCs the slots have; it is known from the answer.
    pub(super) fn assign(&self, by_ssrc: SlotsBySsrc, audio: usize, video: usize) {
        let mut received = self.lock();
        received.by_ssrc = by_ssrc;
        received.slots.clear();
        received.counts.audio = vec![SlotCounts::default(); audio];
        received.counts.video = vec![SlotCounts::default(); video];
    }

    pub(super) fn slots(&self) -> SlotsBySsrc {
        self.lock().by_ssrc.clone()
    }

    pub(super) fn counts(&self) -> Counts {
        let received = self.lock();
        let mut counts = received.counts.clone();
        for (ssrc, (sequence, slot)) in &received.slots {
            let mut slot = slot.clone();
            slot.packets = sequence.unique();
            slot.lost = sequence.lost();
            match received.by_ssrc.get(ssrc) {
                Some(Slot::Audio(index)) => counts.audio[*index] = slot,
                Some(Slot::Video(index)) => counts.video[*index] = slot,
                Some(Slot::Screen) => counts.screen = slot,
                None => {}
            }
        }
        counts
    }

    fn note(&self, packet: &Packet) {
        let header = &packet.header;
        if let Some(watch) = &self.watch {
            watch(header.ssrc, header.sequence_number, &packet.payload);
        }
        let now = clock();
        let mut received = self.lock();
        let Some(slot) = received.by_ssrc.get(&header.ssrc).copied() else {
            return;
        };
        let (sequence, counts) = received.slots.entry(header.ssrc).or_default();
        if !sequence.note(header.sequence_number) {
            counts.duplicates += 1;
            return;
        }
        counts.bytes += packet.payload.len() as u64;
        if !matches!(slot, Slot::Audio(_)) && starts_key_frame(&packet.payload) {
            counts.key_frames += 1;
        }
        if let Some(stamp) = Stamp::read(&packet.payload) {
            received
                .counts
                .delay
                .add(now.saturating_sub(stamp.at) / 1_000);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events of one peer connection.
pub(super) struct Handler {
    pub(super) ledger: Arc<Ledger>,
    pub(super) state: watch::Sender<RTCPeerConnectionState>,
    pub(super) gathered: watch::Sender<bool>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.gathered.send_replace(true);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let ledger = self.ledger.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                match event {
                    TrackRemoteEvent::OnRtpPacket(packet) => ledger.note(&packet),
                    TrackRemoteEvent::OnEnded => break,
                    _ => {}
                }
            }
        });
    }
}
