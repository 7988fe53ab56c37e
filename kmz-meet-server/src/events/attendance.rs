//! The attendance of a lesson that is over.

use std::time::Duration;

use kmz_meet_core::conference::Summary;
use kmz_meet_core::signal::Role;

use crate::attendance::{Attendance, Present};
use crate::clock::{from_conference, millis};
use crate::integrations::lti::Courses;
use crate::integrations::lti::class_list::{self, add_absent};
use crate::integrations::lti::missing_class_lists;
use crate::school_settings::SchoolSettings;
use crate::store::{Record, Room, RoomSource, StoreError};

const DAY: Duration = Duration::from_hours(24);

/// Whole minutes, rounded.
fn minutes(present: Duration) -> u32 {
    let rounded = present + Duration::from_secs(30);
    u32::try_from(rounded.as_secs() / 60).unwrap_or(u32::MAX)
}

/// Keeps the attendance of a conference that is over. The same one again changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn ended(app: &Courses, room: &Room, summary: &Summary) -> Result<(), StoreError> {
    if room.origin == RoomSource::Own || summary.attended.is_empty() {
        return Ok(());
    }
    let mut people: Vec<Present> = summary
        .attended
        .iter()
        .map(|one| Present {
            user: one.user.clone(),
            name: one.name.clone(),
            moderator: one.role == Role::Moderator,
            listed: one.listed,
            first_at: from_conference(one.first_at),
            last_at: from_conference(one.last_at),
            measured_minutes: minutes(one.present),
            corrected_minutes: None,
        })
        .collect();
    // Absent members of the class are on the list too.
    let members = class_list::of_room(app, &room.id).await?;
    let is_late = members.is_none();
    add_absent(
        &mut people,
        &members.unwrap_or_default(),
        from_conference(summary.started_at),
    );
    let data = Attendance {
        conference: summary.conference.0.clone(),
        started_at: from_conference(summary.started_at),
        ended_at: from_conference(summary.ended_at),
        people,
        graded_at: None,
    };
    let now = app.clock.now();
    let days = SchoolSettings::of(&app.store, &room.school)
        .await?
        .attendance_days;
    let mut record = Record::new(room.school.clone(), now, data);
    record.parent = Some(room.id.clone());
    record.key = Some(summary.conference.0.clone());
    record.expires_at = Some(now + i64::from(days) * millis(DAY));
    // It may have been kept before: the caller asks again after a failure of something else.
    let _ = if is_late {
        // In one transaction: otherwise a crash between the two would leave the lesson complete for good.
        let late = missing_class_lists::waiting(&record, now);
        record.add_with(&app.store, &late).await?
    } else {
        record.add(&app.store).await?
    };
    Ok(())
}
