//! RTCP, both ways: what viewers report and ask for, and what we tell those who send.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rtc_rtcp::packet::{Packet, unmarshal};
use rtc_rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};

use crate::sfu::engine::member::Member;
use crate::sfu::engine::worker::Worker;
use crate::sfu::forward::incoming_stream::SlotId;
use crate::sfu::forward::outgoing_stream::{Asked, Origin, Slot};
use crate::sfu::rtp::transport_feedback::{MAX_DESCRIBED, described_by};
use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::transport::session::{Outgoing, Payload};

/// Most packets sent again for one request.
const MAX_RESENT: usize = 64;
/// Packets that fill a line in one go.
const MAX_PADDING: u16 = 64;
/// SSRC under which our reports go out.
const OUR_SSRC: u32 = 1;

impl Worker {
    /// A protected RTCP datagram of a member.
    pub(super) fn on_rtcp(&mut self, now: Instant, index: usize, datagram: &[u8]) {
        let Some(transport) = self.members[index]
            .as_mut()
            .and_then(|member| member.transport.as_mut())
        else {
            return;
        };
        if !transport.may_receive_rtcp(now) {
            self.counters.over_limit += 1;
            return;
        }
        let Some(mut plain) = transport.unprotect_rtcp(now, datagram) else {
            return;
        };
        let Ok(packets) = unmarshal(&mut plain) else {
            return;
        };
        let mut described = 0;
        for packet in packets {
            let any = packet.as_any();
            if let Some(feedback) = any.downcast_ref::<TransportLayerCc>() {
                described += described_by(feedback);
                if described > MAX_DESCRIBED {
                    continue;
                }
                self.on_feedback(now, index, feedback);
            } else if let Some(nack) = any.downcast_ref::<TransportLayerNack>() {
                self.on_nack(now, index, nack);
            } else if let Some(pli) = any.downcast_ref::<PictureLossIndication>() {
                self.on_key_frame_request(now, index, pli.media_ssrc);
            } else if let Some(fir) = any.downcast_ref::<FullIntraRequest>() {
                for entry in fir.fir.iter().take(8) {
                    self.on_key_frame_request(now, index, entry.ssrc);
                }
            } else if let Some(report) = any.downcast_ref::<SenderReport>() {
                self.on_sender_report(now, index, report);
            } else if let Some(report) = any.downcast_ref::<ReceiverReport>() {
                let worst = report
                    .reports
                    .iter()
                    .map(|one| one.fraction_lost)
                    .max()
                    .unwrap_or(0);
                if let Some(transport) = self.members[index]
                    .as_mut()
                    .and_then(|m| m.transport.as_mut())
                {
                    transport.estimate.on_loss(now, f64::from(worst) / 256.0);
                }
            }
        }
    }

    fn on_feedback(&mut self, now: Instant, index: usize, feedback: &TransportLayerCc) {
        let Some(transport) = self.members[index]
            .as_mut()
            .and_then(|member| member.transport.as_mut())
        else {
            return;
        };
        let reports = transport.sent.reports(now, feedback);
        let less = transport.estimate.on_feedback(now, reports);
        let stage = self.members[index].as_ref().map(|member| member.stage);
        if let (true, Some(stage)) = (less, stage) {
            self.mark(stage);
        }
    }

    fn on_sender_report(&mut self, now: Instant, index: usize, report: &SenderReport) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        if let Some(layer) = member.layers_mut().find(|layer| layer.ssrc == report.ssrc) {
            layer.sender_report(now, report.ntp_time);
        }
    }

    /// A viewer cannot decode a slot: ask for a key frame of what is in it.
    fn on_key_frame_request(&mut self, now: Instant, viewer: usize, ssrc: u32) {
        let Some(slot) = self.members[viewer]
            .as_mut()
            .and_then(|member| slot_of(member, ssrc))
        else {
            return;
        };
        let Some(origin) = self.members[viewer]
            .as_mut()
            .and_then(|member| member.slot_mut(slot))
            .and_then(|slot| slot.current())
        else {
            return;
        };
        self.ask_key_frame(now, viewer, origin);
    }

    /// Asks for a key frame on behalf of a viewer, unless one is on the way or the viewer asks too often. What all want
    /// is merged in the layer.
    pub(super) fn ask_key_frame(&mut self, now: Instant, viewer: usize, origin: Origin) {
        let on_the_way = |worker: &Self| {
            worker.members[origin.member]
                .as_ref()
                .and_then(|member| member.layer(origin.track, origin.layer))
                .filter(|layer| layer.key == origin.key)
                .is_none_or(|layer| layer.key_frame_comes(now))
        };
        if on_the_way(self)
            || !self.members[viewer]
                .as_mut()
                .is_some_and(|viewer| viewer.asking.may(now, origin.key))
        {
            return;
        }
        if let Some(layer) = self.members[origin.member]
            .as_mut()
            .and_then(|member| member.layer_mut(origin.track, origin.layer))
        {
            layer.want_key_frame();
        }
    }

    /// Sends packets again out of the history of their source.
    fn on_nack(&mut self, now: Instant, viewer_index: usize, nack: &TransportLayerNack) {
        let Some(slot_id) = self.members[viewer_index]
            .as_mut()
            .and_then(|member| slot_of(member, nack.media_ssrc))
        else {
            return;
        };
        let numbers = nack
            .nacks
            .iter()
            .take(MAX_RESENT)
            .flat_map(rtc_rtcp::transport_feedbacks::transport_layer_nack::NackPair::packet_list)
            .take(MAX_RESENT);
        for number in numbers {
            self.resend(now, viewer_index, slot_id, number);
        }
        self.ready.note(viewer_index, true);
    }

    fn resend(&mut self, now: Instant, viewer_index: usize, slot_id: SlotId, number: u16) {
        let Some(viewer) = self.members[viewer_index].as_mut() else {
            return;
        };
        let Some((ssrc, asked)) = viewer
            .slot_mut(slot_id)
            .map(|slot| (slot.plan.ssrc, slot.asked(number)))
        else {
            return;
        };
        let may = viewer
            .transport
            .as_mut()
            .is_some_and(|transport| transport.repeats.may(now, ssrc, number));
        let (true, Some(asked)) = (may, asked) else {
            return;
        };
        if self
            .repeat(now, viewer_index, slot_id, number, asked)
            .is_some()
        {
            self.counters.resent += 1;
        }
    }

    /// Fills the lines of those whose estimate wants to know more, with packets that they had before: a browser drops
    /// them and tells how they arrived.
    pub(super) fn pad(&mut self, now: Instant, viewer_index: usize) {
        let Some(viewer) = self.members[viewer_index].as_mut() else {
            return;
        };
        let Some(transport) = viewer
            .transport
            .as_mut()
            .filter(|transport| transport.is_connected())
        else {
            return;
        };
        let due = transport.estimate.padding(now);
        if due == 0 {
            return;
        }
        let Some(slot_id) = (0..viewer.video_slots.len())
            .map(SlotId::Video)
            .chain([SlotId::Screen])
            .find(|slot| {
                viewer
                    .slot_mut(*slot)
                    .is_some_and(|slot| slot.current().is_some())
            })
        else {
            return;
        };
        let mut sent = 0;
        for back in 0..MAX_PADDING {
            let Some((number, asked)) = viewer_slot(&mut self.members, viewer_index, slot_id)
                .map(|slot| slot.newest_number().wrapping_sub(back))
                .and_then(|number| {
                    let slot = viewer_slot(&mut self.members, viewer_index, slot_id)?;
                    Some((number, slot.asked(number)?))
                })
            else {
                break;
            };
            sent += self
                .repeat(now, viewer_index, slot_id, number, asked)
                .unwrap_or(0);
            if sent >= due {
                break;
            }
        }
        if sent > 0 {
            self.ready.note(viewer_index, true);
        }
    }

    /// Sends a packet again; gives its size.
    fn repeat(
        &mut self,
        now: Instant,
        viewer_index: usize,
        slot_id: SlotId,
        number: u16,
        asked: Asked,
    ) -> Option<usize> {
        let source_index = asked.origin.member;
        if source_index == viewer_index {
            return None;
        }
        let Ok([Some(viewer), Some(source)]) =
            self.members.get_disjoint_mut([viewer_index, source_index])
        else {
            return None;
        };
        // What may not be forwarded is not sent again either.
        if source.stage != viewer.stage || !source.may(asked.origin.track) {
            return None;
        }
        let kept = source
            .layer(asked.origin.track, asked.origin.layer)
            .filter(|layer| layer.key == asked.origin.key)
            .and_then(|layer| layer.history.as_ref())
            .and_then(|history| history.get(asked.sequence_in))?;
        let descriptor = Descriptor::parse(kept.payload)?;
        let transport = viewer.transport.as_mut()?;
        let slot = match slot_id {
            SlotId::Video(index) => viewer.video_slots.get_mut(index),
            SlotId::Screen => viewer.screen_slot.as_mut(),
        };
        let slot = slot?;
        let timestamp = kept.timestamp.wrapping_add(asked.timestamp_by);
        let rtx = slot.plan.codecs.rtx?;
        let sequence = slot.rtx_next;
        slot.rtx_next += 1;
        transport.push(
            now,
            &self.socket,
            &Outgoing {
                ssrc: slot.plan.rtx_ssrc,
                payload_type: rtx,
                sequence,
                timestamp,
                marker: kept.marker,
                transport_cc: slot.plan.transport_cc,
            },
            Payload {
                bytes: kept.payload,
                original: Some(number),
                shift: Some((&descriptor, asked.picture_by, asked.tl0_by)),
            },
        );
        Some(kept.payload.len())
    }

    /// Key frame and retransmission requests to a sender that are due.
    pub(super) fn request_repairs(&mut self, now: Instant, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let mut lost = Vec::new();
        let mut packets: Vec<Box<dyn Packet>> = Vec::new();
        for layer in member.layers_mut() {
            lost.clear();
            layer.nacks(now, &mut lost);
            if !lost.is_empty() {
                packets.push(Box::new(TransportLayerNack {
                    sender_ssrc: OUR_SSRC,
                    media_ssrc: layer.ssrc,
                    nacks: nack_pairs_from_sequence_numbers(&lost),
                }));
            }
            if layer.key_frame_due(now) {
                self.counters.key_frames_asked += 1;
                packets.push(Box::new(PictureLossIndication {
                    sender_ssrc: OUR_SSRC,
                    media_ssrc: layer.ssrc,
                }));
            }
        }
        if let (false, Some(transport)) = (packets.is_empty(), member.transport.as_mut()) {
            transport.send_rtcp(&self.socket, &packets);
        }
    }

    /// Tells a sender when their packets arrived.
    pub(super) fn send_feedback(&mut self, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let media = member.layers_mut().next().map_or(0, |layer| layer.ssrc);
        let Some(transport) = member.transport.as_mut() else {
            return;
        };
        if let Some(feedback) = transport.arrivals.feedback(media) {
            transport.send_rtcp(&self.socket, &[Box::new(feedback)]);
        }
    }

    /// Sender and receiver reports (RFC 3550, section 6.4).
    pub(super) fn send_reports(&mut self, now: Instant, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let ntp_time = ntp(SystemTime::now());
        let reports: Vec<_> = member
            .layers_mut()
            .filter_map(|layer| layer.report(now))
            .collect();
        let mut packets: Vec<Box<dyn Packet>> = reports
            .chunks(30)
            .map(|reports| {
                Box::new(ReceiverReport {
                    ssrc: OUR_SSRC,
                    reports: reports.to_vec(),
                    ..ReceiverReport::default()
                }) as Box<dyn Packet>
            })
            .collect();
        let slots = member
            .audio_slots
            .iter()
            .chain(&member.video_slots)
            .chain(&member.screen_slot);
        for slot in slots.filter(|slot| slot.current().is_some()) {
            let Some(rtp_time) = slot.rtp_time(now) else {
                continue;
            };
            packets.push(Box::new(SenderReport {
                ssrc: slot.plan.ssrc,
                ntp_time,
                rtp_time,
                packet_count: slot.packets,
                octet_count: slot.octets,
                ..SenderReport::default()
            }));
        }
        let Some(transport) = member.transport.as_mut() else {
            return;
        };
        // 28 bytes each: a datagram holds forty.
        for some in packets.chunks(40) {
            transport.send_rtcp(&self.socket, some);
        }
    }
}

fn viewer_slot(members: &mut [Option<Member>], viewer: usize, slot: SlotId) -> Option<&mut Slot> {
    members.get_mut(viewer)?.as_mut()?.slot_mut(slot)
}

fn slot_of(member: &Member, ssrc: u32) -> Option<SlotId> {
    let is = |slot: &crate::sfu::forward::outgoing_stream::Slot| {
        slot.plan.ssrc == ssrc || slot.plan.rtx_ssrc == ssrc
    };
    if member.screen_slot.as_ref().is_some_and(is) {
        return Some(SlotId::Screen);
    }
    member.video_slots.iter().position(is).map(SlotId::Video)
}

/// Seconds since 1900 as 32.32 fixed point.
fn ntp(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = since.as_secs().wrapping_add(2_208_988_800);
    (seconds << 32) | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000)
}
