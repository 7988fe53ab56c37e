//! Apps that sign Jitsi tokens: each has one algorithm and one key.

use std::time::Duration;

use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::store::{Kind, Record, RecordFilter, SharedStore, StoreError};

/// The clock of an app may differ from ours by this.
pub(super) const MAX_CLOCK_SKEW: Duration = Duration::from_mins(1);
/// How many apps of different schools may have the same id.
pub const MAX_SAME_NAME_APPS: u64 = 100;

/// How an app signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum JitsiAlgorithm {
    HS256,
    RS256,
}

/// An app that signs tokens. The parent of its record is the app id, and the key is made of school and app id. In rows of
/// earlier versions the key is the app id, which was unique on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JitsiApp {
    #[serde(default)]
    pub app_id: String,
    pub algorithm: JitsiAlgorithm,
    /// The secret (HS256) or the public key as PEM (RS256).
    pub key: String,
    /// The school proved that it can sign with the key. Earlier versions did not ask for a proof.
    #[serde(default)]
    pub proven: bool,
}

impl Kind for JitsiApp {
    const KIND: &'static str = "jitsi_app";
}

impl JitsiApp {
    /// The record of a school's app.
    pub fn record(school: String, now: Timestamp, app: Self) -> Record<Self> {
        let key = format!("{school} {}", app.app_id);
        let parent = app.app_id.clone();
        let mut record = Record::new(school, now, app);
        record.key = Some(key);
        record.parent = Some(parent);
        record
    }

    /// The app id in its tokens; `key` is the key of its record.
    pub fn id<'a>(&'a self, key: Option<&'a str>) -> &'a str {
        if self.app_id.is_empty() {
            key.unwrap_or_default()
        } else {
            &self.app_id
        }
    }

    /// Finds the apps with this id, of all schools, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn called(store: &SharedStore, id: &str) -> Result<Vec<Record<Self>>, StoreError> {
        let filter = RecordFilter {
            parent: Some(id),
            limit: MAX_SAME_NAME_APPS,
            ..RecordFilter::default()
        };
        let mut apps = Record::<Self>::list(store, filter).await?;
        let earlier = Record::<Self>::by_key(store, id).await?;
        apps.extend(earlier.filter(|one| one.data.app_id.is_empty()));
        apps.sort_by_key(|app| app.created_at);
        Ok(apps)
    }

    /// Whether it is sure that the school can sign with the key: only those who sign with a secret know it.
    pub fn is_proven(&self) -> bool {
        self.proven || self.algorithm == JitsiAlgorithm::HS256
    }

    /// The key that verifies its tokens; `None` if the text is no key.
    pub fn decoding_key(&self) -> Option<DecodingKey> {
        match self.algorithm {
            JitsiAlgorithm::HS256 => Some(DecodingKey::from_secret(self.key.as_bytes())),
            JitsiAlgorithm::RS256 => DecodingKey::from_rsa_pem(self.key.as_bytes()).ok(),
        }
    }
}
