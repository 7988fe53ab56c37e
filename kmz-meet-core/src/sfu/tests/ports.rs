//! Several UDP ports, and both IP versions.

use std::net::{Ipv6Addr, SocketAddr};

use super::*;
use crate::sfu::testing::places_of;
use crate::sfu::{MAX_PORTS, MediaError};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

impl Scene {
    /// Joins from this address of the machine; gives the candidates of the answer.
    fn answered(&self, name: &str, from: IpAddr) -> (Offering, String, Vec<SocketAddr>) {
        self.media
            .add(&self.conference, &id(name), self.sender.clone());
        self.media.permit(&id(name), ALL);
        let offering = Offering::from_address(9, from);
        let who = id(name);
        let answer = self.media.offer(&who, &offering.sdp, &offering.sections);
        let answer = self.runtime.block_on(answer).expect("an answer");
        let places = places_of(&answer);
        (offering, answer, places)
    }

    fn join_at(&self, name: &str, from: IpAddr, place: usize) -> Peer {
        let (offering, answer, places) = self.answered(name, from);
        offering.connect_at(&answer, places[place])
    }
}

fn is_heard(speaker: &mut Peer, listener: &mut Peer, sequence: u16) -> bool {
    let word = sequence.to_be_bytes();
    speak(speaker, sequence, &word);
    listener
        .receive(SOON)
        .is_some_and(|packet| packet.payload == word)
}

#[test]
fn announced_port_beside_the_first_carries_media_both_ways() {
    let scene = Scene::with(MediaConfig {
        extra_ports: vec![0, 0],
        ..local()
    });
    assert_eq!(scene.media.ports().len(), 3);
    let (.., places) = scene.answered("nobody else", V4);
    let ports: Vec<u16> = places.iter().map(SocketAddr::port).collect();
    assert_eq!(ports, scene.media.ports());
    let mut anna = scene.join_at("anna", V4, 1);
    let mut ben = scene.join_at("ben", V4, 2);
    let mut carla = scene.join_at("carla", V4, 0);
    assert!(is_heard(&mut anna, &mut ben, 1));
    assert!(carla.receive(SOON).is_some());
    assert!(is_heard(&mut carla, &mut anna, 1));
    assert!(ben.receive(SOON).is_some());
    // Answers leave from the port that was spoken to: everything else is lost behind a firewall.
    let socket = ben.socket().try_clone().expect("a socket");
    socket.connect(ben.server()).expect("a filter");
    assert!(is_heard(&mut anna, &mut ben, 2));
}

#[test]
fn path_that_moves_between_ports_keeps_the_participant() {
    let mut scene = Scene::with(MediaConfig {
        extra_ports: vec![0],
        ..local()
    });
    let (offering, answer, places) = scene.answered("anna", V4);
    let mut anna = offering.connect_at(&answer, places[1]);
    let mut ben = scene.join_at("ben", V4, 0);
    assert!(is_heard(&mut anna, &mut ben, 1));
    scene.seen();
    anna.move_to(places[0]);
    ben.move_to(places[1]);
    std::thread::sleep(Duration::from_millis(100));
    assert!(is_heard(&mut anna, &mut ben, 2));
    assert!(is_heard(&mut ben, &mut anna, 1));
    let lost = |event: &MediaEvent| matches!(event, MediaEvent::Disconnected { .. });
    assert!(!scene.seen().iter().any(lost));
}

#[test]
fn each_ip_version_alone_and_both_carry_media() {
    for addresses in [vec![V4], vec![V6], vec![V4, V6]] {
        let scene = Scene::with(MediaConfig {
            addresses: addresses.clone(),
            extra_ports: vec![0],
            ..local()
        });
        let last = addresses.len() - 1;
        let mut anna = scene.join_at("anna", addresses[0], 0);
        let mut ben = scene.join_at("ben", addresses[last], last);
        assert_eq!(ben.server().ip(), addresses[last]);
        assert!(is_heard(&mut anna, &mut ben, 1), "{addresses:?}");
        assert!(is_heard(&mut ben, &mut anna, 1), "{addresses:?}");
    }
}

#[test]
fn port_in_use_is_named() {
    let taken = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let port = taken.local_addr().expect("an address").port();
    let failed = Media::start(MediaConfig {
        extra_ports: vec![port],
        ..local()
    });
    let Err(MediaError::Bind { port: named, .. }) = failed else {
        panic!("the port was free");
    };
    assert_eq!(named, port);
    let failed = Media::start(MediaConfig {
        extra_ports: vec![0; MAX_PORTS],
        ..local()
    });
    assert!(matches!(failed, Err(MediaError::TooManyPorts)));
}
