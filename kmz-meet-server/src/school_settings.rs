//! What a school decides for itself.

use kmz_meet_core::room::PolicyLimits;
use lti_bridge::WebOrigin;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::store::{Database, Kind, Record, StoreError};
use crate::time_zone::SchoolZone;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchoolSettings {
    /// Attendance is deleted after this many days.
    pub attendance_days: u32,
    /// In which its times are told.
    pub time_zone: SchoolZone,
    /// Pages of these origins may show our rooms in a frame.
    #[serde(deserialize_with = "WebOrigin::read_fitting")]
    pub embed_origins: Vec<WebOrigin>,
    /// Whether its teachers sign in with a second factor only.
    pub second_factor_required: bool,
    /// What no room of it may loosen.
    pub room_limits: PolicyLimits,
}

impl Default for SchoolSettings {
    fn default() -> Self {
        Self {
            attendance_days: 30,
            time_zone: SchoolZone::default(),
            embed_origins: Vec::new(),
            second_factor_required: false,
            room_limits: PolicyLimits::default(),
        }
    }
}

impl Kind for SchoolSettings {
    const KIND: &'static str = "school_settings";
}

impl SchoolSettings {
    /// The school's, or the defaults.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(store: &Database, school: &str) -> Result<Self, StoreError> {
        let record = Record::<Self>::by_key(store, school).await?;
        Ok(record.map(|record| record.data).unwrap_or_default())
    }

    /// Changes what is kept; nothing that others change at the same time is lost. That may be another program: what the
    /// operator does works beside a running server.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change(
        store: &Database,
        now: Timestamp,
        school: &str,
        change: impl Fn(&mut Self) + Sync,
    ) -> Result<Self, StoreError> {
        let change = |record: &mut Record<Self>| -> Result<(), StoreError> {
            change(&mut record.data);
            Ok(())
        };
        let mut record = Record::new(school.to_owned(), now, Self::default());
        record.key = Some(school.to_owned());
        change(&mut record)?;
        if record.add(store).await?.is_ok() {
            return Ok(record.data);
        }
        let there = Record::<Self>::by_key(store, school).await?;
        let id = there.map(|there| there.id).unwrap_or_default();
        let changed = Record::<Self>::change(store, &id, change).await?;
        // Settings are never deleted.
        Ok(changed.map(|record| record.data).unwrap_or_default())
    }
}
