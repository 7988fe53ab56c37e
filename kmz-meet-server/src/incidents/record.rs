//! One record, and where it is stored.

use std::time::Duration;

use kmz_meet_core::room::Incident;
use kmz_meet_core::signal::ConferenceId;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, millis};
use crate::store::{Database, Kind, Record, RecordFilter, Room, StoreError};

/// How long a record is kept: time enough for a head of school to hear of it and to print it.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// One record, with where it happened. The record's key is the id of the incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRecord {
    pub conference: String,
    /// What people called the room then.
    pub room_name: String,
    pub incident: Incident,
}

impl Kind for IncidentRecord {
    const KIND: &'static str = "incident";
}

/// Keeps a record. The same one again changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn keep(
    store: &Database,
    now: Timestamp,
    room: &Room,
    conference: &ConferenceId,
    incident: &Incident,
) -> Result<(), StoreError> {
    let data = IncidentRecord {
        conference: conference.0.clone(),
        room_name: room.title.as_ref().unwrap_or(&room.name).clone(),
        incident: incident.clone(),
    };
    let mut record = Record::new(room.school.clone(), now, data);
    record.parent = Some(room.id.clone());
    record.key = Some(incident.id.clone());
    record.expires_at = Some(now + millis(KEPT));
    let _ = record.add(store).await?;
    Ok(())
}

/// The record of a school with this id, or of the incident with this id. What is of others is not there.
///
/// # Errors
/// When the store fails.
pub async fn of_school(
    store: &Database,
    school: &str,
    id: &str,
) -> Result<Option<Record<IncidentRecord>>, StoreError> {
    if let Some(record) = Record::<IncidentRecord>::of_school(store, school, id).await? {
        return Ok(Some(record));
    }
    let record = Record::<IncidentRecord>::by_key(store, id).await?;
    Ok(record.filter(|record| record.school.as_deref() == Some(school)))
}

/// The records of a school, or of one of its rooms, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(
    store: &Database,
    (school, room): (&str, Option<&str>),
    (after, limit): (Option<&str>, u64),
) -> Result<Vec<Record<IncidentRecord>>, StoreError> {
    let filter = RecordFilter {
        school: Some(school),
        parent: room,
        after,
        newest_first: true,
        limit,
    };
    Record::<IncidentRecord>::list(store, filter).await
}
