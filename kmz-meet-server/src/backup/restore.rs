//! Puts a backup in the place of what is there, and erases in it who was erased since.

use std::net::TcpListener;
use std::path::Path;
use std::str::FromStr;

use age::x25519::Identity;

use super::archive::{Archive, DatabaseKind};
use super::error::{BackupError, at};
use super::postgres;
use crate::audit::Actor;
use crate::clock::{Timestamp, millis};
use crate::config::Config;
use crate::data_dir;
use crate::erasures::{self, Erasure, KEPT};
use crate::leaving::{self, Refused, Rooms};
use crate::secrets::write_private;
use crate::store::{Database, StoreError, User};
use crate::teacher_requests::Proofs;

/// As files of age begin.
const AGE: &[u8] = b"age-encryption.org/v1";
const DAY: i64 = 24 * 3_600_000;

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub made_at: Timestamp,
    /// Accounts that were in the backup and had been erased since.
    pub erased: usize,
}

/// Reads a backup and puts it in the place of the database and the files of the data directory. `replace`: also where a database
/// is. Who was erased since the backup, as the database and the data directory know, is erased in it.
///
/// # Errors
/// When the backup cannot be read, is too old, or a server runs.
pub async fn restore(
    config: &Config,
    file: &Path,
    identity: Option<&Path>,
    replace: bool,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let archive = read(file, identity)?;
    if archive.made_at < now - millis(KEPT) {
        return Err(BackupError::TooOld((millis(KEPT) / DAY).unsigned_abs()));
    }
    let target = Database::file_of(config.database_url.as_deref(), &config.data_dir);
    let is = match target {
        Some(_) => DatabaseKind::Sqlite,
        None => DatabaseKind::Postgres,
    };
    if archive.kind != is {
        let (was, is) = (archive.kind.name(), is.name());
        return Err(BackupError::OtherKind { was, is });
    }
    // Two programs must not write one database.
    if config.listen.port() != 0 && TcpListener::bind(config.listen).is_err() {
        return Err(BackupError::Runs(config.listen.to_string()));
    }
    let is_new = target.as_ref().is_some_and(|path| !path.exists());
    if !is_new && !replace {
        return Err(BackupError::WouldReplace);
    }
    let erasures = known_erasures(config, is_new).await;
    data_dir::open(&config.data_dir).map_err(at(&config.data_dir))?;
    put_files(&config.data_dir, &archive)?;
    match (&target, config.database_url.as_deref()) {
        (Some(path), _) => put_database(path, &archive.database)?,
        (None, Some(url)) => postgres::restore(url, &archive.database)?,
        (None, None) => {}
    }
    let store = Database::open(config.database_url.as_deref(), &config.data_dir).await?;
    let erased = erase_again(config, &store, erasures, now).await?;
    store.delete_expired(now).await?;
    store.close().await?;
    Ok(Restored {
        made_at: archive.made_at,
        erased,
    })
}

fn read(file: &Path, identity: Option<&Path>) -> Result<Archive, BackupError> {
    let bytes = std::fs::read(file).map_err(at(file))?;
    let bytes = if bytes.starts_with(AGE) {
        let path = identity.ok_or(BackupError::NoIdentity)?;
        let text = std::fs::read_to_string(path).map_err(at(path))?;
        let keys = text
            .lines()
            .filter_map(|line| Identity::from_str(line.trim()).ok());
        let mut opened = keys.map(|key| age::decrypt(&key, &bytes));
        opened.find_map(Result::ok).ok_or(BackupError::NotOpened)?
    } else {
        bytes
    };
    Archive::read(&bytes).map_err(|error| BackupError::NoBackup(error.to_string()))
}

/// Of the database that is replaced and of the data directory. A database that is lost is the reason to restore one.
async fn known_erasures(config: &Config, is_new: bool) -> Vec<Erasure> {
    let mut erasures = erasures::in_directory(&config.data_dir);
    if is_new {
        return erasures;
    }
    let store = Database::open(config.database_url.as_deref(), &config.data_dir).await;
    if let Ok(store) = store {
        if let Ok(more) = erasures::in_database(&store).await {
            let new = more.into_iter().filter(|one| !erasures.contains(one));
            let new: Vec<Erasure> = new.collect();
            erasures.extend(new);
        }
        // What it still says is not needed any more.
        let _ = store.close().await;
    }
    erasures
}

fn put_files(data_dir: &Path, archive: &Archive) -> Result<(), BackupError> {
    for (name, bytes) in &archive.files {
        let path = data_dir.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(at(folder))?;
        }
        write_private(&path, bytes).map_err(at(&path))?;
    }
    Ok(())
}

fn put_database(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    // The log of another database must not be read into this one.
    for file in data_dir::beside(path) {
        if file.exists() {
            std::fs::remove_file(&file).map_err(at(&file))?;
        }
    }
    write_private(path, bytes).map_err(at(path))
}

async fn erase_again(
    config: &Config,
    store: &Database,
    erasures: Vec<Erasure>,
    now: Timestamp,
) -> Result<usize, BackupError> {
    let proofs = Proofs::open(&config.data_dir).map_err(at(&config.data_dir))?;
    let mut erased = 0;
    for user in store.all_users().await? {
        let Some(erasure) = erasures.iter().find(|one| one.is_of(&user.id)) else {
            continue;
        };
        erase(store, &proofs, &user, erasure, now).await?;
        erased += 1;
    }
    // Another backup may be restored after this one.
    let there = erasures::in_database(store).await?;
    let is_new = |one: &&Erasure| one.at > now - millis(KEPT) && !there.contains(one);
    for erasure in erasures.iter().filter(is_new) {
        // Its id is new, so nothing can be in its way.
        let _ = erasure.clone().record().add(store).await?;
    }
    let all = erasures::in_database(store).await?;
    erasures::keep_in_directory(&config.data_dir, &all).map_err(at(&config.data_dir))?;
    Ok(erased)
}

async fn erase(
    store: &Database,
    proofs: &Proofs,
    user: &User,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<(), StoreError> {
    let given = erasure.heir.clone().map(Rooms::GiveTo);
    // An heir who was not there yet at the time of the backup gets nothing.
    for rooms in given.into_iter().chain([Rooms::Delete]) {
        match leaving::erase(store, now, proofs, user, &rooms, &Actor::CommandLine).await {
            Err(Refused::NoHeir | Refused::HasRooms) => {}
            Err(Refused::Store(error)) => return Err(error),
            Ok(()) => return Ok(()),
        }
    }
    Ok(())
}
