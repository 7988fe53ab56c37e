//! Rooms of meetings that nobody needs any more: many platforms use a new meetingID for every lesson.

use std::collections::HashMap;
use std::time::Duration;

use super::meeting::find;
use super::state::Meetings;
use crate::attendance::Attendance;
use crate::clock::{Timestamp, millis};
use crate::school_settings::SchoolSettings;
use crate::store::{Record, RecordFilter, Room, RoomSource, StoreError};

const DAY: Duration = Duration::from_hours(24);
const PAGE: u64 = 200;

/// Deletes rooms of meetings without a meeting, a conference or an attendance, as soon as they are older than their school
/// keeps attendance.
///
/// # Errors
/// When the store fails.
pub async fn delete_idle_rooms(app: &Meetings) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mut days: HashMap<String, i64> = HashMap::new();
    let mut after: Option<String> = None;
    loop {
        let rooms = app
            .store
            .rooms_of_origin(
                RoomSource::Meeting,
                now - millis(DAY),
                after.as_deref(),
                PAGE,
            )
            .await?;
        let Some(last) = rooms.last() else {
            return Ok(());
        };
        after = Some(last.id.clone());
        for room in rooms {
            let days = match days.get(&room.school) {
                Some(days) => *days,
                None => {
                    let settings = SchoolSettings::of(&app.store, &room.school).await?;
                    let settings = i64::from(settings.attendance_days);
                    *days.entry(room.school.clone()).or_insert(settings)
                }
            };
            if is_idle(app, &room, now - days * millis(DAY)).await? {
                app.store.delete_room(&room.id).await?;
            }
        }
    }
}

async fn is_idle(app: &Meetings, room: &Room, before: Timestamp) -> Result<bool, StoreError> {
    if room.created_at > before || app.conferences.present(&room.id).is_some() {
        return Ok(false);
    }
    let id = room.external.as_deref().unwrap_or_default();
    if find(&app.store, &room.school, id).await?.is_some() {
        return Ok(false);
    }
    let filter = RecordFilter {
        school: Some(&room.school),
        parent: Some(&room.id),
        limit: 1,
        ..RecordFilter::default()
    };
    let attendance = Record::<Attendance>::list(&app.store, filter).await?;
    // A conference may have run when the server stopped, and nobody came back yet.
    Ok(attendance.is_empty() && app.store.conference_of_room(&room.id).await?.is_none())
}
