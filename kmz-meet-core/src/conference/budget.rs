//! What one person may make everyone else hear of. What goes beyond it costs the one who sends: a change is told a
//! little later and together with others, something new is refused. Nobody is ever cut off for it.
//!
//! It is counted for the person, as far as they are known: who leaves and comes back goes on where they were.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::room::Room;
use crate::sfu::TokenBucket;
use crate::signal::{ParticipantId, Role};

/// Changes of oneself that are told at once: a second, and in one go.
const CHANGES: (f64, f64) = (5.0, 20.0);
/// Moderators click through lists.
const MODERATORS_CHANGES: (f64, f64) = (20.0, 100.0);
/// … and by all who do not moderate together. A class of seventy that raises its hands at once is within it.
const ALL_CHANGES: (f64, f64) = (40.0, 200.0);
/// Bytes of chat.
const CHAT: (f64, f64) = (1_000.0, 24_000.0);
const MODERATORS_CHAT: (f64, f64) = (8_000.0, 128_000.0);
const ALL_CHAT: (f64, f64) = (8_000.0, 256_000.0);
/// What a chat message costs beside its text.
const MESSAGE: usize = 200;
/// Offers: each costs a handshake.
const OFFERS: (f64, f64) = (0.2, 6.0);
/// After this time without a message everything is full again, and the person is forgotten.
const FULL_AGAIN: Duration = Duration::from_mins(1);

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
    used: Instant,
}

impl Budget {
    fn new(is_moderator: bool, now: Instant) -> Self {
        let (changes, chat) = if is_moderator {
            (MODERATORS_CHANGES, MODERATORS_CHAT)
        } else {
            (CHANGES, CHAT)
        };
        Self {
            changes: full(changes),
            chat: full(chat),
            offers: full(OFFERS),
            used: now,
        }
    }
}

fn full((per_second, most): (f64, f64)) -> TokenBucket {
    TokenBucket::with_burst(per_second, most)
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
            changes: full(ALL_CHANGES),
            chat: full(ALL_CHAT),
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
        let cost = (text.len() + MESSAGE) as f64;
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

    /// Forgets who said nothing for long.
    pub(super) fn forget(&mut self, now: Instant) {
        self.people
            .retain(|_, budget| now.saturating_duration_since(budget.used) < FULL_AGAIN);
    }
}
