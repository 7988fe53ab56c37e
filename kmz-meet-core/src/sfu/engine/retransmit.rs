//! Packets that are sent again, under RTX (RFC 4588): because a viewer asks for them, or to fill a connection.

use std::time::Instant;

use rtc_rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};

use super::worker::Worker;
use crate::sfu::forward::packet_map::RtxRequest;
use crate::sfu::ids::{MemberKey, SlotId};
use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::transport::packet::{Outgoing, Payload};

/// Packets sent again for one request at most.
const MAX_RESENT: usize = 64;
/// Packets that fill a connection in one go at most.
const MAX_PADDING: u16 = 64;

impl Worker {
    /// Sends packets again out of the cache of their source.
    pub(super) fn on_nack(&mut self, now: Instant, viewer: MemberKey, nack: &TransportLayerNack) {
        let Some(slot) = self
            .members
            .get(viewer)
            .and_then(|member| member.slots.picture_of_ssrc(nack.media_ssrc))
        else {
            return;
        };
        let numbers = nack
            .nacks
            .iter()
            .take(MAX_RESENT)
            .flat_map(NackPair::packet_list)
            .take(MAX_RESENT);
        for number in numbers {
            self.resend(now, viewer, slot, number);
        }
        self.ready.note(viewer, true);
    }

    fn resend(&mut self, now: Instant, viewer: MemberKey, slot_id: SlotId, number: u16) {
        let Some(member) = self.members.get_mut(viewer) else {
            return;
        };
        let Some(slot) = member.slots.get_mut(slot_id) else {
            return;
        };
        let ssrc = slot.plan.ssrc;
        let request = slot.requested(number).filter(|_| slot.is_needed(number));
        let may = member
            .transport
            .as_mut()
            .is_some_and(|transport| transport.rtx_limiter.may(now, ssrc, number));
        let (true, Some(request)) = (may, request) else {
            return;
        };
        let loses_much = self
            .members
            .get(viewer)
            .and_then(|member| member.transport.as_ref())
            .is_some_and(|transport| transport.estimate.loses_much(now));
        for _ in 0..=usize::from(loses_much) {
            if self.repeat(now, viewer, slot_id, number, request).is_some() {
                self.counters.resent += 1;
            }
        }
    }

    /// Fills the connections of those whose estimate wants to know more, with packets that they had before: a browser
    /// drops them and tells how they arrived.
    pub(super) fn pad(&mut self, now: Instant, viewer: MemberKey) {
        let Some(member) = self.members.get_mut(viewer) else {
            return;
        };
        let Some(transport) = member
            .transport
            .as_mut()
            .filter(|transport| transport.is_connected())
        else {
            return;
        };
        let due = transport.estimate.padding(now);
        if due == 0 || !transport.pacing_delay(now).is_zero() {
            return;
        }
        let Some(slot) = member.slots.pictures().find(|slot| {
            member
                .slots
                .get_mut(*slot)
                .is_some_and(|slot| slot.current().is_some())
        }) else {
            return;
        };
        let mut sent = 0;
        for back in 0..MAX_PADDING {
            let request = self.members.get_mut(viewer).and_then(|member| {
                let slot = member.slots.get_mut(slot)?;
                let number = slot.newest_number().wrapping_sub(back);
                Some((number, slot.requested(number)?))
            });
            let Some((number, request)) = request else {
                break;
            };
            sent += self.repeat(now, viewer, slot, number, request).unwrap_or(0);
            if sent >= due {
                break;
            }
        }
        if sent > 0 {
            self.ready.note(viewer, true);
        }
    }

    /// Sends a packet again; gives its size.
    fn repeat(
        &mut self,
        now: Instant,
        viewer: MemberKey,
        slot: SlotId,
        number: u16,
        request: RtxRequest,
    ) -> Option<usize> {
        let (viewer, source) = self.members.get_two_mut(viewer, request.stream.member)?;
        // What may not be forwarded is not sent again either.
        if source.conference != viewer.conference || !source.may(request.stream.track) {
            return None;
        }
        let kept = source
            .find(request.stream)
            .and_then(|stream| stream.cache.as_ref())
            .and_then(|cache| cache.get(request.sequence_in))?;
        let descriptor = Descriptor::parse(kept.payload)?;
        let media = self.conferences.get_mut(viewer.conference)?;
        if !media.may_send(now, kept.payload.len()) {
            return None;
        }
        let transport = viewer.transport.as_mut()?;
        let slot = viewer.slots.get_mut(slot)?;
        let timestamp = kept.timestamp.wrapping_add(request.shifts.timestamp_by);
        let rtx = slot.plan.codecs.rtx?;
        transport.push(
            now,
            &self.socket,
            &Outgoing {
                ssrc: slot.plan.rtx_ssrc,
                payload_type: rtx,
                sequence: slot.next_rtx(),
                timestamp,
                marker: kept.marker,
                transport_cc: slot.plan.transport_cc,
                repeats: 0,
            },
            Payload {
                bytes: kept.payload,
                original: Some(number),
                shift: Some((&descriptor, request.shifts.vp8)),
            },
        );
        Some(kept.payload.len())
    }
}
