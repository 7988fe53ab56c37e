//! One connection: it takes a place, and ends when nothing goes on.

use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tower::Layer;

use super::places::{Place, Places, Unproven};
use super::{CROWDED, IDLE, STUCK};

/// How often it is looked whether a connection without a request is one of too many.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a connection has shown so far; the least gives way first when places are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// No request has come whole.
    Nothing,
    /// Nothing is being answered now: who needs it again opens another one. Also a WebSocket that has not said where it
    /// wants to go.
    Idle,
    /// A request that came whole is being answered.
    Answered,
    /// A WebSocket that said where it wants to go; its number is bounded elsewhere.
    Stays,
}

/// What goes on at a connection. Requests carry it as an extension.
pub struct Activity {
    state: Mutex<State>,
    /// It is a WebSocket now, which has times of its own.
    upgraded: AtomicBool,
}

struct State {
    /// Requests that have begun and not ended.
    running: u32,
    /// Those of them that came whole.
    whole: u32,
    /// When one began or ended.
    changed: Instant,
    /// Until a request came whole; `None` afterwards.
    unproven: Option<Unproven>,
    proven: bool,
    stays: bool,
}

/// A request that runs; it has ended when this is dropped.
pub(super) struct Running(Arc<Incoming>);

/// A request on its way in.
pub(super) struct Incoming {
    activity: Arc<Activity>,
    is_whole: AtomicBool,
}

impl Activity {
    pub(super) fn new(unproven: Option<Unproven>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                running: 0,
                whole: 0,
                changed: Instant::now(),
                unproven,
                proven: false,
                stays: false,
            }),
            upgraded: AtomicBool::new(false),
        })
    }

    pub(super) fn begin(self: &Arc<Self>) -> Running {
        let mut state = self.state();
        state.running += 1;
        state.changed = Instant::now();
        Running(Arc::new(Incoming {
            activity: self.clone(),
            is_whole: AtomicBool::new(false),
        }))
    }

    pub(super) fn upgraded(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    /// A WebSocket has said where it wants to go: it does not give way to others any more.
    pub fn stays(&self) {
        self.state().stays = true;
    }

    /// It ends, and is not counted any more.
    pub(super) fn gave_way(&self) {
        self.state().unproven = None;
    }

    /// What it has shown, and since when.
    pub(super) fn standing(&self) -> (Standing, Instant) {
        let state = self.state();
        let standing = match &*state {
            State { stays: true, .. } => Standing::Stays,
            State { proven: false, .. } => Standing::Nothing,
            State { whole: 0, .. } => Standing::Idle,
            _ if self.upgraded.load(Ordering::Relaxed) => Standing::Idle,
            _ => Standing::Answered,
        };
        (standing, state.changed)
    }

    /// When the connection ends unless something happens, and when that is to be looked at again at the latest.
    fn ends_at(&self, opened: Instant, now: Instant) -> (Instant, Instant) {
        let state = self.state();
        let after = if state.running == 0 { IDLE } else { STUCK };
        let ends_at = state.changed + after;
        match &state.unproven {
            Some(unproven) if unproven.is_crowded() => {
                let ends_at = ends_at.min(opened + CROWDED);
                (ends_at, ends_at)
            }
            // A crowd may come meanwhile.
            Some(_) => (ends_at, now + LOOK_AGAIN),
            // A request may end meanwhile, and then less time is left.
            None => (ends_at, now + IDLE),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    pub(super) fn incoming(&self) -> Arc<Incoming> {
        self.0.clone()
    }
}

impl Incoming {
    /// All of it is there.
    pub(super) fn is_whole(&self) {
        if !self.is_whole.swap(true, Ordering::SeqCst) {
            let mut state = self.activity.state();
            state.whole += 1;
            state.proven = true;
            state.unproven = None;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.activity.state();
        state.running -= 1;
        // What comes whole after this counts no more.
        if self.0.is_whole.swap(true, Ordering::SeqCst) {
            state.whole -= 1;
        }
        state.changed = Instant::now();
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
            let activity = place.activity().clone();
            let service = Extension(activity.clone()).layer(service);
            (Guarded::new(stream, activity, Some(place)), service)
        }))
    }
}

/// A connection that fails once nothing goes on, or when it has to give way to others.
pub struct Guarded<S> {
    stream: S,
    activity: Arc<Activity>,
    opened: Instant,
    timer: Pin<Box<Sleep>>,
    place: Option<Place>,
}

impl<S> Guarded<S> {
    fn new(stream: S, activity: Arc<Activity>, place: Option<Place>) -> Self {
        Self {
            stream,
            activity,
            opened: Instant::now(),
            timer: Box::pin(sleep(LOOK_AGAIN)),
            place,
        }
    }

    /// Whoever reads or writes is woken by the timer too.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if let Some(place) = &mut self.place
            && place.has_to_go(context)
        {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.activity.upgraded.load(Ordering::Relaxed) {
            return Ok(());
        }
        while self.timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let (ends_at, again) = self.activity.ends_at(self.opened, now);
            if ends_at <= now {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.timer.as_mut().reset(ends_at.min(again));
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
        let connection = Guarded::new(server, Activity::new(None), None);
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
        let activity = Activity::new(None);
        let running = activity.begin();
        let connection = Guarded::new(server, activity, None);
        let time = ends_after(connection).await;
        assert!(time >= STUCK && time < STUCK + IDLE, "{time:?}");
        drop(running);
    }

    #[tokio::test(start_paused = true)]
    async fn connection_of_a_websocket_is_not_ended() {
        let (_client, server) = duplex(64);
        let activity = Activity::new(None);
        activity.upgraded();
        let ended = tokio::spawn(ends_after(Guarded::new(server, activity, None)));
        tokio::time::sleep(2 * STUCK).await;
        assert!(!ended.is_finished());
    }

    #[test]
    fn standing_of_a_connection_is_what_came_whole() {
        let activity = Activity::new(None);
        let standing = || activity.standing().0;
        assert_eq!(standing(), Standing::Nothing);
        let running = activity.begin();
        assert_eq!(standing(), Standing::Nothing, "its body is on the way");
        drop(running);
        assert_eq!(
            standing(),
            Standing::Nothing,
            "answered before it was whole"
        );
        let running = activity.begin();
        running.incoming().is_whole();
        running.incoming().is_whole();
        assert_eq!(standing(), Standing::Answered);
        let late = running.incoming();
        drop(running);
        late.is_whole();
        assert_eq!(standing(), Standing::Idle);
        let running = activity.begin();
        assert_eq!(standing(), Standing::Idle, "half a second request");
        running.incoming().is_whole();
        activity.upgraded();
        assert_eq!(standing(), Standing::Idle, "a silent WebSocket");
        activity.stays();
        drop(running);
        assert_eq!(standing(), Standing::Stays);
    }
}
