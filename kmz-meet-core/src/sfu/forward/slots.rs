//! The slots of one viewer: the fixed media sections in which the viewer receives, each with its outgoing stream.

use super::outgoing_stream::OutgoingStream;
use crate::sfu::ids::{SlotId, VideoSlot};
use crate::sfu::sdp::answer::SlotPlan;

/// RTP clock rates of Opus (RFC 7587) and VP8 (RFC 7741).
const AUDIO_CLOCK_RATE: u32 = 48_000;
const VIDEO_CLOCK_RATE: u32 = 90_000;

/// See the module.
#[derive(Default)]
pub struct Slots {
    pub audio: Vec<OutgoingStream>,
    pub video: Vec<OutgoingStream>,
    pub screen: Option<OutgoingStream>,
}

impl Slots {
    /// Those of a new media session.
    #[must_use]
    pub fn new(audio: Vec<SlotPlan>, video: Vec<SlotPlan>, screen: Option<SlotPlan>) -> Self {
        let audible = |plan| OutgoingStream::new(plan, AUDIO_CLOCK_RATE);
        let visible = |plan| OutgoingStream::new(plan, VIDEO_CLOCK_RATE);
        Self {
            audio: audio.into_iter().map(audible).collect(),
            video: video.into_iter().map(visible).collect(),
            screen: screen.map(visible),
        }
    }

    pub fn get_mut(&mut self, id: SlotId) -> Option<&mut OutgoingStream> {
        match id {
            SlotId::Audio(slot) => self.audio.get_mut(slot.index()),
            SlotId::Video(slot) => self.video.get_mut(slot.index()),
            SlotId::Screen => self.screen.as_mut(),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &OutgoingStream> {
        self.audio.iter().chain(&self.video).chain(&self.screen)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut OutgoingStream> {
        self.audio
            .iter_mut()
            .chain(&mut self.video)
            .chain(&mut self.screen)
    }

    /// Those for pictures. For loops whose steps change the slots: only their number is looked at.
    pub fn pictures(&self) -> impl Iterator<Item = SlotId> + use<> {
        (0..self.video.len())
            .map(|index| SlotId::Video(VideoSlot::from_index(index)))
            .chain(self.screen.is_some().then_some(SlotId::Screen))
    }

    /// The one for pictures that bears this SSRC, for media or for retransmissions.
    #[must_use]
    pub fn picture_of_ssrc(&self, ssrc: u32) -> Option<SlotId> {
        let is = |slot: &OutgoingStream| slot.plan.ssrc == ssrc || slot.plan.rtx_ssrc == ssrc;
        if self.screen.as_ref().is_some_and(is) {
            return Some(SlotId::Screen);
        }
        let index = self.video.iter().position(is)?;
        Some(SlotId::Video(VideoSlot::from_index(index)))
    }
}
