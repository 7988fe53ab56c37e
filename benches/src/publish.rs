//! The senders: one thread for all, each stream on its own clock.

use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kmz_meet_core::sfu::testing::{OPUS, Peer, Sent, VP8, vp8};

/// The shape of a stream.
#[derive(Clone, Copy)]
pub struct Stream {
    pub ssrc: u32,
    pub mid: &'static str,
    pub rid: Option<&'static str>,
    pub per_second: f64,
    pub packets_a_frame: usize,
    /// Payload bytes of each packet.
    pub bytes: usize,
}

impl Stream {
    pub fn voice(ssrc: u32) -> Self {
        Self {
            ssrc,
            mid: "0",
            rid: None,
            per_second: 50.0,
            packets_a_frame: 1,
            bytes: 120,
        }
    }

    /// One layer of a camera.
    pub fn camera(
        ssrc: u32,
        rid: &'static str,
        per_second: f64,
        packets_a_frame: usize,
        bytes: usize,
    ) -> Self {
        Self {
            ssrc,
            mid: "1",
            rid: Some(rid),
            per_second,
            packets_a_frame,
            bytes,
        }
    }

    /// Three layers as browsers send them: about 150, 500 and 1500 kbit/s.
    pub fn layers(ssrc: u32) -> [Self; 3] {
        [
            Self::camera(ssrc, "q", 15.0, 1, 1_100),
            Self::camera(ssrc + 1, "h", 25.0, 2, 1_150),
            Self::camera(ssrc + 2, "f", 25.0, 6, 1_150),
        ]
    }
}

struct Running {
    peer: usize,
    stream: Stream,
    sequence: u16,
    frame: u64,
}

/// The publishing thread; it stops when dropped.
pub struct Publishing {
    stop: Arc<AtomicBool>,
    /// Frames a second of every stream, as thousandths of its own: 1000 is as described.
    speed: Arc<AtomicU64>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Publishing {
    pub fn start(mut peers: Vec<(Peer, Vec<Stream>)>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let speed = Arc::new(AtomicU64::new(1_000));
        let (stopped, pace) = (stop.clone(), speed.clone());
        let thread = std::thread::spawn(move || {
            let mut running = Vec::new();
            for (peer, (_, streams)) in peers.iter().enumerate() {
                running.extend(streams.iter().map(|stream| Running {
                    peer,
                    stream: *stream,
                    sequence: 1,
                    frame: 0,
                }));
            }
            let start = Instant::now();
            let mut due: BinaryHeap<(std::cmp::Reverse<Instant>, usize)> = running
                .iter()
                .enumerate()
                // The streams are spread in time, as cameras are.
                .map(|(index, _)| {
                    (
                        std::cmp::Reverse(start + Duration::from_micros(index as u64 * 731)),
                        index,
                    )
                })
                .collect();
            let mut alive = Instant::now();
            while !stopped.load(Ordering::Relaxed) {
                let Some((std::cmp::Reverse(at), index)) = due.pop() else {
                    return;
                };
                let now = Instant::now();
                if at > now {
                    std::thread::sleep(at - now);
                }
                if alive.elapsed() > Duration::from_secs(2) {
                    alive = Instant::now();
                    for (peer, _) in &peers {
                        peer.keep_alive();
                        peer.answer_all();
                    }
                }
                let one = &mut running[index];
                frame(&mut peers[one.peer].0, one);
                let factor = pace.load(Ordering::Relaxed) as f64 / 1_000.0;
                let next = at + Duration::from_secs_f64(1.0 / (one.stream.per_second * factor));
                // A late stream does not catch up with a burst.
                let next = next.max(
                    Instant::now()
                        .checked_sub(Duration::from_millis(20))
                        .unwrap_or(next),
                );
                due.push((std::cmp::Reverse(next), index));
            }
        });
        Self {
            stop,
            speed,
            thread: Some(thread),
        }
    }

    pub fn set_speed(&self, factor: f64) {
        self.speed
            .store((factor * 1_000.0) as u64, Ordering::Relaxed);
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn frame(peer: &mut Peer, one: &mut Running) {
    let voice = one.stream.rid.is_none();
    // A key frame about every second: viewers that came in between need not ask.
    let key = one.frame.is_multiple_of(25);
    for part in 0..one.stream.packets_a_frame {
        let mut payload = if voice {
            vec![0x55; one.stream.bytes]
        } else {
            let mut payload = vp8((one.frame & 0x7fff) as u16, key, one.stream.bytes);
            if part > 0 {
                // Not the first packet of its frame.
                payload[0] &= !0x10;
            }
            payload
        };
        stamp(&mut payload);
        peer.send(&Sent {
            ssrc: one.stream.ssrc,
            payload_type: if voice { OPUS } else { VP8 },
            sequence: one.sequence,
            timestamp: (one.frame as u32).wrapping_mul(if voice { 960 } else { 3_000 }),
            marker: !voice && part + 1 == one.stream.packets_a_frame,
            mid: one.stream.mid,
            rid: one.stream.rid,
            level: voice.then_some(20),
            payload: &payload,
        });
        one.sequence = one.sequence.wrapping_add(1);
    }
    one.frame += 1;
}

/// The time of sending stands in the last eight bytes.
fn stamp(payload: &mut [u8]) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos() as u64;
    let end = payload.len();
    payload[end - 8..].copy_from_slice(&now.to_be_bytes());
}
