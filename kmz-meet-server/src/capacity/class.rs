//! The class with which the capacity is measured: one large picture, eight small ones and three voices, seen and heard by all thirty.

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

/// Packets a second that go to one person.
fn packets_for_one() -> (u32, u32) {
    let pictures = LARGE.packets_per_second() + SMALL_PICTURES * SMALL.packets_per_second();
    (pictures, VOICES * VOICE.packets_per_second())
}

/// Packets that leave the server in a second for the whole class.
pub(super) fn packets_per_second() -> u32 {
    let (pictures, voices) = packets_for_one();
    CLASS * (pictures + voices)
}

/// The same in bits.
pub(super) fn bits_per_second() -> u64 {
    let (pictures, voices) = packets_for_one();
    let of = |packets: u32, bytes: usize| u64::from(packets) * (bytes as u64 + OVERHEAD_BYTES);
    8 * u64::from(CLASS) * (of(pictures, PICTURE_BYTES) + of(voices, VOICE_BYTES))
}

/// What one person of the class sends.
pub(super) struct Sender {
    peer: Peer,
    streams: Vec<Stream>,
}

struct Stream {
    shape: Shape,
    ssrc: u32,
    rid: &'static str,
    sequence: u16,
    frame: u32,
    due: Instant,
}

/// Whether this person sends anything.
pub(super) fn sends(number: u32) -> bool {
    number <= SMALL_PICTURES
}

impl Sender {
    /// The first person sends the large picture, the next ones small ones; the first few have voices.
    pub(super) fn new(peer: Peer, number: u32, now: Instant) -> Self {
        let mut sender = Self {
            peer,
            streams: Vec::new(),
        };
        let (shape, rid) = if number == 0 {
            (LARGE, "f")
        } else {
            (SMALL, "q")
        };
        let mut add = |shape, rid, ssrc| {
            sender.streams.push(Stream {
                shape,
                ssrc,
                rid,
                sequence: 1,
                frame: 0,
                // Spread in time, as people are.
                due: now + Duration::from_micros(u64::from(ssrc) * 731),
            });
        };
        add(shape, rid, 2 * number + 1);
        if number < VOICES {
            add(VOICE, "", 2 * number + 2);
        }
        sender
    }

    /// Sends what is due.
    pub(super) fn send(&mut self, now: Instant) {
        for stream in &mut self.streams {
            if stream.due > now {
                continue;
            }
            send_frame(&mut self.peer, stream);
            stream.frame += 1;
            // A late stream does not catch up with a burst.
            stream.due =
                (stream.due + Duration::from_secs(1) / stream.shape.frames_per_second).max(now);
        }
    }

    /// Answers the server's checks, and makes its own.
    pub(super) fn keep_alive(&self) {
        self.peer.keep_alive();
        self.peer.answer_all();
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
