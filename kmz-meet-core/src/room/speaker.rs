//! Whose picture is forwarded while 'speakers only' is on: the rules are in `features/speakers_only`, here is what the room
//! around them has to do.

use std::collections::BTreeMap;

use super::command::Effect;
use super::state::Room;
use crate::signal::{ParticipantId, PoorLines, Role, ServerMessage, Source, SpeakersOnly};
use crate::timestamp::Timestamp;

impl Room {
    /// A moderator turns the mode on or off, which also answers a proposal of it.
    pub(super) fn set_speakers_only(
        &mut self,
        now: Timestamp,
        by: Option<&ParticipantId>,
        on: bool,
        effects: &mut Vec<Effect>,
    ) {
        let was_proposed = self.features.line_trouble.proposed().is_some();
        if was_proposed || self.features.speakers_only.is_on() != on {
            self.features.line_trouble.answered(now);
            effects.push(Effect::Save);
        }
        if was_proposed {
            effects.push(Effect::ToModerators(self.proposal()));
        }
        if self.features.speakers_only.is_on() == on {
            return;
        }
        let features = &mut self.features;
        if on {
            let floor = features.floor.holder();
            features.speakers_only.turn_on(now, floor, by);
        } else {
            features.speakers_only.turn_off(now);
        }
        let with_camera = self
            .people
            .iter()
            .filter(|(_, person)| person.present && person.sources.contains(&Source::Camera));
        for (id, _) in with_camera {
            effects.push(self.forward(id));
        }
    }

    /// These people speak. Who may not be heard does not count.
    pub(super) fn heard(
        &mut self,
        now: Timestamp,
        mut speaking: Vec<ParticipantId>,
    ) -> Vec<Effect> {
        speaking.retain(|id| self.forwarding(id).microphone);
        self.features.speakers_only.heard(now, speaking);
        Vec::new()
    }

    /// How the lines are.
    pub(super) fn note_lines(
        &mut self,
        now: Timestamp,
        poor: &[ParticipantId],
        of: u32,
    ) -> Vec<Effect> {
        let lines = self.poor_lines(poor, of);
        let has_camera = |person: &&super::person::Person| {
            person.present && person.sources.contains(&Source::Camera)
        };
        let cameras = self.people.values().filter(has_camera).count();
        let spares = self.features.speakers_only.is_on();
        let before = self.features.line_trouble.proposed();
        self.features.line_trouble.note(now, lines, cameras, spares);
        if self.features.line_trouble.proposed() == before {
            return Vec::new();
        }
        vec![Effect::ToModerators(self.proposal()), Effect::Save]
    }

    fn poor_lines(&self, poor: &[ParticipantId], of: u32) -> PoorLines {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut by_network: BTreeMap<&str, usize> = BTreeMap::new();
        let people = poor.iter().filter_map(|id| self.people.get(id));
        for network in people.filter_map(|person| person.address.as_deref()) {
            *by_network.entry(network).or_default() += 1;
        }
        PoorLines {
            poor: count(poor.len()),
            of,
            together: count(by_network.into_values().max().unwrap_or(0)),
        }
    }

    /// What moderators are proposed now.
    pub(super) fn proposal(&self) -> ServerMessage {
        ServerMessage::SpeakersOnlyProposed {
            lines: self.features.line_trouble.proposed(),
        }
    }

    /// Decides anew who the speaker is, after every command, and tells what became of it; `before`: as it was told last.
    pub(super) fn hand_over(
        &mut self,
        now: Timestamp,
        before: &SpeakersOnly,
        effects: &mut Vec<Effect>,
    ) {
        let Self {
            features, people, ..
        } = self;
        let moderates = |id: &ParticipantId| {
            people
                .get(id)
                .is_some_and(|one| one.role == Role::Moderator)
        };
        features
            .speakers_only
            .decide(now, features.floor.holder(), moderates);
        let after = features.speakers_only.info();
        if *before == after {
            return;
        }
        // The media first: from the next packet on.
        for id in before.speaker.iter().chain(&after.speaker) {
            if self.role(id).is_some() {
                effects.push(self.forward(id));
            }
        }
        effects.push(Effect::ToAll(ServerMessage::SpeakersOnlyChanged {
            speakers_only: after,
        }));
    }

    /// When [`Command::Tick`](super::Command) may make somebody else the speaker, later than `now`; `None`: not before
    /// something else happens.
    #[must_use]
    pub fn next_handover(&self, now: Timestamp) -> Option<Timestamp> {
        if self.features.floor.holder().is_some() {
            return None;
        }
        self.features.speakers_only.due_at(now)
    }

    fn forward(&self, id: &ParticipantId) -> Effect {
        Effect::Forward {
            participant: id.clone(),
            forwarding: self.forwarding(id),
        }
    }
}
