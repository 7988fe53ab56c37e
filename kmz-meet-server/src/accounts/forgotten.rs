//! Forgotten passwords. Whoever asks is always told the same, at once: what is done with it is done behind, one after the
//! other, so neither the answer nor its time tells whether there is such an account.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::invitation::{NotInvited, mail_link, may_activate};
use crate::clock::{Clock, Timestamp, millis};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::limits::rate::{Rate, RateLimiter};
use crate::mail::{NotTaken, SharedMailer, Template};
use crate::store::{Database, LinkPurpose, SharedStore, StoreError, User};

/// How many one network may ask for: a school is behind one address.
const OF_NETWORK: Rate = Rate {
    at_once: 20,
    each: Duration::from_secs(90),
};
/// Links for one account within the time that one is valid: who is kept from another one by somebody who asks all the time
/// has one that is valid.
pub const MAX_LINKS_OF_ACCOUNT: u64 = 2;
const WITHIN: Duration = Duration::from_hours(1);
/// So many wait at most.
const MAX_WAITING: usize = 500;
/// Longest user name or address that is looked at, in characters.
pub const MAX_CHARS: usize = 254;

/// Whose password is forgotten, as somebody typed it.
struct Request {
    who: String,
    language: Language,
}

/// Why a request is not taken: neither has to do with the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// The network asked for many.
    Network(Duration),
    /// Very many wait.
    Full,
}

/// See the module.
pub struct Forgotten {
    requests: mpsc::Sender<Request>,
    networks: Mutex<RateLimiter<IpAddr>>,
}

impl Forgotten {
    /// Starts the task that does the work; it ends with this.
    pub fn start(store: SharedStore, mailer: SharedMailer, clock: Arc<dyn Clock>) -> Self {
        let (requests, waiting) = mpsc::channel(MAX_WAITING);
        tokio::spawn(work(waiting, store, mailer, clock));
        Self {
            requests,
            networks: Mutex::default(),
        }
    }

    /// Takes a request.
    ///
    /// # Errors
    /// When the network asked for many, or very many wait.
    pub fn ask(&self, network: IpAddr, who: &str, language: Language) -> Result<(), NotNow> {
        let now = Instant::now();
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = networks.usage_mut(network, now);
        if !usage.try_acquire(OF_NETWORK, now) {
            return Err(NotNow::Network(usage.earliest(OF_NETWORK, now) - now));
        }
        drop(networks);
        let request = Request {
            who: who.trim().to_lowercase(),
            language,
        };
        self.requests.try_send(request).map_err(|_| NotNow::Full)
    }
}

async fn work(
    mut waiting: mpsc::Receiver<Request>,
    store: SharedStore,
    mailer: SharedMailer,
    clock: Arc<dyn Clock>,
) {
    while let Some(request) = waiting.recv().await {
        let done = answer(&store, &mailer, clock.now(), &request).await;
        match done {
            // A limit, or nothing to send to: who asked is told nothing.
            Ok(())
            | Err(
                NotInvited::NoAddress
                | NotInvited::NoContract
                | NotInvited::Mail(NotTaken::TooMany | NotTaken::NoMailServer),
            ) => {}
            Err(error) => tracing::warn!(%error, "somebody who forgot their password gets no mail"),
        }
    }
}

async fn answer(
    store: &Database,
    mailer: &SharedMailer,
    now: Timestamp,
    request: &Request,
) -> Result<(), NotInvited> {
    let Some(user) = find(store, &request.who).await? else {
        return Ok(());
    };
    let is_locked = store.locked_at(&user.id).await?.is_some();
    let links = store
        .links_of(&user.id, LinkPurpose::PasswordReset, now - millis(WITHIN))
        .await?;
    if is_locked || links >= MAX_LINKS_OF_ACCOUNT {
        return Ok(());
    }
    // Who has no password yet would be activated by it.
    if user.password_hash().is_none() && !may_activate(store, now, &user).await? {
        return Ok(());
    }
    let what = (Template::PasswordReset, LinkPurpose::PasswordReset);
    mail_link(
        store,
        mailer,
        now,
        &user,
        request.language,
        what,
        Vec::new(),
    )
    .await
}

async fn find(store: &Database, who: &str) -> Result<Option<User>, StoreError> {
    if let Some(user) = store.user_by_username(who).await? {
        return Ok(Some(user));
    }
    match who.parse::<EmailAddress>() {
        Ok(address) => store.user_by_email(&address).await,
        Err(_) => Ok(None),
    }
}
