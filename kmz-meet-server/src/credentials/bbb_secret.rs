//! Shared secrets of schools for the BigBlueButton API: a current one, and former ones while platforms change over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::random::random_token;
use crate::clock::{Clock, Timestamp, millis};
use crate::store::{Kind, Record, RecordFilter, SharedStore, StoreError};

/// Secrets of a school that are valid at once: the current one and two former ones. Each call computes one hash for each.
const MAX_SECRETS: usize = 3;
/// How long a replaced secret stays valid: time to change it in every platform.
const ROTATION: Duration = Duration::from_hours(7 * 24);
/// How long secrets are cached: within this time a call does not read the store.
const MAX_CACHE_AGE: Duration = Duration::from_secs(1);
const PAGE: u64 = 1_000;

/// A school's shared secret. It is stored in plain text, because checksums are computed with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BbbSecret {
    pub secret: String,
    /// Since when a newer one should be used.
    pub retired_at: Option<Timestamp>,
}

impl Kind for BbbSecret {
    const KIND: &'static str = "bbb_secret";
}

type All = Arc<Vec<Record<BbbSecret>>>;

/// The secrets of all schools, cached: a call without a valid checksum must cost next to nothing.
pub struct BbbSecrets {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    cache: Mutex<Option<(Instant, All)>>,
}

impl BbbSecrets {
    /// Takes the store and the clock of this server.
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            cache: Mutex::default(),
        }
    }

    /// All secrets, as they were at most [`MAX_CACHE_AGE`] ago. While one caller reads them, others wait for it.
    pub(crate) async fn all(&self) -> Result<All, StoreError> {
        let mut known = self.cache.lock().await;
        if let Some((at, secrets)) = &*known
            && at.elapsed() < MAX_CACHE_AGE
        {
            return Ok(secrets.clone());
        }
        let secrets: All = Arc::new(self.read(None).await?);
        *known = Some((Instant::now(), secrets.clone()));
        Ok(secrets)
    }

    /// Empties the cache, after a change.
    pub async fn forget(&self) {
        *self.cache.lock().await = None;
    }

    /// Makes a new secret of a school. The former ones stay valid for [`ROTATION`], but never more than two of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn new_secret(&self, school: &str) -> Result<Record<BbbSecret>, StoreError> {
        let now = self.clock.now();
        for mut former in self.of_school(school).await? {
            if former.data.retired_at.is_none() {
                former.data.retired_at = Some(now);
                former.expires_at = Some(now + millis(ROTATION));
                former.insert_or_replace(&self.store).await?;
            }
        }
        let data = BbbSecret {
            // 64 characters: libraries want as many bytes for HS512.
            secret: random_token::<48>(),
            retired_at: None,
        };
        let record = Record::new(school.to_owned(), now, data);
        record.insert_or_replace(&self.store).await?;
        // Counted afterwards, so that simultaneous calls do not get round the bound.
        let all = self.read(Some(school)).await?;
        for oldest in &all[..all.len().saturating_sub(MAX_SECRETS)] {
            oldest.delete(&self.store).await?;
        }
        self.forget().await;
        Ok(record)
    }

    /// The valid secrets of a school, the newest last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_school(&self, school: &str) -> Result<Vec<Record<BbbSecret>>, StoreError> {
        let now = self.clock.now();
        let mut secrets = self.read(Some(school)).await?;
        secrets.retain(|secret| holds(secret, now));
        Ok(secrets)
    }

    /// Reads all secrets of a school, or of all schools, page by page: no school's secrets may displace another's.
    async fn read(&self, school: Option<&str>) -> Result<Vec<Record<BbbSecret>>, StoreError> {
        let mut secrets: Vec<Record<BbbSecret>> = Vec::new();
        loop {
            let filter = RecordFilter {
                school,
                after: secrets.last().map(|secret| secret.id.as_str()),
                limit: PAGE,
                ..RecordFilter::default()
            };
            let page = Record::<BbbSecret>::list(&self.store, filter).await?;
            let more = page.len() as u64 == PAGE;
            secrets.extend(page);
            if !more {
                return Ok(secrets);
            }
        }
    }
}

/// Whether a secret is valid at this moment.
pub(crate) fn holds(secret: &Record<BbbSecret>, now: Timestamp) -> bool {
    secret.expires_at.is_none_or(|at| at > now)
}
