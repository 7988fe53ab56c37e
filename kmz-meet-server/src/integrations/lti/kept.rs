//! Platforms and invitations, as they are kept.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lti_bridge::{Invitation, Platform};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::store::{Kind, Record};

/// A platform; its parent is its issuer, its key says issuer and client id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptPlatform(pub Platform);

impl Kind for KeptPlatform {
    const KIND: &'static str = "lti_platform";
}

impl KeptPlatform {
    /// The record of a platform.
    pub fn record(platform: Platform, created_at: Timestamp) -> Record<Self> {
        let mut record = Record::new(platform.tenant.clone(), created_at, Self(platform));
        record.id.clone_from(&record.data.0.id);
        Self::index(&mut record);
        record
    }

    /// By what it is found, after a change.
    pub fn index(record: &mut Record<Self>) {
        let platform = &record.data.0;
        record.parent = Some(platform.issuer.clone());
        // A hash: an index of PostgreSQL takes no text of any length.
        let mut hash = Context::new(&SHA256);
        for part in [&platform.issuer, &platform.client_id] {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        // One that proved itself stands beside one that anyone may have written by hand.
        if platform.proven {
            hash.update(b"proven");
        }
        record.key = Some(URL_SAFE_NO_PAD.encode(hash.finish()));
    }
}

/// An invitation; its key is the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptInvitation(pub Invitation);

impl Kind for KeptInvitation {
    const KIND: &'static str = "lti_invitation";
}
