//! The room as people live through it, and held against what it promises.

mod accounts;
mod crowds;
pub(super) mod fixtures;
mod invariants;
mod lobby;
mod model;
mod moderation;
mod names;
mod permission_vectors;
mod places;
mod promises;
mod seats;
mod snapshots;
mod speakers_only;
mod steps;
mod stories;
