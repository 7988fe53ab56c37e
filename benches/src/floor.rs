//! What no forwarder can do without: one `sendto` and one AES-128-GCM seal of a packet of 1100 bytes.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

const SIZE: usize = 1_100;
const ROUNDS: u32 = 100_000;

/// Microseconds of this thread for one packet: the median of five rounds.
pub fn measure() -> f64 {
    let mut all: Vec<f64> = (0..5).map(|_| once()).collect();
    all.sort_by(f64::total_cmp);
    all[2]
}

fn once() -> f64 {
    let receiver = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let to = receiver.local_addr().expect("an address");
    receiver
        .set_nonblocking(true)
        .expect("a non-blocking socket");
    // Another thread empties the socket without ever sleeping: the sender pays for no wake-up.
    let done = Arc::new(AtomicBool::new(false));
    let over = done.clone();
    let drain = std::thread::spawn(move || {
        let mut buffer = [0; 2_048];
        while !over.load(Ordering::Relaxed) {
            let _ = receiver.recv(&mut buffer);
        }
    });
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("a key"));
    let mut packet = vec![0u8; SIZE];
    let before = thread_cpu();
    for round in 0..ROUNDS {
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&round.to_be_bytes());
        let _tag = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut packet,
            )
            .expect("sealed");
        let _ = socket.send_to(&packet, to);
    }
    let cpu = thread_cpu() - before;
    done.store(true, Ordering::Relaxed);
    drain.join().expect("drained");
    cpu.as_secs_f64() * 1e6 / f64::from(ROUNDS)
}

/// CPU time of this thread, from the scheduler's own count (nanoseconds).
fn thread_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text
        .split(' ')
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(0);
    Duration::from_nanos(nanos)
}
