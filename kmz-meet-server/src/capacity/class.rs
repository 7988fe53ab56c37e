//! The class with which the capacity is measured: one large picture, eight small ones and three voices, seen and heard by all thirty
//! but those who send them.

use std::time::{Duration, Instant};

use kmz_meet_core::sfu::testing::{OPUS, Peer, Sent, VP8, vp8};

use super::measured::CLASS;

/// Pictures that somebody sees beside the large one.
pub(super) const SMALL_PICTURES: u32 = 8;
const VOICES: u32 = 3;
/// Payload of a picture's packet, in bytes.
const PICTURE_BYTES: usize = 1_100;
/// Payload of a voice's packet, in bytes: 48 kbit/s.
const VOICE_BYTES: usize = 120;
/// RTP header with extensions, tag, UDP and IP.
const OVERHEAD_BYTES: u64 = 72;

const LARGE: Shape = Shape {
    frames_per_second: 25,
    packets_a_frame: 6,
    is_voice: false,
};
const SMALL: Shape = Shape {
    frames_per_second: 15,
    packets_a_frame: 1,
    is_voice: false,
};
const VOICE: Shape = Shape {
    frames_per_second: 50,
    packets_a_frame: 1,
    is_voice: true,
};

#[derive(Clone, Copy)]
struct Shape {
    frames_per_second: u32,
    packets_a_frame: u32,
    is_voice: bool,
}

impl Shape {
    fn packets_per_second(self) -> u32 {
        self.frames_per_second * self.packets_a_frame
    }
}

/// Packets of pictures and of voices that leave the server in a second: everybody gets all but their own.
fn leaving() -> (u32, u32) {
    let pictures = LARGE.packets_per_second() + SMALL_PICTURES * SMALL.packets_per_second();
    let others = CLASS - 1;
    (
        others * pictures,
        others * VOICES * VOICE.packets_per_second(),
    )
}

/// Packets that leave the server in a second for the whole class.
pub(super) fn packets_per_second() -> u32 {
    let (pictures, voices) = leaving();
    pictures + voices
}

/// The same in bits.
pub(super) fn bits_per_second() -> u64 {
    let (pictures, voices) = leaving();
    let of = |packets: u32, bytes: usize| u64::from(packets) * (bytes as u64 + OVERHEAD_BYTES);
    8 * (of(pictures, PICTURE_BYTES) + of(voices, VOICE_BYTES))
}

/// What one person of the class sends; of most of them nothing.
pub(super) struct Sender(Vec<Stream>);

struct Stream {
    shape: Shape,
    ssrc: u32,
    rid: &'static str,
    sequence: u16,
    frame: u32,
    due: Instant,
}

impl Sender {
    /// The first person sends the large picture, the next ones small ones; the first few have voices.
    pub(super) fn new(number: u32, now: Instant) -> Self {
        let mut streams = Vec::new();
        let mut add = |shape, rid, ssrc| {
            streams.push(Stream {
                shape,
                ssrc,
                rid,
                sequence: 1,
                frame: 0,
                // Spread in time, as people are.
                due: now + Duration::from_micros(u64::from(ssrc) * 731),
            });
        };
        match number {
            0 => add(LARGE, "f", 1),
            1..=SMALL_PICTURES => add(SMALL, "q", 2 * number + 1),
            _ => {}
        }
        if number < VOICES {
            add(VOICE, "", 2 * number + 2);
        }
        Self(streams)
    }

    /// Whether this person sends anything.
    pub(super) fn sends(&self) -> bool {
        !self.0.is_empty()
    }

    /// Sends what is due.
    pub(super) fn send(&mut self, peer: &mut Peer, now: Instant) {
        for stream in &mut self.0 {
            if stream.due > now {
                continue;
            }
            send_frame(peer, stream);
            stream.frame += 1;
            // A late stream does not catch up with a burst.
            stream.due =
                (stream.due + Duration::from_secs(1) / stream.shape.frames_per_second).max(now);
        }
    }
}

fn send_frame(peer: &mut Peer, stream: &mut Stream) {
    let is_voice = stream.shape.is_voice;
    for part in 0..stream.shape.packets_a_frame {
        let payload = if is_voice {
            vec![0x55; VOICE_BYTES]
        } else {
            let picture = (stream.frame & 0x7fff) as u16;
            let mut payload = vp8(picture, stream.frame.is_multiple_of(25), PICTURE_BYTES);
            if part > 0 {
                // Not the first packet of its frame (RFC 7741).
                payload[0] &= !0x10;
            }
            payload
        };
        peer.send(&Sent {
            ssrc: stream.ssrc,
            payload_type: if is_voice { OPUS } else { VP8 },
            sequence: stream.sequence,
            timestamp: stream
                .frame
                .wrapping_mul(if is_voice { 960 } else { 3_600 }),
            marker: !is_voice && part + 1 == stream.shape.packets_a_frame,
            mid: if is_voice { "0" } else { "1" },
            rid: (!is_voice).then_some(stream.rid),
            level: is_voice.then_some(20),
            payload: &payload,
        });
        stream.sequence = stream.sequence.wrapping_add(1);
    }
}
