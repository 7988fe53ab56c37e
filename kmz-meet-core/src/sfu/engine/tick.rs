//! What is done by the clock: repairs, feedback, speakers, allocation, reports, and noticing who is gone.

use std::time::{Duration, Instant};

use crate::sfu::allocation::speakers::{Candidate, choose, speaking};
use crate::sfu::api::MediaEvent;
use crate::sfu::engine::conference_media::Voice;
use crate::sfu::engine::member::{MICROPHONE, Member, SOUND};
use crate::sfu::engine::worker::Worker;
use crate::sfu::transport::session::{LOST, SILENT, Transport};
use crate::signal::{ParticipantId, QualityLevel};

const REPAIRS: Duration = Duration::from_millis(20);
const FEEDBACK: Duration = Duration::from_millis(100);
const SPEAKERS: Duration = Duration::from_millis(100);
const ALLOCATION: Duration = Duration::from_millis(250);
const REPORTS: Duration = Duration::from_secs(1);
/// Whoever turns a camera on and off changes the slots of all who watch: they are told no more often than this.
const SLOTS: Duration = Duration::from_millis(100);
/// A level of quality is told when it lasted so long.
const QUALITY: Duration = Duration::from_secs(2);

/// When each is due.
pub(super) struct Timers {
    repairs: Instant,
    feedback: Instant,
    speakers: Instant,
    allocation: Instant,
    reports: Instant,
}

impl Timers {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            repairs: now,
            feedback: now,
            speakers: now,
            allocation: now,
            reports: now,
        }
    }

    pub(super) fn next(&self) -> Instant {
        self.repairs
    }
}

fn due(at: &mut Instant, now: Instant, interval: Duration) -> bool {
    let due = now >= *at;
    if due {
        *at = now + interval;
    }
    due
}

impl Worker {
    pub(super) fn tick(&mut self, now: Instant) {
        if !due(&mut self.timers.repairs, now, REPAIRS) {
            return;
        }
        self.each(|worker, index| worker.shake_hands(now, index));
        self.each_stage(|worker, index| {
            if worker.stages[index]
                .as_ref()
                .is_some_and(|stage| stage.changed)
            {
                worker.allocate(now, index);
            }
        });
        if due(&mut self.timers.speakers, now, SPEAKERS) {
            self.each_stage(|worker, index| worker.hear(now, index));
        }
        if due(&mut self.timers.allocation, now, ALLOCATION) {
            self.each_stage(|worker, index| worker.allocate(now, index));
        }
        self.each(|worker, index| {
            worker.request_repairs(now, index);
            worker.pad(now, index);
        });
        if due(&mut self.timers.feedback, now, FEEDBACK) {
            self.each(Self::send_feedback);
        }
        if due(&mut self.timers.reports, now, REPORTS) {
            self.counters.connected = 0;
            self.each(|worker, index| {
                worker.send_reports(now, index);
                worker.judge(now, index);
                worker.part(now, index);
            });
            self.shared.publish(&self.counters);
            self.socket.recover(now);
        }
        self.each(|worker, index| worker.tell_slots(now, index));
    }

    /// A step for each member; one that panics costs that member.
    fn each(&mut self, step: impl Fn(&mut Self, usize)) {
        for index in 0..self.members.len() {
            if self.members[index].is_some() {
                self.step = index;
                self.guarded(|worker| step(worker, index));
            }
        }
    }

    /// A step for each conference; it says itself for whom it works.
    fn each_stage(&mut self, step: impl Fn(&mut Self, usize)) {
        for index in 0..self.stages.len() {
            let first = self.stages[index]
                .as_ref()
                .and_then(|stage| stage.members.first().copied());
            if let Some(first) = first {
                self.step = first;
                self.guarded(|worker| step(worker, index));
            }
        }
    }

    fn shake_hands(&mut self, now: Instant, index: usize) {
        let Some(transport) = self.members[index]
            .as_mut()
            .and_then(|member| member.transport.as_mut())
        else {
            return;
        };
        transport.expire(now);
        transport.check_path(now, &self.identity, &self.socket, index);
        if !transport.is_connected() && transport.handshake_timeout(now, &self.socket).is_err() {
            self.drop_transport(index, now);
        }
    }

    /// Decides who is heard, and tells who speaks.
    fn hear(&mut self, now: Instant, stage_index: usize) {
        let Some(stage) = self.stages.get_mut(stage_index).and_then(Option::as_mut) else {
            return;
        };
        let mut candidates = Vec::with_capacity(stage.members.len());
        for index in &stage.members {
            self.step = *index;
            let Some(member) = self.members[*index].as_ref() else {
                continue;
            };
            let voices = [
                (
                    MICROPHONE,
                    member.permit.microphone,
                    member.loudness,
                    member.permit.first,
                ),
                (SOUND, member.permit.screen, member.sound, true),
            ];
            for (track, permitted, loudness, first) in voices {
                if permitted && member.layer(track, 0).is_some() {
                    let member = Voice {
                        member: *index,
                        track,
                    }
                    .code();
                    candidates.push(Candidate {
                        member,
                        loudness,
                        first,
                    });
                }
            }
        }
        let speakers = speaking(&candidates, now);
        choose(&mut stage.audio, &candidates, now);
        // Clients with fewer slots than there are voices hear the loudest of them.
        candidates.retain(|one| stage.audio.contains(&Some(one.member)));
        for index in &stage.members {
            self.step = *index;
            if let Some(member) = self.members[*index].as_mut()
                && !member.voices.is_empty()
            {
                let mut others = candidates.clone();
                others.retain(|one| Voice::from_code(one.member).member != *index);
                choose(&mut member.voices, &others, now);
            }
        }
        let speakers: Vec<usize> = speakers
            .into_iter()
            .map(Voice::from_code)
            .filter(|voice| voice.track == MICROPHONE)
            .map(|voice| voice.member)
            .collect();
        if speakers != stage.speaking {
            // Who speaks loudest may change with every syllable; three times a second is enough to be told.
            let recently = stage
                .speakers_told
                .is_some_and(|at| now.saturating_duration_since(at) < Duration::from_millis(300));
            if !recently {
                stage.speakers_told = Some(now);
                stage.speaking.clone_from(&speakers);
                let participants: Vec<ParticipantId> = speakers
                    .iter()
                    .filter_map(|index| self.members[*index].as_ref())
                    .map(|member| member.id.clone())
                    .collect();
                // The conference passes it on to all, so it is told once.
                if let Some(member) = stage
                    .members
                    .first()
                    .and_then(|index| self.members[*index].as_ref())
                {
                    let _ = member.events.send(MediaEvent::Speaking { participants });
                }
            }
        }
        self.settle_audio(stage_index);
    }

    /// Empties the audio slots of all viewers whose voice has lost its slot.
    pub(super) fn settle_audio(&mut self, stage_index: usize) {
        let Some(stage) = self.stages.get(stage_index).and_then(Option::as_ref) else {
            return;
        };
        for index in &stage.members {
            let Some(member) = self.members[*index].as_mut() else {
                continue;
            };
            for voice in &mut member.voices {
                *voice = voice.filter(|voice| stage.audio.contains(&Some(*voice)));
            }
            let voices = if member.voices.is_empty() {
                &stage.audio[..]
            } else {
                &member.voices
            };
            for (slot, voice) in member.audio_slots.iter_mut().zip(voices.iter().copied()) {
                let holds = slot.target().map(|origin| {
                    Voice {
                        member: origin.member,
                        track: origin.track,
                    }
                    .code()
                });
                if holds.is_some() && holds != voice {
                    slot.want(None);
                    member.slots_changed = true;
                }
            }
        }
    }

    /// Tells a member who is in their slots, where that changed.
    fn tell_slots(&mut self, now: Instant, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let recently = member
            .slots_told
            .is_some_and(|at| now.saturating_duration_since(at) < SLOTS);
        if recently || !std::mem::take(&mut member.slots_changed) {
            return;
        }
        let Some(member) = self.members[index].as_ref() else {
            return;
        };
        let name = |slot: &crate::sfu::forward::outgoing_stream::Slot| -> Option<ParticipantId> {
            let origin = slot.current()?;
            Some(self.members[origin.member].as_ref()?.id.clone())
        };
        let event = MediaEvent::Slots {
            participant: member.id.clone(),
            audio: member.audio_slots.iter().map(name).collect(),
            video: member.video_slots.iter().map(name).collect(),
            screen: member.screen_slot.as_ref().and_then(name),
        };
        if let Some(member) = self.members[index].as_mut()
            && member.told.as_ref() != Some(&event)
        {
            member.told = Some(event.clone());
            member.slots_told = Some(now);
            let _ = member.events.send(event);
        }
    }

    /// How well a connection does.
    fn judge(&mut self, now: Instant, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        if member
            .transport
            .as_ref()
            .is_some_and(Transport::is_connected)
        {
            self.counters.connected += 1;
        }
        let level = quality_of(member, now);
        if level == member.quality {
            member.quality_since = now;
        } else if now.saturating_duration_since(member.quality_since) >= QUALITY {
            member.quality = level;
            member.quality_since = now;
            let _ = member.events.send(MediaEvent::Quality {
                participant: member.id.clone(),
                level,
            });
        }
    }

    /// Notices a transport that went silent.
    fn part(&mut self, now: Instant, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let Some(transport) = member.transport.as_ref() else {
            return;
        };
        let silent = now.saturating_duration_since(transport.heard);
        if silent >= LOST {
            self.drop_transport(index, now);
        } else if silent >= SILENT {
            if std::mem::take(&mut member.announced) {
                let _ = member.events.send(MediaEvent::Disconnected {
                    participant: member.id.clone(),
                });
            }
        } else {
            self.announce(index);
        }
    }
}

fn quality_of(member: &mut Member, now: Instant) -> QualityLevel {
    let up = member
        .layers_mut()
        .filter(|layer| layer.meter.rate(now, 1.0) > 0.0)
        .map(|layer| layer.loss)
        .fold(0.0, f64::max);
    let Some(transport) = member
        .transport
        .as_ref()
        .filter(|transport| transport.is_connected())
    else {
        // Without media there is nothing to judge: chat works.
        return QualityLevel::Good;
    };
    let loss = up.max(transport.estimate.loss());
    let silent = now.saturating_duration_since(transport.heard) > Duration::from_secs(7);
    if loss > 0.1 || silent || member.starves {
        QualityLevel::Poor
    } else if loss > 0.03 || member.paused > 0 {
        QualityLevel::Fair
    } else {
        QualityLevel::Good
    }
}
