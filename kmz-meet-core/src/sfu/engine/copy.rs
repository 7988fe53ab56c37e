//! The one fan-out of pictures and voices: a copy of a packet for each viewer.

use std::time::{Duration, Instant};

use super::worker::Worker;
#[cfg(test)]
use crate::sfu::api::Fault;
use crate::sfu::counters::Dropped;
use crate::sfu::forward::outgoing_stream::Arrived;
use crate::sfu::ids::{SlotId, StreamRef, Subscriber};
use crate::sfu::rtp::header::primary_of_red;
use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::sdp::section::Codecs;
use crate::sfu::transport::packet::{Outgoing, Payload};

/// Headers and protection of a packet, in bytes: of a voice they are as much as its content.
const AUDIO_OVERHEAD: usize = 36;
/// Pictures that no other one needs are left out while so much waits for its time.
const THIN_BEYOND: Duration = Duration::from_millis(120);
/// While so much waits, what is shown stops until a key frame of what is to be shown, if that is another encoding …
const LEAVE_BEYOND: Duration = Duration::from_millis(250);
/// … and in any case.
const STOP_BEYOND: Duration = Duration::from_secs(1);

/// A decrypted packet on its way to the viewers.
pub(super) struct Incoming<'a> {
    pub(super) stream: StreamRef,
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    /// Whether its conference limits what is sent: asked once for all viewers.
    pub(super) is_limited: bool,
    pub(super) content: Content<'a>,
}

/// What is in it. Both kinds go the same way out.
pub(super) enum Content<'a> {
    Video {
        payload: &'a [u8],
        descriptor: Descriptor,
    },
    Audio {
        /// The newest block alone, for viewers without RED.
        primary: &'a [u8],
        /// All of it, where it is RED, with the sender's payload type for the blocks.
        redundant: Option<(&'a [u8], u8)>,
    },
}

impl<'a> Content<'a> {
    /// The content of a packet of a voice; `None` when it is cut short.
    pub(super) fn of_audio(payload: &'a [u8], payload_type: u8, codecs: Codecs) -> Option<Self> {
        let is_redundant = codecs.red == Some(payload_type);
        Some(Self::Audio {
            primary: if is_redundant {
                primary_of_red(payload)?
            } else {
                payload
            },
            redundant: is_redundant.then_some((payload, codecs.main)),
        })
    }

    /// Bytes of the payload as it came.
    fn len(&self) -> usize {
        match *self {
            Self::Video { payload, .. } => payload.len(),
            Self::Audio {
                primary, redundant, ..
            } => redundant.map_or(primary, |(all, _)| all).len(),
        }
    }

    fn descriptor(&self) -> Option<&Descriptor> {
        match self {
            Self::Video { descriptor, .. } => Some(descriptor),
            Self::Audio { .. } => None,
        }
    }

    /// Whether a stream can be entered here.
    fn is_entry(&self) -> bool {
        self.descriptor()
            .is_none_or(|descriptor| descriptor.key_frame)
    }

    /// Payload type and payload for a viewer with these codecs; `slim`: without redundancy.
    fn for_codecs(&self, codecs: Codecs, slim: bool) -> (u8, &'a [u8]) {
        match *self {
            Self::Video { payload, .. } => (codecs.main, payload),
            // The blocks of RED name the sender's payload type; where the viewer's differs they would be unknown.
            Self::Audio {
                primary, redundant, ..
            } => match (codecs.red, redundant) {
                (Some(red), Some((all, main))) if main == codecs.main && !slim => (red, all),
                _ => (codecs.main, primary),
            },
        }
    }
}

impl Worker {
    /// Puts a copy of a packet into the batch of one viewer: the one fan-out of pictures and voices. Of a voice the slot
    /// is the one in the conference.
    #[inline]
    pub(super) fn copy(&mut self, now: Instant, to: Subscriber, incoming: &Incoming<'_>) {
        self.charged(to.viewer, |worker| {
            #[cfg(test)]
            worker.panic_if_asked(to.viewer, Fault::Copy);
            let outcome = worker.try_copy(now, to, incoming);
            worker.counters.count(outcome);
        });
    }

    fn try_copy(
        &mut self,
        now: Instant,
        to: Subscriber,
        incoming: &Incoming<'_>,
    ) -> Result<(), Dropped> {
        let viewer = self
            .members
            .get_mut(to.viewer)
            .ok_or(Dropped::ViewerNotConnected)?;
        let slot = match to.slot {
            SlotId::Audio(in_conference) => viewer
                .audio_slot(incoming.stream.voice(), in_conference)
                .map(SlotId::Audio)
                .ok_or(Dropped::NoViewerSlot)?,
            picture => picture,
        };
        let transport = viewer
            .transport
            .as_mut()
            .filter(|transport| transport.is_connected())
            .ok_or(Dropped::ViewerNotConnected)?;
        let out = viewer.slots.get_mut(slot).ok_or(Dropped::NoViewerSlot)?;
        let is_voice = matches!(slot, SlotId::Audio(_));
        // A voice is shown by whoever has its slot; pictures are put into theirs by the allocator.
        if is_voice && out.target() != Some(incoming.stream) {
            out.want(Some(incoming.stream));
            viewer.slots_changed = true;
        }
        let descriptor = incoming.content.descriptor();
        let arrived = Arrived {
            key: incoming.stream.key,
            sequence: incoming.sequence,
            timestamp: incoming.timestamp,
            descriptor,
            is_entry: incoming.content.is_entry(),
        };
        if !is_voice {
            let delay = transport.pacing_delay(now);
            let thin = delay > THIN_BEYOND || (out.thinned && !transport.has_room(now));
            if out.leaves_out(&arrived, thin) {
                return Err(Dropped::NoRoom);
            }
            let is_too_late = delay > STOP_BEYOND || (delay > LEAVE_BEYOND && out.is_left());
            // A key frame that has begun leaves as a whole: the next one would be as large.
            if is_too_late && !arrived.is_entry && !out.is_of_entry(&arrived) {
                let wanted = out.suspend().ok_or(Dropped::NotEntered)?;
                transport.forget_waiting(out.plan.ssrc, out.plan.rtx_ssrc, out.entry_end());
                self.ask_key_frame(now, to.viewer, wanted);
                return Err(Dropped::NoRoom);
            }
        }
        let size = incoming.content.len();
        let mut limited = if incoming.is_limited {
            self.conferences.get_mut(viewer.conference)
        } else {
            None
        };
        let mut may_send = |bytes| {
            let limited = limited.as_mut();
            limited.is_none_or(|media| media.may_send(now, bytes))
        };
        if !may_send(size) {
            return Err(Dropped::OverLimit);
        }
        let rewritten = out.rewrite(now, &arrived).ok_or(Dropped::NotEntered)?;
        if rewritten.starts && !is_voice {
            viewer.slots_changed = true;
            transport.forget_waiting(out.plan.ssrc, out.plan.rtx_ssrc, 0);
        }
        let slim = is_voice && transport.estimate.is_narrow(now);
        let (payload_type, bytes) = incoming.content.for_codecs(out.plan.codecs, slim);
        out.stats.sent(bytes.len());
        let mut repeats = 0;
        if is_voice {
            let is_redundant = payload_type != out.plan.codecs.main;
            repeats = transport.estimate.voice_repeats(now, is_redundant);
            if repeats > 0 && !may_send(usize::from(repeats) * bytes.len()) {
                repeats = 0;
            }
            let each = bytes.len() + AUDIO_OVERHEAD;
            transport
                .estimate
                .audio_sent(each * (1 + usize::from(repeats)));
        }
        transport.push(
            now,
            &self.socket,
            &Outgoing {
                ssrc: out.plan.ssrc,
                payload_type,
                sequence: rewritten.sequence,
                timestamp: rewritten.timestamp,
                // The first packet of a voice after a pause or a change bears it (RFC 3551, section 4.1).
                marker: incoming.marker || (is_voice && rewritten.starts),
                transport_cc: out.plan.transport_cc,
                repeats,
            },
            Payload {
                bytes,
                original: None,
                shift: descriptor.map(|descriptor| (descriptor, rewritten.vp8)),
            },
        );
        self.counters.forwarded += 1;
        self.ready.note(to.viewer, is_voice || incoming.marker);
        Ok(())
    }
}
