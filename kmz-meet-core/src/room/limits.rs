//! Bounds that several files of the room share.

use std::time::Duration;

/// A person whose connection is lost is shown for this long before they leave the roster.
pub const SEAT_SHOWN: Duration = Duration::from_mins(1);
/// A person who closed the page, and cannot come back freely, is shown for this long: a reload takes less.
pub const AWAY_SHOWN: Duration = Duration::from_secs(20);
/// Seats of guests who are gone that are kept, and guests on the list; the oldest are given up.
pub const MAX_GUESTS_KEPT: usize = 500;

/// Places that one user or one device may hold at a time, on the roster and in the lobby: a phone and a laptop, and one
/// more. The oldest gives way to the newest, so that nobody is shut out by what they left open elsewhere.
pub const MAX_PLACES_PER_PERSON: usize = 3;
