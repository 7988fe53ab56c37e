//! Who the client of a connection is. Everything else asks here: limits, handlers, and TURN.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::ConnectInfo;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Layer;

use super::FIRST_REQUEST_TIMEOUT;
use super::proxy_header::{self, HeaderError, Sender};
use crate::config::Network;

/// We warn of proxies that are not understood no more often.
const WARN_AGAIN: Duration = Duration::from_mins(1);

/// A connection, and whose it is.
pub struct Identified {
    pub(super) stream: TcpStream,
    pub(super) client: SocketAddr,
    /// When it came.
    pub(super) opened: tokio::time::Instant,
}

/// What tells who the client is.
#[derive(Clone)]
pub enum ClientSource {
    /// The address at the other end.
    Peer,
    /// The header of the PROXY protocol with which every connection of a proxy begins.
    Header(Arc<Proxies>),
}

/// Who is believed what it says of clients.
pub struct Proxies {
    trusted: Vec<Network>,
    warned: Mutex<Option<Instant>>,
}

/// Why it is not known who the client is.
#[derive(Debug, thiserror::Error)]
enum Unidentified {
    #[error(
        "it came from an address that is not in trusted_proxies: if that is your proxy, add its address (KMZ_MEET_TRUSTED_PROXIES)"
    )]
    Untrusted,
    #[error("no header of the PROXY protocol came in time: let the proxy send version 2")]
    Late,
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl Unidentified {
    /// Whether an operator has to change something. Others break off, as scans do and checks that only connect.
    fn is_to_be_mended(&self) -> bool {
        !matches!(self, Self::Header(HeaderError::Ended | HeaderError::Io(_)))
    }
}

impl ClientSource {
    /// Headers of proxies at these addresses.
    pub fn header_of(trusted: Vec<Network>) -> Self {
        Self::Header(Arc::new(Proxies {
            trusted,
            warned: Mutex::default(),
        }))
    }

    async fn client(&self, stream: &mut TcpStream) -> io::Result<SocketAddr> {
        let peer = stream.peer_addr()?;
        match self {
            Self::Peer => Ok(peer),
            Self::Header(proxies) => proxies.client(stream, peer).await.map_err(|reason| {
                tracing::debug!(%reason, "a connection to proxy_listen was closed");
                proxies.warn(&reason);
                io::Error::other(reason)
            }),
        }
    }
}

impl Proxies {
    async fn client(
        &self,
        stream: &mut TcpStream,
        peer: SocketAddr,
    ) -> Result<SocketAddr, Unidentified> {
        if !self.trusted.iter().any(|one| one.contains(peer.ip())) {
            return Err(Unidentified::Untrusted);
        }
        let header = timeout(FIRST_REQUEST_TIMEOUT, proxy_header::read(stream));
        Ok(match header.await.map_err(|_| Unidentified::Late)?? {
            Sender::Proxy => peer,
            Sender::Client(client) => client,
        })
    }

    /// Warns, now and then. Without the address: it may be a person who tries.
    fn warn(&self, reason: &Unidentified) {
        if !reason.is_to_be_mended() {
            return;
        }
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|warned| warned.elapsed() >= WARN_AGAIN) {
            *warned = Some(Instant::now());
            tracing::warn!(%reason, "connections to proxy_listen (KMZ_MEET_PROXY_LISTEN) are closed");
        }
    }
}

/// Tells whoever comes after it who the client is: acceptors by [`Identified`], handlers by [`ConnectInfo`].
#[derive(Clone)]
pub struct ClientAcceptor<A> {
    source: ClientSource,
    inner: A,
}

impl<A> ClientAcceptor<A> {
    /// In front of this acceptor.
    pub fn new(source: ClientSource, inner: A) -> Self {
        Self { source, inner }
    }
}

type Accepting<S, T> = Pin<Box<dyn Future<Output = io::Result<(S, T)>> + Send>>;

impl<A, S> Accept<TcpStream, S> for ClientAcceptor<A>
where
    A: Accept<Identified, AddExtension<S, ConnectInfo<SocketAddr>>> + Clone + Send + Sync + 'static,
    A::Future: Send,
    S: Send + 'static,
{
    type Stream = A::Stream;
    type Service = A::Service;
    type Future = Accepting<A::Stream, A::Service>;

    fn accept(&self, mut stream: TcpStream, service: S) -> Self::Future {
        let Self { source, inner } = self.clone();
        let opened = tokio::time::Instant::now();
        Box::pin(async move {
            let client = source.client(&mut stream).await?;
            let service = Extension(ConnectInfo(client)).layer(service);
            let connection = Identified {
                stream,
                client,
                opened,
            };
            inner.accept(connection, service).await
        })
    }
}
