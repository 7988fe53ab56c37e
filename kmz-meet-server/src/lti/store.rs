//! The bridge's store, in ours.

use std::sync::Arc;

use async_trait::async_trait;
use lti_bridge::{Invitation, Platform, Store, StoreError, ToolKey};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::framing::Framing;
use crate::store::{Kind, Record, SharedStore, Which};

/// More registrations of one issuer than there are schools in a county.
const MOST: u64 = 1_000;

/// See the module.
pub struct Keeping {
    pub store: SharedStore,
    pub clock: Arc<dyn Clock>,
    /// Pages of a new platform show ours at once.
    pub framing: Arc<Framing>,
}

/// A platform; its parent is its issuer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptPlatform(pub Platform);

impl Kind for KeptPlatform {
    const KIND: &'static str = "lti_platform";
}

/// An invitation; its key is the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptInvitation(pub Invitation);

impl Kind for KeptInvitation {
    const KIND: &'static str = "lti_invitation";
}

/// A login or a choice under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Remembered(String);

impl Kind for Remembered {
    const KIND: &'static str = "lti_remembered";
}

/// A key of the tool; its key is the kid.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct KeptKey(ToolKey);

impl Kind for KeptKey {
    const KIND: &'static str = "lti_key";
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

#[async_trait]
impl Store for Keeping {
    async fn platforms_of(&self, issuer: &str) -> Result<Vec<Platform>, StoreError> {
        let which = Which {
            parent: Some(issuer),
            limit: MOST,
            ..Which::default()
        };
        let platforms = Record::<KeptPlatform>::list(&*self.store, which).await;
        let platforms = platforms.map_err(failed)?;
        Ok(platforms.into_iter().map(|one| one.data.0).collect())
    }

    async fn platform(&self, id: &str) -> Result<Option<Platform>, StoreError> {
        let platform = Record::<KeptPlatform>::get(&*self.store, id).await;
        Ok(platform.map_err(failed)?.map(|one| one.data.0))
    }

    async fn save_platform(&self, platform: &Platform) -> Result<(), StoreError> {
        let former = Record::<KeptPlatform>::get(&*self.store, &platform.id).await;
        let created_at = former
            .map_err(failed)?
            .map_or_else(|| self.clock.now(), |former| former.created_at);
        let data = KeptPlatform(platform.clone());
        let mut record = Record::new(platform.tenant.clone(), created_at, data);
        record.id.clone_from(&platform.id);
        record.parent = Some(platform.issuer.clone());
        record.put(&*self.store).await.map_err(failed)?;
        self.framing.refresh(&self.store).await.map_err(failed)
    }

    async fn invitation(&self, code: &str) -> Result<Option<Invitation>, StoreError> {
        let now = self.clock.now();
        let invitation = Record::<KeptInvitation>::by_key(&*self.store, code).await;
        let invitation = invitation.map_err(failed)?;
        Ok(invitation
            .filter(|one| one.expires_at.is_none_or(|at| at > now))
            .map(|one| one.data.0))
    }

    async fn remember(&self, key: &str, value: String, expires_at: i64) -> Result<(), StoreError> {
        let mut record = Record::new(None, self.clock.now(), Remembered(value));
        record.key = Some(key.to_owned());
        record.expires_at = Some(expires_at.saturating_mul(1_000));
        record.put(&*self.store).await.map_err(failed)
    }

    async fn take(&self, key: &str) -> Result<Option<String>, StoreError> {
        let taken = Record::<Remembered>::take(&*self.store, key).await;
        Ok(taken.map_err(failed)?.map(|one| one.data.0))
    }

    async fn tool_keys(&self) -> Result<Vec<ToolKey>, StoreError> {
        let which = Which {
            limit: MOST,
            ..Which::default()
        };
        let keys = Record::<KeptKey>::list(&*self.store, which).await;
        Ok(keys
            .map_err(failed)?
            .into_iter()
            .map(|one| one.data.0)
            .collect())
    }

    async fn save_tool_key(&self, key: &ToolKey) -> Result<(), StoreError> {
        let former = Record::<KeptKey>::by_key(&*self.store, &key.kid).await;
        let mut record = match former.map_err(failed)? {
            Some(former) => Record {
                data: KeptKey(key.clone()),
                ..former
            },
            None => Record::new(None, self.clock.now(), KeptKey(key.clone())),
        };
        record.key = Some(key.kid.clone());
        record.put(&*self.store).await.map_err(failed)
    }
}
