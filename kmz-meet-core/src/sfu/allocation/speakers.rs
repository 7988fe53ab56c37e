//! Who is heard: the loudest few of those who speak, by the levels that browsers put into each packet (RFC 6464).

use std::time::{Duration, Instant};

use crate::sfu::ids::VoiceId;

/// Quieter than this (in -dBov) is no speech.
const SPEECH: f32 = 55.0;
/// Someone counts as speaking for so long after the last loud packet: pauses between words are shorter.
const HOLD: Duration = Duration::from_millis(600);
/// A challenger must be so much louder (in dB) than who holds a slot.
const MARGIN: f32 = 6.0;
/// Moderators and who has the floor are ranked so much louder (in dB).
const FIRST_BONUS: f32 = 60.0;

/// One voice's recent loudness.
#[derive(Clone, Copy, Debug)]
pub struct Loudness {
    /// Smoothed level above silence, 0 to 127 dB.
    level: f32,
    last_packet: Option<Instant>,
    last_speech: Option<Instant>,
}

impl Default for Loudness {
    fn default() -> Self {
        Self {
            level: 0.0,
            last_packet: None,
            last_speech: None,
        }
    }
}

impl Loudness {
    /// A packet with this level (-dBov: 0 is loudest, 127 silence) arrived.
    pub fn heard(&mut self, now: Instant, level: u8) {
        let loudness = 127.0 - f32::from(level & 0x7f);
        // Up at once, down slowly: the first syllable must be heard.
        let weight = if loudness > self.level { 0.5 } else { 0.05 };
        self.level += (loudness - self.level) * weight;
        self.last_packet = Some(now);
        if loudness > 127.0 - SPEECH {
            self.last_speech = Some(now);
        }
    }

    /// Whether this person speaks.
    #[must_use]
    pub fn speaks(&self, now: Instant) -> bool {
        self.last_speech
            .is_some_and(|at| now.saturating_duration_since(at) < HOLD)
    }

    fn sends(&self, now: Instant) -> bool {
        self.last_packet
            .is_some_and(|at| now.saturating_duration_since(at) < Duration::from_secs(1))
    }

    fn rank(&self, now: Instant, first: bool) -> f32 {
        let speaking = if self.speaks(now) { 127.0 } else { 0.0 };
        self.level + speaking + if first { FIRST_BONUS } else { 0.0 }
    }
}

/// A voice that may be heard.
#[derive(Clone, Copy, Debug)]
pub struct VoiceCandidate {
    pub voice: VoiceId,
    pub loudness: Loudness,
    pub first: bool,
}

/// Decides anew who is in the audio slots. Who is in keeps the slot unless someone clearly louder has none.
/// Empty slots are filled first; nobody moves from one slot to another.
pub fn choose(slots: &mut [Option<VoiceId>], candidates: &[VoiceCandidate], now: Instant) {
    for slot in slots.iter_mut() {
        let stays = slot.is_some_and(|voice| {
            candidates
                .iter()
                .any(|one| one.voice == voice && one.loudness.sends(now))
        });
        if !stays {
            *slot = None;
        }
    }
    loop {
        let waiting = candidates
            .iter()
            .filter(|one| one.loudness.sends(now) && !slots.contains(&Some(one.voice)))
            .max_by(|a, b| {
                a.loudness
                    .rank(now, a.first)
                    .total_cmp(&b.loudness.rank(now, b.first))
            });
        let Some(waiting) = waiting else { return };
        if let Some(free) = slots.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(waiting.voice);
            continue;
        }
        // All slots are taken: does the waiting one clearly beat the quietest?
        let rank_of = |voice: Option<VoiceId>| {
            candidates
                .iter()
                .find(|one| Some(one.voice) == voice)
                .map_or(0.0, |one| one.loudness.rank(now, one.first))
        };
        let quietest = slots
            .iter_mut()
            .min_by(|a, b| rank_of(**a).total_cmp(&rank_of(**b)));
        let Some(quietest) = quietest else { return };
        let rank = waiting.loudness.rank(now, waiting.first);
        if !waiting.loudness.speaks(now) || rank < rank_of(*quietest) + MARGIN {
            return;
        }
        *quietest = Some(waiting.voice);
    }
}

/// Who speaks, loudest first.
#[must_use]
pub fn speaking(candidates: &[VoiceCandidate], now: Instant) -> Vec<VoiceId> {
    let mut speakers: Vec<&VoiceCandidate> = candidates
        .iter()
        .filter(|one| one.loudness.speaks(now))
        .collect();
    speakers.sort_by(|a, b| b.loudness.level.total_cmp(&a.loudness.level));
    speakers.iter().map(|one| one.voice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::ids::{MemberKey, Track};

    fn voice(number: usize) -> VoiceId {
        VoiceId {
            member: MemberKey::from_index(number),
            track: Track::Microphone,
        }
    }

    fn person(number: usize, level: u8, now: Instant) -> VoiceCandidate {
        let mut loudness = Loudness::default();
        for _ in 0..20 {
            loudness.heard(now, level);
        }
        VoiceCandidate {
            voice: voice(number),
            loudness,
            first: false,
        }
    }

    #[test]
    fn choose_gives_the_quietest_slot_to_a_clearly_louder_voice() {
        let now = Instant::now();
        let mut slots = [None; 2];
        choose(&mut slots, &[person(1, 100, now), person(2, 30, now)], now);
        assert!(slots.contains(&Some(voice(1))) && slots.contains(&Some(voice(2))));
        let all = [person(1, 100, now), person(2, 30, now), person(3, 25, now)];
        choose(&mut slots, &all, now);
        assert!(
            slots.contains(&Some(voice(2))) && slots.contains(&Some(voice(3))),
            "{slots:?}"
        );
    }

    #[test]
    fn choose_keeps_the_slot_from_a_voice_about_as_loud() {
        let now = Instant::now();
        let mut slots = [Some(voice(1))];
        choose(&mut slots, &[person(1, 30, now), person(2, 28, now)], now);
        assert_eq!(slots, [Some(voice(1))]);
    }

    #[test]
    fn choose_prefers_a_moderator_to_louder_voices() {
        let now = Instant::now();
        let mut slots = [Some(voice(1))];
        let mut teacher = person(2, 45, now);
        teacher.first = true;
        choose(&mut slots, &[person(1, 10, now), teacher], now);
        assert_eq!(slots, [Some(voice(2))]);
    }

    #[test]
    fn choose_frees_the_slot_of_a_voice_that_stopped() {
        let now = Instant::now();
        let gone = person(1, 10, now);
        let mut slots = [Some(voice(1)), Some(voice(9))];
        choose(&mut slots, &[gone], now + Duration::from_secs(2));
        assert_eq!(slots, [None, None]);
    }

    #[test]
    fn speaking_after_a_pause_is_empty() {
        let now = Instant::now();
        let people = [person(1, 40, now), person(2, 20, now), person(3, 120, now)];
        assert_eq!(speaking(&people, now), [voice(2), voice(1)]);
        assert!(speaking(&people, now + HOLD).is_empty());
    }
}
