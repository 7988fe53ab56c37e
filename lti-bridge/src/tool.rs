//! The tool: its settings, and what all of its parts share.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::response::Response;
use guarded_http::GuardedClient;

use crate::handler::LaunchHandler;
use crate::keys;
use crate::keyset::KeySets;
use crate::model::Platform;
use crate::numeric_date::NumericDate;
use crate::pages::{Framers, Language};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::signed::Signer;
use crate::spent::Spent;
use crate::store::Store;
use crate::tokens::Tokens;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> NumericDate + Send + Sync>;

/// An LTI 1.3 tool. One of them serves all platforms and tenants.
pub struct Bridge {
    pub(crate) settings: Settings,
    pub(crate) signer: Signer,
    pub(crate) spent: Spent,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) handler: Arc<dyn LaunchHandler>,
    pub(crate) http: GuardedClient,
    pub(crate) key_sets: KeySets,
    pub(crate) tokens: Tokens,
    /// Held while a platform gets its first deployment id.
    pub(crate) first_deployment: tokio::sync::Mutex<()>,
    clock: Clock,
}

impl Bridge {
    /// A tool with the clock of this machine. `http` makes all requests to platforms.
    #[must_use]
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        handler: Arc<dyn LaunchHandler>,
        http: GuardedClient,
    ) -> Arc<Self> {
        let clock = || NumericDate::from(SystemTime::now());
        Self::with_clock(settings, store, handler, http, Arc::new(clock))
    }

    /// Like [`new`](Self::new), with an injected clock (tests).
    #[must_use]
    pub fn with_clock(
        settings: Settings,
        store: Arc<dyn Store>,
        handler: Arc<dyn LaunchHandler>,
        http: GuardedClient,
        clock: Clock,
    ) -> Arc<Self> {
        Arc::new(Self {
            signer: Signer::new(&settings.key),
            spent: Spent::default(),
            settings,
            store,
            handler,
            http,
            key_sets: KeySets::default(),
            tokens: Tokens::default(),
            first_deployment: tokio::sync::Mutex::default(),
            clock,
        })
    }

    pub(crate) fn now(&self) -> NumericDate {
        (self.clock)()
    }

    /// The URL of a route.
    pub(crate) fn url(&self, path: &str) -> String {
        let base = self.settings.base_url.as_str();
        format!("{}{path}", base.trim_end_matches('/'))
    }

    /// The path at which the router is nested.
    pub(crate) fn base_path(&self) -> &str {
        self.settings.base_url.path().trim_end_matches('/')
    }

    /// Where platforms start a login (OpenID Connect third-party initiated login).
    #[must_use]
    pub fn login_url(&self) -> String {
        self.url("/login")
    }

    /// Where platforms post launches to: the redirect URI, and the target link.
    #[must_use]
    pub fn launch_url(&self) -> String {
        self.url("/launch")
    }

    /// Where platforms read our keys.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        self.url("/jwks")
    }

    /// What an administrator pastes into the platform to register it (Dynamic Registration), with the code of an
    /// [`Invitation`](crate::Invitation).
    #[must_use]
    pub fn registration_url(&self, invitation: &str) -> String {
        self.url(&format!("/register/{invitation}"))
    }

    /// Publishes a new key now. It signs an hour later, when platforms have had the time to read it.
    ///
    /// # Errors
    /// When no key can be made or kept.
    pub async fn rotate_key(&self) -> Result<(), keys::KeyError> {
        keys::rotate(&*self.store, self.now()).await
    }

    /// Like [`rotate_key`](Self::rotate_key), if the newest key is at least this old. Deletes the keys whose tokens have all
    /// expired. Returns whether there is a new key.
    ///
    /// # Errors
    /// When no key can be made or kept.
    pub async fn rotate_key_after(&self, age: Duration) -> Result<bool, keys::KeyError> {
        keys::delete_old(&*self.store, self.now()).await?;
        let newest = keys::newest(&*self.store).await?;
        let due = newest.is_some_and(|made| self.now().saturating_duration_since(made) >= age);
        if due {
            self.rotate_key().await?;
        }
        Ok(due)
    }

    pub(crate) fn refused(
        &self,
        refusal: &Refusal,
        language: Language,
        platform: Option<&Platform>,
    ) -> Response {
        tracing::info!(code = refusal.code, "a launch is refused");
        // Anyone may frame a page without anything to press: people then see what is wrong.
        let framers = platform.map_or(Framers::Anyone, |one| Framers::Only(one.origins()));
        refusal.page(self.base_path(), language, framers)
    }
}
