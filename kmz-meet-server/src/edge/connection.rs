//! One connection: it takes a place, and ends when nothing goes on.

use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tower::Layer;

use super::places::{Place, Places};
use super::{IDLE, STUCK};

/// What goes on at a connection. Requests carry it as an extension.
pub struct Activity {
    requests: Mutex<Requests>,
    /// It is a WebSocket now, which has times of its own.
    upgraded: AtomicBool,
}

struct Requests {
    running: u32,
    /// When one began or ended.
    changed: Instant,
}

/// A request that runs; it has ended when this is dropped.
pub(super) struct Running(Arc<Activity>);

impl Activity {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            requests: Mutex::new(Requests {
                running: 0,
                changed: Instant::now(),
            }),
            upgraded: AtomicBool::new(false),
        })
    }

    pub(super) fn begin(self: &Arc<Self>) -> Running {
        let mut requests = self.requests();
        requests.running += 1;
        requests.changed = Instant::now();
        Running(self.clone())
    }

    pub(super) fn upgraded(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    /// When the connection ends unless something happens.
    fn ends_at(&self) -> Instant {
        let requests = self.requests();
        let after = if requests.running == 0 { IDLE } else { STUCK };
        requests.changed + after
    }

    fn requests(&self) -> std::sync::MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut requests = self.0.requests();
        requests.running -= 1;
        requests.changed = Instant::now();
    }
}

/// Accepts connections as far as there are places for them.
#[derive(Clone)]
pub struct Guard {
    places: Arc<Places>,
}

impl Guard {
    /// With these places.
    pub fn new(places: Arc<Places>) -> Self {
        Self { places }
    }
}

impl<S> Accept<TcpStream, S> for Guard {
    type Stream = Guarded<TcpStream>;
    type Service = AddExtension<S, Arc<Activity>>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = || {
            stream.set_nodelay(true)?;
            let place = self.places.take(stream.peer_addr()?.ip());
            place.ok_or_else(|| io::Error::other("too many connections"))
        };
        ready(place().map(|place| {
            let activity = Activity::new();
            let service = Extension(activity.clone()).layer(service);
            (Guarded::new(stream, activity, Some(place)), service)
        }))
    }
}

/// A connection that fails once nothing goes on.
pub struct Guarded<S> {
    stream: S,
    activity: Arc<Activity>,
    timer: Pin<Box<Sleep>>,
    _place: Option<Place>,
}

impl<S> Guarded<S> {
    fn new(stream: S, activity: Arc<Activity>, place: Option<Place>) -> Self {
        Self {
            stream,
            activity,
            timer: Box::pin(sleep(IDLE)),
            _place: place,
        }
    }

    /// Whoever reads or writes is woken by the timer too.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.activity.upgraded.load(Ordering::Relaxed) {
            return Ok(());
        }
        while self.timer.as_mut().poll(context).is_ready() {
            let (now, ends_at) = (Instant::now(), self.activity.ends_at());
            if ends_at <= now {
                return Err(io::ErrorKind::TimedOut.into());
            }
            // A request may end meanwhile, and then less time is left.
            self.timer.as_mut().reset(ends_at.min(now + IDLE));
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Reads until the connection fails; after how long that was.
    async fn ends_after(mut connection: Guarded<tokio::io::DuplexStream>) -> Duration {
        let start = Instant::now();
        let mut buffer = [0; 16];
        while connection
            .read(&mut buffer)
            .await
            .is_ok_and(|read| read > 0)
        {}
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn connection_with_pings_and_no_request_ends() {
        let (mut client, server) = duplex(64);
        let connection = Guarded::new(server, Activity::new(), None);
        let ended = tokio::spawn(ends_after(connection));
        // The bytes of a ping, every second.
        while client.write_all(b"ping").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(!ended.is_finished() || client.write_all(b"x").await.is_err());
            if ended.is_finished() {
                break;
            }
        }
        let time = ended.await.unwrap();
        assert!(time >= IDLE && time < 2 * IDLE, "{time:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn connection_with_a_request_outlives_the_idle_time_and_not_for_ever() {
        let (_client, server) = duplex(64);
        let activity = Activity::new();
        let running = activity.begin();
        let connection = Guarded::new(server, activity, None);
        let time = ends_after(connection).await;
        assert!(time >= STUCK && time < STUCK + IDLE, "{time:?}");
        drop(running);
    }

    #[tokio::test(start_paused = true)]
    async fn connection_of_a_websocket_is_not_ended() {
        let (_client, server) = duplex(64);
        let activity = Activity::new();
        activity.upgraded();
        let ended = tokio::spawn(ends_after(Guarded::new(server, activity, None)));
        tokio::time::sleep(2 * STUCK).await;
        assert!(!ended.is_finished());
    }
}
