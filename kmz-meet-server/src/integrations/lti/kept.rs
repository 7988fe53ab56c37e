//! Platforms and invitations, as they are stored.

use lti_bridge::Invitation;
use serde::{Deserialize, Serialize};

pub use crate::store::KeptPlatform;
use crate::store::Kind;

/// A stored invitation. The key of its record is the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptInvitation(pub Invitation);

impl Kind for KeptInvitation {
    const KIND: &'static str = "lti_invitation";
}
