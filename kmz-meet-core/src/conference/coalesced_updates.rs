//! Changes that are sent a little later, because their author is beyond the budget. Only the newest state is sent then.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::room::Effect;
use crate::signal::{ParticipantId, ServerMessage};

/// A change is told after this time at the latest.
const MAX_DELAY: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Default)]
pub(super) struct CoalescedUpdates {
    since: Option<Instant>,
    /// Whose entry is to be told.
    entries: BTreeSet<ParticipantId>,
    /// … and whose media may go on.
    media: BTreeSet<ParticipantId>,
    hands: Option<ServerMessage>,
}

/// What has to be told now.
pub(super) struct Due {
    pub(super) entries: BTreeSet<ParticipantId>,
    pub(super) media: BTreeSet<ParticipantId>,
    pub(super) hands: Option<ServerMessage>,
}

impl CoalescedUpdates {
    /// Keeps back what can wait and gives what has to be done at once. `less`: something was turned off; the media stop at
    /// once then.
    pub(super) fn hold(&mut self, effects: Vec<Effect>, less: bool) -> Vec<Effect> {
        let mut at_once = Vec::with_capacity(effects.len());
        for effect in effects {
            match effect {
                Effect::ToAll(ServerMessage::ParticipantChanged { participant })
                | Effect::ToOthers {
                    message: ServerMessage::ParticipantChanged { participant },
                    ..
                } => {
                    self.entries.insert(participant.id);
                }
                Effect::ToAll(message @ ServerMessage::HandsChanged { .. }) => {
                    self.hands = Some(message);
                }
                Effect::Forward { participant, .. } if !less => {
                    self.media.insert(participant);
                }
                effect => {
                    at_once.push(effect);
                    continue;
                }
            }
            self.since.get_or_insert_with(Instant::now);
        }
        at_once
    }

    /// A message is being sent: what it says need not be sent again later, nor anything about somebody who has gone.
    pub(super) fn told(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::ParticipantChanged { participant }
            | ServerMessage::ParticipantJoined { participant } => {
                self.entries.remove(&participant.id);
            }
            ServerMessage::ParticipantLeft { participant, .. } => {
                self.entries.remove(participant);
                self.media.remove(participant);
            }
            ServerMessage::HandsChanged { .. } => self.hands = None,
            _ => {}
        }
    }

    /// When that has to be told.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.since.map(|since| since + MAX_DELAY)
    }

    /// Takes out all that is kept back.
    pub(super) fn take(&mut self) -> Due {
        let held = std::mem::take(self);
        Due {
            entries: held.entries,
            media: held.media,
            hands: held.hands,
        }
    }
}

/// Waits until then; for ever without a time.
pub(super) async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
