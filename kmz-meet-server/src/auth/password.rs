//! Passwords are hashed by argon2id, as many at once as there are cores.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OnceCell, Semaphore};

/// Memory in KiB and passes, as OWASP recommends.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// A password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct HashError(String);

/// Hashes and compares passwords without stopping the rest of the server.
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Compared with when there is no such user, so that the answer takes as long.
    decoy: OnceCell<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            decoy: OnceCell::new(),
        }
    }
}

impl Passwords {
    /// The hash of a password with a new salt.
    ///
    /// # Errors
    /// When the machine gives no memory or no random numbers.
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let password = password.to_owned();
        self.work(move || hash(&password)).await
    }

    /// Whether the password fits the hash. Without a hash: no, after the same work.
    ///
    /// # Errors
    /// When the hash is damaged.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashError> {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash.to_owned(),
            None => self.decoy().await?,
        };
        let password = password.to_owned();
        let fits = self.work(move || verify(&password, &hash)).await?;
        Ok(fits && known)
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

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|error| HashError(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also when the request is gone meanwhile.
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| HashError(error.to_string()))?
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
    async fn only_the_right_password_of_a_known_user_fits() {
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
