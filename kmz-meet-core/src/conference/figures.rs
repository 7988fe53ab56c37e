//! What can be asked without waiting for the conference.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) present: AtomicUsize,
    pub(super) has_moderator: AtomicBool,
    pub(super) password_changes: AtomicU64,
}
