//! RTCP that goes out: what we ask senders for, and what we report to everybody.

use std::time::{Instant, SystemTime};

use rtc_rtcp::packet::Packet;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};

use super::worker::Worker;
use crate::sfu::ids::MemberKey;
use crate::sfu::rtp::report::{OUR_SSRC, ntp_time};

/// Reception reports in one receiver report (RFC 3550, section 6.4.2, has 31).
const MAX_RECEPTION_REPORTS: usize = 30;
/// Packets of 28 bytes in one datagram.
const MAX_REPORTS: usize = 40;

impl Worker {
    /// Key frame and retransmission requests to a sender that are due.
    pub(super) fn request_repairs(&mut self, now: Instant, sender: MemberKey) {
        let Some(member) = self.members.get_mut(sender) else {
            return;
        };
        let mut lost = Vec::new();
        let mut packets: Vec<Box<dyn Packet>> = Vec::new();
        for stream in member.streams_mut() {
            lost.clear();
            stream.nacks(now, &mut lost);
            if !lost.is_empty() {
                packets.push(Box::new(TransportLayerNack {
                    sender_ssrc: OUR_SSRC,
                    media_ssrc: stream.ssrc,
                    nacks: nack_pairs_from_sequence_numbers(&lost),
                }));
            }
            if stream.key_frame_due(now) {
                self.counters.key_frames_asked += 1;
                packets.push(Box::new(PictureLossIndication {
                    sender_ssrc: OUR_SSRC,
                    media_ssrc: stream.ssrc,
                }));
            }
        }
        if let (false, Some(transport)) = (packets.is_empty(), member.transport.as_mut()) {
            transport.send_rtcp(&self.socket, &packets);
        }
    }

    /// Tells a sender when their packets arrived.
    pub(super) fn send_feedback(&mut self, sender: MemberKey) {
        let Some(member) = self.members.get_mut(sender) else {
            return;
        };
        let media = member.streams_mut().next().map_or(0, |stream| stream.ssrc);
        let Some(transport) = member.transport.as_mut() else {
            return;
        };
        if let Some(feedback) = transport.arrivals.feedback(media) {
            transport.send_rtcp(&self.socket, &[Box::new(feedback)]);
        }
    }

    /// Sender and receiver reports (RFC 3550, section 6.4).
    pub(super) fn send_reports(&mut self, now: Instant, key: MemberKey) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let ntp_time = ntp_time(SystemTime::now());
        let reports: Vec<_> = member
            .streams_mut()
            .filter_map(|stream| stream.report(now))
            .collect();
        let mut packets: Vec<Box<dyn Packet>> = reports
            .chunks(MAX_RECEPTION_REPORTS)
            .map(|reports| {
                Box::new(ReceiverReport {
                    ssrc: OUR_SSRC,
                    reports: reports.to_vec(),
                    ..ReceiverReport::default()
                }) as Box<dyn Packet>
            })
            .collect();
        for slot in member.slots.iter().filter(|slot| slot.current().is_some()) {
            let Some(rtp_time) = slot.stats.rtp_time(now) else {
                continue;
            };
            packets.push(Box::new(SenderReport {
                ssrc: slot.plan.ssrc,
                ntp_time,
                rtp_time,
                packet_count: slot.stats.packets,
                octet_count: slot.stats.octets,
                ..SenderReport::default()
            }));
        }
        let Some(transport) = member.transport.as_mut() else {
            return;
        };
        for some in packets.chunks(MAX_REPORTS) {
            transport.send_rtcp(&self.socket, some);
        }
    }
}
