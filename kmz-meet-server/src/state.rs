//! What every request can reach, and the routes.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use kmz_meet_core::sfu::{Media, MediaConfig, MediaError};
use kmz_meet_core::signal::SIGNAL_PATH;

use crate::clock::{self, Clock};
use crate::conferences::{Registry, account_changes};
use crate::config::{Config, PublicUrl};
use crate::credentials::BbbSecrets;
use crate::credentials::Guesser;
use crate::credentials::{ApiTokens, Devices, KnownBrowsers, Passwords, Seats, Tickets};
use crate::deliveries::Deliveries;
use crate::framing::Framing;
use crate::integrations::{bbb, lti};
use crate::limits::Backoff;
use crate::limits::Throttle;
use crate::limits::{InTurn, RequestLimit, Turns};
use crate::secrets::Secrets;
use crate::signaling;
use crate::store::{Database, SharedStore, StoreError};
use crate::{api, data_dir, deliveries, edge, events, housekeeping, web};
use lti_bridge::outgoing::{Outgoing, OutgoingPolicy};
use lti_bridge::{Bridge, SigningKey};

/// The parts of a running server.
pub struct App {
    pub config: Config,
    /// Under which browsers reach this server.
    pub public_url: PublicUrl,
    pub clock: Arc<dyn Clock>,
    pub store: SharedStore,
    pub media: Media,
    pub seats: Arc<Seats>,
    pub tickets: Arc<Tickets>,
    pub api_tokens: ApiTokens,
    /// Requests to others, guarded.
    pub outgoing: Outgoing,
    /// The LTI tool.
    pub lti: Arc<Bridge>,
    /// The shared secrets of the BigBlueButton-compatible API.
    pub bbb_secrets: BbbSecrets,
    /// What has to reach others.
    pub deliveries: Arc<Deliveries>,
    pub framing: Arc<Framing>,
    pub request_limit: RequestLimit,
    /// What those who need no account make us do.
    pub in_turn: InTurn,
    /// Changes of rooms.
    pub room_changes: Turns,
    pub passwords: Passwords,
    /// By account and whence.
    pub sign_in_failures: Backoff<(String, Guesser)>,
    pub known_browsers: KnownBrowsers,
    pub devices: Devices,
    /// The conferences that run here.
    pub conferences: Arc<Registry>,
    /// Slows those who guess rooms and passwords.
    pub throttle: Throttle,
}

/// Why the server does not start: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "the data directory {path} cannot be used: {source}; make it writable for this user or set KMZ_MEET_DATA_DIR"
    )]
    DataDirectory {
        path: String,
        source: std::io::Error,
    },
    #[error("a key of the server cannot be used: {0}")]
    Secrets(std::io::Error),
    #[error("{0}; check KMZ_MEET_DATABASE_URL, and that the data directory is writable")]
    Store(#[from] StoreError),
    #[error(
        "the public URL is none; set KMZ_MEET_PUBLIC_URL to one such as https://meet.example.org"
    )]
    PublicUrl,
    #[error("{0}; stop what uses the port or set KMZ_MEET_MEDIA_PORT to a free one")]
    MediaPort(MediaError),
    #[error(
        "{0}; set KMZ_MEET_MEDIA_ADDRESSES to the address under which browsers reach this machine"
    )]
    Media(MediaError),
}

impl App {
    /// Opens everything that a server needs. `port` is where HTTP is served.
    ///
    /// # Errors
    /// When something cannot be opened; the text says what to do.
    pub async fn open(config: Config, port: u16) -> Result<Arc<Self>, StartError> {
        Self::open_with_clock(config, port, clock::system()).await
    }

    /// The same with a clock of one's own.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with_clock(
        config: Config,
        port: u16,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, StartError> {
        let path = || config.data_dir.display().to_string();
        let tightened =
            data_dir::open(&config.data_dir).map_err(|source| StartError::DataDirectory {
                path: path(),
                source,
            })?;
        for thing in tightened {
            tracing::warn!("other users could look into {thing} until now; it is private now");
        }
        let secrets = Secrets::open(&config.data_dir).map_err(StartError::Secrets)?;
        let media = Media::start(MediaConfig {
            port: config.media_port,
            addresses: config.media_addresses.clone(),
            packets_per_second: config.media_packets_per_second,
        })
        .map_err(|error| match error {
            MediaError::Bind { .. } => StartError::MediaPort(error),
            _ => StartError::Media(error),
        })?;
        let store = Database::open(config.database_url.as_deref(), &config.data_dir).await?;
        let store: SharedStore = Arc::new(store);
        let seats = Arc::new(Seats::new(&secrets.seat_key));
        let (conferences, feeds) = Registry::new(
            &config,
            store.clone(),
            media.clone(),
            seats.clone(),
            clock.clone(),
        );
        let tickets = Arc::new(Tickets::new(&secrets.ticket_key));
        let outgoing = Outgoing::new(OutgoingPolicy {
            allow_loopback: config.outgoing_loopback,
            allowed_hosts: config.outgoing_hosts.clone(),
        });
        let public_url = config.public_url_at(port);
        let framing = Arc::new(Framing::new(public_url.websocket()));
        let keeping = lti::Keeping::new(store.clone(), clock.clone(), framing.clone());
        let lti = lti::bridge(
            keeping,
            SigningKey::from(secrets.lti_key),
            &tickets,
            &public_url,
            &outgoing,
            config.capacity,
        )
        .ok_or(StartError::PublicUrl)?;
        let deliveries = Arc::new(Deliveries::new(
            store.clone(),
            clock.clone(),
            outgoing.clone(),
        ));
        let app = Arc::new(Self {
            bbb_secrets: BbbSecrets::new(store.clone(), clock.clone()),
            public_url,
            clock,
            store,
            media,
            seats,
            tickets,
            api_tokens: ApiTokens::new(&secrets.api_key),
            lti,
            outgoing,
            deliveries: deliveries.clone(),
            framing,
            room_changes: Turns::default(),
            request_limit: RequestLimit::new(config.api_requests_per_minute),
            passwords: Passwords::default(),
            sign_in_failures: Backoff::default(),
            known_browsers: KnownBrowsers::new(&secrets.browser_key),
            devices: Devices::new(&secrets.browser_key),
            conferences,
            throttle: Throttle::default(),
            in_turn: InTurn::default(),
            config,
        });
        tokio::spawn(events::run(Arc::downgrade(&app), feeds));
        app.framing.refresh(&app.store).await?;
        app.conferences.restore().await;
        tokio::spawn(deliveries::run(Arc::downgrade(&deliveries)));
        tokio::spawn(lti::late_lists::run(Arc::downgrade(&app)));
        tokio::spawn(housekeeping::run(Arc::downgrade(&app)));
        tokio::spawn(account_changes::run(
            app.store.clone(),
            Arc::downgrade(&app.conferences),
        ));
        Ok(app)
    }
}

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(api::routes(&app))
        .route(SIGNAL_PATH, get(signaling::connect))
        .merge(bbb::routes())
        .nest(lti::PATH, app.lti.router())
        .merge(web::routes())
        .layer(from_fn_with_state(app.clone(), web::security_headers))
        .layer(from_fn(edge::bounded))
        .with_state(app)
}
