//! Speakers only, for bad lines: of all cameras only that of the speaker is forwarded. Who that is follows who speaks, and
//! the floor.
//!
//! Messages: `set_speakers_only` (moderators) → `speakers_only_changed` to all, also when somebody else is the speaker.
//! Cameras that are on stay on, in the roster too: what the others are not sent is in [`Room::forwarding`](super::super::Room).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::signal::{self, ParticipantId};
use crate::timestamp::Timestamp;

/// Who speaks for so long without a pause becomes the speaker. A cough is shorter.
const MIN_SPEECH: Duration = Duration::from_millis(1_500);
/// The speaker is silent for so long before somebody else takes over: people breathe.
const MIN_PAUSE: Duration = Duration::from_millis(1_500);
/// Time between two handovers by speech, from one speaker to another. Each costs a key frame.
const MIN_BETWEEN_HANDOVERS: Duration = Duration::from_secs(4);
/// After so long a silence nobody is the speaker.
const MAX_SILENCE: Duration = Duration::from_secs(10);

/// The mode, and whose picture is forwarded in it. A snapshot has only whether it is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::room) struct SpeakersOnly {
    on: bool,
    #[serde(skip)]
    speaker: Option<ParticipantId>,
    /// Since when the speaker is silent; `None` while they speak.
    #[serde(skip)]
    silent_since: Option<Timestamp>,
    #[serde(skip)]
    handed_over_at: Option<Timestamp>,
    /// Who speaks, loudest first. It is followed also while the mode is off: whoever speaks then is the first speaker.
    #[serde(skip)]
    voices: Vec<Voice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Voice {
    of: ParticipantId,
    since: Timestamp,
}

impl SpeakersOnly {
    /// As everyone is told.
    pub(in crate::room) fn info(&self) -> signal::SpeakersOnly {
        signal::SpeakersOnly {
            on: self.on,
            speaker: self.speaker.clone(),
        }
    }

    pub(in crate::room) fn is_on(&self) -> bool {
        self.on
    }

    pub(in crate::room) fn is_off(&self) -> bool {
        !self.on
    }

    /// Whether the camera of this person may be forwarded, as far as this mode is concerned.
    pub(in crate::room) fn shows(&self, id: &ParticipantId) -> bool {
        !self.on || self.speaker.as_ref() == Some(id)
    }

    /// Turns the mode on. The first speaker has the floor, or is the loudest who speaks, or the moderator who turned it on.
    pub(in crate::room) fn turn_on(
        &mut self,
        now: Timestamp,
        floor: Option<&ParticipantId>,
        by: Option<&ParticipantId>,
    ) {
        self.on = true;
        let loudest = self.voices.first().map(|voice| &voice.of);
        let first = floor.or(loudest).or(by).cloned();
        self.hand_to(now, first);
    }

    pub(in crate::room) fn turn_off(&mut self, now: Timestamp) {
        self.on = false;
        self.hand_to(now, None);
    }

    /// Who speaks now, loudest first.
    pub(in crate::room) fn heard(&mut self, now: Timestamp, speaking: Vec<ParticipantId>) {
        let since = |id: &ParticipantId| {
            let known = self.voices.iter().find(|voice| voice.of == *id);
            known.map_or(now, |voice| voice.since)
        };
        self.voices = speaking
            .into_iter()
            .map(|of| Voice {
                since: since(&of),
                of,
            })
            .collect();
        if self.speaks() {
            self.silent_since = None;
        } else {
            self.silent_since.get_or_insert(now);
        }
    }

    /// Decides anew who the speaker is. Who has the floor is it at once, and as long as they have it.
    pub(in crate::room) fn decide(
        &mut self,
        now: Timestamp,
        floor: Option<&ParticipantId>,
        moderates: impl Fn(&ParticipantId) -> bool,
    ) {
        if !self.on {
            return;
        }
        let next = match (floor, &self.speaker) {
            (Some(floor), _) => Some(floor.clone()),
            (None, speaker) => match self.challenger(now, &moderates) {
                Some(next) if self.yields(now, speaker.as_ref(), &next, &moderates) => Some(next),
                _ if self.silence(now) >= MAX_SILENCE => None,
                _ => speaker.clone(),
            },
        };
        if next != self.speaker {
            self.hand_to(now, next);
        }
    }

    /// Somebody left: they are neither heard nor shown any more.
    pub(in crate::room) fn leave(&mut self, id: &ParticipantId) {
        self.voices.retain(|voice| voice.of != *id);
        self.speaker.take_if(|speaker| speaker == id);
    }

    /// When [`Self::decide`] may decide otherwise although nobody began or ceased to speak; later than `now`.
    pub(in crate::room) fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.on {
            return None;
        }
        let speech = self.voices.iter().map(|voice| voice.since + MIN_SPEECH);
        let handover = self.handed_over_at.map(|at| at + MIN_BETWEEN_HANDOVERS);
        let pause = self.silent_since.map(|since| since + MIN_PAUSE);
        let silence = self.silent_since.map(|since| since + MAX_SILENCE);
        let times = speech.chain(handover).chain(pause).chain(silence);
        times.filter(|at| *at > now).min()
    }

    fn hand_to(&mut self, now: Timestamp, speaker: Option<ParticipantId>) {
        self.speaker = speaker;
        self.handed_over_at = Some(now);
        self.silent_since = (!self.speaks()).then_some(now);
    }

    fn speaks(&self) -> bool {
        self.voices
            .iter()
            .any(|voice| Some(&voice.of) == self.speaker.as_ref())
    }

    /// How long the speaker has been silent.
    fn silence(&self, now: Timestamp) -> Duration {
        let since = self.silent_since;
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Who could take over: has spoken for long enough; a moderator, or the loudest.
    fn challenger(
        &self,
        now: Timestamp,
        moderates: impl Fn(&ParticipantId) -> bool,
    ) -> Option<ParticipantId> {
        let speaks_long = |voice: &&Voice| {
            Some(&voice.of) != self.speaker.as_ref()
                && now.saturating_duration_since(voice.since) >= MIN_SPEECH
        };
        let mut voices = self.voices.iter().filter(speaks_long);
        let moderator = voices.clone().find(|voice| moderates(&voice.of));
        moderator
            .or_else(|| voices.next())
            .map(|voice| voice.of.clone())
    }

    /// Whether the speaker hands over to `next`: after a pause, or to a moderator who speaks into it. Otherwise one voice
    /// that never ceases would be shown for ever. Where nobody is the speaker, there is nobody to wait for.
    fn yields(
        &self,
        now: Timestamp,
        speaker: Option<&ParticipantId>,
        next: &ParticipantId,
        moderates: impl Fn(&ParticipantId) -> bool,
    ) -> bool {
        let Some(speaker) = speaker else {
            return true;
        };
        let is_soon = self
            .handed_over_at
            .is_some_and(|at| now.saturating_duration_since(at) < MIN_BETWEEN_HANDOVERS);
        let paused = self.silence(now) >= MIN_PAUSE || (moderates(next) && !moderates(speaker));
        !is_soon && paused
    }

    /// As after a restart: nobody is heard yet.
    #[cfg(test)]
    pub(in crate::room) fn restarted(&self) -> Self {
        Self {
            on: self.on,
            ..Self::default()
        }
    }
}
