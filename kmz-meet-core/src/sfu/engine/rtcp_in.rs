//! RTCP that comes in: what viewers report and ask for, and what senders report.

use std::time::Instant;

use rtc_rtcp::packet::{Packet, unmarshal};
use rtc_rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

use super::worker::Worker;
use crate::sfu::counters::Dropped;
use crate::sfu::ids::{MemberKey, StreamRef};
use crate::sfu::rtp::transport_feedback::{MAX_DESCRIBED, described_by};
use crate::sfu::transport::session::Transport;

/// Streams for which one full intra request may ask.
const MAX_FIR_ENTRIES: usize = 8;

impl Worker {
    /// A protected RTCP datagram of a member.
    pub(super) fn on_rtcp(
        &mut self,
        now: Instant,
        sender: MemberKey,
        datagram: &[u8],
    ) -> Result<(), Dropped> {
        let Some(transport) = self.transport_mut(sender) else {
            return Ok(());
        };
        if !transport.may_receive_rtcp(now) {
            return Err(Dropped::OverLimit);
        }
        let mut plain = transport
            .unprotect_rtcp(now, datagram)
            .ok_or(Dropped::NotAuthentic)?;
        let packets = unmarshal(&mut plain).map_err(|_| Dropped::Malformed)?;
        let mut described = 0;
        for packet in packets {
            self.on_rtcp_packet(now, sender, packet.as_ref(), &mut described);
        }
        Ok(())
    }

    /// `described`: packets that the feedback in this datagram has described so far.
    fn on_rtcp_packet(
        &mut self,
        now: Instant,
        sender: MemberKey,
        packet: &dyn Packet,
        described: &mut usize,
    ) {
        let any = packet.as_any();
        if let Some(feedback) = any.downcast_ref::<TransportLayerCc>() {
            *described += described_by(feedback);
            if *described <= MAX_DESCRIBED {
                self.on_feedback(now, sender, feedback);
            }
        } else if let Some(nack) = any.downcast_ref::<TransportLayerNack>() {
            self.on_nack(now, sender, nack);
        } else if let Some(pli) = any.downcast_ref::<PictureLossIndication>() {
            self.on_key_frame_request(now, sender, pli.media_ssrc);
        } else if let Some(fir) = any.downcast_ref::<FullIntraRequest>() {
            for entry in fir.fir.iter().take(MAX_FIR_ENTRIES) {
                self.on_key_frame_request(now, sender, entry.ssrc);
            }
        } else if let Some(report) = any.downcast_ref::<SenderReport>() {
            self.on_sender_report(now, sender, report);
        } else if let Some(report) = any.downcast_ref::<ReceiverReport>() {
            self.on_receiver_report(now, sender, report);
        }
    }

    fn on_feedback(&mut self, now: Instant, viewer: MemberKey, feedback: &TransportLayerCc) {
        let Some(member) = self.members.get_mut(viewer) else {
            return;
        };
        let Some(transport) = member.transport.as_mut() else {
            return;
        };
        let reports = transport.sent.reports(now, feedback);
        if transport.estimate.on_feedback(now, reports) {
            let conference = member.conference;
            self.mark(conference);
        }
    }

    fn on_sender_report(&mut self, now: Instant, sender: MemberKey, report: &SenderReport) {
        let Some(member) = self.members.get_mut(sender) else {
            return;
        };
        if let Some(stream) = member
            .streams_mut()
            .find(|stream| stream.ssrc == report.ssrc)
        {
            stream.sender_report(now, report.ntp_time);
        }
    }

    fn on_receiver_report(&mut self, now: Instant, viewer: MemberKey, report: &ReceiverReport) {
        let lost = report.reports.iter().map(|one| one.fraction_lost);
        let worst = lost.max().unwrap_or(0);
        if let Some(transport) = self.transport_mut(viewer) {
            transport.estimate.on_loss(now, f64::from(worst) / 256.0);
        }
    }

    /// A viewer cannot decode a slot: ask for a key frame of what is in it.
    fn on_key_frame_request(&mut self, now: Instant, viewer: MemberKey, ssrc: u32) {
        let shown = self.members.get_mut(viewer).and_then(|member| {
            let slot = member.slots.picture_of_ssrc(ssrc)?;
            member.slots.get_mut(slot)?.current()
        });
        if let Some(stream) = shown {
            self.ask_key_frame(now, viewer, stream);
        }
    }

    /// Asks for a key frame on behalf of a viewer, unless one is on the way or the viewer asks too often. What all want
    /// is merged in the stream. A viewer without a media path yet could not get it, and the next one would be late: they ask
    /// when they are connected.
    pub(super) fn ask_key_frame(&mut self, now: Instant, viewer: MemberKey, stream: StreamRef) {
        if !self
            .transport_mut(viewer)
            .is_some_and(|transport| transport.is_connected())
        {
            return;
        }
        let is_on_the_way = self
            .members
            .get(stream.member)
            .and_then(|member| member.find(stream))
            .is_none_or(|stream| stream.key_frame_comes(now));
        if is_on_the_way
            || !self
                .members
                .get_mut(viewer)
                .is_some_and(|viewer| viewer.key_frame_limiter.may(now, stream.key))
        {
            return;
        }
        if let Some(stream) = self.find_mut(stream) {
            stream.want_key_frame();
        }
    }

    fn transport_mut(&mut self, member: MemberKey) -> Option<&mut Transport> {
        self.members.get_mut(member)?.transport.as_mut()
    }
}
