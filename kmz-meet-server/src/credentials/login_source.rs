//! Where login attempts come from.

use std::net::IpAddr;

/// Failures of one source are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoginSource {
    /// A browser that has signed in to this account before.
    Browser(String),
    /// All other browsers at an address.
    Address(IpAddr),
    /// Someone who is signed in already: the hash of that session's token.
    Session(String),
}
