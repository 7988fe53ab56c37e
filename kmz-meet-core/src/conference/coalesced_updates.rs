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
    /// Keeps back what can wait and gives what has to be done at once. `author`: who is beyond the budget. `less`:
    /// something of theirs was turned off; the media stop at once then.
    ///
    /// Only the author's own media wait. A command can make somebody else the speaker, whose picture everybody waits for:
    /// that is no change of the author, and how often it happens does not depend on them.
    pub(super) fn hold(
        &mut self,
        effects: Vec<Effect>,
        author: &ParticipantId,
        less: bool,
    ) -> Vec<Effect> {
        let is_handover = |effect: &Effect| {
            matches!(
                effect,
                Effect::ToAll(ServerMessage::SpeakersOnlyChanged { .. })
            )
        };
        let waits = !less && !effects.iter().any(is_handover);
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
                Effect::Forward { participant, .. } if waits && participant == *author => {
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

    /// The media learn now what is forwarded of this person.
    pub(super) fn forwarded(&mut self, participant: &ParticipantId) {
        self.media.remove(participant);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::Forwarding;
    use crate::signal::SpeakersOnly;

    fn id(name: &str) -> ParticipantId {
        ParticipantId(name.to_owned())
    }

    fn forward(name: &str) -> Effect {
        Effect::Forward {
            participant: id(name),
            forwarding: Forwarding::default(),
        }
    }

    #[test]
    fn hold_keeps_back_the_media_of_the_author_alone() {
        let mut held = CoalescedUpdates::default();
        let at_once = held.hold(vec![forward("ben"), forward("anna")], &id("ben"), false);
        assert_eq!(at_once, [forward("anna")]);
        assert_eq!(held.take().media, BTreeSet::from([id("ben")]));
        let at_once = held.hold(vec![forward("ben")], &id("ben"), true);
        assert_eq!(at_once, [forward("ben")], "less is at once");
        assert_eq!(held.due_at(), None);
    }

    #[test]
    fn hold_of_a_handover_lets_the_media_of_everybody_go_on_at_once() {
        let changed = Effect::ToAll(ServerMessage::SpeakersOnlyChanged {
            speakers_only: SpeakersOnly::default(),
        });
        let handover = vec![forward("anna"), forward("ben"), changed];
        for author in ["anna", "ben", "cem"] {
            let mut held = CoalescedUpdates::default();
            let at_once = held.hold(handover.clone(), &id(author), false);
            assert_eq!(at_once, handover, "{author}");
        }
    }

    #[test]
    fn media_told_meanwhile_are_not_told_again() {
        let mut held = CoalescedUpdates::default();
        held.hold(vec![forward("ben")], &id("ben"), false);
        held.forwarded(&id("ben"));
        assert!(held.take().media.is_empty());
    }
}
