//! The walk of an RTP packet: unprotect, find its stream, and for each viewer's slot: rewrite, protect, batch.
//! No lock, no task switch; no allocation once a stream is known.

use std::time::Instant;

use crate::sfu::allocation::speakers::Loudness;
use crate::sfu::engine::conference_media::Voice;
use crate::sfu::engine::member::{CAMERA, Member, SCREEN, SOUND};
use crate::sfu::engine::worker::Worker;
use crate::sfu::forward::incoming_stream::SlotId;
use crate::sfu::forward::outgoing_stream::Origin;
use crate::sfu::rtp::header::{Header, primary_of_red};
use crate::sfu::rtp::vp8::Descriptor;
use crate::sfu::transport::session::{MAX_PAYLOAD, Outgoing, Payload};

/// Headers and protection of a packet, in bytes: of a voice they are as much as its content.
const SOUND_OVERHEAD: usize = 36;

/// A decrypted packet on its way to the viewers.
struct Incoming<'a> {
    origin: Origin,
    sequence: u64,
    timestamp: u32,
    marker: bool,
    payload: &'a [u8],
}

impl Worker {
    /// An RTP packet of a member, still protected.
    pub(super) fn on_rtp(&mut self, now: Instant, index: usize, packet: &mut [u8]) {
        let Some(header) = Header::parse(packet) else {
            return;
        };
        let epoch = self.epoch;
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let Some(transport) = member.transport.as_mut() else {
            return;
        };
        if !transport.may_receive(now, packet.len()) {
            self.counters.over_limit += 1;
            return;
        }
        let Some(length) = transport.unprotect(now, packet, &header) else {
            return;
        };
        let packet = &packet[..length];
        let Some(payload) = header.payload_of(packet) else {
            return;
        };
        self.counters.received += 1;

        let stream = match member.known(header.ssrc) {
            Some(stream) => stream,
            None => {
                self.next_key += 1;
                let Some(stream) = member.learn(now, packet, &header, self.next_key) else {
                    return;
                };
                stream
            }
        };
        let Some(section) = member.tracks[stream.track].section.as_ref() else {
            return;
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

        let expected = if stream.repair {
            codecs.rtx == Some(header.payload_type)
        } else {
            header.payload_type == codecs.main || codecs.red == Some(header.payload_type)
        };
        if !expected {
            return;
        }
        // A retransmission carries the number of the lost packet before its payload (RFC 4588).
        let (sequence, payload) = match (stream.repair, payload) {
            (true, [high, low, rest @ ..]) => (u16::from_be_bytes([*high, *low]), rest),
            (true, _) => return,
            (false, payload) => (header.sequence, payload),
        };
        if payload.len() > MAX_PAYLOAD {
            // It would get a number and then not fit: enough of them and viewers lose count (RFC 3711, 3.3.1).
            return;
        }
        if payload.is_empty() {
            // Padding that probes for bandwidth.
            if matches!(stream.track, CAMERA | SCREEN) && !stream.repair {
                self.on_padding(index, (stream.track, stream.layer), sequence);
            }
            return;
        }
        if matches!(stream.track, CAMERA | SCREEN) {
            let fields = (sequence, header.timestamp, header.marker);
            self.on_video(
                now,
                index,
                (stream.track, stream.layer),
                fields,
                payload,
                stream.repair,
            );
        } else {
            let level = extensions
                .audio_level
                .and_then(|id| header.extension(packet, id))
                .and_then(|value| value.first().copied());
            self.on_audio(now, index, stream.track, &header, payload, level);
        }
    }

    fn on_video(
        &mut self,
        now: Instant,
        index: usize,
        (track, layer_index): (usize, usize),
        fields: (u16, u32, bool),
        payload: &[u8],
        repaired: bool,
    ) {
        let epoch = self.epoch;
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let (permitted, stage) = (member.may(track), member.stage);
        let Some(layer) = member.layer_mut(track, layer_index) else {
            return;
        };
        let was_there = layer.meter.rate(now, 1.0) > 0.0;
        let Some(sequence) = layer.receive(now, epoch, fields, payload, repaired) else {
            return;
        };
        if !permitted {
            return;
        }
        if !was_there {
            // A picture begins: decide at once who gets it, so that its first key frame is not lost.
            self.allocate(now, stage);
            self.step = index;
        }
        let Some(descriptor) = Descriptor::parse(payload) else {
            return;
        };
        let Some(layer) = self.members[index]
            .as_mut()
            .and_then(|member| member.layer_mut(track, layer_index))
        else {
            return;
        };
        if descriptor.key_frame {
            layer.key_frame_came();
        }
        let incoming = Incoming {
            origin: Origin {
                member: index,
                track,
                layer: layer_index,
                key: layer.key,
            },
            sequence,
            timestamp: fields.1,
            marker: fields.2,
            payload,
        };
        // Taken out for the loop, which needs the viewers; put back after it.
        let subscribers = std::mem::take(&mut layer.subscribers);
        for subscriber in &subscribers {
            self.step = subscriber.viewer;
            self.deliver(
                now,
                subscriber.viewer,
                subscriber.slot,
                &incoming,
                &descriptor,
            );
        }
        self.step = index;
        if let Some(layer) = self.members[index]
            .as_mut()
            .and_then(|member| member.layer_mut(track, layer_index))
        {
            layer.subscribers = subscribers;
        }
    }

    /// Senders without retransmissions of their own stream probe with padding between their pictures. Its numbers are
    /// not missing, neither to us nor to the viewers.
    fn on_padding(&mut self, index: usize, (track, layer): (usize, usize), sequence: u16) {
        let Some(layer) = self.members[index]
            .as_mut()
            .and_then(|member| member.layer_mut(track, layer))
        else {
            return;
        };
        let Some(number) = layer.padding(sequence) else {
            return;
        };
        let key = layer.key;
        let subscribers = std::mem::take(&mut layer.subscribers);
        for subscriber in &subscribers {
            if let Some(slot) = self.members[subscriber.viewer]
                .as_mut()
                .and_then(|viewer| viewer.slot_mut(subscriber.slot))
            {
                slot.skip(key, number);
            }
        }
        if let Some(layer) = self.members[index]
            .as_mut()
            .and_then(|member| member.layers_mut().find(|layer| layer.key == key))
        {
            layer.subscribers = subscribers;
        }
    }

    fn deliver(
        &mut self,
        now: Instant,
        viewer_index: usize,
        slot_id: SlotId,
        incoming: &Incoming<'_>,
        descriptor: &Descriptor,
    ) {
        let Some(viewer) = self.members[viewer_index].as_mut() else {
            return;
        };
        let Some(transport) = viewer.transport.as_mut() else {
            return;
        };
        if !transport.is_connected() {
            return;
        }
        let slot = match slot_id {
            SlotId::Video(slot) => viewer.video_slots.get_mut(slot),
            SlotId::Screen => viewer.screen_slot.as_mut(),
        };
        let Some(slot) = slot else { return };
        let Some(rewritten) = slot.rewrite(
            now,
            incoming.origin.key,
            (incoming.sequence, incoming.timestamp),
            Some(descriptor),
            descriptor.key_frame,
        ) else {
            return;
        };
        if rewritten.starts {
            viewer.slots_changed = true;
        }
        slot.packets = slot.packets.wrapping_add(1);
        slot.octets = slot.octets.wrapping_add(incoming.payload.len() as u32);
        transport.push(
            now,
            &self.socket,
            &Outgoing {
                ssrc: slot.plan.ssrc,
                payload_type: slot.plan.codecs.main,
                sequence: rewritten.sequence,
                timestamp: rewritten.timestamp,
                marker: incoming.marker,
                transport_cc: slot.plan.transport_cc,
            },
            Payload {
                bytes: incoming.payload,
                original: None,
                shift: Some((descriptor, rewritten.picture_by, rewritten.tl0_by)),
            },
        );
        self.counters.forwarded += 1;
        self.ready.note(viewer_index, incoming.marker);
    }

    fn on_audio(
        &mut self,
        now: Instant,
        index: usize,
        track: usize,
        header: &Header,
        payload: &[u8],
        level: Option<u8>,
    ) {
        let epoch = self.epoch;
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let permitted = member.may(track);
        let stage_index = member.stage;
        let Some(section) = member.tracks[track].section.as_ref() else {
            return;
        };
        let codecs = section.codecs;
        let redundant = codecs.red == Some(header.payload_type);
        let Some(layer) = member.layer_mut(track, 0) else {
            return;
        };
        let key = layer.key;
        if !layer.admit_audio(now, payload.len()) {
            self.counters.over_limit += 1;
            return;
        }
        let fields = (header.sequence, header.timestamp, header.marker);
        let Some(sequence) = layer.receive(now, epoch, fields, payload, false) else {
            return;
        };
        if !permitted {
            return;
        }
        loudness_of(member, track).heard(now, level.unwrap_or(30));
        let voice = Voice {
            member: index,
            track,
        };
        let Some(stage) = self.stages.get_mut(stage_index).and_then(Option::as_mut) else {
            return;
        };
        let Some(slot) = stage.audio_slot(voice).or_else(|| stage.begin(voice)) else {
            return;
        };
        let Some(primary) = (if redundant {
            primary_of_red(payload)
        } else {
            Some(payload)
        }) else {
            return;
        };
        let origin = Origin {
            member: index,
            track,
            layer: 0,
            key,
        };
        let viewers = std::mem::take(&mut stage.members);
        for viewer_index in viewers.iter().copied().filter(|viewer| *viewer != index) {
            self.step = viewer_index;
            let Some(viewer) = self.members[viewer_index].as_mut() else {
                continue;
            };
            let Some(slot) = viewer.place_of(voice, slot) else {
                continue;
            };
            let (Some(transport), Some(slot)) =
                (viewer.transport.as_mut(), viewer.audio_slots.get_mut(slot))
            else {
                continue;
            };
            if !transport.is_connected() {
                continue;
            }
            if slot.target().is_none_or(|target| target.key != key) {
                slot.want(Some(origin));
                viewer.slots_changed = true;
            }
            let Some(rewritten) = slot.rewrite(now, key, (sequence, header.timestamp), None, true)
            else {
                continue;
            };
            // The blocks of RED name the sender's payload type; where the viewer's differs they would be unknown.
            let (payload_type, bytes) = match slot.plan.codecs.red {
                Some(red) if redundant && slot.plan.codecs.main == codecs.main => (red, payload),
                _ => (slot.plan.codecs.main, primary),
            };
            slot.packets = slot.packets.wrapping_add(1);
            slot.octets = slot.octets.wrapping_add(bytes.len() as u32);
            transport.estimate.audio_sent(bytes.len() + SOUND_OVERHEAD);
            transport.push(
                now,
                &self.socket,
                &Outgoing {
                    ssrc: slot.plan.ssrc,
                    payload_type,
                    sequence: rewritten.sequence,
                    timestamp: rewritten.timestamp,
                    marker: header.marker || rewritten.starts,
                    transport_cc: slot.plan.transport_cc,
                },
                Payload {
                    bytes,
                    original: None,
                    shift: None,
                },
            );
            self.counters.forwarded += 1;
            self.ready.note(viewer_index, true);
        }
        self.step = index;
        if let Some(stage) = self.stages.get_mut(stage_index).and_then(Option::as_mut) {
            stage.members = viewers;
        }
    }
}

fn loudness_of(member: &mut Member, track: usize) -> &mut Loudness {
    if track == SOUND {
        &mut member.sound
    } else {
        &mut member.loudness
    }
}
