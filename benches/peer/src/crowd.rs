//! The clients: `str0m` connections, all of them on one thread, which costs far less than the servers. They send streams by the
//! clock and count and decrypt everything that comes.

use std::collections::HashMap;
use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};
use str0m::format::Codec;
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

/// What a stream sends.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub codec: Codec,
    pub frames_per_second: f64,
    pub packets_a_frame: usize,
    /// Payload of each packet.
    pub bytes: usize,
}

impl Shape {
    pub const VOICE: Self = Self {
        codec: Codec::Opus,
        frames_per_second: 50.0,
        packets_a_frame: 1,
        bytes: 120,
    };
    /// Bursts as a camera of 1280×720 sends them, 1.4 Mbit/s.
    pub const LARGE: Self = Self {
        codec: Codec::Vp8,
        frames_per_second: 28.0,
        packets_a_frame: 6,
        bytes: 1_064,
    };
    /// A picture of 320×180, 130 kbit/s.
    pub const SMALL: Self = Self {
        codec: Codec::Vp8,
        frames_per_second: 15.0,
        packets_a_frame: 1,
        bytes: 1_064,
    };
}

/// A connection that is negotiated, or will be.
pub struct Connection {
    pub rtc: Rtc,
    socket: UdpSocket,
    pub sends: Vec<(Mid, Shape)>,
}

impl Connection {
    /// At an address of this machine that both servers reach.
    pub fn new(address: std::net::IpAddr) -> Self {
        let socket = UdpSocket::bind((address, 0)).expect("a socket");
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .set_dtls_version(str0m::config::DtlsVersion::Dtls12)
            .build(Instant::now());
        let local = socket.local_addr().expect("an address");
        rtc.add_local_candidate(Candidate::host(local, "udp").expect("a candidate"));
        Self {
            rtc,
            socket,
            sends: Vec::new(),
        }
    }
}

/// What came since the last reset.
#[derive(Clone, Default)]
pub struct Tally {
    pub connected: usize,
    pub packets: u64,
    pub lost: u64,
    /// From the sender's stamp to the kernel's receipt, in microseconds.
    pub delays: Vec<u64>,
}

impl Tally {
    pub fn loss(&self) -> f64 {
        self.lost as f64 / (self.packets + self.lost).max(1) as f64
    }

    pub fn delay_ms(&mut self, share: f64) -> f64 {
        self.delays.sort_unstable();
        let index = ((self.delays.len() as f64 - 1.0) * share).max(0.0) as usize;
        let micros = self.delays.get(index).copied().unwrap_or(0);
        micros as f64 / 1_000.0
    }
}

/// The thread of the clients; it stops when dropped.
pub struct Crowd {
    stop: Arc<AtomicBool>,
    reset: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    incoming: mpsc::Sender<Connection>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Crowd {
    pub fn start() -> Self {
        let (stop, reset) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let tally: Arc<Mutex<Tally>> = Arc::default();
        let (incoming, connections) = mpsc::channel();
        let mut thread = Thread {
            clients: Vec::new(),
            tally: Tally::default(),
        };
        let (stopped, again, shared) = (stop.clone(), Arc::clone(&reset), tally.clone());
        Self {
            stop,
            reset,
            tally,
            incoming,
            thread: Some(std::thread::spawn(move || {
                thread.run(&connections, &stopped, &again, &shared);
            })),
        }
    }

    pub fn add(&self, connection: Connection) {
        self.incoming.send(connection).expect("the thread runs");
    }

    /// Waits until so many are connected.
    pub async fn connected(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.tally().connected < count {
            let connected = self.tally().connected;
            assert!(
                Instant::now() < deadline,
                "{connected} of {count} are connected"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Counts from now on.
    pub fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        while self.reset.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn tally(&self) -> Tally {
        self.tally.lock().expect("no panic before").clone()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Thread {
    clients: Vec<Client>,
    tally: Tally,
}

impl Thread {
    fn run(
        &mut self,
        incoming: &mpsc::Receiver<Connection>,
        stop: &AtomicBool,
        reset: &AtomicBool,
        shared: &Mutex<Tally>,
    ) {
        let mut poll = Poll::new().expect("a poll");
        let mut events = Events::with_capacity(256);
        let mut bytes = vec![0u8; BATCH_SIZE * 65_536];
        let mut published = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            while let Ok(connection) = incoming.try_recv() {
                let number = self.clients.len();
                self.clients.push(Client::new(connection, &poll, number));
            }
            let now = Instant::now();
            let next = self.clients.iter().map(Client::due).min();
            let wait = next.map_or(Duration::from_millis(5), |due| {
                due.saturating_duration_since(now)
            });
            // A poll waits in whole milliseconds, rounded up.
            let wait = Duration::from_millis(wait.as_millis().min(5) as u64);
            let _ = poll.poll(&mut events, Some(wait));
            for event in &events {
                let client = &mut self.clients[event.token().0];
                while client.receive(&mut bytes, &mut self.tally) {
                    // The streams are on time also while much comes in.
                    client.on_time(&mut self.tally);
                }
            }
            for client in &mut self.clients {
                client.on_time(&mut self.tally);
            }
            if published.elapsed() > Duration::from_millis(50) {
                published = Instant::now();
                let flows = self.clients.iter().flat_map(|client| client.flows.values());
                self.tally.lost = flows.map(Flow::lost).sum();
                shared
                    .lock()
                    .expect("no panic before")
                    .clone_from(&self.tally);
            }
            if reset.load(Ordering::SeqCst) {
                let connected = self.tally.connected;
                self.tally = Tally {
                    connected,
                    ..Tally::default()
                };
                for client in &mut self.clients {
                    client.flows.clear();
                }
                shared
                    .lock()
                    .expect("no panic before")
                    .clone_from(&self.tally);
                reset.store(false, Ordering::SeqCst);
            }
        }
    }
}

#[derive(Default)]
struct Flow {
    first: u64,
    newest: u64,
    count: u64,
}

impl Flow {
    fn lost(&self) -> u64 {
        (self.newest + 1 - self.first).saturating_sub(self.count)
    }
}

struct Sending {
    mid: Mid,
    shape: Shape,
    payload_type: Pt,
    frame: u64,
    sequence: u64,
    due: Instant,
}

struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    connected: bool,
    sends: Vec<Sending>,
    flows: HashMap<u32, Flow>,
    timeout: Instant,
}

impl Client {
    fn new(connection: Connection, poll: &Poll, number: usize) -> Self {
        let Connection { rtc, socket, sends } = connection;
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(4 * 1024 * 1024);
        let state = UdpSocketState::new(UdpSockRef::from(&socket)).expect("a socket");
        let fd = socket.as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&fd), Token(number), Interest::READABLE)
            .expect("registered");
        let local = socket.local_addr().expect("an address");
        let sends = sends.into_iter().map(|(mid, shape)| {
            let params = rtc
                .codec_config()
                .find(|one| one.spec().codec == shape.codec);
            Sending {
                mid,
                shape,
                payload_type: params.expect("the codec is negotiated").pt(),
                frame: 0,
                sequence: 1,
                // The streams are spread in time, as people are.
                due: Instant::now() + Duration::from_micros(731 * (number as u64 + 1)),
            }
        });
        Self {
            sends: sends.collect(),
            rtc,
            socket,
            state,
            local,
            connected: false,
            flows: HashMap::new(),
            timeout: Instant::now(),
        }
    }

    fn due(&self) -> Instant {
        let sends = self.sends.iter().filter(|_| self.connected);
        let next = sends.map(|sending| sending.due).min();
        next.map_or(self.timeout, |due| due.min(self.timeout))
    }

    /// Does what its clock says.
    fn on_time(&mut self, tally: &mut Tally) {
        let now = Instant::now();
        if self.due() > now {
            return;
        }
        if self.timeout <= now {
            self.rtc
                .handle_input(Input::Timeout(now))
                .expect("in order");
            self.drain(None, tally);
        }
        if !self.connected {
            return;
        }
        for number in 0..self.sends.len() {
            if self.sends[number].due <= now {
                self.send_frame(number, tally);
            }
        }
    }

    fn send_frame(&mut self, number: usize, tally: &mut Tally) {
        let now = Instant::now();
        for part in 0..self.sends[number].shape.packets_a_frame {
            let sending = &mut self.sends[number];
            let shape = sending.shape;
            let is_voice = shape.codec == Codec::Opus;
            let mut payload = payload(sending.frame, part, shape);
            stamp(&mut payload);
            let ticks = sending.frame as u32;
            let time = ticks.wrapping_mul(if is_voice { 960 } else { 3_000 });
            let levels = ExtensionValues {
                audio_level: is_voice.then_some(-20),
                voice_activity: is_voice.then_some(true),
                ..ExtensionValues::default()
            };
            let marker = !is_voice && part + 1 == shape.packets_a_frame;
            let packet = RtpWrite::new(
                sending.payload_type,
                sending.sequence.into(),
                time,
                now,
                payload,
            );
            let packet = packet.marker(marker).ext_vals(levels).nackable(!is_voice);
            sending.sequence += 1;
            let mid = sending.mid;
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_tx_by_mid(mid, None).expect("a stream");
            stream.write_rtp(packet);
            self.rtc
                .handle_input(Input::Timeout(now))
                .expect("in order");
            self.drain(None, tally);
        }
        let sending = &mut self.sends[number];
        sending.frame += 1;
        let step = Duration::from_secs_f64(1.0 / sending.shape.frames_per_second);
        // A late stream does not catch up with a burst.
        sending.due = (sending.due + step).max(now);
    }

    /// Takes a batch from the socket; gives whether there may be more.
    fn receive(&mut self, bytes: &mut [u8], tally: &mut Tally) -> bool {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut chunks = bytes.chunks_mut(65_536);
        let mut buffers: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let socket = UdpSockRef::from(&self.socket);
        let count = self
            .state
            .recv(socket, &mut buffers, &mut metas)
            .unwrap_or(0);
        for (chunk, meta) in bytes.chunks(65_536).zip(&metas).take(count) {
            for datagram in chunk[..meta.len].chunks(meta.stride.max(1)) {
                let Ok(contents) = datagram.try_into() else {
                    continue;
                };
                let received = Receive {
                    proto: Protocol::Udp,
                    source: meta.addr,
                    destination: self.local,
                    contents,
                };
                let input = Input::Receive(Instant::now(), received);
                if self.rtc.accepts(&input) {
                    self.rtc.handle_input(input).expect("in order");
                    self.drain(meta.timestamp, tally);
                }
            }
        }
        count == BATCH_SIZE
    }

    /// Sends and counts what the connection gives, until it waits.
    fn drain(&mut self, received: Option<Duration>, tally: &mut Tally) {
        loop {
            match self.rtc.poll_output().expect("in order") {
                Output::Timeout(at) => {
                    self.timeout = at;
                    return;
                }
                Output::Transmit(transmit) => {
                    let _ = self
                        .socket
                        .send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::Connected) => {
                    self.connected = true;
                    tally.connected += 1;
                }
                Output::Event(Event::RtpPacket(packet)) => self.count(&packet, received, tally),
                Output::Event(_) => {}
            }
        }
    }

    fn count(&mut self, packet: &RtpPacket, received: Option<Duration>, tally: &mut Tally) {
        let Some(stamp) = packet.payload.last_chunk::<8>() else {
            return;
        };
        let number: u64 = *packet.seq_no;
        let flow = self.flows.entry(*packet.header.ssrc).or_insert(Flow {
            first: number,
            newest: number,
            count: 0,
        });
        if number < flow.first {
            return;
        }
        flow.newest = flow.newest.max(number);
        flow.count += 1;
        tally.packets += 1;
        if let Some(received) = received {
            let sent = u64::from_be_bytes(*stamp);
            let nanos = (received.as_nanos() as u64).saturating_sub(sent);
            tally.delays.push(nanos / 1_000);
        }
    }
}

/// VP8 by its descriptor (RFC 7741): a picture id, the first temporal layer, a key frame about every second.
fn payload(frame: u64, part: usize, shape: Shape) -> Vec<u8> {
    if shape.codec == Codec::Opus {
        return vec![0x55; shape.bytes];
    }
    let picture = (frame & 0x7fff) as u16 | 0x8000;
    let [high, low] = picture.to_be_bytes();
    let starts = if part == 0 { 0x90 } else { 0x80 };
    let is_delta = u8::from(!frame.is_multiple_of(25));
    let mut payload = vec![starts, 0xe0, high, low, low, 0x20, is_delta];
    payload.resize(shape.bytes, 0x55);
    payload
}

/// The time of sending stands in the last eight bytes.
fn stamp(payload: &mut [u8]) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    if let Some(last) = payload.last_chunk_mut::<8>() {
        *last = (now.as_nanos() as u64).to_be_bytes();
    }
}
