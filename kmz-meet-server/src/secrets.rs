//! Keys that outlive a restart, each in a file of its own that only this user can read.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Bytes of a key.
const LENGTH: usize = 32;
/// Where the keys are, in the data directory.
pub const FILES: [&str; 9] = [
    SEAT,
    API,
    TICKET,
    BROWSER,
    LTI,
    MAIL,
    SECOND_FACTOR,
    CONTRACTS,
    SIGN_IN,
];
const SEAT: &str = "seat.key";
const API: &str = "api.key";
const TICKET: &str = "ticket.key";
const BROWSER: &str = "browser.key";
const LTI: &str = "lti.key";
const MAIL: &str = "mail.key";
const SECOND_FACTOR: &str = "second-factor.key";
/// Decrypts signed contracts (`contracts/vault.rs`).
pub const CONTRACTS: &str = "contracts.key";
const SIGN_IN: &str = "sign-in.key";

/// The keys of this server.
pub struct Secrets {
    /// Signs seats (HS256).
    pub seat_key: [u8; LENGTH],
    /// Signs the tokens of API keys (HS256).
    pub api_key: [u8; LENGTH],
    /// Signs tickets (HS256).
    pub ticket_key: [u8; LENGTH],
    /// Signs what browsers keep that have signed in (HS256).
    pub browser_key: [u8; LENGTH],
    /// Signs what the LTI tool hands out: logins and choices under way (HS256).
    pub lti_key: [u8; LENGTH],
    /// Seals mails that wait (AES-256-GCM).
    pub mail_key: [u8; LENGTH],
    /// Seals the secrets of second factors (AES-256-GCM), and signs second steps of signing in and recovery codes (HMAC).
    pub second_factor_key: [u8; LENGTH],
    /// Seals the client secrets of sign-in providers, and logins under way there (AES-256-GCM).
    pub sign_in_key: [u8; LENGTH],
}

impl Secrets {
    /// Reads the keys from the data directory, making what is missing.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is not a key.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        Ok(Self {
            seat_key: key(&data_dir.join(SEAT))?,
            api_key: key(&data_dir.join(API))?,
            ticket_key: key(&data_dir.join(TICKET))?,
            browser_key: key(&data_dir.join(BROWSER))?,
            lti_key: key(&data_dir.join(LTI))?,
            mail_key: key(&data_dir.join(MAIL))?,
            second_factor_key: key(&data_dir.join(SECOND_FACTOR))?,
            sign_in_key: key(&data_dir.join(SIGN_IN))?,
        })
    }
}

fn key(path: &Path) -> io::Result<[u8; LENGTH]> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    match OpenOptions::new().read(true).open(path) {
        Ok(mut file) => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(named)?;
            bytes.try_into().map_err(|_| {
                named(io::Error::other(
                    "it is not a key; delete this file and a new one is made",
                ))
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key: [u8; LENGTH] = rand::random();
            write_private(path, &key).map_err(named)?;
            Ok(key)
        }
        Err(error) => Err(named(error)),
    }
}

/// Writes a file that only this user can read. It is there whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    // An old temporary file could have other permissions.
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn open_again_gives_the_same_private_keys() {
        let directory = tempfile::tempdir().unwrap();
        let first = Secrets::open(directory.path()).unwrap();
        let again = Secrets::open(directory.path()).unwrap();
        assert_eq!(first.seat_key, again.seat_key);
        let mode = std::fs::metadata(directory.path().join("seat.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn open_of_a_damaged_key_fails() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("seat.key"), b"short").unwrap();
        assert!(Secrets::open(directory.path()).is_err());
    }
}
