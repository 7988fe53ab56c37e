//! Bad lines of many at once: moderators are proposed to spare them by 'speakers only'. It is never turned on by itself.
//!
//! Raised by the server alone → `speakers_only_proposed` to moderators; `set_speakers_only` answers it, whether it turns the
//! mode on or not.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::signal::PoorLines;
use crate::timestamp::Timestamp;

/// So many have a poor line …
const MIN_POOR: u32 = 2;
/// … which is one of so many in the conference at least …
const MAX_PEOPLE_PER_POOR: u32 = 4;
/// … while so many cameras are on: else there is nothing to spare …
const MIN_CAMERAS: usize = 2;
/// … for so long.
const MIN_TROUBLE: Duration = Duration::from_secs(10);
/// The lines are good for so long before a proposal is withdrawn that nobody answered.
const MIN_RELIEF: Duration = Duration::from_secs(30);
/// From the end of one proposal to the next one.
const MIN_BETWEEN_PROPOSALS: Duration = Duration::from_mins(10);

/// How the lines are, and what moderators were told of it. A snapshot has only when the last proposal ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::room) struct LineTrouble {
    #[serde(skip)]
    proposed: Option<PoorLines>,
    /// Since when the lines are bad while nothing is proposed, or good while something is.
    #[serde(skip)]
    since: Option<Timestamp>,
    #[serde(default)]
    ended_at: Option<Timestamp>,
}

impl LineTrouble {
    /// What moderators are proposed now.
    pub(in crate::room) fn proposed(&self) -> Option<PoorLines> {
        self.proposed
    }

    /// Whether nothing was ever proposed.
    pub(in crate::room) fn is_new(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Takes note of how the lines are. `cameras`: how many are on. `spares`: the mode is on already.
    pub(in crate::room) fn note(
        &mut self,
        now: Timestamp,
        lines: PoorLines,
        cameras: usize,
        spares: bool,
    ) {
        let is_bad = !spares
            && cameras >= MIN_CAMERAS
            && lines.poor >= MIN_POOR
            && lines.poor.saturating_mul(MAX_PEOPLE_PER_POOR) >= lines.of;
        let is_open = self.proposed.is_some();
        if is_bad == is_open {
            self.since = None;
            return;
        }
        let since = *self.since.get_or_insert(now);
        let lasted = now.saturating_duration_since(since);
        if is_open && lasted >= MIN_RELIEF {
            self.end(now);
        } else if !is_open && lasted >= MIN_TROUBLE && !self.is_soon(now) {
            self.proposed = Some(lines);
            self.since = None;
        }
    }

    /// A moderator has decided.
    pub(in crate::room) fn answered(&mut self, now: Timestamp) {
        self.end(now);
    }

    fn end(&mut self, now: Timestamp) {
        self.proposed = None;
        self.since = None;
        self.ended_at = Some(now);
    }

    fn is_soon(&self, now: Timestamp) -> bool {
        self.ended_at
            .is_some_and(|at| now.saturating_duration_since(at) < MIN_BETWEEN_PROPOSALS)
    }

    /// As after a restart: nothing is known of the lines yet.
    #[cfg(test)]
    pub(in crate::room) fn restarted(&self) -> Self {
        Self {
            ended_at: self.ended_at,
            ..Self::default()
        }
    }
}
