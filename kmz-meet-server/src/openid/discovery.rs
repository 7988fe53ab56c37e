//! Where a provider is and which keys it has (OpenID Connect Discovery 1.0): asked for when it is needed, and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use guarded_http::{Error, GuardedClient};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, HttpRequest, HttpResponse, IssuerUrl,
    ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::clock::{Clock, Timestamp, millis};

/// What was found is used for this long without asking again.
const KEPT: Duration = Duration::from_hours(1);
/// Where the provider does not answer, what was found before is used for this long.
const KEPT_AT_MOST: Duration = Duration::from_hours(24);
/// Where the provider did not answer, it is not asked again for this long.
const REST: Duration = Duration::from_secs(5);
/// A token with an unknown key makes us ask for new keys, but not more often than this.
const MIN_BETWEEN_KEYS: Duration = Duration::from_secs(10);
/// Providers that are remembered at once.
const MAX_KEPT: usize = 1_000;
/// People who can be on their way back from one provider at the same time: a slow one keeps no more of us busy.
const MAX_AT_ONCE: usize = 8;
/// How long somebody waits for their turn, or for what somebody else asks the provider.
const MAX_WAIT: Duration = Duration::from_secs(8);
/// How long a provider is asked for all that it says of itself.
const MAX_ASKED: Duration = Duration::from_secs(10);

/// Beside what the library reads.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct More {
    /// Where signing out goes on (RP-Initiated Logout 1.0).
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// Whether each answer names the issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for More {}

/// What a provider says of itself, with its keys.
pub type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Why nothing is known of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// It does not answer.
    Down,
    /// It answers too slowly.
    Slow,
    /// Its answer is too long.
    Huge,
    /// Its address is one that this server does not ask.
    Forbidden,
    /// Its answer is none.
    Unreadable,
    /// It calls itself something else.
    WrongIssuer,
    /// So many come back from it that there was no turn.
    Busy,
}

impl Unreachable {
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::TimedOut { .. } => Self::Slow,
            Error::TooLarge { .. } => Self::Huge,
            Error::Forbidden(_) => Self::Forbidden,
            _ => Self::Down,
        }
    }
}

#[derive(Clone, Default)]
struct Kept {
    found: Option<(Arc<Metadata>, Timestamp)>,
    failed: Option<(Unreachable, Timestamp)>,
}

struct Entry {
    kept: Mutex<Kept>,
    /// Held while the provider is asked: others wait for the same answer.
    lookup: tokio::sync::Mutex<()>,
    turns: Arc<Semaphore>,
}

impl Entry {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// What was found, if that is not longer ago.
    fn within(&self, now: Timestamp, age: Duration) -> Option<Arc<Metadata>> {
        let (found, at) = self.found.as_ref()?;
        is_within(now, *at, age).then(|| found.clone())
    }

    /// What is known without asking: what was found so lately, or why nothing was.
    fn answer(&self, now: Timestamp, age: Duration) -> Option<Result<Arc<Metadata>, Unreachable>> {
        if let Some(found) = self.within(now, age) {
            return Some(Ok(found));
        }
        let (why, at) = self.failed?;
        is_within(now, at, REST).then(|| self.within(now, KEPT_AT_MOST).ok_or(why))
    }
}

fn is_within(now: Timestamp, at: Timestamp, length: Duration) -> bool {
    (0..millis(length)).contains(&(now - at))
}

/// All providers that this server knows something of.
pub struct Discoveries {
    pub(super) outgoing: GuardedClient,
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<String, Arc<Entry>>>,
}

/// Sends a request of the library by our guarded client.
pub(super) async fn send(
    outgoing: GuardedClient,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| Error::Failed)?;
    let answer = outgoing
        .send(parts.method, &url, parts.headers, body)
        .await?;
    // What such an answer says is meant for nobody.
    if answer.status.is_server_error() {
        return Err(Error::Failed);
    }
    let mut response = HttpResponse::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

impl Discoveries {
    /// Knows nothing yet.
    pub fn new(outgoing: GuardedClient, clock: Arc<dyn Clock>) -> Self {
        Self {
            outgoing,
            clock,
            entries: Mutex::default(),
        }
    }

    fn entry(&self, issuer: &str) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(issuer) {
            return entry.clone();
        }
        // More than there can be in honest use: what is forgotten is asked for again.
        if entries.len() >= MAX_KEPT {
            entries.clear();
        }
        let entry = Arc::new(Entry {
            kept: Mutex::default(),
            lookup: tokio::sync::Mutex::default(),
            turns: Arc::new(Semaphore::new(MAX_AT_ONCE)),
        });
        entries.insert(issuer.to_owned(), entry.clone());
        entry
    }

    /// A turn to ask this provider about somebody.
    ///
    /// # Errors
    /// `Busy`, after a while.
    pub async fn turn(&self, issuer: &str) -> Result<OwnedSemaphorePermit, Unreachable> {
        let turns = self.entry(issuer).turns.clone();
        match tokio::time::timeout(MAX_WAIT, turns.acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Unreachable::Busy),
        }
    }

    /// What the provider says of itself.
    ///
    /// # Errors
    /// When it does not say it, and has not for long.
    pub async fn of(&self, issuer: &str) -> Result<Arc<Metadata>, Unreachable> {
        self.no_older_than(issuer, KEPT).await
    }

    /// The same, after a token came whose key is not known: a provider may have new ones.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub async fn with_new_keys(&self, issuer: &str) -> Result<Arc<Metadata>, Unreachable> {
        self.no_older_than(issuer, MIN_BETWEEN_KEYS).await
    }

    async fn no_older_than(
        &self,
        issuer: &str,
        age: Duration,
    ) -> Result<Arc<Metadata>, Unreachable> {
        let entry = self.entry(issuer);
        let answer = || entry.kept().answer(self.clock.now(), age);
        if let Some(answer) = answer() {
            return answer;
        }
        let _lookup = if let Ok(lookup) = entry.lookup.try_lock() {
            lookup
        } else {
            // What is a little too old will do while somebody else asks, unless it is new keys that are needed.
            let before = entry.kept().within(self.clock.now(), KEPT_AT_MOST);
            if let Some(before) = before.filter(|_| age == KEPT) {
                return Ok(before);
            }
            let lookup = tokio::time::timeout(MAX_WAIT, entry.lookup.lock()).await;
            lookup.map_err(|_| Unreachable::Slow)?
        };
        if let Some(answer) = answer() {
            return answer;
        }
        let asked = tokio::time::timeout(MAX_ASKED, self.ask(issuer)).await;
        // A provider that took long to fail rests from now on: those who waited do not ask it again one after the other.
        let now = self.clock.now();
        let mut kept = entry.kept();
        match asked.unwrap_or(Err(Unreachable::Slow)) {
            Ok(found) => {
                let found = Arc::new(found);
                *kept = Kept {
                    found: Some((found.clone(), now)),
                    failed: None,
                };
                Ok(found)
            }
            Err(why) => {
                kept.failed = Some((why, now));
                kept.within(now, KEPT_AT_MOST).ok_or(why)
            }
        }
    }

    async fn ask(&self, issuer: &str) -> Result<Metadata, Unreachable> {
        let url = IssuerUrl::new(issuer.to_owned()).map_err(|_| Unreachable::Unreadable)?;
        let client = |request| send(self.outgoing.clone(), request);
        let found = Metadata::discover_async(url, &client).await;
        let found = found.map_err(|error| match &error {
            DiscoveryError::Request(error) => Unreachable::of(error),
            DiscoveryError::Validation(_) => Unreachable::WrongIssuer,
            DiscoveryError::Response(..) => Unreachable::Down,
            _ => Unreachable::Unreadable,
        })?;
        // Where browsers are sent, too, is an address that somebody else named.
        let page = found.authorization_endpoint().url();
        self.outgoing
            .check(page)
            .map_err(|error| Unreachable::of(&error))?;
        if found.token_endpoint().is_none() {
            return Err(Unreachable::Unreadable);
        }
        Ok(found)
    }
}
