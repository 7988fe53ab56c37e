//! The conferences that run here, and what outlives a restart.

pub(crate) mod account_changes;
mod admissions;
pub(crate) mod contract_changes;
mod events;
mod persistence;
mod registry;

pub use events::{ConferenceFeed, Feeds, RoomEvent};
pub use registry::{Registry, Started};
