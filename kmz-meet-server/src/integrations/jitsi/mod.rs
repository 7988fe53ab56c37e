//! Jitsi tokens, and the apps that sign them.

mod app;
mod key;
mod token;

pub use app::{JitsiAlgorithm, JitsiApp, MAX_SAME_NAME_APPS};
pub use key::{BadProof, Claimant, JitsiKey, PROOF_FOR};
pub use token::{JitsiPass, JitsiToken, verify};
