//! One connection: it has a permit, and ends when nothing goes on.

use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tower::Layer;

use super::activity::{Activity, CHECK_INTERVAL};
use super::client::Identified;
use super::connection_limits::{ConnectionLimits, ConnectionPermit};

/// Accepts connections as far as the limits permit.
#[derive(Clone)]
pub struct Guard {
    limits: Arc<ConnectionLimits>,
}

impl Guard {
    /// With these limits.
    pub fn new(limits: Arc<ConnectionLimits>) -> Self {
        Self { limits }
    }
}

impl<S> Accept<Identified, S> for Guard {
    type Stream = Guarded<TcpStream>;
    type Service = AddExtension<S, Arc<Activity>>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, connection: Identified, service: S) -> Self::Future {
        let Identified {
            stream,
            client,
            opened,
        } = connection;
        let permit = || {
            stream.set_nodelay(true)?;
            let permit = self.limits.acquire(client.ip());
            permit.ok_or_else(|| io::Error::other("too many connections"))
        };
        ready(permit().map(|permit| {
            let activity = permit.activity().clone();
            let service = Extension(activity.clone()).layer(service);
            (
                Guarded::new(stream, activity, opened, Some(permit)),
                service,
            )
        }))
    }
}

/// A connection that fails once nothing goes on, or when it has to give way to others.
pub struct Guarded<S> {
    stream: S,
    activity: Arc<Activity>,
    opened: Instant,
    timer: Pin<Box<Sleep>>,
    permit: Option<ConnectionPermit>,
}

impl<S> Guarded<S> {
    /// What goes on at it.
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// The stream below.
    pub(super) fn stream(&self) -> &S {
        &self.stream
    }

    fn new(
        stream: S,
        activity: Arc<Activity>,
        opened: Instant,
        permit: Option<ConnectionPermit>,
    ) -> Self {
        Self {
            stream,
            activity,
            opened,
            timer: Box::pin(sleep(CHECK_INTERVAL)),
            permit,
        }
    }

    /// Whoever reads or writes is woken by the timer too.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if let Some(permit) = &mut self.permit
            && permit.has_to_go(context)
        {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.activity.is_upgraded() {
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
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::super::activity::Standing;
    use super::*;
    use crate::edge::{FIRST_REQUEST_TIMEOUT, IDLE_TIMEOUT, STALLED_TIMEOUT};

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

    /// However bytes trickle, and when the first of them comes.
    #[tokio::test(start_paused = true)]
    async fn connection_without_a_request_ends_at_one_deadline_whatever_it_sends() {
        for silent in [0, 8_500] {
            let (mut client, server) = duplex(64);
            // The header of a proxy took a second.
            let opened = Instant::now() - Duration::from_secs(1);
            let connection = Guarded::new(server, Activity::new(None), opened, None);
            let ended = tokio::spawn(ends_after(connection));
            tokio::time::sleep(Duration::from_millis(silent)).await;
            while !ended.is_finished() {
                let _ = client.write_all(b"p").await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let time = ended.await.unwrap() + Duration::from_secs(1);
            assert!(
                time >= FIRST_REQUEST_TIMEOUT && time < FIRST_REQUEST_TIMEOUT + 2 * CHECK_INTERVAL,
                "{time:?}, silent for {silent} ms"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn connection_with_pings_after_its_request_ends() {
        let (mut client, server) = duplex(64);
        let activity = Activity::new(None);
        drop(activity.begin());
        let connection = Guarded::new(server, activity, Instant::now(), None);
        let ended = tokio::spawn(ends_after(connection));
        // The bytes of a ping, every second.
        while !ended.is_finished() {
            let _ = client.write_all(b"ping").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let time = ended.await.unwrap();
        assert!(time >= IDLE_TIMEOUT && time < 2 * IDLE_TIMEOUT, "{time:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn connection_with_a_request_outlives_the_idle_time_and_not_for_ever() {
        let (_client, server) = duplex(64);
        let activity = Activity::new(None);
        let running = activity.begin();
        let connection = Guarded::new(server, activity, Instant::now(), None);
        let time = ends_after(connection).await;
        assert!(
            time >= STALLED_TIMEOUT && time < STALLED_TIMEOUT + IDLE_TIMEOUT,
            "{time:?}"
        );
        drop(running);
    }

    #[tokio::test(start_paused = true)]
    async fn connection_of_a_websocket_is_not_ended() {
        let (_client, server) = duplex(64);
        let activity = Activity::new(None);
        activity.upgraded();
        let ended = tokio::spawn(ends_after(Guarded::new(
            server,
            activity,
            Instant::now(),
            None,
        )));
        tokio::time::sleep(2 * STALLED_TIMEOUT).await;
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
