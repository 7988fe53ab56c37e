//! Who was erased, so that a restored backup does not bring them back: a hash of each account's id with a key of its own, and what
//! became of its rooms. Nobody reads an id out of it; who has a backup finds whom it concerns.

use std::io;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, millis};
use crate::data_dir::ERASURES;
use crate::secrets::write_private;
use crate::store::{Database, Kind, Record, RecordFilter, StoreError};

/// Backups that are older must not be restored.
pub const KEPT: Duration = Duration::from_hours(30 * 24);
/// More people never leave in the time for which they are kept.
const MAX_ROWS: u64 = 100_000;

/// Somebody was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The key of the hash, in hexadecimal digits.
    key: String,
    /// HMAC-SHA256 of the account's id.
    hash: String,
    /// The account that got the rooms; `None`: they were deleted.
    pub heir: Option<String>,
    pub at: Timestamp,
}

impl Kind for Erasure {
    const KIND: &'static str = "erasure";
}

fn hash(key: &[u8], account: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), account.as_bytes())
}

impl Erasure {
    /// Of an account, whose rooms this account gets.
    #[must_use]
    pub fn of(account: &str, heir: Option<String>, at: Timestamp) -> Self {
        let key: [u8; 16] = rand::random();
        Self {
            key: hex::encode(key),
            hash: hex::encode(hash(&key, account)),
            heir,
            at,
        }
    }

    /// Whether it was this account.
    #[must_use]
    pub fn is_of(&self, account: &str) -> bool {
        hex::decode(&self.key).is_ok_and(|key| hex::encode(hash(&key, account)) == self.hash)
    }

    /// As it is kept.
    #[must_use]
    pub fn record(self) -> Record<Self> {
        let at = self.at;
        let mut record = Record::new(None, at, self);
        record.expires_at = Some(at + millis(KEPT));
        record
    }
}

/// Those that are in the database.
///
/// # Errors
/// When the store fails.
pub async fn in_database(store: &Database) -> Result<Vec<Erasure>, StoreError> {
    let all = RecordFilter {
        limit: MAX_ROWS,
        ..RecordFilter::default()
    };
    let records = Record::<Erasure>::list(store, all).await?;
    Ok(records.into_iter().map(|record| record.data).collect())
}

/// Those that are in the data directory; what cannot be read is none.
#[must_use]
pub fn in_directory(data_dir: &Path) -> Vec<Erasure> {
    let text = std::fs::read_to_string(data_dir.join(ERASURES)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes the list into the data directory, unless it is there.
///
/// # Errors
/// When it cannot be written.
pub fn keep_in_directory(data_dir: &Path, erasures: &[Erasure]) -> io::Result<()> {
    if in_directory(data_dir) == erasures {
        return Ok(());
    }
    write_private(&data_dir.join(ERASURES), &serde_json::to_vec(erasures)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erasure_knows_its_account_and_does_not_tell_it() {
        let erasure = Erasure::of("0189-canary", None, 5);
        assert!(erasure.is_of("0189-canary"));
        assert!(!erasure.is_of("0189-canarx") && !erasure.is_of(""));
        assert_ne!(erasure.hash, Erasure::of("0189-canary", None, 5).hash);
        let written = serde_json::to_string(&erasure).unwrap();
        assert!(!written.contains("canary"), "{written}");
    }

    #[test]
    fn list_in_the_directory_is_private_and_what_is_damaged_is_none() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(in_directory(directory.path()), []);
        let list = [Erasure::of("a", Some("b".to_owned()), 5)];
        keep_in_directory(directory.path(), &list).unwrap();
        assert_eq!(in_directory(directory.path()), list);
        let path = directory.path().join(ERASURES);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(path, "[{").unwrap();
        assert_eq!(in_directory(directory.path()), []);
    }
}
