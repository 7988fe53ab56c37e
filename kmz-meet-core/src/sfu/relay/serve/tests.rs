//! A connection as its client and the media thread see it.

use std::sync::{Mutex, PoisonError};

use rtc_stun::attributes::{ATTR_CHANNEL_NUMBER, ATTR_NONCE};
use rtc_stun::message::{
    CLASS_REQUEST, METHOD_ALLOCATE, METHOD_CHANNEL_BIND, METHOD_REFRESH, Message,
};
use rtc_stun::textattrs::TextAttribute;
use tokio::io::{DuplexStream, duplex};
use tokio::time::timeout;

use super::frame::{Frame, next, write_channel};
use super::*;
use crate::sfu::relay::testing::{build, code, software, udp, with_peer, with_proof};
use crate::signal::{ParticipantId, Relay};

const CHANNEL: u16 = 0x4000;

/// What the media thread was told and has not taken yet.
type Told = Arc<Mutex<Vec<ToMedia>>>;

struct Connection {
    stream: DuplexStream,
    access: Arc<Access>,
    credentials: Relay,
    nonce: String,
    told: Told,
    serving: tokio::task::JoinHandle<RelayEnd>,
}

fn us() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 7], 10_000))
}

impl Connection {
    fn new() -> Self {
        let access = Arc::new(Access::default());
        let credentials = access.credentials(&ParticipantId("anna".into()));
        let (stream, server) = duplex(8 * 1_024);
        let told = Told::default();
        let media = told.clone();
        let plane = Plane {
            peers: vec![us()],
            access: access.clone(),
            crypto: rtc_crypto::default_provider().expect("cryptography"),
            tell: move |message| {
                let mut told = media.lock().unwrap_or_else(PoisonError::into_inner);
                told.push(message);
            },
        };
        let client = SocketAddr::from(([198, 51, 100, 1], 40_000));
        Self {
            stream,
            access,
            credentials,
            nonce: String::new(),
            told,
            serving: tokio::spawn(serve(server, client, plane, || ())),
        }
    }

    async fn ask(&mut self, message: &Message) -> Message {
        self.stream.write_all(&message.raw).await.expect("open");
        let mut raw = vec![0; 20];
        self.stream.read_exact(&mut raw).await.expect("an answer");
        let length = usize::from(u16::from_be_bytes([raw[2], raw[3]]));
        raw.resize(20 + length, 0);
        let rest = self.stream.read_exact(&mut raw[20..]).await;
        rest.expect("all of it");
        assert!(matches!(next(&raw), Ok(Some((Frame::Stun(_), _)))));
        let mut answer = Message {
            raw,
            ..Message::default()
        };
        answer.decode().expect("an answer");
        answer
    }

    fn prove(&self, message: Message) -> Message {
        with_proof(message, &self.credentials, &self.nonce)
    }

    async fn bound() -> Self {
        let mut line = Self::new();
        let allocate = || build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp(), software()]);
        let challenge = line.ask(&allocate()).await;
        let nonce = TextAttribute::get_from_as(&challenge, ATTR_NONCE);
        line.nonce = nonce.expect("a nonce").text;
        let proved = line.prove(allocate());
        assert_eq!(code(&line.ask(&proved).await), 0);
        let number = (ATTR_CHANNEL_NUMBER, vec![0x40, 0, 0, 0]);
        let bind = build(METHOD_CHANNEL_BIND, CLASS_REQUEST, &[number]);
        let proved = line.prove(with_peer(bind, us()));
        assert_eq!(code(&line.ask(&proved).await), 0);
        line
    }

    fn waiting(&self) -> usize {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = told.iter().map(|message| match message {
            ToMedia::Datagrams(datagrams) => datagrams.bytes.len(),
            ToMedia::Open { .. } | ToMedia::Close { .. } => 0,
        });
        bytes.sum()
    }

    fn take(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.clear();
    }
}

#[tokio::test(start_paused = true)]
async fn flood_that_the_media_thread_does_not_take_waits_in_the_line() {
    let mut line = Connection::bound().await;
    let mut flood = Vec::new();
    for _ in 0..2_000 {
        write_channel(&mut flood, CHANNEL, &[7; 1_200]);
    }
    // The clock stands still as long as anything can go on.
    let mut rest = &flood[..];
    while let Ok(written) = timeout(Duration::from_secs(1), line.stream.write(rest)).await {
        rest = &rest[written.expect("open")..];
        assert!(!rest.is_empty(), "all of it was taken");
    }
    assert!(line.waiting() <= 80 * 1_024, "{}", line.waiting());
    // It goes on where it stopped.
    while !rest.is_empty() {
        line.take();
        if let Ok(written) = timeout(Duration::from_secs(1), line.stream.write(rest)).await {
            rest = &rest[written.expect("open")..];
        }
    }
    assert!(!line.serving.is_finished());
}

#[tokio::test]
async fn request_to_end_an_allocation_is_answered_before_the_connection_ends() {
    for _ in 0..50 {
        let mut line = Connection::bound().await;
        let zero = (rtc_stun::attributes::ATTR_LIFETIME, vec![0; 4]);
        let refresh = line.prove(build(METHOD_REFRESH, CLASS_REQUEST, &[zero]));
        assert_eq!(code(&line.ask(&refresh).await), 0);
        assert!(matches!(line.serving.await, Ok(RelayEnd::Closed)));
        let told = line.told.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(matches!(told.last(), Some(ToMedia::Close { .. })));
    }
}

#[tokio::test(start_paused = true)]
async fn allocation_that_was_ended_is_free_although_its_client_reads_nothing() {
    let mut line = Connection::bound().await;
    assert_eq!(line.access.allocations(), 1);
    let zero = (rtc_stun::attributes::ATTR_LIFETIME, vec![0; 4]);
    // Other answers fill the line, so that the last one does not go out.
    let again = line.prove(build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp()]));
    let mut requests = again.raw.repeat(200);
    requests.extend(
        line.prove(build(METHOD_REFRESH, CLASS_REQUEST, &[zero]))
            .raw,
    );
    line.stream.write_all(&requests).await.expect("open");
    while line.access.allocations() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!line.serving.is_finished(), "what was answered waits");
}

#[tokio::test(start_paused = true)]
async fn flood_of_empty_datagrams_reaches_the_media_thread_in_small_runs() {
    let mut line = Connection::bound().await;
    let mut flood = Vec::new();
    for _ in 0..10_000 {
        write_channel(&mut flood, CHANNEL, &[]);
    }
    let sent = timeout(Duration::from_secs(1), line.stream.write_all(&flood)).await;
    assert!(sent.is_err(), "all of it was taken");
    let told = line.told.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = told.iter().map(|message| match message {
        ToMedia::Datagrams(datagrams) => datagrams.sizes.len(),
        ToMedia::Open { .. } | ToMedia::Close { .. } => 0,
    });
    assert_eq!(waiting.sum::<usize>(), MAX_RUNS * MAX_DATAGRAMS);
}

#[tokio::test(start_paused = true)]
async fn client_that_takes_nothing_is_closed() {
    let line = Connection::bound().await;
    let outbox = {
        let told = line.told.lock().unwrap_or_else(PoisonError::into_inner);
        match &told[0] {
            ToMedia::Open { outbox, .. } => outbox.clone(),
            _ => panic!("opened first"),
        }
    };
    let picture = [0x80; 1_200];
    let pictures = std::iter::repeat_n((&picture[..], super::super::outbox::Lane::Pictures), 1_000);
    let sent = 1_000 - outbox.send(us().ip(), pictures);
    assert!(sent < 60, "{sent}");
    assert!(matches!(line.serving.await, Ok(RelayEnd::Io(_))));
}

#[tokio::test(start_paused = true)]
async fn message_that_never_ends_is_closed() {
    let mut line = Connection::bound().await;
    line.stream.write_all(&[0x40, 0, 5]).await.expect("open");
    assert!(matches!(line.serving.await, Ok(RelayEnd::Silent)));
}
