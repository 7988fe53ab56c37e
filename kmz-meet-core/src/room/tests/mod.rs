//! The room as people live through it, and held against what it promises.

mod crowds;
mod invariants;
mod model;
mod permission_vectors;
mod sharing;
mod snapshots;
pub(super) mod stories;
