//! Shared secrets of schools: a current one, and former ones while platforms change over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::clock::Timestamp;
use crate::credentials::random_token;
use crate::state::App;
use crate::store::{Kind, Record, StoreError, Which};

/// Secrets of a school that hold at a time: the current one and two former ones. Each costs every call a hash.
const MOST: usize = 3;
/// A secret that was replaced holds for this long: time to change it in every platform.
const ROTATION_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// What another process changes is noticed after this time; until then a call costs no question to the store.
const FRESH: Duration = Duration::from_secs(1);
const PAGE: u64 = 1_000;

/// A school's shared secret. Kept readable: checksums are made with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub secret: String,
    /// From when on a newer one is meant to be used.
    pub retired_at: Option<Timestamp>,
}

impl Kind for Secret {
    const KIND: &'static str = "bbb_secret";
}

type All = Arc<Vec<Record<Secret>>>;

/// The secrets of all schools, in memory: whoever calls without one must cost next to nothing.
#[derive(Default)]
pub struct Secrets(Mutex<Option<(Instant, All)>>);

impl Secrets {
    /// Those that hold now. While one caller reads them, others wait for it.
    pub(crate) async fn all(&self, app: &App) -> Result<All, StoreError> {
        let mut known = self.0.lock().await;
        if let Some((at, secrets)) = &*known
            && at.elapsed() < FRESH
        {
            return Ok(secrets.clone());
        }
        let secrets: All = Arc::new(read(app, None).await?);
        *known = Some((Instant::now(), secrets.clone()));
        Ok(secrets)
    }

    /// They have changed.
    pub async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

/// A new secret of a school. Those before it hold for another week, but never more than two of them.
///
/// # Errors
/// When the store fails.
pub async fn new_secret(app: &App, school: &str) -> Result<Record<Secret>, StoreError> {
    let now = app.clock.now();
    for mut former in secrets_of(app, school).await? {
        if former.data.retired_at.is_none() {
            former.data.retired_at = Some(now);
            former.expires_at = Some(now + ROTATION_MS);
            former.put(&*app.store).await?;
        }
    }
    let data = Secret {
        // 64 characters: libraries want as many bytes for HS512.
        secret: random_token::<48>(),
        retired_at: None,
    };
    let record = Record::new(school.to_owned(), now, data);
    record.put(&*app.store).await?;
    // Counted afterwards, so that many who ask at once do not get round it.
    let all = read(app, Some(school)).await?;
    for oldest in &all[..all.len().saturating_sub(MOST)] {
        oldest.delete(&*app.store).await?;
    }
    app.bbb_secrets.forget().await;
    Ok(record)
}

/// The secrets of a school that hold now, the newest last.
///
/// # Errors
/// When the store fails.
pub async fn secrets_of(app: &App, school: &str) -> Result<Vec<Record<Secret>>, StoreError> {
    let now = app.clock.now();
    let mut secrets = read(app, Some(school)).await?;
    secrets.retain(|secret| holds(secret, now));
    Ok(secrets)
}

pub(crate) fn holds(secret: &Record<Secret>, now: Timestamp) -> bool {
    secret.expires_at.is_none_or(|at| at > now)
}

/// All of a school, or of all schools: nobody's secret may be hidden by another school's.
async fn read(app: &App, school: Option<&str>) -> Result<Vec<Record<Secret>>, StoreError> {
    let mut secrets: Vec<Record<Secret>> = Vec::new();
    loop {
        let which = Which {
            school,
            after: secrets.last().map(|secret| secret.id.as_str()),
            limit: PAGE,
            ..Which::default()
        };
        let page = Record::list(&*app.store, which).await?;
        let more = page.len() as u64 == PAGE;
        secrets.extend(page);
        if !more {
            return Ok(secrets);
        }
    }
}
