//! The data directory: keys, database, names and chat. Nobody but the user that runs the server may look into it, however
//! it came to be: made by the server, by a command beside it, or before both.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::secrets;

pub(crate) const DEMO: &str = "demo.json";
/// A list of teachers that a demo offers to import.
pub(crate) const DEMO_LIST: &str = "demo-lehrkraefte.csv";
/// Who was erased (`erasures.rs`).
pub(crate) const ERASURES: &str = "erasures.json";
/// The database, where no other one is set; SQLite puts further files beside it.
pub const DATABASE: &str = "kmz-meet.sqlite";
/// What SQLite puts beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

const PRIVATE_DIRECTORY: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;
/// Everyone but the owner.
const OTHERS: u32 = 0o077;
/// Many users may put files into such a directory, as into /tmp.
const SHARED: u32 = 0o1000;

/// What this process makes from now on is for its own user alone. To be called before threads are started.
pub fn make_only_private_files() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(OTHERS));
}

/// Makes the directory, or takes one that is there. What others could read until now they cannot read any more; each
/// such thing is named in the answer.
///
/// # Errors
/// When it cannot be written, or others may look into it and that cannot be changed.
pub fn open(path: &Path) -> io::Result<Vec<String>> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIRECTORY)
        .create(path)?;
    let mut tightened = Vec::new();
    let metadata = std::fs::metadata(path)?;
    if let Some(mode) = wide(&metadata) {
        if let Some(reason) = of_others(path, &metadata) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        set_mode(path, PRIVATE_DIRECTORY)?;
        // Where nothing of ours was in it nothing could be seen.
        if !files(path).is_empty() {
            tightened.push(format!("{} (mode {mode:o})", path.display()));
        }
    }
    for file in files(path) {
        tightened.extend(tighten(&file)?);
    }
    let probe = path.join(".writable");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)?;
    Ok(tightened)
}

/// What [`examine`] finds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The next start mends it.
    #[error("{0}")]
    Mendable(String),
    /// The server will not start like this.
    #[error("{0}")]
    Fatal(String),
}

/// The same without changing anything: what others may look into, and what the next start does about it.
pub fn examine(path: &Path) -> Vec<Finding> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(mode) = wide(&metadata) {
        let open = format!(
            "other users may look into the data directory {} (mode {mode:o})",
            path.display()
        );
        found.push(match of_others(path, &metadata) {
            None => Finding::Mendable(format!(
                "{open}; the next start makes it private (mode 700)"
            )),
            Some(reason) => Finding::Fatal(format!("{open}; the server will not start: {reason}")),
        });
    }
    for file in files(path) {
        if let Some(mode) = std::fs::metadata(&file).ok().as_ref().and_then(wide) {
            found.push(Finding::Mendable(format!(
                "other users may read {} (mode {mode:o}); the next start makes it private (mode 600)",
                file.display()
            )));
        }
    }
    found
}

/// Makes an SQLite database private before anything is written into it; SQLite gives the files beside it the same mode.
///
/// # Errors
/// When it cannot be made, or its mode cannot be changed.
pub fn private_database(path: &Path) -> io::Result<()> {
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            for file in std::iter::once(path.to_owned()).chain(beside(path)) {
                if file.exists() && tighten(&file)?.is_some() {
                    tracing::warn!(file = %file.display(), "other users could read it until now");
                }
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// What SQLite may have put beside a database.
pub(crate) fn beside(database: &Path) -> impl Iterator<Item = PathBuf> {
    BESIDE.into_iter().map(|suffix| {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        path.into()
    })
}

/// What this program has made in it.
fn files(directory: &Path) -> Vec<PathBuf> {
    let database = directory.join(DATABASE);
    let named = secrets::FILES.into_iter().chain([DEMO, ERASURES]);
    let named = named.map(|name| directory.join(name));
    beside(&database)
        .chain([database.clone()])
        .chain(named)
        .filter(|path| path.is_file())
        .collect()
}

/// The mode, where it permits something to others.
fn wide(metadata: &std::fs::Metadata) -> Option<u32> {
    let mode = metadata.mode() & 0o7777;
    (mode & OTHERS != 0).then_some(mode)
}

fn tighten(file: &Path) -> io::Result<Option<String>> {
    let Some(mode) = wide(&std::fs::metadata(file)?) else {
        return Ok(None);
    };
    set_mode(file, PRIVATE_FILE)?;
    Ok(Some(format!("{} (mode {mode:o})", file.display())))
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    let changed = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    changed.map_err(|error| {
        let reason = format!(
            "other users may look into {} and its mode cannot be changed ({error}); let it belong to this user (chown), or name a folder of its own in KMZ_MEET_DATA_DIR",
            path.display()
        );
        io::Error::new(error.kind(), reason)
    })
}

/// Why a directory must not be taken away from those who use it, too: it would stop more than this program.
fn of_others(path: &Path, metadata: &std::fs::Metadata) -> Option<String> {
    let user = rustix::process::geteuid();
    if metadata.uid() != user.as_raw() && !user.is_root() {
        return Some(
            "it belongs to another user, and others may look into it; let it belong to this user (chown), or name a folder inside it in KMZ_MEET_DATA_DIR"
                .to_owned(),
        );
    }
    let is_shared = metadata.mode() & SHARED != 0;
    let has_folders = || {
        std::fs::read_dir(path).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                entry.file_type().is_ok_and(|kind| kind.is_dir())
                    && entry.file_name() != "lost+found"
            })
        })
    };
    if is_shared || (files(path).is_empty() && has_folders()) {
        return Some(
            "others use this folder, too; name a folder of its own in KMZ_MEET_DATA_DIR".to_owned(),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn made(mode: u32) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        std::fs::create_dir(&path).unwrap();
        set_mode(&path, mode).unwrap();
        (directory, path)
    }

    #[test]
    fn open_wide_directory_and_files_become_private() {
        for wide in [0o755, 0o750, 0o711, 0o777] {
            let (_directory, path) = made(wide);
            let names = [
                "kmz-meet.sqlite",
                "kmz-meet.sqlite-wal",
                "seat.key",
                "demo.json",
            ];
            for name in names {
                std::fs::write(path.join(name), b"x").unwrap();
                set_mode(&path.join(name), 0o644).unwrap();
            }
            std::fs::write(path.join("kmz-meet.toml"), b"x").unwrap();
            set_mode(&path.join("kmz-meet.toml"), 0o640).unwrap();
            assert_eq!(examine(&path).len(), 5, "{:?}", examine(&path));
            assert_eq!(open(&path).unwrap().len(), 5);
            assert_eq!(mode(&path), 0o700);
            for name in names {
                assert_eq!(mode(&path.join(name)), 0o600, "{name}");
            }
            // What others put there is not ours to change; the folder keeps it.
            assert_eq!(mode(&path.join("kmz-meet.toml")), 0o640);
            assert_eq!(open(&path).unwrap(), Vec::<String>::new());
            assert_eq!(examine(&path), []);
        }
    }

    #[test]
    fn open_folder_that_others_use_is_refused_and_left_alone() {
        let (_directory, shared) = made(0o1777);
        let (_other, with_folders) = made(0o755);
        std::fs::create_dir(with_folders.join("of-others")).unwrap();
        for (path, mode_before) in [(&shared, 0o1777), (&with_folders, 0o755)] {
            let error = open(path).unwrap_err().to_string();
            assert!(error.contains("KMZ_MEET_DATA_DIR"), "{error}");
            assert_eq!(mode(path), mode_before);
            assert!(
                matches!(&examine(path)[0], Finding::Fatal(why) if why.contains("will not start"))
            );
        }
    }

    #[test]
    fn private_database_new_or_old_is_for_its_owner_alone() {
        let (_directory, path) = made(0o755);
        let (new, old) = (path.join("new.sqlite"), path.join("old.sqlite"));
        private_database(&new).unwrap();
        assert_eq!(mode(&new), 0o600);
        for file in [&old, &path.join("old.sqlite-shm")] {
            std::fs::write(file, b"kept").unwrap();
            set_mode(file, 0o664).unwrap();
        }
        private_database(&old).unwrap();
        assert_eq!(mode(&old), 0o600);
        assert_eq!(mode(&path.join("old.sqlite-shm")), 0o600);
        assert_eq!(std::fs::read(&old).unwrap(), b"kept");
    }
}
