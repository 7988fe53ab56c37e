//! Who outside a conference has to hear of what happens in it: integrators, and the attendance of a course.

use kmz_meet_core::conference::{Happening, Summary};
use kmz_meet_core::signal::ConferenceId;

use crate::attendance;
use crate::integrations::bbb;
use crate::state::App;
use crate::store::{Room, StoreError};
use crate::webhooks;

/// The conference is over; everything of it is still there. Called again with the same summary when it failed.
/// `untold` comings and goings were not told of.
pub(crate) async fn ended(
    app: &App,
    room: &Room,
    summary: &Summary,
    untold: u64,
) -> Result<(), StoreError> {
    attendance::ended(app, room, summary).await?;
    bbb::ended(app, room, summary).await?;
    webhooks::ended(app, room, &summary.conference, untold).await
}

/// Something happened. What cannot be told is logged: the conference goes on.
pub(crate) async fn happened(app: &App, room: &Room, conference: &ConferenceId, event: Happening) {
    if let Err(error) = webhooks::happened(app, room, conference, &event).await {
        tracing::warn!(%error, "webhooks were not told of something");
    }
}
