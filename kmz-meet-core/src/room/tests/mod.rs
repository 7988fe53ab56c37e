//! The room as people live through it, and held against what it promises.

mod accounts;
mod cards;
mod crowds;
pub(super) mod fixtures;
mod invariants;
mod lobby;
mod look_alikes;
mod model;
mod moderation;
mod names;
mod permission_vectors;
mod places;
mod promises;
mod renaming;
mod safety;
mod safety_promises;
mod seats;
mod sending_out;
mod snapshots;
mod speakers_only;
mod steps;
mod stories;
