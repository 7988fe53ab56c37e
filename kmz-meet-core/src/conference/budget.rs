//! How many messages one person may cause for everybody else. Beyond it, the sender pays: a change is sent a little later
//! and together with others, and something new is refused. Nobody is ever disconnected for it.
//!
//! Budgets belong to accounts or browsers where these are known, so leaving and coming back does not refill them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::room::Room;
use crate::sfu::TokenBucket;
use crate::signal::{ParticipantId, Role};

/// A token bucket: the average rate, and how much may come at once.
struct Rate {
    per_second: f64,
    burst: f64,
}

/// Changes of oneself that are told at once.
const CHANGES: Rate = Rate {
    per_second: 5.0,
    burst: 20.0,
};
/// Moderators click through lists.
const MODERATORS_CHANGES: Rate = Rate {
    per_second: 20.0,
    burst: 100.0,
};
/// … and by all who do not moderate together. A class of seventy that raises its hands at once is within it.
const ALL_CHANGES: Rate = Rate {
    per_second: 40.0,
    burst: 200.0,
};
/// Bytes of chat.
const CHAT: Rate = Rate {
    per_second: 1_000.0,
    burst: 24_000.0,
};
const MODERATORS_CHAT: Rate = Rate {
    per_second: 8_000.0,
    burst: 128_000.0,
};
const ALL_CHAT: Rate = Rate {
    per_second: 8_000.0,
    burst: 256_000.0,
};
/// What a chat message costs beside its text.
const MESSAGE_BYTES: usize = 200;
/// Offers: each costs a handshake.
const OFFERS: Rate = Rate {
    per_second: 0.2,
    burst: 6.0,
};
/// Names that a moderator gives to others: each is written to all messages of its person.
const RENAMES: Rate = Rate {
    per_second: 1.0,
    burst: 30.0,
};
/// After this time without a message everything is full again, and the person is forgotten.
const FORGET_AFTER: Duration = Duration::from_mins(1);

/// Whom a budget belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    User(String),
    Device(String),
    Seat(ParticipantId),
}

impl Who {
    fn of(room: &Room, participant: &ParticipantId) -> Self {
        if let Some(user) = room.user(participant) {
            Self::User(user.to_owned())
        } else if let Some(device) = room.device(participant) {
            Self::Device(device.to_owned())
        } else {
            Self::Seat(participant.clone())
        }
    }
}

struct Budget {
    changes: TokenBucket,
    chat: TokenBucket,
    offers: TokenBucket,
    renames: TokenBucket,
    used: Instant,
}

impl Budget {
    fn new(is_moderator: bool, now: Instant) -> Self {
        let (changes, chat) = if is_moderator {
            (&MODERATORS_CHANGES, &MODERATORS_CHAT)
        } else {
            (&CHANGES, &CHAT)
        };
        Self {
            changes: full(changes),
            chat: full(chat),
            offers: full(&OFFERS),
            renames: full(&RENAMES),
            used: now,
        }
    }
}

fn full(rate: &Rate) -> TokenBucket {
    TokenBucket::with_burst(rate.per_second, rate.burst)
}

/// The budgets of a conference.
pub(super) struct Budgets {
    /// Moderators have their own: who is promoted begins anew.
    people: HashMap<(Who, bool), Budget>,
    changes: TokenBucket,
    chat: TokenBucket,
}

impl Budgets {
    pub(super) fn new() -> Self {
        Self {
            people: HashMap::new(),
            changes: full(&ALL_CHANGES),
            chat: full(&ALL_CHAT),
        }
    }

    fn of(
        &mut self,
        room: &Room,
        participant: &ParticipantId,
        now: Instant,
    ) -> (&mut Budget, bool) {
        let is_moderator = room.role(participant) == Some(Role::Moderator);
        let budget = self
            .people
            .entry((Who::of(room, participant), is_moderator))
            .or_insert_with(|| Budget::new(is_moderator, now));
        budget.used = now;
        (budget, is_moderator)
    }

    /// Whether a change of this person is told at once.
    pub(super) fn tells(&mut self, room: &Room, participant: &ParticipantId, now: Instant) -> bool {
        let (budget, is_moderator) = self.of(room, participant, now);
        budget.changes.takes(now, 1.0) && (is_moderator || self.changes.takes(now, 1.0))
    }

    /// Whether this person may say so much in the chat now.
    pub(super) fn says(
        &mut self,
        room: &Room,
        participant: &ParticipantId,
        text: &str,
        now: Instant,
    ) -> bool {
        let cost = (text.len() + MESSAGE_BYTES) as f64;
        let (budget, is_moderator) = self.of(room, participant, now);
        budget.chat.takes(now, cost) && (is_moderator || self.chat.takes(now, cost))
    }

    /// Whether this person may start a media session now.
    pub(super) fn offers(
        &mut self,
        room: &Room,
        participant: &ParticipantId,
        now: Instant,
    ) -> bool {
        self.of(room, participant, now).0.offers.takes(now, 1.0)
    }

    /// Whether this moderator may give somebody a name now.
    pub(super) fn renames(
        &mut self,
        room: &Room,
        participant: &ParticipantId,
        now: Instant,
    ) -> bool {
        self.of(room, participant, now).0.renames.takes(now, 1.0)
    }

    /// Forgets who said nothing for long.
    pub(super) fn forget(&mut self, now: Instant) {
        self.people
            .retain(|_, budget| now.saturating_duration_since(budget.used) < FORGET_AFTER);
    }
}
