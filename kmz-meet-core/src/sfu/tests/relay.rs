//! Peers whose media come over TCP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use rtc_stun::attributes::{ATTR_CHANNEL_NUMBER, ATTR_NONCE};
use rtc_stun::message::{
    CLASS_REQUEST, METHOD_ALLOCATE, METHOD_CHANNEL_BIND, METHOD_REFRESH, Message,
};
use rtc_stun::textattrs::TextAttribute;

use super::*;
use crate::sfu::RelayEnd;
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::relay::frame::{Frame, next, write_channel};
use crate::sfu::relay::testing::{build, code, software, udp, with_peer, with_proof};
use crate::sfu::testing::{binding_request, place_of};
use crate::signal::Relay;

const CHANNEL: u16 = 0x4000;
const TIMEOUT: Duration = Duration::from_secs(10);

/// The client's end of a connection that the media plane serves.
struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    credentials: Relay,
    nonce: String,
}

impl Connection {
    fn new(media: &Media, credentials: Relay) -> (Self, Receiver<RelayEnd>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = listener.local_addr().expect("an address");
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
        let (server, client) = listener.accept().expect("a connection");
        server.set_nonblocking(true).expect("a socket");
        let media = media.clone();
        let (tell, ended) = channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let end = runtime.block_on(async {
                let server = tokio::net::TcpStream::from_std(server).expect("a stream");
                media.relay(server, client, || ()).await
            });
            let _ = tell.send(end);
        });
        let line = Self {
            stream,
            unread: Vec::new(),
            credentials,
            nonce: String::new(),
        };
        (line, ended)
    }

    /// What one frame of the server says: a STUN message, or a datagram. Nothing: the connection ended.
    fn next<T>(&mut self, read: impl Fn(Frame<'_>) -> T) -> Option<T> {
        loop {
            if let Some((frame, used)) = next(&self.unread).expect("frames") {
                let read = read(frame);
                self.unread.drain(..used);
                return Some(read);
            }
            let mut bytes = [0; 4_096];
            let length = self
                .stream
                .read(&mut bytes)
                .ok()
                .filter(|length| *length > 0)?;
            self.unread.extend_from_slice(&bytes[..length]);
        }
    }

    fn ask(&mut self, message: &Message) -> Message {
        self.stream.write_all(&message.raw).expect("sent");
        let raw = self.next(|frame| match frame {
            Frame::Stun(raw) => raw.to_vec(),
            Frame::Channel { .. } => panic!("a datagram"),
        });
        let mut answer = Message {
            raw: raw.expect("an answer"),
            ..Message::default()
        };
        answer.decode().expect("an answer");
        answer
    }

    fn allocate(&mut self) -> u16 {
        let request = || build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp(), software()]);
        let challenge = self.ask(&request());
        assert_eq!(code(&challenge), 401);
        let nonce = TextAttribute::get_from_as(&challenge, ATTR_NONCE);
        self.nonce = nonce.expect("a nonce").text;
        let proved = with_proof(request(), &self.credentials, &self.nonce);
        code(&self.ask(&proved))
    }

    fn bind(&mut self, to: SocketAddr) -> u16 {
        let number = CHANNEL.to_be_bytes();
        let number = (ATTR_CHANNEL_NUMBER, vec![number[0], number[1], 0, 0]);
        let request = build(METHOD_CHANNEL_BIND, CLASS_REQUEST, &[number]);
        let proved = with_proof(with_peer(request, to), &self.credentials, &self.nonce);
        code(&self.ask(&proved))
    }

    fn send(&mut self, datagram: &[u8]) {
        let mut frame = Vec::new();
        write_channel(&mut frame, CHANNEL, datagram);
        // The other side may have ended it.
        let _ = self.stream.write_all(&frame);
    }

    fn receive(&mut self) -> Option<Vec<u8>> {
        self.next(|frame| match frame {
            Frame::Channel { number, datagram } => {
                assert_eq!(number, CHANNEL);
                datagram.to_vec()
            }
            Frame::Stun(_) => panic!("not on the channel"),
        })
    }

    /// Carries the datagrams of a peer that knows UDP only; where that peer sends them to.
    fn carry(mut self) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = socket.local_addr().expect("an address");
        let mut up = Self {
            stream: self.stream.try_clone().expect("a stream"),
            unread: Vec::new(),
            credentials: self.credentials.clone(),
            nonce: String::new(),
        };
        std::thread::spawn(move || {
            let mut buffer = [0; 2_048];
            let (length, peer) = socket.recv_from(&mut buffer).expect("a datagram");
            up.send(&buffer[..length]);
            let down = socket.try_clone().expect("a socket");
            std::thread::spawn(move || {
                while let Some(datagram) = self.receive() {
                    let _ = down.send_to(&datagram, peer);
                }
            });
            let _ = socket.set_read_timeout(Some(TIMEOUT));
            while let Ok((length, _)) = socket.recv_from(&mut buffer) {
                up.send(&buffer[..length]);
            }
        });
        address
    }
}

impl Scene {
    /// Someone who reaches us over TCP only.
    pub(super) fn join_relayed(&self, name: &str) -> (Peer, Receiver<RelayEnd>) {
        self.media
            .add(&self.conference, &id(name), self.sender.clone());
        self.media.permit(&id(name), ALL);
        let offering = Offering::new(9);
        let answer = self.runtime.block_on(self.media.offer(
            &id(name),
            &offering.sdp,
            &offering.sections,
        ));
        let answer = answer.expect("an answer");
        let (server, ..) = place_of(&answer);
        let (mut line, ended) =
            Connection::new(&self.media, self.media.relay_credentials(&id(name)));
        assert_eq!(line.allocate(), 0);
        assert_eq!(line.bind(server), 0);
        let carried = line.carry();
        let candidate = |address: SocketAddr| format!(" {} {} typ", address.ip(), address.port());
        let answer = answer.replace(&candidate(server), &candidate(carried));
        (offering.connect(&answer), ended)
    }
}

#[test]
fn check_over_a_relay_is_answered_and_a_wrong_one_is_not() {
    let scene = Scene::new();
    let anna = id("anna");
    scene
        .media
        .add(&scene.conference, &anna, scene.sender.clone());
    let offering = Offering::new(1);
    let answer =
        scene
            .runtime
            .block_on(scene.media.offer(&anna, &offering.sdp, &offering.sections));
    let (server, ufrag, password) = place_of(&answer.expect("an answer"));
    let (mut line, _ended) = Connection::new(&scene.media, scene.media.relay_credentials(&anna));
    assert_eq!(line.allocate(), 0);
    assert_eq!(line.bind(server), 0);
    let provider = rtc_crypto::default_provider().expect("cryptography");
    line.send(&binding_request(
        &ufrag,
        "a wrong password of this",
        &provider,
    ));
    line.send(&[]);
    line.send(&[0]);
    let right = binding_request(&ufrag, &password, &provider);
    line.send(&right);
    let answered = line.receive().expect("an answer");
    assert_eq!(kind(&answered), Kind::Stun);
    assert_eq!(answered[8..20], right[8..20], "to the right one");
}

/// The bytes of the connection itself, whatever somebody without a password sends.
#[test]
fn stranger_is_sent_no_more_bytes_than_the_connection_brought() {
    let scene = Scene::new();
    let unknown = || Relay {
        username: "x".into(),
        password: "x".into(),
    };
    let short = build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp()]);
    let long = build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp(), software()]);
    let bare = build(METHOD_REFRESH, CLASS_REQUEST, &[]);
    let proof = |nonce| {
        with_proof(
            build(METHOD_ALLOCATE, CLASS_REQUEST, &[]),
            &unknown(),
            nonce,
        )
    };
    let mut answered = Vec::new();
    for messages in [
        // Each is said again and again.
        vec![&short; 6],
        vec![&long; 6],
        vec![&bare; 6],
        vec![&proof(""); 6],
        vec![&short, &bare, &long, &proof("x"), &short, &proof("y")],
        vec![&bare, &proof("x"), &short, &proof("y"), &long],
    ] {
        let (mut line, ended) = Connection::new(&scene.media, unknown());
        let wait = Duration::from_millis(50);
        line.stream.set_read_timeout(Some(wait)).expect("a timeout");
        let (mut sent, mut received) = (0, 0);
        for message in messages {
            // The other side may have ended it.
            if line.stream.write_all(&message.raw).is_err() {
                break;
            }
            sent += message.raw.len();
            let mut bytes = [0; 4_096];
            while let Ok(length) = line.stream.read(&mut bytes) {
                if length == 0 {
                    break;
                }
                received += length;
            }
            assert!(received <= sent, "{received} bytes for {sent}");
        }
        if received == 0 {
            // The machine may be slow.
            line.stream
                .set_read_timeout(Some(TIMEOUT))
                .expect("a timeout");
            received = line.stream.read(&mut [0; 4_096]).unwrap_or(0);
            assert!(received <= sent, "{received} bytes for {sent}");
        }
        answered.push(received > 0);
        drop(line);
        assert!(
            ended.recv_timeout(TIMEOUT).is_ok(),
            "it ends with its client"
        );
    }
    assert_eq!(answered, [true; 6], "each is told what it lacks");
}

#[test]
fn participant_over_a_relay_is_connected_and_heard_until_removed() {
    let mut scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let (mut ben, ended) = scene.join_relayed("ben");
    scene.until(&MediaEvent::Connected {
        participant: id("ben"),
    });
    assert_eq!(scene.media.relayed_clients(), 1);
    speak(&mut anna, 1, b"from anna");
    assert_eq!(ben.receive(TIMEOUT).expect("a voice").payload, b"from anna");
    speak(&mut ben, 1, b"from ben");
    assert_eq!(anna.receive(TIMEOUT).expect("a voice").payload, b"from ben");
    scene.watch("ben", &["anna"], 180);
    scene.settle();
    Camera::new(7, "q").shoot(&mut anna, true);
    let picture = ben.receive(TIMEOUT).expect("a picture");
    assert_eq!(picture.payload.len(), 300);

    let former = scene.media.relay_credentials(&id("ben"));
    scene.media.remove(&id("ben"));
    let end = ended.recv_timeout(TIMEOUT);
    assert!(matches!(end, Ok(RelayEnd::Left)), "{end:?}");
    assert_eq!(scene.media.relayed_clients(), 0);
    let (mut line, _ended) = Connection::new(&scene.media, former);
    assert_eq!(line.allocate(), 401);
    // Others are there as before.
    let mut carla = scene.join("carla", ALL);
    speak(&mut anna, 2, b"to carla");
    assert_eq!(
        carla.receive(TIMEOUT).expect("a voice").payload,
        b"to carla"
    );
}

/// All connections that one participant may have, as fast as the loopback carries them.
#[test]
fn flood_over_relays_leaves_others_heard() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let carla = id("carla");
    scene
        .media
        .add(&scene.conference, &carla, scene.sender.clone());
    let mut frames = Vec::new();
    for size in [0, 1, 20, 200, 1_200] {
        // Like DTLS, which is looked at longest.
        write_channel(&mut frames, CHANNEL, &vec![22; size]);
    }
    let frames = frames.repeat(100);
    let floods: Vec<_> = (0..6)
        .map(|_| {
            let credentials = scene.media.relay_credentials(&carla);
            let (mut line, ended) = Connection::new(&scene.media, credentials);
            assert_eq!(line.allocate(), 0);
            assert_eq!(line.bind(anna.server()), 0);
            let frames = frames.clone();
            let flood = std::thread::spawn(move || while line.stream.write_all(&frames).is_ok() {});
            (flood, ended)
        })
        .collect();
    for sequence in 1..50 {
        speak(&mut anna, sequence, b"still here");
        let heard = ben.receive(TIMEOUT).expect("a voice");
        assert_eq!(heard.payload, b"still here");
    }
    scene.media.remove(&carla);
    for (flood, ended) in floods {
        assert!(matches!(ended.recv_timeout(TIMEOUT), Ok(RelayEnd::Left)));
        flood.join().expect("no panic");
    }
}
