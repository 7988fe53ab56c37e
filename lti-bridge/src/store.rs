//! What the bridge needs to keep, and a store in memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::model::Platform;

/// The store failed; the text is for the operator's log.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

/// A key of this tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolKey {
    pub kid: String,
    /// PKCS #8 or PKCS #1, PEM. A secret.
    pub private_key: String,
    /// Seconds since the Unix epoch.
    pub created_at: i64,
    /// From when on a newer key signs; its public half stays published until its tokens are out.
    pub retired_at: Option<i64>,
}

/// An invitation to register a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub tenant: String,
    /// Whether what registers by it is active at once, or waits for an approval.
    pub approved: bool,
    /// Whether it is used up by the first platform that registers by it.
    #[serde(default)]
    pub once: bool,
}

/// Why a platform is not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// This client id of this issuer is registered already, by whomever.
    Taken,
    /// The tenant has as many platforms as it may.
    TooMany,
}

/// Where the bridge keeps things. Times are seconds since the Unix epoch.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// All registrations of an issuer, of every tenant; the oldest first, where it is known.
    async fn platforms_of(&self, issuer: &str) -> Result<Vec<Platform>, StoreError>;
    async fn platform(&self, id: &str) -> Result<Option<Platform>, StoreError>;
    /// Adds it. One client id of an issuer is one registration, whoever's it is.
    async fn add_platform(&self, platform: &Platform) -> Result<Result<(), NotAdded>, StoreError>;
    /// Replaces the one with its id.
    async fn save_platform(&self, platform: &Platform) -> Result<(), StoreError>;
    /// The invitation with this code, if it holds.
    async fn invitation(&self, code: &str) -> Result<Option<Invitation>, StoreError>;
    /// It does not hold any more. Of several who use it up at once, one is told that it did.
    async fn use_up(&self, code: &str) -> Result<bool, StoreError>;
    /// It holds again: nothing came of it.
    async fn give_back(&self, code: &str, invitation: Invitation) -> Result<(), StoreError>;
    /// Notes that a login or a choice was used: of several who say so, one is told that it was the first. It is asked for
    /// only after a platform's signature was verified, and not any more once its time is over.
    async fn use_once(&self, id: &str, expires_at: i64) -> Result<bool, StoreError>;
    async fn tool_keys(&self) -> Result<Vec<ToolKey>, StoreError>;
    /// Adds it, or replaces the one with its kid.
    async fn save_tool_key(&self, key: &ToolKey) -> Result<(), StoreError>;
    /// Its tokens are out.
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

    /// Lets platforms register with this code.
    pub fn invite(&self, code: &str, invitation: Invitation) {
        self.memory()
            .invitations
            .insert(code.to_owned(), invitation);
    }

    /// How many logins and choices were used.
    #[must_use]
    pub fn used(&self) -> usize {
        self.memory().used.len()
    }

    /// Every platform that is registered.
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

    async fn add_platform(&self, platform: &Platform) -> Result<Result<(), NotAdded>, StoreError> {
        let mut memory = self.memory();
        let taken = memory
            .platforms
            .values()
            .any(|one| one.issuer == platform.issuer && one.client_id == platform.client_id);
        if taken {
            return Ok(Err(NotAdded::Taken));
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

    async fn use_once(&self, id: &str, _: i64) -> Result<bool, StoreError> {
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
