//! By what limits count somebody who wants to join a room.

use std::net::IpAddr;
use std::time::{Duration, Instant};

/// A browser with a cookie of this age was here before. Whoever needs many such cookies has to lay them in stock first; a
/// page that stays open and keeps trying gets as old.
pub const AGED: Duration = Duration::from_mins(3);

/// A person whom we can tell from others at the same address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Person {
    /// By account, or by the ticket of a platform.
    User(String),
    /// By their seat.
    Seat(String),
    /// A browser, by the cookie that this server made.
    Device(String),
}

/// Somebody who wants to join a room, as limits count them.
#[derive(Clone, Debug)]
pub(crate) struct LimitKey {
    pub(crate) address: IpAddr,
    pub(crate) person: Option<Person>,
    /// How long the browser had its cookie when it connected.
    pub(crate) known_for: Duration,
    pub(crate) connected: Instant,
}

impl LimitKey {
    /// Whether the cookie was made before this instant.
    pub(crate) fn was_known_before(&self, moment: Instant) -> bool {
        moment
            .checked_add(self.known_for)
            .is_none_or(|latest| self.connected < latest)
    }
}
