//! The LTI tool's store, in the server's own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lti_bridge::{AddPlatformError, Invitation, NumericDate, Platform, Store, StoreError, ToolKey};
use serde::{Deserialize, Serialize};

use super::courses::Courses;
use super::kept::{KeptInvitation, KeptPlatform};
use super::known::Known;
use super::origins::refresh_frame_ancestors;
use crate::clock::{Clock, millis};
use crate::frame_ancestors::FrameAncestors;
use crate::store::{self, AddError, Kind, Record, RecordFilter, SharedStore};

/// More registrations of one issuer than there are schools in a county.
const MAX_ROWS: u64 = 1_000;
/// An invitation whose registration failed is valid for another day.
const RETURNED_LIFETIME: Duration = Duration::from_hours(24);
/// How many platforms one school may have.
pub const MAX_PLATFORMS_OF_SCHOOL: u64 = 50;

/// The store of the LTI tool.
pub struct LtiStore {
    pub store: SharedStore,
    pub clock: Arc<dyn Clock>,
    /// Refreshed with every change, so that a new platform can show our pages at once.
    pub frame_ancestors: Arc<FrameAncestors>,
    /// Whoever begins logins makes the tool read these again and again.
    known: Known,
}

/// The id of a login or of a Deep Linking choice that was used. It is the key of its record.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Used {}

impl Kind for Used {
    const KIND: &'static str = "lti_used";
}

/// A stored key of the tool. The key of its record is the `kid`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct KeptKey(ToolKey);

impl Kind for KeptKey {
    const KIND: &'static str = "lti_key";
}

impl LtiStore {
    /// Takes the parts of this server.
    pub fn new(
        store: SharedStore,
        clock: Arc<dyn Clock>,
        frame_ancestors: Arc<FrameAncestors>,
    ) -> Self {
        Self {
            store,
            clock,
            frame_ancestors,
            known: Known::default(),
        }
    }

    /// The store of this server.
    pub fn of(app: &Courses) -> Self {
        Self::new(
            app.store.clone(),
            app.clock.clone(),
            app.frame_ancestors.clone(),
        )
    }

    /// Adds a platform, entered by hand or by dynamic registration.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add(
        &self,
        record: &Record<KeptPlatform>,
    ) -> Result<Result<(), AddPlatformError>, store::StoreError> {
        let filter = RecordFilter {
            school: record.school.as_deref(),
            limit: MAX_PLATFORMS_OF_SCHOOL,
            ..RecordFilter::default()
        };
        let of_school = Record::<KeptPlatform>::list(&self.store, filter).await?;
        if of_school.len() as u64 >= MAX_PLATFORMS_OF_SCHOOL {
            return Ok(Err(AddPlatformError::TooMany));
        }
        if self.is_taken(&record.data.0).await? {
            return Ok(Err(AddPlatformError::AlreadyRegistered));
        }
        // Other requests may have added some since the count.
        match record.add(&self.store, MAX_PLATFORMS_OF_SCHOOL).await? {
            Ok(()) => {}
            Err(AddError::AlreadyExists) => return Ok(Err(AddPlatformError::AlreadyRegistered)),
            Err(AddError::TooMany) => return Ok(Err(AddPlatformError::TooMany)),
        }
        refresh_frame_ancestors(&self.frame_ancestors, &self.store).await?;
        Ok(Ok(()))
    }

    /// Whether another registration has this issuer and client id. A school that only typed them keeps nobody out who proves to
    /// be the issuer. The record's key alone does not tell: earlier versions had another key, or none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_taken(&self, platform: &Platform) -> Result<bool, store::StoreError> {
        let others = self.of_issuer(&platform.issuer).await?;
        let counts =
            |other: &Platform| other.tenant == platform.tenant || other.proven || !platform.proven;
        let mut same = others
            .iter()
            .filter(|other| other.client_id == platform.client_id && other.id != platform.id);
        Ok(same.any(counts))
    }

    /// Whether another school has registered this issuer.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_of_others(
        &self,
        issuer: &str,
        school: &str,
    ) -> Result<bool, store::StoreError> {
        let others = self.of_issuer(issuer).await?;
        Ok(others.iter().any(|other| other.tenant != school))
    }

    async fn of_issuer(&self, issuer: &str) -> Result<Vec<Platform>, store::StoreError> {
        let filter = RecordFilter {
            parent: Some(issuer),
            limit: MAX_ROWS,
            ..RecordFilter::default()
        };
        let mut platforms = Record::<KeptPlatform>::list(&self.store, filter).await?;
        platforms.sort_by_key(|one| one.created_at);
        Ok(platforms.into_iter().map(|one| one.data.0).collect())
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

#[async_trait]
impl Store for LtiStore {
    async fn platforms_of(&self, issuer: &str) -> Result<Vec<Platform>, StoreError> {
        let change = self.frame_ancestors.changes();
        if let Some(platforms) = self.known.of(issuer, change) {
            return Ok(platforms);
        }
        let platforms = self.of_issuer(issuer).await.map_err(failed)?;
        self.known.note(issuer, change, platforms.clone());
        Ok(platforms)
    }

    async fn platform(&self, id: &str) -> Result<Option<Platform>, StoreError> {
        let platform = Record::<KeptPlatform>::get(&self.store, id).await;
        Ok(platform.map_err(failed)?.map(|one| one.data.0))
    }

    async fn add_platform(
        &self,
        platform: &Platform,
    ) -> Result<Result<(), AddPlatformError>, StoreError> {
        let record = KeptPlatform::record(platform.clone(), self.clock.now());
        self.add(&record).await.map_err(failed)
    }

    async fn save_platform(&self, platform: &Platform) -> Result<(), StoreError> {
        let former = Record::<KeptPlatform>::get(&self.store, &platform.id).await;
        let created_at = former
            .map_err(failed)?
            .map_or_else(|| self.clock.now(), |former| former.created_at);
        let record = KeptPlatform::record(platform.clone(), created_at);
        // If it was deleted meanwhile, it stays deleted.
        record.update(&self.store).await.map_err(failed)?;
        refresh_frame_ancestors(&self.frame_ancestors, &self.store)
            .await
            .map_err(failed)
    }

    async fn invitation(&self, code: &str) -> Result<Option<Invitation>, StoreError> {
        let now = self.clock.now();
        let invitation = Record::<KeptInvitation>::by_key(&self.store, code).await;
        let invitation = invitation.map_err(failed)?;
        Ok(invitation
            .filter(|one| one.expires_at.is_none_or(|at| at > now))
            .map(|one| one.data.0))
    }

    async fn use_up(&self, code: &str) -> Result<bool, StoreError> {
        let taken = Record::<KeptInvitation>::claim(&self.store, code).await;
        taken.map(|taken| taken.is_some()).map_err(failed)
    }

    async fn give_back(&self, code: &str, invitation: Invitation) -> Result<(), StoreError> {
        let now = self.clock.now();
        let school = invitation.tenant.clone();
        let mut record = Record::new(school, now, KeptInvitation(invitation));
        record.key = Some(code.to_owned());
        record.expires_at = Some(now + millis(RETURNED_LIFETIME));
        record.insert_or_replace(&self.store).await.map_err(failed)
    }

    async fn use_once(&self, id: &str, expires_at: NumericDate) -> Result<bool, StoreError> {
        let mut record = Record::new(None, self.clock.now(), Used {});
        record.key = Some(id.to_owned());
        record.expires_at = Some(expires_at.seconds().saturating_mul(1_000));
        let added = record.add(&self.store).await.map_err(failed)?;
        Ok(added.is_ok())
    }

    async fn tool_keys(&self) -> Result<Vec<ToolKey>, StoreError> {
        let filter = RecordFilter {
            limit: MAX_ROWS,
            ..RecordFilter::default()
        };
        let keys = Record::<KeptKey>::list(&self.store, filter).await;
        Ok(keys
            .map_err(failed)?
            .into_iter()
            .map(|one| one.data.0)
            .collect())
    }

    async fn save_tool_key(&self, key: &ToolKey) -> Result<(), StoreError> {
        let mut record = Record::new(None, self.clock.now(), KeptKey(key.clone()));
        record.key = Some(key.kid.clone());
        record.upsert_by_key(&self.store).await.map_err(failed)
    }

    async fn delete_tool_key(&self, kid: &str) -> Result<(), StoreError> {
        let taken = Record::<KeptKey>::claim(&self.store, kid).await;
        taken.map(|_| ()).map_err(failed)
    }
}
