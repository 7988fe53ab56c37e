//! When moderators are sent the lobby, and whose names look alike: at the first change at once, and after that at most twice
//! a second. The message is always the whole list, so people who knock and run cause no more messages.

use std::time::Duration;

use tokio::time::Instant;

const MIN_INTERVAL: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Default)]
pub(super) struct LobbyUpdates {
    told: Option<Instant>,
    due: Option<Instant>,
}

impl LobbyUpdates {
    /// The lobby changed: whether it is told now, and not later together with what comes.
    pub(super) fn is_told_now(&mut self) -> bool {
        let now = Instant::now();
        let next = self.told.map_or(now, |told| told + MIN_INTERVAL);
        if next > now {
            self.due = Some(next);
        }
        next <= now
    }

    /// It was told.
    pub(super) fn told(&mut self) {
        *self = Self {
            told: Some(Instant::now()),
            due: None,
        };
    }

    /// When it has to be told.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.due
    }
}
