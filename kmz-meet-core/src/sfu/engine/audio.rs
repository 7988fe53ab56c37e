//! Who is heard: which voices are in the audio slots of a conference and of each viewer.

use std::time::{Duration, Instant};

use super::worker::Worker;
use crate::sfu::allocation::speakers::{VoiceCandidate, choose, speaking};
use crate::sfu::api::MediaEvent;
use crate::sfu::ids::{ConferenceKey, Encoding, MemberKey, StreamRef, Track, VoiceId};

/// Who speaks loudest may change with every syllable; about three times a second is enough to be told.
const SPEAKERS_INTERVAL: Duration = Duration::from_millis(300);

impl Worker {
    /// Decides who is heard, and tells who speaks.
    pub(super) fn update_loudness(&mut self, now: Instant, conference: ConferenceKey) {
        let mut candidates = Vec::new();
        self.for_members(conference, |worker, key| {
            worker.charged(key, |worker| worker.add_candidates(key, &mut candidates));
        });
        let Some(media) = self.conferences.get_mut(conference) else {
            return;
        };
        let speakers = speaking(&candidates, now);
        choose(&mut media.audio, &candidates, now);
        // Clients with fewer slots than there are voices hear the loudest of them.
        candidates.retain(|one| media.audio.contains(&Some(one.voice)));
        self.for_members(conference, |worker, key| {
            worker.charged(key, |worker| worker.choose_voices(now, key, &candidates));
        });
        let speakers: Vec<MemberKey> = speakers
            .into_iter()
            .filter(|voice| voice.track == Track::Microphone)
            .map(|voice| voice.member)
            .collect();
        self.notify_speakers(now, conference, speakers);
        self.assign_audio_slots(conference);
    }

    /// The voices of a member that may be heard.
    fn add_candidates(&mut self, key: MemberKey, candidates: &mut Vec<VoiceCandidate>) {
        let Some(member) = self.members.get(key) else {
            return;
        };
        let voices = [
            (Track::Microphone, member.loudness, member.permit.first),
            (Track::ScreenAudio, member.screen_loudness, true),
        ];
        for (track, loudness, first) in voices {
            if member.may(track) && member.stream(track, Encoding::SMALL).is_some() {
                candidates.push(VoiceCandidate {
                    voice: VoiceId { member: key, track },
                    loudness,
                    first,
                });
            }
        }
    }

    /// The voices for a viewer with few slots.
    fn choose_voices(&mut self, now: Instant, key: MemberKey, candidates: &[VoiceCandidate]) {
        if let Some(member) = self.members.get_mut(key)
            && !member.voices.is_empty()
        {
            let mut others = candidates.to_vec();
            others.retain(|one| one.voice.member != key);
            choose(&mut member.voices, &others, now);
        }
    }

    fn notify_speakers(
        &mut self,
        now: Instant,
        conference: ConferenceKey,
        speakers: Vec<MemberKey>,
    ) {
        let Some(media) = self.conferences.get_mut(conference) else {
            return;
        };
        let recently = media
            .speakers_sent
            .is_some_and(|at| now.saturating_duration_since(at) < SPEAKERS_INTERVAL);
        if speakers == media.speaking || recently {
            return;
        }
        let participants = speakers
            .iter()
            .filter_map(|key| self.members.get(*key))
            .map(|member| member.id.clone())
            .collect();
        media.speakers_sent = Some(now);
        media.speaking = speakers;
        // The conference passes it on to all, so it is told once.
        if let Some(member) = media.members.first().and_then(|key| self.members.get(*key)) {
            let _ = member.events.send(MediaEvent::Speaking { participants });
        }
    }

    /// Empties the audio slots of all viewers whose voice has lost its slot.
    pub(super) fn assign_audio_slots(&mut self, conference: ConferenceKey) {
        let Some(media) = self.conferences.get(conference) else {
            return;
        };
        for key in &media.members {
            let Some(member) = self.members.get_mut(*key) else {
                continue;
            };
            for voice in &mut member.voices {
                *voice = voice.filter(|voice| media.audio.contains(&Some(*voice)));
            }
            let voices = if member.voices.is_empty() {
                &media.audio[..]
            } else {
                &member.voices
            };
            for (slot, voice) in member.slots.audio.iter_mut().zip(voices) {
                let holds = slot.target().map(StreamRef::voice);
                if holds.is_some() && holds != *voice {
                    slot.want(None);
                    member.slots_changed = true;
                }
            }
        }
    }
}
