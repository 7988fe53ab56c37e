//! Who tries passwords.

use std::net::IpAddr;

/// Whose failures are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Guesser {
    /// A browser that has signed in to this account before.
    Browser(String),
    /// All others at an address.
    Address(IpAddr),
    /// Who is signed in, by that session.
    Session(String),
}
