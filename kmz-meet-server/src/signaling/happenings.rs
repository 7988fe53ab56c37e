//! Who outside a conference has to hear of what happens in it: integrators, and the attendance of a course.

use kmz_meet_core::conference::{Happening, Summary};
use kmz_meet_core::signal::ConferenceId;

use crate::app::App;
use crate::store::{Room, StoreError};

/// The conference is over; everything of it is still there. Called again with the same summary when it failed.
pub(super) async fn ended(app: &App, room: &Room, summary: &Summary) -> Result<(), StoreError> {
    let _ = (app, room, summary);
    Ok(())
}

/// Something happened. What cannot be told is logged: the conference goes on.
pub(super) async fn happened(app: &App, room: &Room, conference: &ConferenceId, event: Happening) {
    let _ = (app, room, conference, event);
}
