//! Tokens of Jitsi, and the apps that sign them.

mod app;
mod key;
mod token;

pub use app::{JitsiAlgorithm, JitsiApp, MOST_CALLED_ALIKE};
pub use key::{BadProof, Claimant, JitsiKey, PROOF_FOR};
pub use token::{JitsiPass, JitsiToken, verify};
