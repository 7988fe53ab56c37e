//! One client's connection: bytes in to the session and the media thread, bytes out from the outbox.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep_until, timeout};

use super::access::Access;
use super::address::RelayId;
use super::frame;
use super::outbox::Outbox;
use super::session::{Event, Session};

/// Bytes that are read at once of who has allocated, and of a stranger.
const READ: usize = 16 * 1_024;
const READ_OF_STRANGER: usize = 2 * 1_024;
/// Runs of datagrams of one client that the media thread has not taken yet. Who sends faster waits in TCP; otherwise a
/// client that floods would fill the memory.
const MAX_RUNS: usize = 2;
/// Who has not allocated after this is closed.
const ALLOCATE_WITHIN: Duration = Duration::from_secs(10);
/// A client that takes nothing for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// Browsers check consent (RFC 7675) every few seconds.
const SILENT: Duration = Duration::from_secs(40);

/// Datagrams of one read: each a length and its bytes, all for one of our addresses.
pub struct Datagrams {
    pub relay: RelayId,
    pub to: IpAddr,
    pub bytes: Vec<u8>,
    pub sizes: Vec<u16>,
    /// Given back when the media thread has taken them.
    pub place: Option<OwnedSemaphorePermit>,
}

/// What the media thread is told.
pub enum ToMedia {
    Open { relay: RelayId, outbox: Arc<Outbox> },
    Datagrams(Datagrams),
    Close { relay: RelayId },
}

/// Why a connection ended, for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayEnd {
    #[error("the client ended it")]
    Closed,
    #[error("no allocation came")]
    NotAllocated,
    #[error("the allocation ran out")]
    Expired,
    #[error("nothing came any more")]
    Silent,
    #[error("the participant left")]
    Left,
    #[error("not TURN")]
    Malformed,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Tells the media thread at the end that there is no such path any more.
struct Open<'a, F: Fn(ToMedia)> {
    relay: RelayId,
    tell: &'a F,
}

impl<F: Fn(ToMedia)> Drop for Open<'_, F> {
    fn drop(&mut self) {
        (self.tell)(ToMedia::Close { relay: self.relay });
    }
}

/// Hands runs of datagrams to the media thread, a few at a time.
struct Runs<'a, F> {
    places: Arc<Semaphore>,
    tell: &'a F,
}

impl<F: Fn(ToMedia)> Runs<'_, F> {
    async fn send(&self, datagrams: Option<Datagrams>) {
        if let Some(mut datagrams) = datagrams {
            // It is never closed.
            datagrams.place = self.places.clone().acquire_owned().await.ok();
            (self.tell)(ToMedia::Datagrams(datagrams));
        }
    }
}

/// What a connection needs to know of the media plane.
pub struct Plane<F> {
    /// Where browsers reach it: the only addresses that are relayed to.
    pub peers: Vec<SocketAddr>,
    pub access: Arc<Access>,
    pub crypto: Arc<dyn rtc_crypto::RTCCryptoProvider>,
    pub tell: F,
}

/// Serves a connection until it ends. `allocated` is called when its client proved to be a participant.
///
/// # Errors
/// Always: how it ended.
pub async fn serve<S, F>(
    stream: S,
    client: SocketAddr,
    plane: Plane<F>,
    allocated: impl FnOnce(),
) -> RelayEnd
where
    S: AsyncRead + AsyncWrite,
    F: Fn(ToMedia),
{
    let outbox = Arc::new(Outbox::default());
    let session = Session::new(
        client,
        plane.peers,
        plane.access,
        plane.crypto,
        outbox.clone(),
    );
    let (reader, writer) = tokio::io::split(stream);
    let reads = read(reader, session, outbox.clone(), &plane.tell, allocated);
    tokio::select! {
        end = reads => end,
        end = write(writer, &outbox) => end,
    }
}

async fn write(mut writer: impl AsyncWrite + Unpin, outbox: &Outbox) -> RelayEnd {
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        outbox.take(&mut bytes);
        if bytes.is_empty() {
            if outbox.is_closed() {
                return RelayEnd::Closed;
            }
            outbox.filled().await;
            continue;
        }
        let whole = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        match timeout(WRITE_WITHIN, whole).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return RelayEnd::Io(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// Waits until the participant is not in the conference any more.
async fn left(inside: &mut Option<watch::Receiver<()>>) {
    match inside {
        // Nothing is ever sent: it ends with its sender.
        Some(inside) => while inside.changed().await.is_ok() {},
        None => std::future::pending().await,
    }
}

async fn read<F: Fn(ToMedia)>(
    mut reader: impl AsyncRead + Unpin,
    mut session: Session,
    outbox: Arc<Outbox>,
    tell: &F,
    allocated: impl FnOnce(),
) -> RelayEnd {
    let mut allocated = Some(allocated);
    let mut open: Option<Open<'_, F>> = None;
    let mut inside: Option<watch::Receiver<()>> = None;
    let mut inbox: Vec<u8> = Vec::with_capacity(READ_OF_STRANGER);
    let runs = Runs {
        places: Arc::new(Semaphore::new(MAX_RUNS)),
        tell,
    };
    let begun = tokio::time::Instant::now();
    loop {
        let now = Instant::now();
        let (deadline, end) = match &session.allocation {
            None => (begun + ALLOCATE_WITHIN, RelayEnd::NotAllocated),
            Some(allocation) if allocation.expires < now + SILENT => {
                (allocation.expires.into(), RelayEnd::Expired)
            }
            Some(_) => ((now + SILENT).into(), RelayEnd::Silent),
        };
        tokio::select! {
            read = reader.read_buf(&mut inbox) => match read {
                Ok(0) => return RelayEnd::Closed,
                Ok(_) => {}
                Err(error) => return error.into(),
            },
            () = left(&mut inside) => return RelayEnd::Left,
            () = sleep_until(deadline) => return end,
        }
        let now = Instant::now();
        let mut used = 0;
        let mut datagrams: Option<Datagrams> = None;
        loop {
            let (frame, length) = match frame::next(&inbox[used..]) {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(_) => return RelayEnd::Malformed,
            };
            match session.read(now, frame) {
                Event::Nothing => {}
                Event::End => {
                    // The answer to the last request leaves; then `write` ends the connection.
                    drop(open.take());
                    outbox.close();
                    return std::future::pending().await;
                }
                Event::Allocated => {
                    if let Some(allocation) = &session.allocation {
                        inside = Some(allocation.lease.inside.clone());
                        let relay = allocation.lease.id;
                        let outbox = outbox.clone();
                        tell(ToMedia::Open { relay, outbox });
                        open = Some(Open { relay, tell });
                    }
                    if let Some(allocated) = allocated.take() {
                        allocated();
                    }
                }
                Event::Datagram { to, datagram } => {
                    if let Some(open) = &open {
                        let datagram = datagram.as_ref();
                        if datagrams.as_ref().is_some_and(|run| run.to != to) {
                            runs.send(datagrams.take()).await;
                        }
                        let run = datagrams.get_or_insert_with(|| Datagrams {
                            relay: open.relay,
                            to,
                            bytes: Vec::with_capacity(inbox.len()),
                            sizes: Vec::new(),
                            place: None,
                        });
                        run.bytes.extend_from_slice(datagram);
                        run.sizes
                            .push(u16::try_from(datagram.len()).unwrap_or(u16::MAX));
                    }
                }
            }
            used += length;
        }
        runs.send(datagrams).await;
        inbox.drain(..used);
        // A message is shorter than this, so there is room for the rest of it.
        inbox.reserve(if open.is_some() {
            READ
        } else {
            READ_OF_STRANGER
        });
    }
}

#[cfg(test)]
mod tests {
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
    use crate::sfu::relay::testing::{build, code, udp, with_peer, with_proof};
    use crate::signal::{ParticipantId, Relay};

    const CHANNEL: u16 = 0x4000;

    /// What the media thread was told and has not taken yet.
    type Told = Arc<Mutex<Vec<ToMedia>>>;

    struct Line {
        stream: DuplexStream,
        credentials: Relay,
        nonce: String,
        told: Told,
        serving: tokio::task::JoinHandle<RelayEnd>,
    }

    fn us() -> SocketAddr {
        SocketAddr::from(([203, 0, 113, 7], 10_000))
    }

    impl Line {
        fn new() -> Self {
            let access = Arc::new(Access::default());
            let credentials = access.credentials(&ParticipantId("anna".into()));
            let (stream, server) = duplex(8 * 1_024);
            let told = Told::default();
            let media = told.clone();
            let plane = Plane {
                peers: vec![us()],
                access,
                crypto: rtc_crypto::default_provider().expect("cryptography"),
                tell: move |message| {
                    let mut told = media.lock().unwrap_or_else(PoisonError::into_inner);
                    told.push(message);
                },
            };
            let client = SocketAddr::from(([198, 51, 100, 1], 40_000));
            Self {
                stream,
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
            let allocate = || build(METHOD_ALLOCATE, CLASS_REQUEST, &[udp()]);
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
        let mut line = Line::bound().await;
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
            let mut line = Line::bound().await;
            let zero = (rtc_stun::attributes::ATTR_LIFETIME, vec![0; 4]);
            let refresh = line.prove(build(METHOD_REFRESH, CLASS_REQUEST, &[zero]));
            assert_eq!(code(&line.ask(&refresh).await), 0);
            assert!(matches!(line.serving.await, Ok(RelayEnd::Closed)));
            let told = line.told.lock().unwrap_or_else(PoisonError::into_inner);
            assert!(matches!(told.last(), Some(ToMedia::Close { .. })));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn client_that_takes_nothing_is_closed() {
        let line = Line::bound().await;
        let outbox = {
            let told = line.told.lock().unwrap_or_else(PoisonError::into_inner);
            match &told[0] {
                ToMedia::Open { outbox, .. } => outbox.clone(),
                _ => panic!("opened first"),
            }
        };
        let sent = (0..1_000)
            .filter(|_| {
                outbox.send(
                    us().ip(),
                    &[0x80; 1_200],
                    super::super::outbox::Lane::Pictures,
                )
            })
            .count();
        assert!(sent < 60, "{sent}");
        assert!(matches!(line.serving.await, Ok(RelayEnd::Io(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn message_that_never_ends_is_closed() {
        let mut line = Line::bound().await;
        line.stream.write_all(&[0x40, 0, 5]).await.expect("open");
        assert!(matches!(line.serving.await, Ok(RelayEnd::Silent)));
    }
}
