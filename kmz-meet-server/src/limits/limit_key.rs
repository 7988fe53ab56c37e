//! Whom limits at the door count.

use std::net::IpAddr;
use std::time::{Duration, Instant};

/// From this age on a cookie tells that its browser was here before. Whoever needs many of them has to lay them in stock
/// first; an open page that keeps trying gets as old.
pub const AGED: Duration = Duration::from_mins(3);

/// Someone whom we can tell from others at the same address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Person {
    /// By account, or by the ticket of a platform.
    User(String),
    /// Who holds a seat.
    Seat(String),
    /// A browser, by the cookie that this server made.
    Device(String),
}

/// Who comes, for limits only.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) address: IpAddr,
    pub(crate) person: Option<Person>,
    /// How long its browser had its cookie when it connected.
    pub(crate) known_for: Duration,
    pub(crate) connected: Instant,
}

impl Visitor {
    /// Whether its cookie was made before this moment.
    pub(crate) fn was_known_before(&self, moment: Instant) -> bool {
        moment
            .checked_add(self.known_for)
            .is_none_or(|latest| self.connected < latest)
    }
}
