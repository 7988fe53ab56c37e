//! An incident of a conference becomes a record of its school.

use kmz_meet_core::room::Incident;
use kmz_meet_core::signal::ConferenceId;

use crate::incidents;
use crate::integrations::lti::Courses;
use crate::store::{Room, StoreError};

/// Keeps its record.
///
/// # Errors
/// When the store fails.
pub async fn on_incident(
    app: &Courses,
    room: &Room,
    conference: &ConferenceId,
    incident: &Incident,
) -> Result<(), StoreError> {
    incidents::keep(&app.store, app.clock.now(), room, conference, incident).await
}
