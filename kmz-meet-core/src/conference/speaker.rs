//! What the room has to hear to decide who is seen while 'speakers only' is on: that time has passed, and how the lines are.

use std::time::Duration;

use tokio::time::Instant;

use super::actor::Actor;
use crate::room::Command;
use crate::signal::{ParticipantId, QualityLevel};

/// However near a handover is, time passes between two looks at it: the clock of the wall may stand still.
const MIN_HANDOVER_WAIT: Duration = Duration::from_millis(20);

impl Actor {
    /// When the room is to decide anew whose picture is forwarded.
    pub(super) fn handover_at(&self) -> Option<Instant> {
        let now = self.store.now();
        let wait = self.room.next_handover(now)?.saturating_duration_since(now);
        Some(Instant::now() + wait.max(MIN_HANDOVER_WAIT))
    }

    /// The room hears who has a poor line, of those with a media session.
    pub(super) fn note_lines(&mut self) {
        let is_poor = |id: &&ParticipantId| self.quality.get(*id) == Some(&QualityLevel::Poor);
        let poor = self.with_media.iter().filter(is_poor).cloned().collect();
        let of = u32::try_from(self.with_media.len()).unwrap_or(u32::MAX);
        self.command(Command::Lines { poor, of });
    }
}
