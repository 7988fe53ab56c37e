//! From a configuration to a running server, and its orderly end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::IntoMakeService;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures_util::future::try_join_all;
use kmz_meet_core::sfu::Media;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, Tls};
use crate::demo::{self, DemoError, DemoParts};
use crate::edge::{self, ClientAcceptor, ClientSource, ConnectionLimits, Guard, RelayAcceptor};
use crate::router::router;
use crate::start::StartError;
use crate::state::App;
use crate::tls;

/// Requests in flight get this long when the server stops.
const GRACE: Duration = Duration::from_millis(1_500);
/// It is not said more often that connections cannot be taken.
const SAY_AGAIN: Duration = Duration::from_secs(10);

/// Why the server does not run: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{address} cannot be used: {source}; stop what uses it or set {setting} to another address and port"
    )]
    Listen {
        address: SocketAddr,
        setting: &'static str,
        source: io::Error,
    },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error(
        "the certificate {certificate} and the key {key} cannot be used: {source}; check KMZ_MEET_TLS_CERTIFICATE and KMZ_MEET_TLS_KEY"
    )]
    Tls {
        certificate: String,
        key: String,
        source: io::Error,
    },
    #[error("the server stopped: {0}")]
    Run(io::Error),
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// When something that it needs cannot be had.
pub async fn serve(mut config: Config, demo: bool) -> Result<(), ServeError> {
    config.outgoing_loopback = demo;
    if demo {
        config.show_mail();
    }
    let stop = Stop::listen().map_err(ServeError::Run)?;
    // Before anything is opened: a second start on the same port must not touch the first one's data.
    let (listener, port) = bind(config.listen, "KMZ_MEET_LISTEN")?;
    let mut listening = vec![Listening {
        listener,
        source: ClientSource::Peer,
    }];
    if let Some(address) = config.proxy_listen {
        listening.push(Listening {
            listener: bind(address, "KMZ_MEET_PROXY_LISTEN")?.0,
            source: ClientSource::header_of(config.trusted_proxies.clone()),
        });
    }
    let tls = match &config.tls {
        Some(tls) => Some(read_tls(tls).await?),
        None => None,
    };
    let app = App::open(config, port).await?;
    if demo {
        let demo = demo::prepare(&DemoParts::from(&*app)).await?;
        println!("{}", demo.announcement());
    }
    tracing::info!(url = %app.public_url, media_port = app.media.port(), "ready");
    let prepared = app.clone();
    tokio::spawn(async move { prepared.passwords.prepare().await });
    let handle = Handle::new();
    tokio::spawn(stop.asked(handle.clone()));
    run(listening, tls, app, handle)
        .await
        .map_err(ServeError::Run)
}

fn bind(address: SocketAddr, setting: &'static str) -> Result<(TcpListener, u16), ServeError> {
    let failed = |source| ServeError::Listen {
        address,
        setting,
        source,
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

async fn read_tls(tls: &Tls) -> Result<RustlsConfig, ServeError> {
    tls::install();
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
        .await
        .map_err(|source| ServeError::Tls {
            certificate: tls.certificate.display().to_string(),
            key: tls.key.display().to_string(),
            source,
        })
}

/// Where connections come in, and what tells who their clients are.
struct Listening {
    listener: TcpListener,
    source: ClientSource,
}

/// What is behind every listener.
#[derive(Clone)]
struct Behind {
    tls: Option<RustlsConfig>,
    guard: Guard,
    media: Media,
    service: IntoMakeService<Router>,
    handle: Handle<SocketAddr>,
}

async fn run(
    listening: Vec<Listening>,
    tls: Option<RustlsConfig>,
    app: Arc<App>,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let files = edge::raise_file_limit();
    let limits = ConnectionLimits::new(files, app.config.trusted_proxies.clone());
    let behind = Behind {
        tls,
        guard: Guard::new(limits),
        media: app.media.clone(),
        service: router(app).into_make_service(),
        handle,
    };
    let all = listening
        .into_iter()
        .map(|listening| accept(listening, behind.clone()));
    try_join_all(all).await.map(drop)
}

async fn accept(listening: Listening, behind: Behind) -> io::Result<()> {
    let Listening { listener, source } = listening;
    let Behind {
        tls,
        guard,
        media,
        service,
        handle,
    } = behind;
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .first_request_timeout(edge::FIRST_REQUEST_TIMEOUT)
        .accept_error_handler(not_accepted());
    let builder = server.http_builder();
    // Also of every later request: otherwise one that never ends would hold its connection for ever.
    builder
        .http1()
        .header_read_timeout(edge::HEADERS_TIMEOUT)
        .max_buf_size(edge::MAX_HEAD_BYTES);
    builder
        .http2()
        .keep_alive_interval(edge::PING_INTERVAL)
        .keep_alive_timeout(edge::PING_INTERVAL)
        .max_concurrent_streams(edge::MAX_STREAMS)
        .initial_stream_window_size(edge::STREAM_WINDOW_BYTES)
        .initial_connection_window_size(edge::CONNECTION_WINDOW_BYTES);
    match tls {
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls)
                .handshake_timeout(edge::HANDSHAKE_TIMEOUT)
                .acceptor(guard);
            let acceptor = ClientAcceptor::new(source, RelayAcceptor::new(acceptor, media));
            server.acceptor(acceptor).serve(service).await
        }
        None => {
            let acceptor = ClientAcceptor::new(source, RelayAcceptor::new(guard, media));
            server.acceptor(acceptor).serve(service).await
        }
    }
}

/// Says, now and then, that connections cannot be taken; the server goes on trying.
fn not_accepted() -> impl Fn(Option<&SocketAddr>, &io::Error) + Send + Sync + 'static {
    let said: Mutex<Option<Instant>> = Mutex::new(None);
    move |peer, error| {
        // A peer that breaks off, or is refused, is its own affair.
        if peer.is_some() {
            return;
        }
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|said| said.elapsed() >= SAY_AGAIN) {
            *said = Some(Instant::now());
            tracing::error!(%error, "connections cannot be accepted; if files are short, raise their limit (LimitNOFILE= of systemd)");
        }
    }
}

/// What asks the server to end.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// From now on the signals do not kill the process any more.
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn asked(mut self, handle: Handle<SocketAddr>) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        tracing::info!("stopping");
        handle.graceful_shutdown(Some(GRACE));
    }
}
