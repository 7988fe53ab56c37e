//! Files that prove that somebody teaches at a school: encrypted as they come, deleted when somebody has decided.
//!
//! The key is a file of its own in the data directory (`contracts/vault.rs`): a copy of the database, or of the files, tells nothing
//! without it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::contracts::Vault;
use crate::secrets::{PROOFS as KEY, write_private};

/// Of one file: a page that was photographed.
pub const MAX_PROOF_BYTES: usize = 5 * 1024 * 1024;
/// In the data directory.
const FOLDER: &str = "proofs";
/// Behind the id of its request.
const SUFFIX: &str = ".age";
/// Nobody writes a file for longer.
const MAX_WRITING: Duration = Duration::from_hours(1);

/// What kind of file it is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    Pdf,
    Jpeg,
    Png,
}

impl ProofKind {
    /// Whatever its name says.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else if bytes.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else {
            None
        }
    }

    /// Its media type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum NoProof {
    #[error("the file is neither a PDF nor a JPEG or PNG picture")]
    Kind,
    #[error("the file is larger than 5 MB")]
    TooLarge,
    #[error("a proof cannot be encrypted or decrypted")]
    Key,
    #[error("a proof cannot be kept: {0}")]
    Io(#[from] io::Error),
}

/// The proofs of a server.
pub struct Proofs {
    folder: PathBuf,
    key: Vault,
}

impl Proofs {
    /// Opens the folder, and makes the key if there is none.
    ///
    /// # Errors
    /// When the data directory cannot be written, or the key is none.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let folder = data_dir.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let key = Vault::at(&data_dir.join(KEY), "proofs of employment that wait")?;
        Ok(Self { folder, key })
    }

    /// Ids are made here; what is none has no file.
    fn file(&self, id: &str) -> io::Result<PathBuf> {
        let id: uuid::Uuid = id
            .parse()
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.folder.join(format!("{id}{SUFFIX}")))
    }

    /// Keeps a file under the id of its request, in place of a former one.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn keep(&self, id: &str, bytes: &[u8]) -> Result<ProofKind, NoProof> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(NoProof::TooLarge);
        }
        let kind = ProofKind::of(bytes).ok_or(NoProof::Kind)?;
        let sealed = self.key.seal(bytes).map_err(|_| NoProof::Key)?;
        write_private(&self.file(id)?, &sealed)?;
        Ok(kind)
    }

    /// The file of a request.
    ///
    /// # Errors
    /// When there is none, or the key is another.
    pub fn read(&self, id: &str) -> Result<Vec<u8>, NoProof> {
        let sealed = fs::read(self.file(id)?)?;
        self.key.open_sealed(&sealed).map_err(|_| NoProof::Key)
    }

    /// The ids of all requests that have a file here.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<String>, NoProof> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            let id = id.filter(|id| id.parse::<uuid::Uuid>().is_ok());
            ids.extend(id.map(str::to_owned));
        }
        Ok(ids)
    }

    /// Deletes what a crash left of files that were being written.
    ///
    /// # Errors
    /// When the folder cannot be read, or such a file stays.
    pub fn delete_unfinished(&self) -> Result<(), NoProof> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_whole = name.to_str().is_some_and(|name| name.ends_with(SUFFIX));
            // Gone by now, if it was finished meanwhile.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let age = metadata.modified()?.elapsed().unwrap_or_default();
            if !is_whole && metadata.is_file() && age > MAX_WRITING {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Deletes the file of a request, if there is one.
    ///
    /// # Errors
    /// When it is there and stays.
    pub fn delete(&self, id: &str) -> Result<(), NoProof> {
        match fs::remove_file(self.file(id)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890000-0000-7000-8000-000000000000";

    #[test]
    fn proof_on_disk_is_encrypted_and_opens_with_the_kept_key_only() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        let file = b"%PDF-1.7 canary Bescheinigung";
        assert_eq!(proofs.keep(ID, file).unwrap(), ProofKind::Pdf);
        let stored = fs::read(directory.path().join(format!("proofs/{ID}.age"))).unwrap();
        assert!(!stored.windows(6).any(|part| part == b"canary"));
        let again = Proofs::open(directory.path()).unwrap();
        assert_eq!(again.read(ID).unwrap(), file);
        fs::remove_file(directory.path().join(KEY)).unwrap();
        let other = Proofs::open(directory.path()).unwrap();
        assert!(matches!(other.read(ID), Err(NoProof::Key)));
        other.delete(ID).unwrap();
        other.delete(ID).unwrap();
        assert!(matches!(other.read(ID), Err(NoProof::Io(_))));
    }

    #[test]
    fn proofs_that_come_at_once_are_each_whole() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        std::thread::scope(|scope| {
            for number in 0..8_u8 {
                let proofs = &proofs;
                scope.spawn(move || {
                    let file = [b"%PDF-1.7".as_slice(), &vec![number; 100_000]].concat();
                    proofs.keep(ID, &file).unwrap();
                });
            }
        });
        let kept = proofs.read(ID).unwrap();
        assert!(kept[8..].iter().all(|byte| *byte == kept[8]));
        assert_eq!(proofs.list().unwrap(), [ID]);
        let files = fs::read_dir(directory.path().join("proofs")).unwrap();
        assert_eq!(files.count(), 1);
    }

    #[test]
    fn file_that_a_crash_left_is_deleted_after_an_hour() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        proofs.keep(ID, b"%PDF-1.7").unwrap();
        let left = directory.path().join("proofs/x.new");
        let file = fs::File::create(&left).unwrap();
        proofs.delete_unfinished().unwrap();
        assert!(left.exists());
        let long_ago = std::time::SystemTime::now() - 2 * MAX_WRITING;
        file.set_modified(long_ago).unwrap();
        proofs.delete_unfinished().unwrap();
        assert!(!left.exists() && proofs.read(ID).is_ok());
    }

    #[test]
    fn proof_of_another_kind_size_or_name_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        for bytes in [&b""[..], b"PK\x03\x04", b"<svg>", b"GIF89a", b"%pdf-1.7"] {
            assert!(matches!(proofs.keep(ID, bytes), Err(NoProof::Kind)));
        }
        let mut large = b"%PDF-".to_vec();
        large.resize(MAX_PROOF_BYTES + 1, 0);
        assert!(matches!(proofs.keep(ID, &large), Err(NoProof::TooLarge)));
        assert!(proofs.keep("../key", b"%PDF-1.7").is_err());
    }
}
