//! Sources of login attempts.

use std::net::IpAddr;

/// Where a login attempt comes from. The failures of one source are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoginSource {
    /// A browser that has signed in to this account before.
    Browser(String),
    /// All other browsers at an address.
    Address(IpAddr),
    /// Somebody who is signed in already: the hash of that session's token.
    Session(String),
}
