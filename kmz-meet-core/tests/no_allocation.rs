//! The promise of the media thread: no allocation for a forwarded packet.

#![allow(
    unsafe_code,
    clippy::expect_used,
    reason = "an allocator that counts is unsafe by its trait; a test fails by panicking"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kmz_meet_core::sfu::testing::{Offering, Peer, Sent, VP8, vp8};
use kmz_meet_core::sfu::{Media, MediaConfig, Permit};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, Tile};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const VIEWERS: usize = 8;
const PACKETS: u16 = 1_000;

fn id(number: usize) -> ParticipantId {
    ParticipantId(format!("p{number}"))
}

fn wire(peer: &mut Peer, sequence: u16) -> Vec<u8> {
    peer.protected(&Sent {
        ssrc: 7,
        payload_type: VP8,
        sequence,
        timestamp: u32::from(sequence) * 3_000,
        marker: true,
        mid: "1",
        rid: Some("q"),
        level: None,
        payload: &vp8(sequence, sequence.is_multiple_of(50), 900),
    })
}

fn send(peer: &Peer, wires: &[Vec<u8>]) {
    for wire in wires {
        peer.transmit(wire);
        std::thread::sleep(Duration::from_micros(300));
    }
}

#[test]
fn forwarding_to_many_viewers_allocates_nothing_per_packet() {
    let media = Media::start(MediaConfig {
        port: 0,
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        packets_per_second: 0,
        ..MediaConfig::default()
    })
    .expect("media");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let conference = ConferenceId("c".into());
    let (events, _reports) = tokio::sync::mpsc::unbounded_channel();
    let mut peers: Vec<Peer> = (0..=VIEWERS)
        .map(|number| {
            media.add(&conference, &id(number), events.clone());
            let permit = Permit {
                camera: true,
                ..Permit::default()
            };
            media.permit(&id(number), permit);
            let offering = Offering::new(2);
            let answer = runtime
                .block_on(media.offer(&id(number), &offering.sdp, &offering.sections))
                .expect("an answer");
            offering.connect(&answer)
        })
        .collect();
    for number in 1..=VIEWERS {
        let tiles = vec![Tile {
            participant: id(0),
            height: 180,
        }];
        media.view(&id(number), tiles, None);
    }
    let wires: Vec<Vec<u8>> = (1..=PACKETS + 100)
        .map(|sequence| wire(&mut peers[0], sequence))
        .collect();
    let (warm, counted) = wires.split_at(100);
    // The first packets make streams and grow lists.
    send(&peers[0], warm);
    std::thread::sleep(Duration::from_secs(2));
    let forwarded_before = media.totals().forwarded;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    send(&peers[0], counted);
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    std::thread::sleep(Duration::from_secs(2));
    let forwarded = media.totals().forwarded - forwarded_before;
    eprintln!("{allocations} allocations in all for {forwarded} forwarded packets");
    assert!(forwarded >= u64::from(PACKETS) * VIEWERS as u64 * 9 / 10);
    // What is done by the clock (feedback, reports, decisions) allocates now and then; packets do not.
    assert!(allocations * 4 < forwarded);
}
