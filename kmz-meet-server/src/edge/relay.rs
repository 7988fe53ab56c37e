//! TURN and HTTP on one port: the first byte of a connection, after the handshake of TLS, tells which it is.
//!
//! Browsers send no ALPN for TURN, and no server name where the address is a number, so neither can be asked for.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use kmz_meet_core::sfu::{Media, begins_stun};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use tokio_rustls::server::TlsStream;

use super::FIRST_REQUEST_TIMEOUT;
use super::activity::Activity;
use super::client::Identified;
use super::connection::Guarded;

/// Bytes that the kernel may hold unsent. What waits there is ahead of the next voice.
const MAX_UNSENT: u32 = 16 * 1_024;

/// A connection over TCP, with or without TLS.
pub trait OverTcp {
    /// What goes on at it.
    fn activity(&self) -> &Arc<Activity>;
    /// The socket below.
    fn tcp(&self) -> &TcpStream;
}

impl OverTcp for Guarded<TcpStream> {
    fn activity(&self) -> &Arc<Activity> {
        self.activity()
    }

    fn tcp(&self) -> &TcpStream {
        self.stream()
    }
}

impl<S: OverTcp> OverTcp for TlsStream<S> {
    fn activity(&self) -> &Arc<Activity> {
        self.get_ref().0.activity()
    }

    fn tcp(&self) -> &TcpStream {
        self.get_ref().0.tcp()
    }
}

/// Hands connections that speak TURN to the media plane, and the others on.
#[derive(Clone)]
pub struct RelayAcceptor<A> {
    inner: A,
    media: Media,
}

impl<A> RelayAcceptor<A> {
    /// Behind this acceptor, for this media plane.
    pub fn new(inner: A, media: Media) -> Self {
        Self { inner, media }
    }
}

type Accepting<S, T> = Pin<Box<dyn Future<Output = io::Result<(Resumed<S>, T)>> + Send>>;

impl<A, T> Accept<Identified, T> for RelayAcceptor<A>
where
    A: Accept<Identified, T>,
    A::Stream: OverTcp + AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A::Service: Send,
    A::Future: Send + 'static,
{
    type Stream = Resumed<A::Stream>;
    type Service = A::Service;
    type Future = Accepting<A::Stream, A::Service>;

    fn accept(&self, connection: Identified, service: T) -> Self::Future {
        let client = connection.client;
        let deadline = connection.opened + FIRST_REQUEST_TIMEOUT;
        let accepting = self.inner.accept(connection, service);
        let media = self.media.clone();
        Box::pin(async move {
            let (mut stream, service) = accepting.await?;
            let first = timeout_at(deadline, stream.read_u8()).await??;
            let stream = Resumed {
                first: Some(first),
                stream,
            };
            if !begins_stun(first) {
                return Ok((stream, service));
            }
            // Best effort: without it voices wait a little longer.
            let _ = socket2::SockRef::from(stream.stream.tcp()).set_tcp_notsent_lowat(MAX_UNSENT);
            let activity = stream.stream.activity().clone();
            tokio::spawn(async move {
                // Until then the connection has the same deadline as one that asks by HTTP, which runs already.
                let allocated = || {
                    activity.upgraded();
                    activity.stays();
                };
                let end = media.relay(stream, client, allocated).await;
                tracing::debug!(%end, "a relayed connection ended");
            });
            // It is served elsewhere now; nothing went wrong.
            Err(io::Error::other("not HTTP"))
        })
    }
}

/// A stream whose first byte was read already.
pub struct Resumed<S> {
    first: Option<u8>,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Resumed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buffer.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Resumed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
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
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::Resumed;

    #[tokio::test]
    async fn stream_begins_with_the_byte_that_was_read() {
        let (mut client, mut server) = duplex(64);
        client.write_all(b"GET /").await.unwrap();
        let first = server.read_u8().await.unwrap();
        let mut again = Resumed {
            first: Some(first),
            stream: server,
        };
        let mut bytes = [0; 5];
        again.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"GET /");
        again.write_all(b"ok").await.unwrap();
        let mut answer = [0; 2];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"ok");
    }
}
