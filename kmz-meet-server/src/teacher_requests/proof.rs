//! Files that prove that somebody teaches at a school: encrypted as they come, deleted when somebody has decided.
//!
//! The key is a file of its own in the data directory (`contracts/vault.rs`): a copy of the database, or of the files, tells nothing
//! without it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::contracts::Vault;
use crate::secrets::{PROOFS as KEY, write_private};

/// Of one file: a page that was photographed.
pub const MAX_PROOF_BYTES: usize = 5 * 1024 * 1024;
/// In the data directory.
pub(crate) const FOLDER: &str = "proofs";
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

/// The proofs of a server. To encrypt a file, and to wait for the disk, takes time: it is done away from the threads that serve
/// people.
pub struct Proofs(Arc<Files>);

struct Files {
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
        Ok(Self(Arc::new(Files { folder, key })))
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, NoProof> + Send + 'static,
    ) -> Result<T, NoProof> {
        let files = self.0.clone();
        let done = tokio::task::spawn_blocking(move || work(&files)).await;
        done.unwrap_or_else(|error| Err(io::Error::other(error).into()))
    }

    /// Keeps a file under the id of its request, in place of a former one.
    ///
    /// # Errors
    /// When it is no such file.
    pub async fn keep(&self, id: &str, bytes: Vec<u8>) -> Result<ProofKind, NoProof> {
        let id = id.to_owned();
        self.apart(move |files| files.keep(&id, &bytes)).await
    }

    /// The file of a request.
    ///
    /// # Errors
    /// When there is none, or the key is another.
    pub async fn read(&self, id: &str) -> Result<Vec<u8>, NoProof> {
        let id = id.to_owned();
        self.apart(move |files| files.read(&id)).await
    }

    /// The ids of all requests that have a file here.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self) -> Result<Vec<String>, NoProof> {
        self.apart(Files::list).await
    }

    /// Deletes what a crash left of files that were being written.
    ///
    /// # Errors
    /// When the folder cannot be read, or such a file stays.
    pub async fn delete_unfinished(&self) -> Result<(), NoProof> {
        self.apart(Files::delete_unfinished).await
    }

    /// Deletes the file of a request, if there is one.
    ///
    /// # Errors
    /// When it is there and stays.
    pub async fn delete(&self, id: &str) -> Result<(), NoProof> {
        let id = id.to_owned();
        self.apart(move |files| files.delete(&id)).await
    }
}

impl Files {
    /// Ids are made here; what is none has no file.
    fn path(&self, id: &str) -> io::Result<PathBuf> {
        let id: uuid::Uuid = id
            .parse()
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.folder.join(format!("{id}{SUFFIX}")))
    }

    fn keep(&self, id: &str, bytes: &[u8]) -> Result<ProofKind, NoProof> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(NoProof::TooLarge);
        }
        let kind = ProofKind::of(bytes).ok_or(NoProof::Kind)?;
        let sealed = self.key.seal(bytes).map_err(|_| NoProof::Key)?;
        write_private(&self.path(id)?, &sealed)?;
        Ok(kind)
    }

    fn read(&self, id: &str) -> Result<Vec<u8>, NoProof> {
        let sealed = fs::read(self.path(id)?)?;
        self.key.open_sealed(&sealed).map_err(|_| NoProof::Key)
    }

    fn list(&self) -> Result<Vec<String>, NoProof> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            let id = id.filter(|id| id.parse::<uuid::Uuid>().is_ok());
            ids.extend(id.map(str::to_owned));
        }
        Ok(ids)
    }

    fn delete_unfinished(&self) -> Result<(), NoProof> {
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

    fn delete(&self, id: &str) -> Result<(), NoProof> {
        match fs::remove_file(self.path(id)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::poll;
    use std::pin::pin;

    const ID: &str = "01890000-0000-7000-8000-000000000000";

    #[tokio::test]
    async fn proof_on_disk_is_encrypted_and_opens_with_the_kept_key_only() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        let file = b"%PDF-1.7 canary Bescheinigung";
        let kept = proofs.keep(ID, file.to_vec()).await;
        assert_eq!(kept.unwrap(), ProofKind::Pdf);
        let stored = fs::read(directory.path().join(format!("proofs/{ID}.age"))).unwrap();
        assert!(!stored.windows(6).any(|part| part == b"canary"));
        let again = Proofs::open(directory.path()).unwrap();
        assert_eq!(again.read(ID).await.unwrap(), file);
        fs::remove_file(directory.path().join(KEY)).unwrap();
        let other = Proofs::open(directory.path()).unwrap();
        assert!(matches!(other.read(ID).await, Err(NoProof::Key)));
        other.delete(ID).await.unwrap();
        other.delete(ID).await.unwrap();
        assert!(matches!(other.read(ID).await, Err(NoProof::Io(_))));
    }

    #[tokio::test]
    async fn proofs_that_come_at_once_are_each_whole() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        let files = (0..8_u8).map(|number| {
            let file = [b"%PDF-1.7".as_slice(), &vec![number; 100_000]].concat();
            proofs.keep(ID, file)
        });
        for kept in futures_util::future::join_all(files).await {
            kept.unwrap();
        }
        let kept = proofs.read(ID).await.unwrap();
        assert!(kept[8..].iter().all(|byte| *byte == kept[8]));
        assert_eq!(proofs.list().await.unwrap(), [ID]);
        let files = fs::read_dir(directory.path().join("proofs")).unwrap();
        assert_eq!(files.count(), 1);
    }

    #[tokio::test]
    async fn file_that_a_crash_left_is_deleted_after_an_hour() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        proofs.keep(ID, b"%PDF-1.7".to_vec()).await.unwrap();
        let left = directory.path().join("proofs/x.new");
        let file = fs::File::create(&left).unwrap();
        proofs.delete_unfinished().await.unwrap();
        assert!(left.exists());
        let long_ago = std::time::SystemTime::now() - 2 * MAX_WRITING;
        file.set_modified(long_ago).unwrap();
        proofs.delete_unfinished().await.unwrap();
        assert!(!left.exists() && proofs.read(ID).await.is_ok());
    }

    #[tokio::test]
    async fn proof_of_another_kind_size_or_name_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        for bytes in [&b""[..], b"PK\x03\x04", b"<svg>", b"GIF89a", b"%pdf-1.7"] {
            let kept = proofs.keep(ID, bytes.to_vec()).await;
            assert!(matches!(kept, Err(NoProof::Kind)));
        }
        let mut large = b"%PDF-".to_vec();
        large.resize(MAX_PROOF_BYTES + 1, 0);
        let kept = proofs.keep(ID, large).await;
        assert!(matches!(kept, Err(NoProof::TooLarge)));
        let kept = proofs.keep("../key", b"%PDF-1.7".to_vec()).await;
        assert!(kept.is_err());
    }

    #[test]
    fn proofs_do_nothing_on_the_threads_that_serve_people() {
        let directory = tempfile::tempdir().unwrap();
        let proofs = Proofs::open(directory.path()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            // As long as the one thread for such work is taken, nothing of it gets on.
            let (release, released) = std::sync::mpsc::channel::<()>();
            let taken = tokio::task::spawn_blocking(move || released.recv());
            let mut kept = pin!(proofs.keep(ID, b"%PDF-1.7".to_vec()));
            let mut read = pin!(proofs.read(ID));
            let mut listed = pin!(proofs.list());
            let mut cleared = pin!(proofs.delete_unfinished());
            let mut deleted = pin!(proofs.delete(ID));
            assert!(poll!(&mut kept).is_pending());
            assert!(poll!(&mut read).is_pending());
            assert!(poll!(&mut listed).is_pending());
            assert!(poll!(&mut cleared).is_pending());
            assert!(poll!(&mut deleted).is_pending());
            release.send(()).unwrap();
            taken.await.unwrap().unwrap();
            assert_eq!(kept.await.unwrap(), ProofKind::Pdf);
            assert_eq!(read.await.unwrap(), b"%PDF-1.7");
            assert_eq!(listed.await.unwrap(), [ID]);
            cleared.await.unwrap();
            deleted.await.unwrap();
        });
    }
}
