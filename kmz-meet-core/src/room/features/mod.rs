//! What people do in a room, one file for each.

pub(super) mod attendance;
pub(super) mod chat;
pub(super) mod hands;
