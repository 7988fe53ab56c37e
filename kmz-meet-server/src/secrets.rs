//! Keys that outlive a restart, each in a file of its own that only this user can read.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Bytes of a key.
const LENGTH: usize = 32;
/// Where the keys are, in the data directory.
pub const FILES: [&str; 11] = [
    SEAT,
    API,
    TICKET,
    BROWSER,
    LTI,
    MAIL,
    SECOND_FACTOR,
    CONTRACTS,
    PROOFS,
    SIGN_IN,
    CARDS,
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
/// Decrypts what proves that somebody teaches (`teacher_requests/proof.rs`).
pub const PROOFS: &str = "proofs.key";
const SIGN_IN: &str = "sign-in.key";
const CARDS: &str = "cards.key";

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
    /// Makes what opens by pupil cards, and proves it (HMAC).
    pub card_key: [u8; LENGTH],
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
            card_key: key(&data_dir.join(CARDS))?,
        })
    }
}

/// What is lost with a key, for whoever has to decide whether to delete its file.
fn lost_with(path: &Path) -> &'static str {
    match path.file_name().and_then(|name| name.to_str()) {
        Some(MAIL) => "mails that wait are not sent then",
        Some(SECOND_FACTOR) => {
            "nobody with a second factor comes in any more then, until it is removed"
        }
        Some(SIGN_IN) => "the client secrets of sign-in providers must be entered again then",
        Some(CARDS) => "pupil cards open nothing then, until they are renewed and printed again",
        _ => "what was signed by it counts no more then",
    }
}

fn key(path: &Path) -> io::Result<[u8; LENGTH]> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    if !path.try_exists().map_err(named)? {
        // A server and a command that start at once have the same one.
        write_private_once(path, &rand::random::<[u8; LENGTH]>()).map_err(named)?;
    }
    let mut bytes = Vec::new();
    let mut file = OpenOptions::new().read(true).open(path).map_err(named)?;
    file.read_to_end(&mut bytes).map_err(named)?;
    bytes.try_into().map_err(|_| {
        named(io::Error::other(format!(
            "it is not a key; put back a copy, or delete this file and a new one is made: {}",
            lost_with(path)
        )))
    })
}

/// Writes a file that only this user can read. It is there whole or not at all, also if several do so at once.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_beside(path, content)?;
    std::fs::rename(&temporary, path).inspect_err(|_| remove(&temporary))
}

/// The same, unless there is a file: of several who do so at once, one writes it. What is there is never replaced.
///
/// # Errors
/// When it cannot be written.
pub fn write_private_once(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_beside(path, content)?;
    let linked = std::fs::hard_link(&temporary, path);
    remove(&temporary);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

/// Writes a new file beside a path, whose name nobody else has.
fn write_beside(path: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let temporary = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.inspect_err(|_| remove(&temporary))?;
    Ok(temporary)
}

/// What cannot be removed holds nothing that is not at its place, too.
fn remove(temporary: &Path) {
    let _ = std::fs::remove_file(temporary);
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
    fn open_of_a_damaged_key_fails_and_says_what_is_lost_with_it() {
        for (file, words) in [
            (SEAT, "signed by it"),
            (SECOND_FACTOR, "second factor"),
            (MAIL, "mails that wait"),
            (SIGN_IN, "client secrets"),
            (CARDS, "printed again"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join(file), b"short").unwrap();
            let error = Secrets::open(directory.path()).err().unwrap().to_string();
            assert!(error.contains(file) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn open_of_many_at_once_gives_the_same_keys_and_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let open = || Secrets::open(path).unwrap();
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
            let opened = threads.into_iter().map(|thread| thread.join().unwrap());
            opened
                .map(|keys| (keys.seat_key, keys.second_factor_key, keys.sign_in_key))
                .collect()
        });
        assert!(keys.windows(2).all(|two| two[0] == two[1]));
        let files = std::fs::read_dir(path).unwrap().count();
        assert_eq!(files, 9);
    }
}
