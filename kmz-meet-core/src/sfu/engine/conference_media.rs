//! The media side of one conference: who is in it, who is heard, whose screen is shown.

use std::time::Instant;

use super::traffic::Traffic;
use crate::sfu::ids::{AUDIO_SLOTS, AudioSlot, MemberKey, Track, VoiceId};
use crate::signal::ConferenceId;

/// See the module.
pub struct ConferenceMedia {
    pub id: ConferenceId,
    /// In the order in which they came.
    pub members: Vec<MemberKey>,
    /// The voices in the audio slots.
    pub audio: [Option<VoiceId>; AUDIO_SLOTS],
    /// Who speaks, as everybody was told last.
    pub speaking: Vec<MemberKey>,
    /// Whose screen is shown.
    pub screen: Option<MemberKey>,
    /// What viewers receive is to be decided anew at the next tick.
    pub changed: bool,
    pub speakers_sent: Option<Instant>,
    /// What all of them together send and are sent; `None`: there is no limit but each one's own.
    pub traffic: Option<Traffic>,
}

impl ConferenceMedia {
    #[must_use]
    pub fn new(id: ConferenceId) -> Self {
        Self {
            id,
            members: Vec::new(),
            audio: [None; AUDIO_SLOTS],
            speaking: Vec::new(),
            screen: None,
            changed: false,
            speakers_sent: None,
            traffic: None,
        }
    }

    /// Whether its traffic is limited: most are not.
    pub fn is_limited(&self) -> bool {
        self.traffic.is_some()
    }

    /// Whether one more datagram of so many bytes may be read from one of them now.
    pub fn may_receive(&mut self, now: Instant, bytes: usize) -> bool {
        let traffic = self.traffic.as_mut();
        traffic.is_none_or(|traffic| traffic.may_receive(now, bytes))
    }

    /// Whether one more packet with so many bytes of payload may be sent to one of them now.
    pub fn may_send(&mut self, now: Instant, bytes: usize) -> bool {
        let traffic = self.traffic.as_mut();
        traffic.is_none_or(|traffic| traffic.may_send(now, bytes))
    }

    /// The audio slot of a voice. One that just began gets an empty slot, so that its first syllable is heard.
    pub fn audio_slot(&mut self, voice: VoiceId) -> Option<AudioSlot> {
        let at = |wanted| self.audio.iter().position(|slot| *slot == wanted);
        let index = at(Some(voice)).or_else(|| at(None))?;
        self.audio[index] = Some(voice);
        Some(AudioSlot::from_index(index))
    }

    /// Takes a voice out of the slots.
    pub fn silence(&mut self, voice: VoiceId) {
        for slot in &mut self.audio {
            if *slot == Some(voice) {
                *slot = None;
            }
        }
    }

    /// Takes all voices of a member out of the slots.
    pub fn silence_all(&mut self, member: MemberKey) {
        for track in [Track::Microphone, Track::ScreenAudio] {
            self.silence(VoiceId { member, track });
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, member: MemberKey) {
        self.members.retain(|one| *one != member);
        self.silence_all(member);
        self.speaking.retain(|one| *one != member);
        if self.screen == Some(member) {
            self.screen = None;
        }
        self.changed = true;
    }
}
