//! `kmz-meet backup` and `kmz-meet restore`: a copy of the database with the keys and files of the data directory, in one file; and
//! back, without those who were erased since.
//!
//! A backup has neither chat nor rosters nor sessions (`store/backup.rs`).

mod archive;
mod error;
mod postgres;
mod restore;

use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use archive::{Archive, DatabaseKind};

use crate::config::Config;
use crate::store::Database;
pub use error::BackupError;
use error::at;
pub use restore::{Restored, restore};

/// Writes a backup into a new file that only this user can read, encrypted to `recipient` if there is one. A server may run
/// meanwhile. Gives what is printed.
///
/// # Errors
/// When it cannot be made.
pub async fn backup(
    config: &Config,
    file: &Path,
    recipient: Option<&str>,
    now: crate::clock::Timestamp,
) -> Result<String, BackupError> {
    let recipient: Option<Recipient> = match recipient {
        Some(text) => {
            let parsed = text.parse();
            Some(parsed.map_err(|_| BackupError::Recipient(text.to_owned()))?)
        }
        None => None,
    };
    if file.exists() {
        let path = file.display().to_string();
        return Err(BackupError::Exists { path });
    }
    let (kind, database) = copied(config).await?;
    let archive = Archive {
        made_at: now,
        kind,
        database,
        files: archive::files_of(&config.data_dir).map_err(at(&config.data_dir))?,
    };
    let bytes = archive.write().map_err(at(file))?;
    let bytes = match &recipient {
        Some(recipient) => {
            age::encrypt(recipient, &bytes).map_err(|error| at(file)(io::Error::other(error)))?
        }
        None => bytes,
    };
    write_new(file, &bytes).map_err(at(file))?;
    let how = if recipient.is_some() {
        "It is encrypted: its private key belongs to another place."
    } else {
        "It is NOT encrypted and has all keys in it: keep it as the data directory, or name a --recipient."
    };
    Ok(format!(
        "{} is written ({} bytes). {how} Delete backups after 30 days: older ones are not restored.",
        file.display(),
        bytes.len()
    ))
}

fn write_new(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let options = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    let mut opened = options?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

async fn copied(config: &Config) -> Result<(DatabaseKind, Vec<u8>), BackupError> {
    let store = Database::open(config.database_url.as_deref(), &config.data_dir).await?;
    let Some(url) = config.database_url.as_deref().filter(|_| !store.is_file()) else {
        let copy = Temporary::beside(&config.data_dir);
        store.copy_into(&copy.0).await?;
        let bytes = std::fs::read(&copy.0).map_err(at(&copy.0))?;
        return Ok((DatabaseKind::Sqlite, bytes));
    };
    Ok((DatabaseKind::Postgres, postgres::dump(url)?))
}

/// A file that is gone in the end, whatever happens.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(data_dir: &Path) -> Self {
        Self(data_dir.join(format!("{:016x}.new", rand::random::<u64>())))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed is private, as all in the data directory.
        let _ = std::fs::remove_file(&self.0);
    }
}
