//! What moderators are told because they may have to act.
//!
//! Raised by the server alone → `alert` to moderators, at once and when another one comes in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::room::command::Effect;
use crate::signal::{Alert, ServerMessage};
use crate::timestamp::Timestamp;

/// The same alert is not told again before this time.
const ALERT_AGAIN: Duration = Duration::from_mins(10);

/// What was told, and when. A snapshot has the list alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Alerts(Vec<(Alert, Timestamp)>);

impl Alerts {
    /// All that was told so far.
    pub(in crate::room) fn iter(&self) -> impl Iterator<Item = Alert> {
        self.0.iter().map(|(alert, _)| *alert)
    }

    /// The next one of this kind is told again.
    pub(in crate::room) fn forget(&mut self, which: Alert) {
        self.0.retain(|(alert, _)| *alert != which);
    }

    /// Notes an alert, and says whether it is to be told: once in a while, not each time.
    fn is_due(&mut self, now: Timestamp, alert: Alert) -> bool {
        match self.0.iter_mut().find(|(one, _)| *one == alert) {
            Some((_, at)) if now.saturating_duration_since(*at) < ALERT_AGAIN => return false,
            Some((_, at)) => *at = now,
            None => self.0.push((alert, now)),
        }
        true
    }

    /// Moderators are told, if it is time. That a contract holds again is told where its end was, once; who comes later needs
    /// neither.
    pub(in crate::room) fn raise(
        &mut self,
        now: Timestamp,
        alert: Alert,
        effects: &mut Vec<Effect>,
    ) {
        let is_due = if alert == Alert::ContractHolds {
            let was_told = self.iter().any(|one| one == Alert::ContractEnded);
            self.forget(Alert::ContractEnded);
            was_told
        } else {
            self.is_due(now, alert)
        };
        if is_due {
            effects.push(Effect::ToModerators(ServerMessage::Alert { alert }));
            effects.push(Effect::Save);
        }
    }
}
