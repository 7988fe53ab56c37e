//! Meetings and secrets, as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::random_token;
use crate::clock::Timestamp;
use crate::store::{Kind, Record, StoreError, Which};

/// More secrets than any installation has.
const MOST_SECRETS: u64 = 5_000;
/// A secret that was replaced holds for this long: time to change it in every platform.
const ROTATION_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

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

/// A new secret of a school; those before it hold for another week.
///
/// # Errors
/// When the store fails.
pub async fn new_secret(app: &App, school: &str) -> Result<Record<Secret>, StoreError> {
    let now = app.clock.now();
    for mut former in secrets_of(app, Some(school)).await? {
        if former.data.retired_at.is_none() {
            former.data.retired_at = Some(now);
            former.expires_at = Some(now + ROTATION_MS);
            former.put(&*app.store).await?;
        }
    }
    let data = Secret {
        secret: random_token::<36>(),
        retired_at: None,
    };
    let record = Record::new(school.to_owned(), now, data);
    record.put(&*app.store).await?;
    Ok(record)
}

/// The secrets that hold now: of a school, or all.
///
/// # Errors
/// When the store fails.
pub async fn secrets_of(
    app: &App,
    school: Option<&str>,
) -> Result<Vec<Record<Secret>>, StoreError> {
    let which = Which {
        school,
        limit: MOST_SECRETS,
        ..Which::default()
    };
    let now = app.clock.now();
    let secrets = Record::<Secret>::list(&*app.store, which).await?;
    Ok(secrets
        .into_iter()
        .filter(|secret| secret.expires_at.is_none_or(|at| at > now))
        .collect())
}

/// A meeting: from its creation until it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    pub meeting_id: String,
    pub internal_id: String,
    pub name: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: Timestamp,
    pub attendee_password: String,
    pub moderator_password: String,
    pub voice_bridge: String,
    pub record: bool,
    /// Minutes; 0 is no limit.
    pub duration: u64,
    pub max_users: u64,
    pub guests: Guests,
    pub logout_url: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub ended_url: Option<String>,
}

/// What holds for people who come as guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guests {
    /// They come in as everyone does.
    Accepted,
    /// They wait in the lobby.
    Asked,
    Denied,
}

impl Kind for Meeting {
    const KIND: &'static str = "bbb_meeting";
}

/// By what a meeting is looked up.
pub fn key(school: &str, meeting_id: &str) -> String {
    format!("{school} {meeting_id}")
}

/// The meeting of a school.
///
/// # Errors
/// When the store fails.
pub async fn find(
    app: &App,
    school: &str,
    meeting_id: &str,
) -> Result<Option<Record<Meeting>>, StoreError> {
    Record::by_key(&*app.store, &key(school, meeting_id)).await
}
