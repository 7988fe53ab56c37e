//! Test media: packets that look like Opus and VP8 to everything on the way, but carry nothing to hear or see.

use std::time::Duration;

use super::stamp::{STAMP_LENGTH, Stamp};

/// What is published on a source.
#[derive(Clone, Debug)]
pub enum Media {
    /// For [`crate::signal::Source::Microphone`].
    Voice(Voice),
    /// For [`crate::signal::Source::Camera`] and [`crate::signal::Source::Screen`].
    Video(Video),
}

/// A voice: a packet every 20 ms.
#[derive(Clone, Debug)]
pub struct Voice {
    /// Loudness (RFC 6464) in dB below the loudest: 0 is loudest, 127 is silence.
    pub level: u8,
    /// Bytes of each payload.
    pub bytes: usize,
}

impl Voice {
    /// Someone who talks.
    #[must_use]
    pub fn talking() -> Self {
        Self {
            level: 20,
            bytes: 80,
        }
    }

    /// An open microphone in a quiet room.
    #[must_use]
    pub fn quiet() -> Self {
        Self {
            level: 100,
            bytes: 80,
        }
    }
}

/// A picture in up to three layers, the smallest first; more than one only for the camera.
#[derive(Clone, Debug)]
pub struct Video {
    pub frames_per_second: f64,
    pub layers: Vec<Layer>,
}

/// One layer: every picture is a burst of so many packets.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    pub packets: usize,
    /// Bytes of each payload.
    pub bytes: usize,
    pub width: u16,
    pub height: u16,
}

impl Layer {
    /// Bits per second of the payload.
    #[must_use]
    pub fn bit_rate(&self, frames_per_second: f64) -> f64 {
        (self.packets * self.bytes * 8) as f64 * frames_per_second
    }
}

impl Video {
    /// A camera as browsers send it: 320×180, 640×360 and 1280×720 with about 0.15, 0.5 and 1.4 Mbit/s.
    #[must_use]
    pub fn camera() -> Self {
        let layer = |packets, bytes, width, height| Layer {
            packets,
            bytes,
            width,
            height,
        };
        Self {
            frames_per_second: 20.0,
            layers: vec![
                layer(1, 900, 320, 180),
                layer(3, 1_050, 640, 360),
                layer(8, 1_100, 1_280, 720),
            ],
        }
    }

    /// One layer only.
    #[must_use]
    pub fn single(frames_per_second: f64, packets: usize, bytes: usize) -> Self {
        Self {
            frames_per_second,
            layers: vec![Layer {
                packets,
                bytes,
                width: 1_280,
                height: 720,
            }],
        }
    }
}

/// Time of one voice packet.
pub const VOICE_INTERVAL: Duration = Duration::from_millis(20);
/// Ticks of one voice packet on the RTP clock of 48 kHz.
pub const VOICE_TICKS: u32 = 960;
/// Descriptor and the header of a key frame.
const VP8_HEAD: usize = 16;

/// A payload with an Opus table-of-contents byte (CELT, 20 ms, mono) and a stamp.
#[must_use]
pub fn opus_payload(length: usize, stamp: Stamp) -> Vec<u8> {
    let mut payload = vec![0x55; length.max(1 + STAMP_LENGTH)];
    payload[0] = 0xf8;
    stamp.write(&mut payload);
    payload
}

/// Place of a packet in its picture.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Counts pictures; 15 bits of it go over the wire.
    pub picture: u32,
    pub first: bool,
    pub key: bool,
    /// Counts key frames.
    pub key_index: u32,
    pub width: u16,
    pub height: u16,
}

/// A payload with a VP8 descriptor (RFC 7741: picture id of 15 bits, index of temporal layer zero, temporal layer and key
/// index), the frame header of RFC 6386 in the first packet, and a stamp.
#[must_use]
pub fn vp8_payload(length: usize, place: Place, stamp: Stamp) -> Vec<u8> {
    let mut payload = vec![0x55; length.max(VP8_HEAD + STAMP_LENGTH)];
    let picture = (place.picture & 0x7fff) as u16 | 0x8000;
    payload[0] = if place.first { 0x90 } else { 0x80 };
    payload[1] = 0xf0;
    payload[2..4].copy_from_slice(&picture.to_be_bytes());
    // Every picture is of temporal layer zero.
    payload[4] = place.picture as u8;
    payload[5] = 0x20 | (place.key_index & 0x1f) as u8;
    if place.first {
        // Frame tag: bit 0 is clear in a key frame, bit 4 says that it is shown.
        payload[6..9].copy_from_slice(&[if place.key { 0x10 } else { 0x11 }, 0x02, 0x00]);
        if place.key {
            payload[9..12].copy_from_slice(&[0x9d, 0x01, 0x2a]);
            payload[12..14].copy_from_slice(&place.width.to_le_bytes());
            payload[14..16].copy_from_slice(&place.height.to_le_bytes());
        }
    }
    stamp.write(&mut payload);
    payload
}

/// Whether a key frame starts in a VP8 payload.
#[must_use]
pub fn starts_key_frame(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else {
        return false;
    };
    if first & 0x1f != 0x10 {
        return false;
    }
    let mut at = 1;
    if first & 0x80 != 0 {
        let Some(present) = payload.get(1) else {
            return false;
        };
        at = 2;
        if present & 0x80 != 0 {
            at += if payload.get(at).is_some_and(|byte| byte & 0x80 != 0) {
                2
            } else {
                1
            };
        }
        at += usize::from(present & 0x40 != 0) + usize::from(present & 0x30 != 0);
    }
    payload.get(at).is_some_and(|tag| tag & 1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::internals::Descriptor;

    fn place(first: bool, key: bool) -> Place {
        Place {
            picture: 0x1_2345,
            first,
            key,
            key_index: 3,
            width: 640,
            height: 360,
        }
    }

    #[test]
    fn payload_with_a_descriptor_is_read_by_the_forwarder() {
        let stamp = Stamp {
            ssrc: 1,
            sequence: 2,
            at: 3,
        };
        let payload = vp8_payload(100, place(true, true), stamp);
        let descriptor = Descriptor::parse(&payload).expect("a descriptor");
        assert!(descriptor.key_frame && descriptor.wide);
        assert_eq!(descriptor.picture.map(|(_, id)| id), Some(0x2345));
        assert_eq!(descriptor.tl0.map(|(_, index)| index), Some(0x45));
        assert_eq!(Stamp::read(&payload), Some(stamp));
        for (first, key) in [(true, false), (false, true), (false, false)] {
            let payload = vp8_payload(100, place(first, key), stamp);
            assert!(!Descriptor::parse(&payload).expect("a descriptor").key_frame);
            assert!(!starts_key_frame(&payload));
        }
        assert!(starts_key_frame(&payload));
    }

    #[test]
    fn payload_that_is_too_short_is_made_long_enough_for_the_stamp() {
        let stamp = Stamp {
            ssrc: 1,
            sequence: 2,
            at: 3,
        };
        assert_eq!(
            Stamp::read(&vp8_payload(0, place(true, true), stamp)),
            Some(stamp)
        );
        assert_eq!(Stamp::read(&opus_payload(0, stamp)), Some(stamp));
    }
}
