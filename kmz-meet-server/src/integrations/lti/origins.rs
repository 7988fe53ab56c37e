//! The origins of platforms, whose pages show ours in frames.

use lti_bridge::{PlatformState, WebOrigin};

use super::kept::KeptPlatform;
use crate::frame_ancestors::FrameAncestors;
use crate::store::{Record, RecordFilter, SharedStore, StoreError};

/// More platforms than any installation has.
const MAX_ROWS: u64 = 10_000;

/// Reads again who may show our pages in frames, after a change of platforms or of a school's own pages.
///
/// # Errors
/// When the store fails.
pub async fn refresh_frame_ancestors(
    frame_ancestors: &FrameAncestors,
    store: &SharedStore,
) -> Result<(), StoreError> {
    frame_ancestors.refresh(store, platform_origins).await
}

/// The origins of active platforms, with the school of each.
///
/// # Errors
/// When the store fails.
async fn platform_origins(store: SharedStore) -> Result<Vec<(String, Vec<WebOrigin>)>, StoreError> {
    let filter = RecordFilter {
        limit: MAX_ROWS,
        ..RecordFilter::default()
    };
    let platforms = Record::<KeptPlatform>::list(&store, filter).await?;
    Ok(platforms
        .into_iter()
        .filter(|platform| platform.data.0.state == PlatformState::Active)
        .map(|platform| {
            let origins = platform.data.0.origins();
            (platform.data.0.tenant, origins)
        })
        .collect())
}
