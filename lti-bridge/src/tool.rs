//! The tool: its settings, and what all of its parts share.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::Response;
use guarded_http::GuardedClient;
use url::Url;

use crate::handler::RoomOpener;
use crate::keys;
use crate::keyset::KeySets;
use crate::model::Platform;
use crate::pages::{Framers, Language};
use crate::refusal::Refusal;
use crate::signed::{Signer, SigningKey};
use crate::spent::Spent;
use crate::store::Store;
use crate::tokens::Tokens;

/// What a tool is called, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Under which the router is reached, such as `https://meet.example/lti`; without a slash at the end.
    pub base_url: Url,
    pub name: String,
    /// What it is for; the platform gets it in the language of whoever registers.
    pub description: Words,
    /// A picture that platforms show beside the name; they load it from other hosts than ours.
    pub icon: Option<Url>,
    /// Signs the logins and choices that are under way. It has to outlive a restart if they are to.
    pub key: SigningKey,
}

/// The same in two languages.
#[derive(Clone, Debug)]
pub struct Words {
    pub german: String,
    pub english: String,
}

/// Tells the time, in seconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// An LTI 1.3 tool.
pub struct Bridge {
    pub(crate) settings: Settings,
    pub(crate) signer: Signer,
    pub(crate) spent: Spent,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) rooms: Arc<dyn RoomOpener>,
    pub(crate) http: GuardedClient,
    pub(crate) key_sets: KeySets,
    pub(crate) tokens: Tokens,
    /// Held while a platform gets its first deployment.
    pub(crate) first_deployment: tokio::sync::Mutex<()>,
    clock: Clock,
}

impl Bridge {
    /// A tool with the clock of this machine.
    #[must_use]
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        rooms: Arc<dyn RoomOpener>,
        http: GuardedClient,
    ) -> Arc<Self> {
        let clock = || {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        };
        Self::with_clock(settings, store, rooms, http, Arc::new(clock))
    }

    /// The same with a clock of one's own.
    #[must_use]
    pub fn with_clock(
        settings: Settings,
        store: Arc<dyn Store>,
        rooms: Arc<dyn RoomOpener>,
        http: GuardedClient,
        clock: Clock,
    ) -> Arc<Self> {
        Arc::new(Self {
            signer: Signer::new(&settings.key),
            spent: Spent::default(),
            settings,
            store,
            rooms,
            http,
            key_sets: KeySets::default(),
            tokens: Tokens::default(),
            first_deployment: tokio::sync::Mutex::default(),
            clock,
        })
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// An address of ours.
    pub(crate) fn url(&self, path: &str) -> String {
        let base = self.settings.base_url.as_str();
        format!("{}{path}", base.trim_end_matches('/'))
    }

    /// The path under which the router is mounted.
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

    /// What an administrator pastes to register a platform.
    #[must_use]
    pub fn registration_url(&self, invitation: &str) -> String {
        self.url(&format!("/register/{invitation}"))
    }

    /// A new key is published now, and signs as soon as platforms had the time to read it.
    ///
    /// # Errors
    /// When no key can be made or kept.
    pub async fn rotate_key(&self) -> Result<(), keys::KeyError> {
        keys::rotate(&*self.store, self.now()).await
    }

    /// The same if the newest key is at least so many seconds old; old ones whose tokens are out are deleted. Says
    /// whether there is a new one.
    ///
    /// # Errors
    /// When no key can be made or kept.
    pub async fn rotate_key_after(&self, seconds: i64) -> Result<bool, keys::KeyError> {
        keys::delete_old(&*self.store, self.now()).await?;
        let newest = keys::newest(&*self.store).await?;
        let due = newest.is_some_and(|made| self.now().saturating_sub(made) >= seconds);
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
        // Words without anything to press: whoever frames them gains nothing, and people see what is wrong.
        let framers = platform.map_or(Framers::Anyone, |one| Framers::Only(one.origins()));
        refusal.page(self.base_path(), language, framers)
    }
}
