//! The media side of one conference: who is in it, who is heard, whose screen is shown.

use std::time::Instant;

use crate::sfu::engine::member::{MICROPHONE, SOUND};
use crate::signal::ConferenceId;

/// Voices that are heard at the same time.
pub const AUDIO_SLOTS: usize = 5;

/// A sound that can take an audio slot: a member's microphone, or the sound of their screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    pub member: usize,
    pub track: usize,
}

impl Voice {
    /// As one number, for the choice of speakers.
    #[must_use]
    pub fn code(self) -> usize {
        self.member * 2 + usize::from(self.track == SOUND)
    }

    #[must_use]
    pub fn from_code(code: usize) -> Self {
        Self {
            member: code / 2,
            track: if code % 2 == 1 { SOUND } else { MICROPHONE },
        }
    }
}

/// See the module.
pub struct Stage {
    pub conference: ConferenceId,
    pub members: Vec<usize>,
    /// Voices in the audio slots, by code.
    pub audio: [Option<usize>; AUDIO_SLOTS],
    pub speaking: Vec<usize>,
    /// Whose screen is shown.
    pub screen: Option<usize>,
    /// What viewers receive is to be decided anew at the next tick.
    pub changed: bool,
    pub speakers_told: Option<Instant>,
}

impl Stage {
    #[must_use]
    pub fn new(conference: ConferenceId) -> Self {
        Self {
            conference,
            members: Vec::new(),
            audio: [None; AUDIO_SLOTS],
            speaking: Vec::new(),
            screen: None,
            changed: false,
            speakers_told: None,
        }
    }

    /// The audio slot of a voice.
    #[must_use]
    pub fn audio_slot(&self, voice: Voice) -> Option<usize> {
        self.audio
            .iter()
            .position(|slot| *slot == Some(voice.code()))
    }

    /// Gives a voice that just began an empty slot, so that its first syllable is heard.
    pub fn begin(&mut self, voice: Voice) -> Option<usize> {
        let free = self.audio.iter().position(Option::is_none)?;
        self.audio[free] = Some(voice.code());
        Some(free)
    }

    /// Takes a member's voices out of the slots.
    pub fn silence(&mut self, member: usize, track: usize) {
        let code = Voice { member, track }.code();
        for slot in &mut self.audio {
            if *slot == Some(code) {
                *slot = None;
            }
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, member: usize) {
        self.members.retain(|one| *one != member);
        self.silence(member, MICROPHONE);
        self.silence(member, SOUND);
        self.speaking.retain(|one| *one != member);
        if self.screen == Some(member) {
            self.screen = None;
        }
        self.changed = true;
    }
}
