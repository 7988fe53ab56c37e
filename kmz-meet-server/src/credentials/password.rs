//! Hashes and compares passwords by argon2id, on as many threads as there are cores, in the order of `fair_queue`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OnceCell, oneshot};

use super::fair_queue::{FairQueue, LoginAttempt, Next};

/// Memory in KiB and passes, as OWASP recommends.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// The media of running lessons come first.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// A password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct HashError(String);

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    Right,
    Wrong,
    /// Too many others wait.
    NoRoom,
}

/// Says whether a password was right. A job for which the queue has no room is dropped, and so is its answer.
type Job = Box<dyn FnOnce() -> bool + Send>;

#[derive(Default)]
struct Desk {
    queue: FairQueue<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    desk: Mutex<Desk>,
    changed: Condvar,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hashes and compares passwords without stopping the rest of the server.
pub struct Passwords {
    shared: Arc<Shared>,
    /// The hash to compare with when there is no such user, so that the answer takes as long.
    decoy: OnceCell<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        let shared = Arc::new(Shared::default());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            let shared = shared.clone();
            let thread = std::thread::Builder::new().name("password".to_owned());
            if let Err(error) = thread.spawn(move || work(&shared)) {
                tracing::warn!(%error, "a thread for passwords cannot be started");
            }
        }
        Self {
            shared,
            decoy: OnceCell::new(),
        }
    }
}

impl Drop for Passwords {
    fn drop(&mut self) {
        self.shared.desk().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Passwords {
    /// Hashes a password with a new salt.
    ///
    /// # Errors
    /// When the machine gives no memory or no random numbers.
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let password = password.to_owned();
        let (answer, hashed) = oneshot::channel();
        let job = Box::new(move || {
            let _ = answer.send(hash(&password));
            true
        });
        self.push(None, job);
        let hashed = hashed.await;
        hashed.map_err(|_| HashError("there is no room".to_owned()))?
    }

    /// Whether the password fits the hash. It goes before all who wait. Without a hash the answer is no, after the same work.
    ///
    /// # Errors
    /// When the hash is damaged.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashError> {
        let compared = self.compare(None, password, hash).await?;
        Ok(compared == Compared::Right)
    }

    /// The same, in the order of the queue.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub async fn verify_for(
        &self,
        attempt: &LoginAttempt,
        password: &str,
        hash: Option<&str>,
    ) -> Result<Compared, HashError> {
        self.compare(Some(attempt), password, hash).await
    }

    /// Makes the decoy now rather than at the first unknown name, which would take visibly longer.
    ///
    /// # Errors
    /// As [`Self::hash`].
    pub async fn prepare(&self) -> Result<(), HashError> {
        self.decoy().await.map(|_| ())
    }

    async fn decoy(&self) -> Result<String, HashError> {
        let decoy = self
            .decoy
            .get_or_try_init(|| async { self.hash(&super::random_token::<16>()).await });
        decoy.await.cloned()
    }

    async fn compare(
        &self,
        attempt: Option<&LoginAttempt>,
        password: &str,
        hash: Option<&str>,
    ) -> Result<Compared, HashError> {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash.to_owned(),
            None => self.decoy().await?,
        };
        let password = password.to_owned();
        let (answer, compared) = oneshot::channel();
        let job = Box::new(move || {
            // The client is gone and needs no answer.
            if answer.is_closed() {
                return false;
            }
            let fits = verify(&password, &hash).map(|fits| fits && known);
            let right = matches!(fits, Ok(true));
            let _ = answer.send(fits);
            right
        });
        self.push(attempt, job);
        match compared.await {
            Ok(Ok(true)) => Ok(Compared::Right),
            Ok(Ok(false)) => Ok(Compared::Wrong),
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(Compared::NoRoom),
        }
    }

    fn push(&self, attempt: Option<&LoginAttempt>, job: Job) {
        let now = Instant::now();
        let mut desk = self.shared.desk();
        match attempt {
            Some(attempt) => desk.queue.push(attempt, job, now),
            None => desk.queue.push_own(job, now),
        }
        drop(desk);
        self.shared.changed.notify_one();
    }
}

/// Runs one of the threads.
fn work(shared: &Shared) {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    let mut desk = shared.desk();
    while !desk.closed {
        let now = Instant::now();
        match desk.queue.next(now) {
            Next::Job(job, keys) => {
                drop(desk);
                // A panic in a library costs this one answer.
                let right = catch_unwind(AssertUnwindSafe(job)).unwrap_or_default();
                desk = shared.desk();
                desk.queue.done(&keys, !right, Instant::now());
            }
            Next::At(at) => {
                let wait = at.saturating_duration_since(now);
                let woken = shared.changed.wait_timeout(desk, wait);
                desk = woken.unwrap_or_else(PoisonError::into_inner).0;
            }
            Next::Nothing => {
                let woken = shared.changed.wait(desk);
                desk = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

fn hash(password: &str) -> Result<String, HashError> {
    let failed = |error: &dyn std::fmt::Display| HashError(error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| failed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = argon2
        .hash_password(password.as_bytes())
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> Result<bool, HashError> {
    let hash = PasswordHash::new(hash).map_err(|error| HashError(error.to_string()))?;
    // The parameters are those in the hash.
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(HashError(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn password_of_another_spelling_or_an_unknown_user_does_not_fit() {
        let passwords = Passwords::default();
        let hash = passwords.hash("geheim").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(passwords.verify("geheim", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("Geheim", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("geheim", None).await.unwrap());
        assert!(passwords.verify("geheim", Some("damaged")).await.is_err());
    }
}
