//! What the host keeps for the tool, and a store in memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::model::Platform;
use crate::numeric_date::NumericDate;

/// The store failed; the text is for the operator's log.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

/// A key pair of the tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolKey {
    /// Its name in the tool's key set (RFC 7517, 4.5).
    pub kid: String,
    /// PKCS #8 or PKCS #1, PEM. A secret.
    pub private_key: String,
    /// When it was made.
    pub created_at: NumericDate,
    /// When a newer key takes over. Its public half stays published a day longer.
    pub retired_at: Option<NumericDate>,
}

/// An invitation to register a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The tenant that will own the platform.
    pub tenant: String,
    /// Whether the platform is active at once. Otherwise it waits for an approval.
    pub approved: bool,
    /// Whether the first platform that registers uses it up.
    #[serde(default)]
    pub once: bool,
}

/// Why a platform was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddPlatformError {
    /// This client id of this issuer is registered already, by this tenant or another.
    #[error("this client id of this issuer is registered already")]
    AlreadyRegistered,
    /// The tenant has as many platforms as the host permits.
    #[error("the tenant has as many platforms as it may have")]
    TooMany,
}

/// Where the host keeps things for the tool.
///
/// Each method fails with [`StoreError`] when the store does; the person then reads that something went wrong.
#[async_trait]
#[allow(clippy::missing_errors_doc, reason = "said once, at the trait")]
pub trait Store: Send + Sync + 'static {
    /// All registrations of an issuer, of every tenant, oldest first.
    async fn platforms_of(&self, issuer: &str) -> Result<Vec<Platform>, StoreError>;
    /// The registration with this id.
    async fn platform(&self, id: &str) -> Result<Option<Platform>, StoreError>;
    /// Adds a registration. An issuer and a client id together are registered once, whichever tenant did it; of several
    /// callers at once, one succeeds.
    async fn add_platform(
        &self,
        platform: &Platform,
    ) -> Result<Result<(), AddPlatformError>, StoreError>;
    /// Replaces the registration with the same id.
    async fn save_platform(&self, platform: &Platform) -> Result<(), StoreError>;
    /// The invitation with this code, if it is valid.
    async fn invitation(&self, code: &str) -> Result<Option<Invitation>, StoreError>;
    /// Makes an invitation invalid. Of several callers at once, one gets `true`.
    async fn use_up(&self, code: &str) -> Result<bool, StoreError>;
    /// Makes an invitation valid again: the registration failed.
    async fn give_back(&self, code: &str, invitation: Invitation) -> Result<(), StoreError>;
    /// Notes that a login or a selection was used. Of several callers at once, one gets `true`; later ones get `false`.
    /// The tool asks only after a platform's signature was verified. The note may be deleted after `expires_at`.
    async fn use_once(&self, id: &str, expires_at: NumericDate) -> Result<bool, StoreError>;
    /// All keys of the tool.
    async fn tool_keys(&self) -> Result<Vec<ToolKey>, StoreError>;
    /// Adds a key, or replaces the one with the same `kid`.
    async fn save_tool_key(&self, key: &ToolKey) -> Result<(), StoreError>;
    /// Deletes a key. All tokens that it signed have expired.
    async fn delete_tool_key(&self, kid: &str) -> Result<(), StoreError>;
}

#[derive(Default)]
struct Memory {
    platforms: HashMap<String, Platform>,
    invitations: HashMap<String, Invitation>,
    used: HashSet<String>,
    keys: Vec<ToolKey>,
}

/// A store that forgets everything when the process ends: for tests and examples.
#[derive(Default)]
pub struct MemoryStore(Mutex<Memory>);

impl MemoryStore {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an invitation under this code.
    pub fn invite(&self, code: &str, invitation: Invitation) {
        self.memory()
            .invitations
            .insert(code.to_owned(), invitation);
    }

    /// How many logins and selections were used.
    #[must_use]
    pub fn used(&self) -> usize {
        self.memory().used.len()
    }

    /// All registrations.
    #[must_use]
    pub fn platforms(&self) -> Vec<Platform> {
        self.memory().platforms.values().cloned().collect()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn platforms_of(&self, issuer: &str) -> Result<Vec<Platform>, StoreError> {
        let memory = self.memory();
        let mut platforms: Vec<Platform> = memory
            .platforms
            .values()
            .filter(|platform| platform.issuer == issuer)
            .cloned()
            .collect();
        platforms.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(platforms)
    }

    async fn platform(&self, id: &str) -> Result<Option<Platform>, StoreError> {
        Ok(self.memory().platforms.get(id).cloned())
    }

    async fn add_platform(
        &self,
        platform: &Platform,
    ) -> Result<Result<(), AddPlatformError>, StoreError> {
        let mut memory = self.memory();
        let taken = memory
            .platforms
            .values()
            .any(|one| one.issuer == platform.issuer && one.client_id == platform.client_id);
        if taken {
            return Ok(Err(AddPlatformError::AlreadyRegistered));
        }
        memory
            .platforms
            .insert(platform.id.clone(), platform.clone());
        Ok(Ok(()))
    }

    async fn save_platform(&self, platform: &Platform) -> Result<(), StoreError> {
        let platform = platform.clone();
        self.memory()
            .platforms
            .insert(platform.id.clone(), platform);
        Ok(())
    }

    async fn invitation(&self, code: &str) -> Result<Option<Invitation>, StoreError> {
        Ok(self.memory().invitations.get(code).cloned())
    }

    async fn use_up(&self, code: &str) -> Result<bool, StoreError> {
        Ok(self.memory().invitations.remove(code).is_some())
    }

    async fn give_back(&self, code: &str, invitation: Invitation) -> Result<(), StoreError> {
        self.invite(code, invitation);
        Ok(())
    }

    async fn use_once(&self, id: &str, _: NumericDate) -> Result<bool, StoreError> {
        Ok(self.memory().used.insert(id.to_owned()))
    }

    async fn tool_keys(&self) -> Result<Vec<ToolKey>, StoreError> {
        Ok(self.memory().keys.clone())
    }

    async fn save_tool_key(&self, key: &ToolKey) -> Result<(), StoreError> {
        let mut memory = self.memory();
        memory.keys.retain(|known| known.kid != key.kid);
        memory.keys.push(key.clone());
        Ok(())
    }

    async fn delete_tool_key(&self, kid: &str) -> Result<(), StoreError> {
        self.memory().keys.retain(|key| key.kid != kid);
        Ok(())
    }
}
