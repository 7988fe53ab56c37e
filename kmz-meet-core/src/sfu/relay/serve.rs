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
use crate::signal::ParticipantId;

/// Bytes that are read at once of who has allocated, and of a stranger.
const READ: usize = 16 * 1_024;
const READ_OF_STRANGER: usize = 2 * 1_024;
/// Runs of datagrams of one client that the media thread has not taken yet. Who sends faster waits in TCP; otherwise a
/// client that floods would fill the memory.
const MAX_RUNS: usize = 2;
/// Datagrams of one run: the media thread does nothing else until it has read them all.
const MAX_DATAGRAMS: usize = 64;
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

/// What the media thread of the participant is told.
pub enum ToMedia {
    Open {
        relay: RelayId,
        /// Whose it is.
        participant: ParticipantId,
        outbox: Arc<Outbox>,
    },
    Datagrams(Datagrams),
    Close {
        relay: RelayId,
    },
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
                    // Whoever does not read it keeps the connection for a while, and no allocation.
                    drop(open.take());
                    session.allocation = None;
                    outbox.close();
                    return std::future::pending().await;
                }
                Event::Allocated => {
                    if let Some(allocation) = &session.allocation {
                        inside = Some(allocation.lease.inside.clone());
                        let relay = allocation.lease.id;
                        let outbox = outbox.clone();
                        tell(ToMedia::Open {
                            relay,
                            participant: ParticipantId(allocation.username.clone()),
                            outbox,
                        });
                        open = Some(Open { relay, tell });
                    }
                    if let Some(allocated) = allocated.take() {
                        allocated();
                    }
                }
                Event::Datagram { to, datagram } => {
                    if let Some(open) = &open {
                        let datagram = datagram.as_ref();
                        let ends =
                            |run: &Datagrams| run.to != to || run.sizes.len() >= MAX_DATAGRAMS;
                        if datagrams.as_ref().is_some_and(ends) {
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
mod tests;
