//! What a client over TCP sends: cut into messages, and read by a session, as it comes and as a participant could send it.
#![no_main]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use kmz_meet_core::sfu::internals::{Access, Event, Frame, Lane, Outbox, REALM, Session, next};
use kmz_meet_core::signal::{ParticipantId, Relay};
use libfuzzer_sys::fuzz_target;
use rtc_stun::attributes::{
    ATTR_NONCE, ATTR_REALM, ATTR_REQUESTED_TRANSPORT, ATTR_SOFTWARE, ATTR_USERNAME,
};
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{CLASS_REQUEST, METHOD_ALLOCATE, Message, MessageType, Setter};
use rtc_stun::textattrs::TextAttribute;

/// The longest message with its padding.
const MAX_MESSAGE: usize = 1_664;

struct Client {
    session: Session,
    outbox: Arc<Outbox>,
    us: SocketAddr,
}

impl Client {
    fn new(access: &Arc<Access>) -> Self {
        let us = SocketAddr::from(([203, 0, 113, 7], 10_000));
        let outbox = Arc::new(Outbox::default());
        let provider = rtc_crypto::default_provider().expect("there is a provider");
        let client = SocketAddr::from(([192, 0, 2, 7], 50_000));
        Self {
            session: Session::new(client, vec![us], access.clone(), provider, outbox.clone()),
            outbox,
            us,
        }
    }

    /// False: the connection ends.
    fn read(&mut self, frame: Frame<'_>) -> bool {
        match self.session.read(Instant::now(), frame) {
            Event::End => return false,
            Event::Datagram { to, .. } => {
                assert_eq!(to, self.us.ip(), "an open relay");
                assert!(self.session.allocation.is_some(), "before an allocation");
            }
            Event::Nothing | Event::Allocated => {}
        }
        true
    }

    /// What it was answered.
    fn answers(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.outbox.take(&mut bytes);
        bytes
    }

    /// Learns the nonce, and allocates if the client proves who it is.
    fn nonce(&mut self) -> String {
        let mut request = request();
        request.add(ATTR_REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        // A stranger is sent no more bytes than they sent: without it the challenge waits for a repetition.
        request.add(ATTR_SOFTWARE, b"a test client");
        self.read(Frame::Stun(&request.raw));
        let mut answer = Message { raw: self.answers(), ..Message::default() };
        answer.decode().expect("a challenge");
        TextAttribute::get_from_as(&answer, ATTR_NONCE).expect("a nonce").text
    }
}

fn request() -> Message {
    let typ = MessageType { method: METHOD_ALLOCATE, class: CLASS_REQUEST };
    let mut message = Message { typ, ..Message::default() };
    message.write_header();
    message
}

/// The same message as somebody sends it who knows the password. `None`: it is none.
fn proved(raw: &[u8], credentials: &Relay, nonce: &str) -> Option<Message> {
    let mut message = Message { raw: raw.to_vec(), ..Message::default() };
    message.decode().ok()?;
    // The first attribute counts, so those of the input come later.
    let attributes = std::mem::take(&mut message.attributes.0);
    message.raw.truncate(20);
    message.length = 0;
    message.write_length();
    message.add(ATTR_USERNAME, credentials.username.as_bytes());
    message.add(ATTR_REALM, REALM.as_bytes());
    message.add(ATTR_NONCE, nonce.as_bytes());
    for attribute in &attributes {
        message.add(attribute.typ, &attribute.value);
    }
    let provider = rtc_crypto::default_provider().expect("there is a provider");
    let proof = MessageIntegrity::new_long_term_integrity_with_provider(
        credentials.username.clone(),
        REALM.into(),
        credentials.password.clone(),
        provider.crypto(),
    );
    proof.ok()?.add_to(&mut message).ok()?;
    Some(message)
}

fn frames(bytes: &[u8], mut take: impl FnMut(Frame<'_>) -> bool) {
    let mut rest = bytes;
    loop {
        match next(rest) {
            Ok(Some((frame, used))) => {
                assert!((4..=MAX_MESSAGE).contains(&used) && used <= rest.len());
                if !take(frame) {
                    return;
                }
                rest = &rest[used..];
            }
            // More would have been read by now.
            Ok(None) => return assert!(rest.len() < MAX_MESSAGE),
            Err(_) => return,
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let access = Arc::new(Access::default());
    let credentials = access.credentials(&ParticipantId("anna".into()));

    // A stranger gets little, and nowhere.
    let mut stranger = Client::new(&access);
    let mut answers = 0;
    frames(bytes, |frame| {
        let goes_on = stranger.read(frame);
        answers += usize::from(!stranger.answers().is_empty());
        goes_on
    });
    assert!(answers <= 4, "{answers} answers to a stranger");
    assert_eq!(access.allocations(), 0, "nobody guesses a HMAC");

    // A participant.
    let mut client = Client::new(&access);
    let nonce = client.nonce();
    let mut allocate = request();
    allocate.add(ATTR_REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    if bytes.first().is_some_and(|byte| byte % 2 == 0) {
        let allocate = proved(&allocate.raw, &credentials, &nonce).expect("a message");
        client.read(Frame::Stun(&allocate.raw));
        assert_eq!(access.allocations(), 1);
    }
    frames(bytes, |frame| {
        let goes_on = match frame {
            Frame::Stun(raw) => match proved(raw, &credentials, &nonce) {
                Some(message) => client.read(Frame::Stun(&message.raw)),
                None => client.read(frame),
            },
            Frame::Channel { .. } => client.read(frame),
        };
        let picture = std::iter::once((&[0x80; 100][..], Lane::Pictures));
        client.outbox.send(client.us.ip(), picture);
        // All that is written can be read.
        let written = client.answers();
        let mut rest = &written[..];
        while !rest.is_empty() {
            let (_, used) = next(rest).expect("ours").expect("whole");
            rest = &rest[used..];
        }
        goes_on
    });
    drop(client);
    assert_eq!(access.allocations(), 0, "it ends with its connection");
});
