//! People who write somebody else's address into what they send. A peer that sends another's check is as good as that
//! other forging the peer's address.

use bytes::BytesMut;

use super::*;
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::testing::{binding_request, place_of};

#[test]
fn check_from_an_address_in_use_takes_nothing_from_its_owner() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let mallory = scene.join("mallory", ALL);
    speak(&mut anna, 1, b"one");
    assert_eq!(ben.receive(SOON).expect("heard").payload, b"one");
    for _ in 0..20 {
        anna.transmit(&mallory.check());
        ben.transmit(&mallory.check());
    }
    scene.settle();
    std::thread::sleep(Duration::from_millis(100));
    speak(&mut anna, 2, b"two");
    assert_eq!(ben.receive(SOON).expect("still heard").payload, b"two");
}

#[test]
fn forged_check_brings_its_victim_no_media() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    scene.watch("ben", &["anna"], 180);
    let mut camera = Camera::new(7, "q");
    camera.shoot(&mut anna, true);
    ben.receive(SOON).expect("a picture");
    let bystander = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    bystander
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a timeout");
    let check = ben.check();
    let (mut forged, mut came, mut shown) = (0, 0, 0);
    let mut buffer = [0; 2_048];
    for step in 0..100 {
        if step % 25 == 0 {
            forged += bystander.send_to(&check, ben.server()).expect("sent");
        }
        camera.shoot(&mut anna, false);
        shown += usize::from(ben.receive(Duration::from_millis(200)).is_some());
    }
    while let Ok((length, _)) = bystander.recv_from(&mut buffer) {
        came += length;
    }
    assert!(came <= 3 * forged, "{came} bytes for {forged}");
    assert!(shown >= 90, "{shown} of 100 pictures, where they belong");
}

/// Answers and checks of ours count together, however often a check is repeated that nobody answers.
#[test]
fn forged_check_brings_its_victim_three_times_its_bytes_at_most() {
    let scene = Scene::new();
    let ben = scene.join("ben", ALL);
    let bystander = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    bystander
        .set_read_timeout(Some(Duration::from_millis(100)))
        .expect("a timeout");
    let forged = bystander.send_to(&ben.check(), ben.server()).expect("sent");
    let mut buffer = [0; 2_048];
    let mut came = 0;
    // A check is repeated within two seconds or never.
    let end = Instant::now() + Duration::from_millis(2_500);
    while Instant::now() < end {
        if let Ok((length, _)) = bystander.recv_from(&mut buffer) {
            came += length;
        }
    }
    assert!(came > 0, "an authentic check is answered");
    assert!(came <= 3 * forged, "{came} bytes for {forged}");
}

/// Who knows no session is not sent anything at all, and who guesses a check of ours proves nothing.
#[test]
fn answer_to_a_check_never_sent_proves_no_path() {
    let scene = Scene::new();
    let mut anna = scene.join("anna", ALL);
    let mut ben = scene.join("ben", ALL);
    let provider = rtc_crypto::default_provider().expect("a provider");
    let bystander = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    bystander
        .set_read_timeout(Some(Duration::from_millis(100)))
        .expect("a timeout");
    bystander.send_to(&ben.check(), ben.server()).expect("sent");
    // Its own check of the wrong name, answered with the right password.
    for index in 0..4u8 {
        let mut id = [0; 12];
        id[3] = index;
        let own = crate::sfu::transport::stun::request(
            id,
            "x",
            &crate::sfu::testing::credentials(),
            provider.crypto(),
        )
        .expect("fits");
        let answer =
            crate::sfu::testing::answer_check(&own, ben.server(), &provider).expect("authentic");
        bystander.send_to(&answer, ben.server()).expect("sent");
    }
    scene.settle();
    speak(&mut anna, 1, b"one");
    assert_eq!(ben.receive(SOON).expect("where he is").payload, b"one");
}

/// Before an address has answered a check, the handshake is within what may be sent there: its largest flight, which the
/// cookie of a hello that came from elsewhere brings about, and every repetition of it.
#[test]
fn handshake_to_an_unproven_address_is_three_times_its_bytes_at_most() {
    // A handshake that comes with its check, and not after the answer, may be at another thread before it is known there.
    let scene = Scene::with(MediaConfig {
        threads: NonZeroUsize::new(1),
        ..local()
    });
    scene
        .media
        .add(&scene.conference, &id("ben"), scene.sender.clone());
    let offering = Offering::new(9);
    let ben = id("ben");
    let answer = scene.media.offer(&ben, &offering.sdp, &offering.sections);
    let answer = scene.runtime.block_on(answer).expect("an answer");
    let (server, ufrag, password) = place_of(&answer);
    let provider = rtc_crypto::default_provider().expect("a provider");
    let check = binding_request(&ufrag, &password, &provider);
    let socket = || {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_millis(100)))
            .expect("a timeout");
        socket
    };
    let (own, victim, stranger) = (socket(), socket(), socket());
    let mut buffer = [0; 2_048];
    let mut dtls = offering.handshake(server);
    let hello = dtls.poll_transmit().expect("a hello").message;
    // Where no check came from, nothing is sent at all.
    stranger.send_to(&hello, server).expect("sent");
    assert!(stranger.recv_from(&mut buffer).is_err());

    own.send_to(&check, server).expect("sent");
    own.send_to(&hello, server).expect("sent");
    let deadline = Instant::now() + Duration::from_secs(5);
    let with_cookie = loop {
        assert!(Instant::now() < deadline, "no answer to the hello");
        let Ok((length, _)) = own.recv_from(&mut buffer) else {
            continue;
        };
        if kind(&buffer[..length]) == Kind::Dtls {
            let datagram = BytesMut::from(&buffer[..length]);
            dtls.read(Instant::now(), server, None, datagram)
                .expect("a handshake");
            if let Some(transmit) = dtls.poll_transmit() {
                break transmit.message;
            }
        }
    };
    let mut forged = victim.send_to(&check, server).expect("sent");
    forged += victim.send_to(&with_cookie, server).expect("sent");
    let (mut came, mut of_handshake) = (0, 0);
    // The flight is repeated after 200, 400, 800 and 1,600 milliseconds.
    let end = Instant::now() + Duration::from_secs(4);
    while Instant::now() < end {
        if let Ok((length, _)) = victim.recv_from(&mut buffer) {
            came += length;
            if kind(&buffer[..length]) == Kind::Dtls {
                of_handshake += length;
            }
        }
    }
    assert!(
        came <= 3 * forged,
        "{came} bytes, {of_handshake} of them of the handshake, for {forged}"
    );
}
