//! Platforms and invitations, as they are kept.

use lti_bridge::Invitation;
use serde::{Deserialize, Serialize};

pub use crate::store::KeptPlatform;
use crate::store::Kind;

/// An invitation; its key is the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptInvitation(pub Invitation);

impl Kind for KeptInvitation {
    const KIND: &'static str = "lti_invitation";
}
