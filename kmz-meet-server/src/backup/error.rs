//! Why there is no backup.

use std::io;
use std::path::Path;

use crate::store::StoreError;

/// Why there is no backup, or it is not restored: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{path} is there already; name another file")]
    Exists { path: String },
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{0} is no public key of age; `age-keygen` makes a pair")]
    Recipient(String),
    #[error("the backup is encrypted; name the file of its private key by --identity")]
    NoIdentity,
    #[error("the private key does not open this backup, or the backup is damaged")]
    NotOpened,
    #[error("this is no backup of kmz-meet, or it is damaged: {0}")]
    NoBackup(String),
    #[error("the backup is older than {0} days; who was erased before that is not known any more")]
    TooOld(u64),
    #[error(
        "the backup is of {was} and this configuration is of {is}; set KMZ_MEET_DATABASE_URL to the same kind"
    )]
    OtherKind { was: &'static str, is: &'static str },
    #[error("there is a database already; say --replace to put the backup in its place")]
    WouldReplace,
    #[error("a server listens on {0}; stop it first")]
    Runs(String),
    #[error(
        "{tool} cannot be run: {why}; install the client programs of PostgreSQL (Debian: postgresql-client), or copy the database by the means of your data centre"
    )]
    Tool { tool: &'static str, why: String },
    #[error("{0}; check KMZ_MEET_DATABASE_URL and KMZ_MEET_DATA_DIR")]
    Store(#[from] StoreError),
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.display().to_string();
    move |source| BackupError::File { path, source }
}
