//! Tokens of Jitsi, and the apps that sign them.

mod key;
mod token;

pub use key::{BadProof, Claimant, JitsiKey, PROOF_FOR};
pub use token::{JitsiAlgorithm, JitsiApp, JitsiToken, MOST_CALLED_ALIKE, ticket as jitsi_ticket};
