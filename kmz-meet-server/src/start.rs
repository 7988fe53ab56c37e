//! Opens what a server needs, and starts the tasks that run as long as it does.

use std::sync::Arc;

use axum::http::HeaderValue;
use guarded_http::{GuardedClient, Policy};
use kmz_meet_core::sfu::{Media, MediaConfig, MediaError};
use lti_bridge::SigningKey;

use crate::accounts::Forgotten;
use crate::class_cards::CardSecrets;
use crate::clock::{self, Clock};
use crate::conferences::{Registry, account_changes, contract_changes};
use crate::config::Config;
use crate::contracts::Vault;
use crate::credentials::{
    ApiTokens, BbbSecrets, Devices, KnownBrowsers, Passkeys, Passwords, Seats, SecondFactors,
    Tickets,
};
use crate::deliveries::{self, Deliveries};
use crate::drops::DropLimits;
use crate::frame_ancestors::FrameAncestors;
use crate::integrations::lti;
use crate::limits::{FailureBackoff, InTurn, KeyedLock, RequestLimit, WaitingLimits};
use crate::mail::{self, Mailer, TransportError};
use crate::openid::{Discoveries, Shown};
use crate::sealing::{NotOpened, Sealing};
use crate::secrets::Secrets;
use crate::self_tests::SelfTests;
use crate::state::{App, WhileRunning};
use crate::store::{Database, SharedStore, StoreError};
use crate::teacher_imports::TeacherImports;
use crate::teacher_requests::TeacherRequests;
use crate::{data_dir, events, housekeeping};

/// How this server names itself to others.
const USER_AGENT: &str = concat!("kmz-meet/", env!("CARGO_PKG_VERSION"));

const EXTRA_PORTS: &str = "KMZ_MEET_MEDIA_EXTRA_PORTS";

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
    #[error("a template of mails cannot be used: {0}; mend or delete it")]
    MailTemplate(String),
    #[error(transparent)]
    Mail(#[from] TransportError),
    #[error("a key of the server cannot be used: {0}")]
    Sealing(#[from] NotOpened),
    #[error("{0}; check KMZ_MEET_DATABASE_URL, and that the data directory is writable")]
    Store(#[from] StoreError),
    #[error(
        "the public URL is none; set KMZ_MEET_PUBLIC_URL to one such as https://meet.example.org"
    )]
    PublicUrl,
    #[error(
        "{error}; stop what uses the port, or set {setting} to {}",
        if *.setting == EXTRA_PORTS { "others" } else { "a free one" }
    )]
    MediaPort {
        error: MediaError,
        setting: &'static str,
    },
    #[error(
        "{error}; ports below 1024 need a right that this user has not: start the server with CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE), or set {setting} to {}",
        if *.setting == EXTRA_PORTS { "others" } else { "a higher one" }
    )]
    MediaPortRight {
        error: MediaError,
        setting: &'static str,
    },
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
        let teacher_requests = TeacherRequests::open(&config.data_dir);
        let teacher_requests = Arc::new(teacher_requests.map_err(StartError::Secrets)?);
        let contract_vault = Vault::open(&config.data_dir).map_err(StartError::Secrets)?;
        let media = Media::start(MediaConfig {
            port: config.media_port,
            extra_ports: config.media_extra_ports.clone(),
            addresses: config.media_addresses.clone(),
            packets_per_second: config.media_packets_per_second,
            threads: config.media_threads,
        })
        .map_err(|error| {
            let MediaError::Bind { port, source } = &error else {
                return StartError::Media(error);
            };
            let setting = if *port == config.media_port {
                "KMZ_MEET_MEDIA_PORT"
            } else {
                EXTRA_PORTS
            };
            if source.kind() == std::io::ErrorKind::PermissionDenied {
                StartError::MediaPortRight { error, setting }
            } else {
                StartError::MediaPort { error, setting }
            }
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
        let outgoing = GuardedClient::new(
            Policy::default()
                .allow_loopback(config.outgoing_loopback)
                .allow_hosts(config.outgoing_hosts.iter().cloned())
                .user_agent(HeaderValue::from_static(USER_AGENT)),
        );
        let public_url = config.public_url_at(port);
        let frame_ancestors = Arc::new(FrameAncestors::new(public_url.websocket()));
        let lti_store = lti::LtiStore::new(store.clone(), clock.clone(), frame_ancestors.clone());
        let lti = lti::bridge(
            lti_store,
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
        if config.mail.is_some()
            && let Some(wrong) = mail::examine(&config.data_dir).into_iter().next()
        {
            return Err(StartError::MailTemplate(wrong));
        }
        let mailer = Arc::new(Mailer::new(&config, public_url.clone(), &secrets.mail_key)?);
        if mailer.is_shown() {
            tracing::warn!("mails are not sent: everybody can read them at /demo/mail");
        }
        let forgotten = Forgotten::start(store.clone(), mailer.clone(), clock.clone());
        let host = public_url.host();
        let second_factors = SecondFactors::new(&secrets.second_factor_key, host)?;
        let passkeys = Passkeys::new(public_url.as_str(), host);
        mail::run(&mailer, &store, &clock)?;
        let app = Arc::new(Self {
            sign_in_sealing: Arc::new(Sealing::new(&secrets.sign_in_key)?),
            discoveries: Arc::new(Discoveries::new(outgoing.clone(), clock.clone())),
            shown_providers: Arc::new(Shown::new(store.clone(), clock.clone())),
            bbb_secrets: Arc::new(BbbSecrets::new(store.clone(), clock.clone())),
            public_url,
            clock,
            store,
            self_tests: SelfTests::new(media.clone()),
            media,
            seats,
            tickets,
            card_secrets: Arc::new(CardSecrets::new(&secrets.card_key)),
            card_guesses: Arc::default(),
            api_tokens: Arc::new(ApiTokens::new(&secrets.api_key)),
            lti,
            outgoing,
            deliveries: deliveries.clone(),
            forgotten: Arc::new(forgotten),
            second_factors: Arc::new(second_factors),
            passkeys: Arc::new(passkeys),
            mailer,
            frame_ancestors,
            room_changes: Arc::new(KeyedLock::default()),
            request_limit: Arc::new(RequestLimit::new(config.api_requests_per_minute)),
            contract_vault: Arc::new(contract_vault),
            passwords: Arc::new(Passwords::default()),
            sign_in_failures: Arc::new(FailureBackoff::default()),
            known_browsers: Arc::new(KnownBrowsers::new(&secrets.browser_key)),
            devices: Arc::new(Devices::new(&secrets.browser_key)),
            conferences,
            drop_limits: Arc::new(DropLimits::default()),
            teacher_imports: Arc::new(TeacherImports::default()),
            teacher_requests,
            waiting_limits: Arc::new(WaitingLimits::default()),
            in_turn: InTurn::default(),
            config: Arc::new(config),
        });
        tokio::spawn(events::run(WhileRunning::of(&app), feeds));
        lti::refresh_frame_ancestors(&app.frame_ancestors, &app.store).await?;
        app.conferences.restore().await;
        tokio::spawn(deliveries::run(Arc::downgrade(&deliveries)));
        tokio::spawn(lti::missing_class_lists::run(Arc::downgrade(&app)));
        tokio::spawn(housekeeping::run(WhileRunning::of(&app)));
        tokio::spawn(account_changes::run(
            app.store.clone(),
            Arc::downgrade(&app.conferences),
        ));
        tokio::spawn(contract_changes::run(
            (app.store.clone(), app.clock.clone()),
            Arc::downgrade(&app.conferences),
        ));
        Ok(app)
    }
}
