//! The protocol as a client sees it, with the RFC's messages built by the library that clients use.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rtc_stun::attributes::*;
use rtc_stun::message::*;
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;

use super::access::{Access, MAX_ALLOCATIONS_OF_ONE};
use super::frame::{Frame, next};
use super::outbox::{Lane, Outbox};
use super::session::{Event, Session};
use super::testing::{self, build, code, software, udp};
use crate::signal::{ParticipantId, Relay};

const MEDIA: &str = "203.0.113.7:10000";
const MEDIA_V6: &str = "[2001:db8::7]:10000";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A client with its connection.
struct Client {
    session: Session,
    outbox: Arc<Outbox>,
    access: Arc<Access>,
    nonce: String,
    username: String,
    password: String,
    sent: usize,
    received: usize,
}

impl Client {
    fn new(access: &Arc<Access>) -> Self {
        let credentials = access.credentials(&ParticipantId("anna".into()));
        let outbox = Arc::new(Outbox::default());
        let provider = rtc_crypto::default_provider().expect("cryptography");
        let peers = vec![address(MEDIA), address("[2001:db8::7]:10000")];
        Self {
            session: Session::new(
                address("[::ffff:198.51.100.1]:40000"),
                peers,
                access.clone(),
                provider,
                outbox.clone(),
            ),
            outbox,
            access: access.clone(),
            nonce: String::new(),
            username: credentials.username,
            password: credentials.password,
            sent: 0,
            received: 0,
        }
    }

    fn with_proof(&self, message: Message) -> Message {
        let credentials = Relay {
            username: self.username.clone(),
            password: self.password.clone(),
        };
        testing::with_proof(message, &credentials, &self.nonce)
    }

    /// What the server answers; an error if it ends the connection.
    fn send(&mut self, message: &Message) -> Result<Option<Message>, ()> {
        self.sent += message.raw.len();
        let event = self.session.read(Instant::now(), Frame::Stun(&message.raw));
        let ended = event == Event::End;
        let mut bytes = Vec::new();
        self.outbox.take(&mut bytes);
        self.received += bytes.len();
        if bytes.is_empty() {
            return if ended { Err(()) } else { Ok(None) };
        }
        let Ok(Some((Frame::Stun(raw), whole))) = next(&bytes) else {
            panic!("no message: {bytes:?}");
        };
        assert_eq!(whole, bytes.len(), "one answer");
        let mut answer = Message {
            raw: raw.to_vec(),
            ..Message::default()
        };
        answer.decode().expect("an answer");
        assert_eq!(answer.transaction_id, message.transaction_id);
        Ok(Some(answer))
    }

    fn ask(
        &mut self,
        method: Method,
        attributes: &[(AttrType, Vec<u8>)],
    ) -> Result<Option<Message>, ()> {
        let message = self.with_proof(build(method, CLASS_REQUEST, attributes));
        self.send(&message)
    }

    /// The code of the answer: 0 when it worked.
    fn code(&mut self, method: Method, attributes: &[(AttrType, Vec<u8>)]) -> u16 {
        let answer = self
            .ask(method, attributes)
            .expect("open")
            .expect("an answer");
        code(&answer)
    }

    fn learn_nonce(&mut self) {
        let request = build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp(), software()]);
        let answer = self.send(&request).expect("open").expect("an answer");
        assert_eq!(code(&answer), 401);
        let nonce = TextAttribute::get_from_as(&answer, ATTR_NONCE);
        self.nonce = nonce.expect("a nonce").text;
    }

    fn allocated(access: &Arc<Access>) -> Self {
        let mut client = Self::new(access);
        client.learn_nonce();
        assert_eq!(client.code(METHOD_ALLOCATE, &[udp()]), 0);
        client
    }
}

fn to_peer(
    method: Method,
    class: MessageClass,
    attributes: &[(AttrType, Vec<u8>)],
    to: SocketAddr,
) -> Message {
    testing::with_peer(build(method, class, attributes), to)
}

fn bind_code(client: &mut Client, number: u16, to: SocketAddr) -> u16 {
    let number = number.to_be_bytes();
    let value = vec![number[0], number[1], 0, 0];
    let message = to_peer(
        METHOD_CHANNEL_BIND,
        CLASS_REQUEST,
        &[(ATTR_CHANNEL_NUMBER, value)],
        to,
    );
    let message = client.with_proof(message);
    code(&client.send(&message).expect("open").expect("an answer"))
}

fn permission_code(client: &mut Client, to: SocketAddr) -> u16 {
    let message = to_peer(METHOD_CREATE_PERMISSION, CLASS_REQUEST, &[], to);
    let message = client.with_proof(message);
    code(&client.send(&message).expect("open").expect("an answer"))
}

/// Addresses that anybody could wish to reach through us.
const FOREIGN: [&str; 24] = [
    "203.0.113.7:10001",
    "203.0.113.7:443",
    "203.0.113.7:0",
    "203.0.113.8:10000",
    "127.0.0.1:10000",
    "127.0.0.1:80",
    "127.1.2.3:10000",
    "0.0.0.0:10000",
    "255.255.255.255:10000",
    "224.0.0.1:10000",
    "10.0.0.1:10000",
    "172.16.0.1:10000",
    "192.168.0.1:10000",
    "169.254.169.254:80",
    "100.64.0.1:10000",
    "192.0.0.8:10000",
    "198.51.100.1:40000",
    "[::1]:10000",
    "[::]:10000",
    "[::ffff:203.0.113.7]:10000",
    "[::ffff:127.0.0.1]:10000",
    "[fe80::1]:10000",
    "[64:ff9b::cb00:7107]:10000",
    MEDIA_V6,
];

#[test]
fn peer_that_is_not_our_media_plane_is_refused() {
    let access = Arc::new(Access::default());
    for foreign in FOREIGN {
        let mut client = Client::allocated(&access);
        let to = address(foreign);
        // The permission is for an address whatever the port, so the first three pass and lead nowhere.
        // The last is ours, and of the other family than the allocation.
        let refused = if foreign == MEDIA_V6 { 443 } else { 403 };
        let may = if to.ip() == address(MEDIA).ip() {
            0
        } else {
            refused
        };
        assert_eq!(permission_code(&mut client, to), may, "{foreign}");
        assert_eq!(bind_code(&mut client, 0x4000, to), refused, "{foreign}");
        let data = to_peer(
            METHOD_SEND,
            CLASS_INDICATION,
            &[(ATTR_DATA, vec![1, 2, 3])],
            to,
        );
        let event = client.session.read(Instant::now(), Frame::Stun(&data.raw));
        assert_eq!(event, Event::Nothing, "{foreign}");
    }
}

#[test]
fn datagram_reaches_the_media_plane_and_comes_back_on_a_channel() {
    let access = Arc::new(Access::default());
    let mut client = Client::allocated(&access);
    let us: IpAddr = address(MEDIA).ip();
    assert_eq!(permission_code(&mut client, address(MEDIA)), 0);
    let data = to_peer(
        METHOD_SEND,
        CLASS_INDICATION,
        &[(ATTR_DATA, vec![1, 2, 3])],
        address(MEDIA),
    );
    match client.session.read(Instant::now(), Frame::Stun(&data.raw)) {
        Event::Datagram { to, datagram } => {
            assert_eq!((to, datagram.as_ref()), (us, &[1, 2, 3][..]));
        }
        other => panic!("{other:?}"),
    }
    // Before there is a channel: as an indication that names us.
    assert!(
        client
            .outbox
            .send(us, std::iter::once((&[0; 20][..], Lane::Urgent)))
            == 0
    );
    let mut bytes = Vec::new();
    client.outbox.take(&mut bytes);
    let Ok(Some((Frame::Stun(raw), _))) = next(&bytes) else {
        panic!("{bytes:?}");
    };
    let mut message = Message {
        raw: raw.to_vec(),
        ..Message::default()
    };
    message.decode().expect("an indication");
    assert_eq!(message.typ.method, METHOD_DATA);
    let mut from = XorMappedAddress::default();
    from.get_from_as(&message, ATTR_XOR_PEER_ADDRESS)
        .expect("a peer");
    assert_eq!(SocketAddr::new(from.ip, from.port), address(MEDIA));

    assert_eq!(bind_code(&mut client, 0x4001, address(MEDIA)), 0);
    assert_eq!(bind_code(&mut client, 0x3fff, address(MEDIA)), 400);
    let frame = Frame::Channel {
        number: 0x4001,
        datagram: &[7],
    };
    assert!(
        matches!(client.session.read(Instant::now(), frame), Event::Datagram { to, .. } if to == us)
    );
    let frame = Frame::Channel {
        number: 0x4002,
        datagram: &[7],
    };
    assert_eq!(client.session.read(Instant::now(), frame), Event::End);
}

/// The first request of Chromium, which says the same again and again until it is answered.
#[test]
fn challenge_of_a_short_request_waits_for_its_repetition() {
    let access = Arc::new(Access::default());
    let mut client = Client::new(&access);
    let request = build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp()]);
    assert_eq!(request.raw.len(), 28);
    assert_eq!(client.send(&request), Ok(None), "more than it asks with");
    let answer = client.send(&request).expect("open").expect("an answer");
    assert_eq!((code(&answer), answer.raw.len()), (401, 44));
    // On a long way some more are under way by then.
    for _ in 0..5 {
        assert_eq!(client.send(&request), Ok(None), "answered already");
    }
    let nonce = TextAttribute::get_from_as(&answer, ATTR_NONCE);
    client.nonce = nonce.expect("a nonce").text;
    let proved = client.with_proof(build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp()]));
    let answer = client.send(&proved).expect("open").expect("an answer");
    assert_eq!(code(&answer), 0);
}

/// The first request of Firefox, which is sent once.
#[test]
fn challenge_of_a_request_with_lifetime_and_fingerprint_comes_at_once() {
    let access = Arc::new(Access::default());
    let mut client = Client::new(&access);
    let lifetime = (ATTR_LIFETIME, 3_600u32.to_be_bytes().to_vec());
    let fingerprint = (ATTR_FINGERPRINT, vec![0; 4]);
    let request = build(
        METHOD_ALLOCATE,
        CLASS_REQUEST,
        &[udp(), lifetime, fingerprint],
    );
    let answer = client.send(&request).expect("open").expect("an answer");
    assert_eq!((code(&answer), request.raw.len()), (401, 44));
}

#[test]
fn stranger_is_answered_once_and_not_listened_to_for_long() {
    let access = Arc::new(Access::default());
    let mut client = Client::new(&access);
    client.learn_nonce();
    let again = build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp(), software()]);
    assert!(client.send(&again).is_err(), "another request");
    let mut client = Client::new(&access);
    let binding = build(METHOD_BINDING, CLASS_INDICATION, &[]);
    let mut taken = 0;
    while client.send(&binding) == Ok(None) {
        taken += 1;
        assert!(taken <= 32, "without end");
    }
    assert_eq!(client.received, 0);
}

/// What somebody sends who has no password: a message of this method and class, so much longer than the shortest, and perhaps
/// with a proof.
fn of_a_stranger() -> impl Strategy<Value = (Method, MessageClass, usize, Option<String>, bool)> {
    let method = prop::sample::select(vec![
        METHOD_ALLOCATE,
        METHOD_REFRESH,
        METHOD_BINDING,
        METHOD_SEND,
        METHOD_CHANNEL_BIND,
    ]);
    let class = prop::sample::select(vec![CLASS_REQUEST, CLASS_REQUEST, CLASS_INDICATION]);
    let proof = prop::option::of("[a-z]{0,9}");
    (method, class, 0usize..20, proof, any::<bool>())
}

proptest! {
    /// At every moment, and whoever asks.
    #[test]
    fn stranger_is_sent_no_more_than_they_sent(
        steps in prop::collection::vec(of_a_stranger(), 1..40),
    ) {
        let access = Arc::new(Access::default());
        let mut client = Client::new(&access);
        let mut last: Option<Message> = None;
        for (method, class, more, proof, is_again) in steps {
            let mut message = build(method, class, &[(ATTR_SOFTWARE, vec![b'x'; more])]);
            if more == 0 {
                message = build(method, class, &[]);
            }
            if let Some(username) = proof {
                client.username = username;
                message = client.with_proof(message);
            }
            let message = last.filter(|_| is_again).unwrap_or(message);
            let answer = client.send(&message);
            prop_assert!(client.received <= client.sent, "{} for {}", client.received, client.sent);
            let Ok(answer) = answer else { break };
            if let Some(answer) = answer {
                prop_assert_ne!(code(&answer), 0);
            }
            last = Some(message);
        }
    }
}

#[test]
fn wrong_proof_is_refused_and_then_the_connection_ends() {
    let access = Arc::new(Access::default());
    for wrong in ["password", "username"] {
        let mut client = Client::new(&access);
        client.learn_nonce();
        match wrong {
            "password" => client.password.push('x'),
            _ => client.username.push('x'),
        }
        for _ in 0..3 {
            assert_eq!(client.code(METHOD_ALLOCATE, &[udp()]), 401, "{wrong}");
        }
        assert!(client.ask(METHOD_ALLOCATE, &[udp()]).is_err(), "{wrong}");
        assert!(client.session.allocation.is_none());
    }
    let mut client = Client::new(&access);
    client.learn_nonce();
    client.nonce.push('0');
    assert_eq!(client.code(METHOD_ALLOCATE, &[udp()]), 438);
}

#[test]
fn nothing_but_allocating_works_before_an_allocation() {
    let access = Arc::new(Access::default());
    let mut client = Client::new(&access);
    client.learn_nonce();
    assert_eq!(permission_code(&mut client, address(MEDIA)), 437);
    assert_eq!(bind_code(&mut client, 0x4000, address(MEDIA)), 437);
    assert_eq!(client.code(METHOD_REFRESH, &[]), 437);
    assert_eq!(client.code(METHOD_ALLOCATE, &[]), 400, "no transport");
    let tcp = (ATTR_REQUESTED_TRANSPORT, vec![6, 0, 0, 0]);
    assert_eq!(client.code(METHOD_ALLOCATE, &[tcp]), 442);
    let family = (ATTR_REQUESTED_ADDRESS_FAMILY, vec![9, 0, 0, 0]);
    assert_eq!(client.code(METHOD_ALLOCATE, &[udp(), family]), 440);
    let even = (ATTR_EVEN_PORT, vec![0]);
    assert_eq!(client.code(METHOD_ALLOCATE, &[udp(), even]), 420);
    assert_eq!(client.code(METHOD_ALLOCATE, &[udp()]), 0);
    assert_eq!(
        client.code(METHOD_ALLOCATE, &[udp()]),
        437,
        "one a connection"
    );
}

#[test]
fn allocation_ends_with_its_connection_or_by_request_and_counts_until_then() {
    let access = Arc::new(Access::default());
    let mut clients: Vec<Client> = (0..MAX_ALLOCATIONS_OF_ONE)
        .map(|_| Client::allocated(&access))
        .collect();
    let mut one_more = Client::new(&access);
    one_more.learn_nonce();
    assert_eq!(one_more.code(METHOD_ALLOCATE, &[udp()]), 486);
    clients.pop();
    assert_eq!(one_more.code(METHOD_ALLOCATE, &[udp()]), 0);
    let zero = (ATTR_LIFETIME, 0u32.to_be_bytes().to_vec());
    let asked = one_more.with_proof(build(METHOD_REFRESH, CLASS_REQUEST, &[zero]));
    let event = one_more
        .session
        .read(Instant::now(), Frame::Stun(&asked.raw));
    assert_eq!(event, Event::End);
    let long = (ATTR_LIFETIME, u32::MAX.to_be_bytes().to_vec());
    assert_eq!(clients[0].code(METHOD_REFRESH, &[long]), 0);
    let expires = clients[0]
        .session
        .allocation
        .as_ref()
        .expect("an allocation")
        .expires;
    assert!(expires < Instant::now() + Duration::from_secs(3_601));
}

#[test]
fn credentials_of_someone_who_left_open_nothing() {
    let access = Arc::new(Access::default());
    let mut client = Client::new(&access);
    client.learn_nonce();
    client.access.remove(&ParticipantId("anna".into()));
    assert_eq!(client.code(METHOD_ALLOCATE, &[udp()]), 401);
}

#[test]
fn six_reaches_six_and_four_reaches_four() {
    let access = Arc::new(Access::default());
    let mut client = Client::new(&access);
    client.learn_nonce();
    let six = (ATTR_REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    assert_eq!(client.code(METHOD_ALLOCATE, &[udp(), six]), 0);
    assert_eq!(bind_code(&mut client, 0x4000, address(MEDIA)), 443);
    assert_eq!(
        bind_code(&mut client, 0x4000, address("[2001:db8::7]:10000")),
        0
    );
}
