//! The receivers: one thread for all, far cheaper than the server. They count packets by their headers. One in
//! thirty-two is decrypted, which proves that it is right and gives its time of sending.

use std::collections::HashMap;
use std::io::IoSliceMut;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kmz_meet_core::sfu::internals::{Header, Kind, Unwrapper, kind};
use kmz_meet_core::sfu::testing::{ArrivalLog, Peer, TRANSPORT_CC};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};

const SAMPLE: u64 = 32;

/// What arrived since the last reset.
#[derive(Clone, Default)]
pub struct Tally {
    pub packets: u64,
    pub lost: u64,
    pub bytes: u64,
    pub undecryptable: u64,
    /// From sending to the kernel's receipt, in microseconds.
    pub delays: Vec<u64>,
    /// When the first voice of each viewer came that could be decrypted.
    pub first_sound: Vec<Option<Instant>>,
    /// Of each packet after the mark ([`Receiving::mark`]): from the mark to the kernel's receipt, in microseconds.
    pub after_mark: Vec<u64>,
}

impl Tally {
    pub fn loss(&self) -> f64 {
        self.lost as f64 / (self.packets + self.lost).max(1) as f64
    }

    pub fn delay_ms(&mut self, share: f64) -> f64 {
        self.delays.sort_unstable();
        let index = ((self.delays.len() as f64 - 1.0) * share).max(0.0) as usize;
        self.delays
            .get(index)
            .map_or(0.0, |micros| *micros as f64 / 1_000.0)
    }
}

#[derive(Default)]
struct Flow {
    numbers: Unwrapper,
    first: Option<u64>,
    count: u64,
}

struct Viewer {
    peer: Peer,
    state: UdpSocketState,
    arrivals: ArrivalLog,
    flows: HashMap<u32, Flow>,
    first_sound: Option<Instant>,
}

/// The receiving thread; it stops when dropped.
pub struct Receiving {
    stop: Arc<AtomicBool>,
    reset: Arc<AtomicBool>,
    mark: Arc<AtomicU64>,
    tally: Arc<Mutex<Tally>>,
    incoming: mpsc::Sender<Peer>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Receiving {
    pub fn start(peers: Vec<Peer>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let reset = Arc::new(AtomicBool::new(false));
        let mark = Arc::new(AtomicU64::new(u64::MAX));
        let tally = Arc::new(Mutex::new(Tally::default()));
        let (incoming, viewers) = mpsc::channel();
        for peer in peers {
            incoming.send(peer).expect("there is a receiver");
        }
        let (stopped, again, shared) = (stop.clone(), reset.clone(), tally.clone());
        let marked = mark.clone();
        let thread =
            std::thread::spawn(move || run(&viewers, &stopped, (&again, &marked), &shared));
        Self {
            stop,
            reset,
            mark,
            tally,
            incoming,
            thread: Some(thread),
        }
    }

    /// Another viewer; the first is number 0.
    pub fn add(&self, peer: Peer) {
        let _ = self.incoming.send(peer);
    }

    /// Counts from now on.
    pub fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        while self.reset.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// From now on it is noted of each packet when it comes.
    pub fn mark(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_nanos() as u64;
        self.mark.store(now, Ordering::SeqCst);
    }

    pub fn unmark(&self) {
        self.mark.store(u64::MAX, Ordering::SeqCst);
    }

    pub fn tally(&self) -> Tally {
        self.tally.lock().expect("no panic before").clone()
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn enter(peer: Peer, poll: &Poll, index: usize) -> Viewer {
    let _ = socket2::SockRef::from(peer.socket()).set_recv_buffer_size(4 * 1024 * 1024);
    let state = UdpSocketState::new(UdpSockRef::from(peer.socket())).expect("a socket");
    let fd = peer.socket().as_raw_fd();
    // What waits in the socket already is an event, too.
    poll.registry()
        .register(&mut SourceFd(&fd), Token(index), Interest::READABLE)
        .expect("registered");
    Viewer {
        peer,
        state,
        arrivals: ArrivalLog::default(),
        flows: HashMap::new(),
        first_sound: None,
    }
}

fn run(
    incoming: &mpsc::Receiver<Peer>,
    stop: &AtomicBool,
    (reset, mark): (&AtomicBool, &AtomicU64),
    shared: &Mutex<Tally>,
) {
    let mut poll = Poll::new().expect("a poll");
    let mut viewers: Vec<Viewer> = Vec::new();
    let mut bytes = vec![0u8; BATCH_SIZE * 65_536];
    let mut metas = [RecvMeta::default(); BATCH_SIZE];
    let mut events = Events::with_capacity(256);
    let epoch = Instant::now();
    let (mut feedback, mut alive) = (epoch, epoch);
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        while let Ok(peer) = incoming.try_recv() {
            viewers.push(enter(peer, &poll, viewers.len()));
        }
        let _ = poll.poll(&mut events, Some(Duration::from_millis(10)));
        for event in &events {
            let index = event.token().0;
            loop {
                let viewer = &mut viewers[index];
                let mut chunks = bytes.chunks_mut(65_536);
                let mut buffers: [IoSliceMut<'_>; BATCH_SIZE] =
                    std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
                let count = viewer
                    .state
                    .recv(
                        UdpSockRef::from(viewer.peer.socket()),
                        &mut buffers,
                        &mut metas,
                    )
                    .unwrap_or(0);
                for (chunk, meta) in bytes.chunks_mut(65_536).zip(&metas).take(count) {
                    let at = epoch.elapsed().as_micros() as i64;
                    for datagram in chunk[..meta.len].chunks_mut(meta.stride.max(1)) {
                        if kind(datagram) == Kind::Rtp {
                            let mark = mark.load(Ordering::Relaxed);
                            if let Some(received) = meta.timestamp
                                && let Some(after) = (received.as_nanos() as u64).checked_sub(mark)
                            {
                                tally.after_mark.push(after / 1_000);
                            }
                            take(viewer, datagram, meta.timestamp, at, &mut tally);
                        } else {
                            viewer.peer.answer(datagram);
                        }
                    }
                }
                if count < BATCH_SIZE {
                    break;
                }
            }
        }
        if feedback.elapsed() > Duration::from_millis(100) {
            feedback = Instant::now();
            for viewer in &mut viewers {
                if let Some(report) = viewer.arrivals.feedback(1) {
                    viewer.peer.send_rtcp(&report);
                }
            }
            tally.lost = viewers
                .iter()
                .flat_map(|viewer| viewer.flows.values())
                .map(Flow::lost)
                .sum();
            tally.first_sound = viewers.iter().map(|viewer| viewer.first_sound).collect();
            shared.lock().expect("no panic before").clone_from(&tally);
        }
        if alive.elapsed() > Duration::from_secs(2) {
            alive = Instant::now();
            for viewer in &viewers {
                viewer.peer.keep_alive();
            }
        }
        if reset.load(Ordering::SeqCst) {
            tally = Tally::default();
            for viewer in &mut viewers {
                viewer.flows.clear();
            }
            shared.lock().expect("no panic before").clone_from(&tally);
            reset.store(false, Ordering::SeqCst);
        }
    }
}

impl Flow {
    fn lost(&self) -> u64 {
        match (self.first, self.numbers.newest()) {
            (Some(first), Some(newest)) => (newest + 1 - first).saturating_sub(self.count),
            _ => 0,
        }
    }
}

fn take(
    viewer: &mut Viewer,
    datagram: &mut [u8],
    received: Option<Duration>,
    at: i64,
    tally: &mut Tally,
) {
    let Some(header) = Header::parse(datagram) else {
        return;
    };
    if let Some(&[high, low]) = header.extension(datagram, TRANSPORT_CC) {
        viewer.arrivals.record(u16::from_be_bytes([high, low]), at);
    }
    let flow = viewer.flows.entry(header.ssrc).or_default();
    let number = flow.numbers.unwrap(header.sequence);
    let start = *flow.first.get_or_insert(number);
    if number < start {
        return;
    }
    flow.count += 1;
    tally.packets += 1;
    tally.bytes += datagram.len() as u64;
    let awaited = viewer.first_sound.is_none() && viewer.peer.audio.contains(&header.ssrc);
    if !awaited && !tally.packets.is_multiple_of(SAMPLE) {
        return;
    }
    let Some(payload) = viewer.peer.open(datagram, &header) else {
        tally.undecryptable += 1;
        return;
    };
    if awaited {
        viewer.first_sound = Some(Instant::now());
    }
    if let (Some(received), Some(sent)) = (received, payload.last_chunk::<8>()) {
        let sent = u64::from_be_bytes(*sent);
        let delay = (received.as_nanos() as u64).saturating_sub(sent) / 1_000;
        tally.delays.push(delay);
    }
}
