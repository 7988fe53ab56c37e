//! Documents as they are stored, as signed contracts: encrypted by age (<https://age-encryption.org/v1>) to a key that is a file of the data
//! directory and never in the database. A copy of the database tells nothing of them.

use std::io;
use std::path::Path;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;

use crate::secrets::{CONTRACTS, write_private_once};

/// Why a document is not opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "a signed document cannot be decrypted: contracts.key in the data directory is another than that by which it was encrypted"
)]
pub struct WrongKey;

/// The keys of documents of one kind.
pub struct Vault {
    /// The first one encrypts, all of them decrypt: an old key is put below a new one.
    keys: Vec<Identity>,
}

impl Vault {
    /// Reads the keys of signed documents from the data directory, making one if there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written, or a line of it is no key.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        Self::at(&data_dir.join(CONTRACTS), "signed contracts")
    }

    /// The same with keys in this file. `what` cannot be read without them.
    ///
    /// # Errors
    /// When the file cannot be read or written, or a line of it is no key.
    pub fn at(path: &Path, what: &str) -> io::Result<Self> {
        let named = |kind, what: &dyn std::fmt::Display| {
            io::Error::new(kind, format!("{}: {what}", path.display()))
        };
        if !path.try_exists()? {
            make(path).map_err(|error| named(error.kind(), &error))?;
        }
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| named(error.kind(), &error))?;
        let lines = text.lines().map(str::trim);
        let keys: Result<Vec<Identity>, _> = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::parse)
            .collect();
        match keys {
            Ok(keys) if !keys.is_empty() => Ok(Self { keys }),
            // The line may be a key with a slip in it, so it is not repeated.
            _ => Err(named(
                io::ErrorKind::InvalidData,
                &format!(
                    "a line of it is no key of age; without it, {what} cannot be read: put back a copy"
                ),
            )),
        }
    }

    /// Encrypts.
    ///
    /// # Errors
    /// When the library does not.
    pub fn seal(&self, document: &[u8]) -> io::Result<Vec<u8>> {
        let key = self.keys.first().ok_or(io::ErrorKind::NotFound)?;
        age::encrypt(&key.to_public(), document).map_err(io::Error::other)
    }

    /// Decrypts.
    ///
    /// # Errors
    /// When it was encrypted to another key, or is damaged.
    pub fn open_sealed(&self, sealed: &[u8]) -> Result<Vec<u8>, WrongKey> {
        let mut opened = self.keys.iter().map(|key| age::decrypt(key, sealed));
        opened.find_map(Result::ok).ok_or(WrongKey)
    }
}

/// Makes a key. Of a server and a command that start at once, one makes it.
fn make(path: &Path) -> io::Result<()> {
    let line = format!("{}\n", Identity::generate().to_string().expose_secret());
    write_private_once(path, line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn document_opens_with_the_key_of_the_file_and_with_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("contracts.key");
        let vault = Vault::open(directory.path()).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let sealed = vault.seal(b"%PDF-1.7 Zwiebelkuchen").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"Zwiebel"));
        let again = Vault::open(directory.path()).unwrap();
        assert_eq!(
            again.open_sealed(&sealed).unwrap(),
            b"%PDF-1.7 Zwiebelkuchen"
        );
        let mut damaged = sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(again.open_sealed(&damaged).is_err());
        let old = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let other = Vault::open(directory.path()).unwrap();
        assert!(other.open_sealed(&sealed).is_err());
        // The old key below the new one: both open, the new one seals.
        let new = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("# new\n{new}\n# old\n{old}")).unwrap();
        let both = Vault::open(directory.path()).unwrap();
        assert!(both.open_sealed(&sealed).is_ok());
        let newly = both.seal(b"x").unwrap();
        assert!(other.open_sealed(&newly).is_ok());
        assert!(vault.open_sealed(&newly).is_err());
    }

    #[test]
    fn open_of_a_file_that_is_no_key_fails_and_does_not_repeat_it() {
        let directory = tempfile::tempdir().unwrap();
        for text in ["", "# nothing", "AGE-SECRET-KEY-1SLIP", "x\ny"] {
            std::fs::write(directory.path().join("contracts.key"), text).unwrap();
            let error = Vault::open(directory.path()).err().unwrap().to_string();
            assert!(error.contains("contracts.key"), "{error}");
            assert!(!error.contains("SLIP"), "{error}");
        }
    }
}
