//! Several media threads behind one port. Whether the kernel steers or every thread gets what is for any other: nobody notices.

use super::*;
use crate::sfu::Dropped;
use crate::sfu::ids::ThreadIndex;
use crate::sfu::testing::binding_request;

/// Peers of each conference: with so many, some are at the socket of another thread.
const PEERS: usize = 6;

impl Scene {
    /// What comes is not steered: half of it is handed over.
    fn unsteered() -> Self {
        Self::of(Media::begin(local(), false).expect("media"))
    }

    fn at(&mut self, conference: &str) -> &Self {
        self.conference = ConferenceId(conference.into());
        self
    }

    fn thread_of(&self, name: &str) -> Option<usize> {
        let thread = self.media.placement().of(&id(name));
        thread.map(ThreadIndex::index)
    }

    fn class(&mut self, conference: &str) -> Vec<Peer> {
        self.at(conference);
        (0..PEERS)
            .map(|number| self.join(&format!("{conference}{number}"), ALL))
            .collect()
    }
}

/// Everybody hears whoever speaks, each in turn.
fn everybody_hears(peers: &mut [Peer], word: &[u8]) {
    for speaker in 0..peers.len() {
        let sequence = u16::from_be_bytes([word[0] & 0x7f, speaker as u8]);
        speak(&mut peers[speaker], sequence, word);
        for (listener, peer) in peers.iter_mut().enumerate() {
            if listener != speaker {
                let heard = peer.receive(Duration::from_secs(2));
                assert_eq!(heard.expect("a voice").payload, word);
            }
        }
        // As many voices as there are slots are heard at a time; a slot is free again when its voice was silent.
        if speaker % 4 == 3 {
            std::thread::sleep(Duration::from_millis(1_300));
        }
    }
}

#[test]
fn conferences_on_two_threads_are_forwarded_with_and_without_steering() {
    for mut scene in [Scene::new(), Scene::unsteered()] {
        let mut one = scene.class("one");
        let mut two = scene.class("two");
        assert_eq!(
            (scene.thread_of("one0"), scene.thread_of("two0")),
            (Some(0), Some(1))
        );
        everybody_hears(&mut one, b"in one");
        everybody_hears(&mut two, b"in two");
        for peer in one.iter_mut().chain(&mut two) {
            assert!(peer.receive(Duration::from_millis(20)).is_none());
        }
        // One ends, the other goes on.
        for number in 0..PEERS {
            scene.media.remove(&id(&format!("one{number}")));
        }
        std::thread::sleep(Duration::from_millis(1_300));
        everybody_hears(&mut two, b"still in two");
        scene.at("three");
        let _new = scene.join("three0", ALL);
        assert_eq!(scene.thread_of("three0"), Some(0), "where nobody is");
    }
}

#[test]
fn participant_who_comes_again_is_on_the_thread_of_the_others() {
    let mut scene = Scene::new();
    let _one = scene.at("one").join("anna", ALL);
    let mut ben = scene.at("two").join("ben", ALL);
    let _carla = scene.join("carla", ALL);
    scene.media.remove(&id("carla"));
    let mut carla = scene.join("carla", ALL);
    assert_eq!(scene.thread_of("carla"), scene.thread_of("ben"));
    speak(&mut carla, 1, b"again");
    assert_eq!(ben.receive(SOON).expect("heard").payload, b"again");
    // Whoever is added to another conference is in that one only.
    let mut carla = scene.at("one").join("carla", ALL);
    assert_eq!(scene.thread_of("carla"), scene.thread_of("anna"));
    speak(&mut carla, 2, b"elsewhere");
    assert!(ben.receive(Duration::from_millis(100)).is_none());
}

#[test]
fn check_from_an_address_of_another_thread_takes_nothing_until_it_is_silent() {
    let mut scene = Scene::new();
    let mut anna = scene.at("one").join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let mallory = scene.at("two").join("mallory", ALL);
    speak(&mut anna, 1, b"one");
    assert_eq!(ben.receive(SOON).expect("heard").payload, b"one");
    let answers = |peer: &mut Peer| {
        let mut buffer = [0; 2_048];
        let mut answers = 0;
        for _ in 0..10 {
            peer.transmit(&mallory.check());
            while peer.socket().recv_from(&mut buffer).is_ok() {
                answers += usize::from(buffer[..2] == [1, 1]);
            }
        }
        answers
    };
    assert_eq!(answers(&mut anna), 0);
    speak(&mut anna, 2, b"two");
    assert_eq!(ben.receive(SOON).expect("still heard").payload, b"two");
    // A NAT gives the port of somebody who is gone to somebody else.
    std::thread::sleep(Duration::from_millis(5_500));
    let came = answers(&mut anna);
    assert!(
        (7..10).contains(&came),
        "{came}: the first one asks for the address"
    );
}

/// A browser checks from each of its networks. Whoever checks from more addresses than any browser has takes no more places
/// among those that the kernel steers by, and gives them all back.
#[test]
fn participant_who_checks_from_many_addresses_has_sixteen_routes() {
    const MAX_ROUTES: usize = 16;
    let mut scene = Scene::new();
    let mut anna = scene.at("one").join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let routes = scene.media.plane.routes.clone();
    let of_others = routes.list().len() - 1;
    let sockets: Vec<_> = (0..100)
        .map(|_| UdpSocket::bind("127.0.0.1:0").expect("a socket"))
        .collect();
    let mut most = 0;
    for socket in &sockets {
        for _ in 0..2 {
            socket.send_to(&anna.check(), anna.server()).expect("sent");
        }
        std::thread::sleep(Duration::from_millis(2));
        most = most.max(routes.list().len() - of_others);
    }
    std::thread::sleep(Duration::from_millis(100));
    scene.settle();
    let held = routes.list().len() - of_others;
    assert_eq!(held, MAX_ROUTES, "they were heard");
    // The next one is known before the oldest is forgotten.
    assert!(most <= MAX_ROUTES + 1, "{most}");
    speak(&mut anna, 1, b"still here");
    assert_eq!(ben.receive(SOON).expect("heard").payload, b"still here");
    scene.media.remove(&id("anna"));
    scene.settle();
    assert_eq!(routes.list().len(), of_others);
}

#[test]
fn relayed_participant_of_the_second_thread_is_heard() {
    let mut scene = Scene::new();
    let _one = scene.at("one").join("anna", ALL);
    let mut ben = scene.at("two").join("ben", ALL);
    let (mut carla, ended) = scene.join_relayed("carla");
    assert_eq!(scene.thread_of("carla"), Some(1));
    speak(&mut ben, 1, b"to the relay");
    let heard = carla.receive(Duration::from_secs(5)).expect("a voice");
    assert_eq!(heard.payload, b"to the relay");
    speak(&mut carla, 1, b"from the relay");
    let heard = ben.receive(Duration::from_secs(5)).expect("a voice");
    assert_eq!(heard.payload, b"from the relay");
    scene.media.remove(&id("carla"));
    let end = ended.recv_timeout(Duration::from_secs(5));
    assert!(matches!(end, Ok(crate::sfu::RelayEnd::Left)));
}

/// Whoever knows no session does not get past the thread to which the kernel gave it.
#[test]
fn flood_of_checks_that_are_made_up_is_handed_to_nobody() {
    let mut scene = Scene::unsteered();
    let mut anna = scene.at("one").join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let server = anna.server();
    let provider = rtc_crypto::default_provider().expect("cryptography");
    let checks: Vec<_> = ["Aabcdefghijk", "Babcdefghijk", "Zabcdefghijk", "x"]
        .map(|ufrag| binding_request(ufrag, "a guessed password", &provider))
        .into();
    let flood = std::thread::spawn(move || {
        let sockets: Vec<_> = (0..8)
            .map(|_| UdpSocket::bind("127.0.0.1:0").expect("a socket"))
            .collect();
        let until = Instant::now() + Duration::from_secs(2);
        let mut sent = 0u64;
        while Instant::now() < until {
            for socket in &sockets {
                for check in &checks {
                    sent += u64::from(socket.send_to(check, server).is_ok());
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        sent
    });
    let mut heard = 0;
    for sequence in 1..=50 {
        speak(&mut anna, sequence, b"in a flood");
        heard += usize::from(ben.receive(SOON).is_some());
    }
    let sent = flood.join().expect("no panic");
    std::thread::sleep(Duration::from_millis(1_300));
    let dropped = scene.media.totals().dropped;
    assert_eq!(dropped.of(Dropped::ThreadFull), 0);
    let unknown = dropped.of(Dropped::UnknownSender);
    // The kernel drops some where the machine is busy.
    assert!(unknown >= sent / 3, "{unknown} of {sent}");
    assert!(heard >= 48, "{heard} of 50");
}

#[test]
fn threads_end_with_the_last_handle() {
    let scene = Scene::new();
    let anna = scene.join("anna", ALL);
    let port = scene.media.port();
    drop((scene, anna));
    let deadline = Instant::now() + Duration::from_secs(5);
    while UdpSocket::bind(("0.0.0.0", port)).is_err() {
        assert!(Instant::now() < deadline, "somebody has the port still");
        std::thread::sleep(Duration::from_millis(10));
    }
}
