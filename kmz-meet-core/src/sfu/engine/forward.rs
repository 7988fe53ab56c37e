//! The walk of an RTP packet: unprotect, find its stream, take note of it, and hand out a copy for each viewer.
//! No lock, no task switch; no allocation once a stream is known.

use std::time::Instant;

use super::conference_media::ConferenceMedia;
use super::copy::{Content, Incoming};
use super::worker::Worker;
use crate::sfu::counters::Dropped;
use crate::sfu::forward::incoming_stream::{Fields, IncomingStream};
use crate::sfu::ids::{
    Encoding, MemberKey, SlotId, StreamKey, StreamRef, Subscriber, Track, VoiceId,
};
use crate::sfu::rtp::header::Header;
use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::transport::session::MAX_PAYLOAD;

/// The level (in -dBov) of a voice whose browser sends none.
const DEFAULT_LEVEL: u8 = 30;

/// Where a packet of video belongs.
#[derive(Clone, Copy)]
struct Picture {
    track: Track,
    encoding: Encoding,
    /// It came as a retransmission.
    is_rtx: bool,
}

impl Worker {
    /// An RTP packet of a member, still protected.
    pub(super) fn on_rtp(
        &mut self,
        now: Instant,
        sender: MemberKey,
        packet: &mut [u8],
    ) -> Result<(), Dropped> {
        let header = Header::parse(packet).ok_or(Dropped::Malformed)?;
        let epoch = self.epoch;
        let Some(member) = self.members.get_mut(sender) else {
            return Ok(());
        };
        let Some(transport) = member.transport.as_mut() else {
            return Ok(());
        };
        if !transport.may_receive(now, packet.len()) {
            return Err(Dropped::OverLimit);
        }
        let length = transport
            .unprotect(now, packet, &header)
            .ok_or(Dropped::NotAuthentic)?;
        let packet = &packet[..length];
        let payload = header.payload_of(packet).ok_or(Dropped::Malformed)?;
        self.counters.received += 1;

        let found = match member.known(header.ssrc) {
            Some(found) => found,
            None => {
                self.last_stream = self.last_stream.next();
                member
                    .learn(now, packet, &header, self.last_stream)
                    .ok_or(Dropped::NotNegotiated)?
            }
        };
        let Some(section) = member.tracks[found.track].section.as_ref() else {
            return Err(Dropped::NotNegotiated);
        };
        let (codecs, extensions) = (section.codecs, section.extensions);
        if let (Some(transport), Some(id)) = (member.transport.as_mut(), extensions.transport_cc)
            && let Some(&[high, low]) = header.extension(packet, id)
        {
            let at = now.saturating_duration_since(epoch).as_micros() as i64;
            transport
                .arrivals
                .record(u16::from_be_bytes([high, low]), at);
        }

        let is_expected = if found.is_rtx {
            codecs.rtx == Some(header.payload_type)
        } else {
            header.payload_type == codecs.main || codecs.red == Some(header.payload_type)
        };
        if !is_expected {
            return Err(Dropped::NotNegotiated);
        }
        // A retransmission carries the number of the lost packet before its payload (RFC 4588).
        let (sequence, payload) = match (found.is_rtx, payload) {
            (true, [high, low, rest @ ..]) => (u16::from_be_bytes([*high, *low]), rest),
            (true, _) => return Err(Dropped::Malformed),
            (false, payload) => (header.sequence, payload),
        };
        if payload.len() > MAX_PAYLOAD {
            // It would get a number and then not fit: enough of them and viewers lose count (RFC 3711, 3.3.1).
            return Err(Dropped::TooLarge);
        }
        let fields = Fields {
            sequence,
            timestamp: header.timestamp,
            marker: header.marker,
        };
        let picture = Picture {
            track: found.track,
            encoding: found.encoding,
            is_rtx: found.is_rtx,
        };
        if payload.is_empty() {
            // Padding that probes for bandwidth.
            if found.track.is_video() && !found.is_rtx {
                self.on_padding(sender, picture, sequence);
            }
            Ok(())
        } else if found.track.is_video() {
            self.on_video(now, sender, picture, fields, payload)
        } else {
            let level = extensions
                .audio_level
                .and_then(|id| header.extension(packet, id))
                .and_then(|value| value.first().copied())
                .unwrap_or(DEFAULT_LEVEL);
            let voice = VoiceId {
                member: sender,
                track: found.track,
            };
            let content = Content::of_audio(payload, header.payload_type, codecs);
            self.on_audio(now, voice, fields, payload, content, level)
        }
    }

    fn on_video(
        &mut self,
        now: Instant,
        sender: MemberKey,
        picture: Picture,
        fields: Fields,
        payload: &[u8],
    ) -> Result<(), Dropped> {
        let epoch = self.epoch;
        let Some(member) = self.members.get_mut(sender) else {
            return Ok(());
        };
        let (is_permitted, conference) = (member.may(picture.track), member.conference);
        let Some(stream) = member.stream_mut(picture.track, picture.encoding) else {
            return Err(Dropped::NotNegotiated);
        };
        let was_there = stream.meter.is_alive(now);
        let sequence = stream
            .receive(now, epoch, fields, payload, picture.is_rtx)
            .ok_or(Dropped::Repeated)?;
        let key = stream.key;
        if !is_permitted {
            return Err(Dropped::NotPermitted);
        }
        if !was_there {
            // A picture begins: decide at once who gets it, so that its first key frame is not lost.
            self.allocate(now, conference);
        }
        let descriptor = Descriptor::parse(payload).ok_or(Dropped::Malformed)?;
        let reference = StreamRef {
            member: sender,
            track: picture.track,
            encoding: picture.encoding,
            key,
        };
        let media = self.conferences.get(conference);
        let is_limited = media.is_some_and(ConferenceMedia::is_limited);
        let Some(stream) = self.find_mut(reference) else {
            return Ok(());
        };
        if descriptor.key_frame {
            stream.key_frame_came();
        }
        if !descriptor.droppable {
            stream.add_needed(now, payload.len());
        }
        let incoming = Incoming {
            stream: reference,
            sequence,
            timestamp: fields.timestamp,
            marker: fields.marker,
            is_limited,
            content: Content::Video {
                payload,
                descriptor,
            },
        };
        // Taken out for the loop, which needs the viewers; put back after it.
        let subscribers = std::mem::take(&mut stream.subscribers);
        for subscriber in &subscribers {
            self.copy(now, *subscriber, &incoming);
        }
        if let Some(stream) = self.find_mut(reference) {
            stream.subscribers = subscribers;
        }
        Ok(())
    }

    fn on_audio(
        &mut self,
        now: Instant,
        voice: VoiceId,
        fields: Fields,
        payload: &[u8],
        content: Option<Content<'_>>,
        level: u8,
    ) -> Result<(), Dropped> {
        let epoch = self.epoch;
        let Some(member) = self.members.get_mut(voice.member) else {
            return Ok(());
        };
        let (is_permitted, conference) = (member.may(voice.track), member.conference);
        let Some(stream) = member.stream_mut(voice.track, Encoding::SMALL) else {
            return Err(Dropped::NotNegotiated);
        };
        let key = stream.key;
        if !stream.admit_audio(now, payload.len()) {
            return Err(Dropped::OverLimit);
        }
        let sequence = stream
            .receive(now, epoch, fields, payload, false)
            .ok_or(Dropped::Repeated)?;
        if !is_permitted {
            return Err(Dropped::NotPermitted);
        }
        member.loudness_mut(voice.track).heard(now, level);
        let media = self.conferences.get_mut(conference);
        let media = media.ok_or(Dropped::NoAudioSlot)?;
        let slot = media.audio_slot(voice).ok_or(Dropped::NoAudioSlot)?;
        let is_limited = media.is_limited();
        let incoming = Incoming {
            stream: reference_of(voice, key),
            sequence,
            timestamp: fields.timestamp,
            marker: fields.marker,
            is_limited,
            content: content.ok_or(Dropped::Malformed)?,
        };
        self.for_members(conference, |worker, viewer| {
            if viewer != voice.member {
                let slot = SlotId::Audio(slot);
                worker.copy(now, Subscriber { viewer, slot }, &incoming);
            }
        });
        Ok(())
    }

    /// Senders without retransmissions of their own stream probe with padding between their pictures. Its numbers are
    /// not missing, neither to us nor to the viewers.
    fn on_padding(&mut self, sender: MemberKey, picture: Picture, sequence: u16) {
        let Some(stream) = self
            .members
            .get_mut(sender)
            .and_then(|member| member.stream_mut(picture.track, picture.encoding))
        else {
            return;
        };
        let Some(number) = stream.padding(sequence) else {
            return;
        };
        let reference = StreamRef {
            member: sender,
            track: picture.track,
            encoding: picture.encoding,
            key: stream.key,
        };
        let subscribers = std::mem::take(&mut stream.subscribers);
        for subscriber in &subscribers {
            self.charged(subscriber.viewer, |worker| {
                if let Some(slot) = worker
                    .members
                    .get_mut(subscriber.viewer)
                    .and_then(|viewer| viewer.slots.get_mut(subscriber.slot))
                {
                    slot.skip(reference.key, number);
                }
            });
        }
        if let Some(stream) = self.find_mut(reference) {
            stream.subscribers = subscribers;
        }
    }

    /// This very stream, if it is still there.
    pub(super) fn find_mut(&mut self, stream: StreamRef) -> Option<&mut IncomingStream> {
        self.members.get_mut(stream.member)?.find_mut(stream)
    }
}

fn reference_of(voice: VoiceId, key: StreamKey) -> StreamRef {
    StreamRef {
        member: voice.member,
        track: voice.track,
        encoding: Encoding::SMALL,
        key,
    }
}
