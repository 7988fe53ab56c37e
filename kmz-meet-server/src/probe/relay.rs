//! The relay on the port of the page: TURN (RFC 8656) over TLS, or over TCP where the page has no TLS.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc_stun::attributes::{
    ATTR_CHANNEL_NUMBER, ATTR_NONCE, ATTR_REALM, ATTR_REQUESTED_ADDRESS_FAMILY,
    ATTR_REQUESTED_TRANSPORT, ATTR_SOFTWARE, ATTR_USERNAME, ATTR_XOR_PEER_ADDRESS,
};
use rtc_stun::error_code::ErrorCodeAttribute;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter, METHOD_ALLOCATE, METHOD_CHANNEL_BIND, Message,
    MessageType, Method, Setter, TransactionId,
};
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};
use tokio_rustls::TlsConnector;

use super::checks::{COUNT, Checks, Crypto, INTERVAL, Ice, PATIENCE};
use super::found::PathFound;
use super::page::{Credentials, Server, Test};

/// Until an allocation is there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest message that is read, in bytes.
const MAX_MESSAGE: usize = 4_096;
const STUN_HEADER: usize = 20;
const CHANNEL_HEADER: usize = 4;
const CHANNEL: u16 = 0x4000;
/// Protocol number of UDP (RFC 8656, section 18.6).
const UDP: u8 = 17;
/// What we call ourselves (RFC 8489, section 14.14).
const SOFTWARE: &[u8] = b"kmz-meet probe";

/// Why the relay is not there.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("nothing was answered in time")]
    TimedOut,
    #[error(
        "what answers is no relay: a proxy stands in between, or the server is behind one that does not pass it on"
    )]
    Foreign,
    #[error("the relay refuses: {0}")]
    Refused(u16),
    #[error("the host is no name for TLS")]
    Name,
    #[error("the server announces no address")]
    NoPeer,
    #[error("a message could not be written")]
    Message,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Allocates, and sends checks through the relay.
pub async fn probe(server: &Server, test: &Test, ice: &Ice, crypto: &Crypto) -> PathFound {
    let path = server.relay_path();
    let mut checks = Checks::new(ice, crypto);
    let start = Instant::now();
    let mut connected = None;
    let outcome = async {
        let opening = open(server, test, crypto);
        let stream = timeout(CONNECT_TIMEOUT, opening).await;
        let stream = stream.map_err(|_| RelayError::TimedOut)??;
        connected = Some(start.elapsed());
        exchange(stream, &mut checks).await
    };
    match outcome.await {
        Ok(()) => path.with(&checks, connected),
        Err(error) => path.with(&checks, connected).failed(error.to_string()),
    }
}

/// A connection with an allocation and a channel to the media plane.
async fn open(
    server: &Server,
    test: &Test,
    crypto: &Crypto,
) -> Result<Box<dyn Stream>, RelayError> {
    let host = server.host();
    let tcp = TcpStream::connect((host.as_str(), server.port())).await?;
    let _ = tcp.set_nodelay(true);
    let mut stream: Box<dyn Stream> = if server.is_secure() {
        let name = ServerName::try_from(host).map_err(|_| RelayError::Name)?;
        let connector = TlsConnector::from(server.tls.clone());
        Box::new(connector.connect(name, tcp).await?)
    } else {
        Box::new(tcp)
    };
    // IPv4 is what every relay has; where the server has none, IPv6.
    let peer = test.media().find(SocketAddr::is_ipv4);
    let peer = peer.or_else(|| test.media().next());
    let peer = peer.ok_or(RelayError::NoPeer)?;
    let transport = (ATTR_REQUESTED_TRANSPORT, vec![UDP, 0, 0, 0]);
    // Also because a server answers a stranger with no more than was asked with.
    let software = (ATTR_SOFTWARE, SOFTWARE.to_vec());
    let mut wanted = vec![transport, software];
    if peer.is_ipv6() {
        wanted.push((ATTR_REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]));
    }
    let first = request(METHOD_ALLOCATE, &wanted);
    stream.write_all(&first.raw).await?;
    let challenge = answer(&mut stream, &first).await?;
    let text = |attribute| {
        let found = TextAttribute::get_from_as(&challenge, attribute);
        found
            .map(|found| found.text)
            .map_err(|_| RelayError::Foreign)
    };
    let proof = Proof {
        credentials: &test.sender_relay,
        realm: text(ATTR_REALM)?,
        nonce: text(ATTR_NONCE)?,
        crypto,
    };
    let allocate = proof.add_to(request(METHOD_ALLOCATE, &wanted))?;
    stream.write_all(&allocate.raw).await?;
    succeeded(&answer(&mut stream, &allocate).await?)?;
    let [high, low] = CHANNEL.to_be_bytes();
    let mut bind = request(
        METHOD_CHANNEL_BIND,
        &[(ATTR_CHANNEL_NUMBER, vec![high, low, 0, 0])],
    );
    let address = XorMappedAddress {
        ip: peer.ip(),
        port: peer.port(),
    };
    address
        .add_to_as(&mut bind, ATTR_XOR_PEER_ADDRESS)
        .map_err(|_| RelayError::Message)?;
    let bind = proof.add_to(bind)?;
    stream.write_all(&bind.raw).await?;
    succeeded(&answer(&mut stream, &bind).await?)?;
    Ok(stream)
}

fn request(method: Method, attributes: &[(rtc_stun::attributes::AttrType, Vec<u8>)]) -> Message {
    let mut message = Message {
        typ: MessageType {
            method,
            class: CLASS_REQUEST,
        },
        transaction_id: TransactionId(rand::random()),
        ..Message::default()
    };
    message.write_header();
    for (attribute, value) in attributes {
        message.add(*attribute, value);
    }
    message
}

/// Long-term credentials (RFC 8489, section 9.2).
struct Proof<'a> {
    credentials: &'a Credentials,
    realm: String,
    nonce: String,
    crypto: &'a Crypto,
}

impl Proof<'_> {
    fn add_to(&self, mut message: Message) -> Result<Message, RelayError> {
        let Credentials { username, password } = self.credentials;
        message.add(ATTR_USERNAME, username.as_bytes());
        message.add(ATTR_REALM, self.realm.as_bytes());
        message.add(ATTR_NONCE, self.nonce.as_bytes());
        let integrity = MessageIntegrity::new_long_term_integrity_with_provider(
            username.clone(),
            self.realm.clone(),
            password.clone(),
            self.crypto.crypto(),
        );
        integrity
            .map_err(|_| RelayError::Message)?
            .add_to(&mut message)
            .map_err(|_| RelayError::Message)?;
        Ok(message)
    }
}

fn succeeded(answer: &Message) -> Result<(), RelayError> {
    if answer.typ.class == CLASS_SUCCESS_RESPONSE {
        return Ok(());
    }
    let mut error = ErrorCodeAttribute::default();
    error.get_from(answer).map_err(|_| RelayError::Foreign)?;
    Err(RelayError::Refused(error.code.0))
}

/// The answer to this request.
async fn answer(stream: &mut Box<dyn Stream>, request: &Message) -> Result<Message, RelayError> {
    loop {
        let Frame::Stun(raw) = read(stream).await? else {
            continue;
        };
        let mut message = Message {
            raw,
            ..Message::default()
        };
        message.decode().map_err(|_| RelayError::Foreign)?;
        if message.transaction_id == request.transaction_id {
            return Ok(message);
        }
    }
}

enum Frame {
    Stun(Vec<u8>),
    /// A datagram of the channel.
    Channel(Vec<u8>),
}

/// The next message (RFC 8656, section 12.5).
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Frame, RelayError> {
    let mut header = [0; CHANNEL_HEADER];
    stream.read_exact(&mut header).await?;
    let [kind, _, high, low] = header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let is_channel = (0x40..=0x7f).contains(&kind);
    if kind > 0x7f || length > MAX_MESSAGE || header.starts_with(b"HTTP") {
        return Err(RelayError::Foreign);
    }
    let padded = length.next_multiple_of(4);
    let rest = if is_channel {
        padded
    } else {
        STUN_HEADER - CHANNEL_HEADER + padded
    };
    let mut bytes = vec![0; rest];
    stream.read_exact(&mut bytes).await?;
    if is_channel {
        bytes.truncate(length);
        return Ok(Frame::Channel(bytes));
    }
    Ok(Frame::Stun([&header[..], &bytes].concat()))
}

async fn exchange(stream: Box<dyn Stream>, checks: &mut Checks) -> Result<(), RelayError> {
    let (from, to): (ReadHalf<_>, WriteHalf<_>) = split(stream);
    // Reading is a task of its own: a message that is half read must not be dropped.
    let (got, mut datagrams) = tokio::sync::mpsc::channel(COUNT);
    let reading = tokio::spawn(forward(from, got));
    let outcome = talk(to, &mut datagrams, checks).await;
    reading.abort();
    outcome
}

async fn forward(
    mut from: ReadHalf<Box<dyn Stream>>,
    to: tokio::sync::mpsc::Sender<(Instant, Vec<u8>)>,
) {
    while let Ok(frame) = read(&mut from).await {
        if let Frame::Channel(datagram) = frame
            && to.send((Instant::now(), datagram)).await.is_err()
        {
            return;
        }
    }
}

async fn talk(
    mut to: WriteHalf<Box<dyn Stream>>,
    datagrams: &mut tokio::sync::mpsc::Receiver<(Instant, Vec<u8>)>,
    checks: &mut Checks,
) -> Result<(), RelayError> {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let all = INTERVAL * u32::try_from(COUNT).unwrap_or(u32::MAX);
    let end = tokio::time::Instant::now() + all + PATIENCE;
    while !checks.are_done() {
        tokio::select! {
            _ = ticks.tick(), if !checks.are_sent() => {
                if let Some(check) = checks.next(Instant::now()) {
                    let length = u16::try_from(check.len()).map_err(|_| RelayError::Message)?;
                    let mut frame = [CHANNEL.to_be_bytes(), length.to_be_bytes()].concat();
                    frame.extend_from_slice(&check);
                    frame.resize(frame.len().next_multiple_of(4), 0);
                    to.write_all(&frame).await?;
                    to.flush().await?;
                }
            }
            datagram = datagrams.recv() => match datagram {
                Some((at, datagram)) => checks.take(at, &datagram),
                None => break,
            },
            () = sleep_until(end) => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answer_of_a_web_proxy_is_told_as_such() {
        let mut proxy: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        assert!(matches!(read(&mut proxy).await, Err(RelayError::Foreign)));
    }

    #[tokio::test]
    async fn channel_data_is_read_without_its_padding() {
        let mut bytes: &[u8] = &[0x40, 0, 0, 3, 1, 2, 3, 0];
        let Ok(Frame::Channel(datagram)) = read(&mut bytes).await else {
            panic!("no datagram");
        };
        assert_eq!(datagram, [1, 2, 3]);
        assert!(bytes.is_empty());
    }
}
