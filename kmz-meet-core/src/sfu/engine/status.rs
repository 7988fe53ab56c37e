//! What conferences are told of their members: who is in their slots, how well they do, and that they are gone.

use std::time::{Duration, Instant};

use super::member::Member;
use super::worker::Worker;
use crate::sfu::api::MediaEvent;
use crate::sfu::forward::outgoing_stream::OutgoingStream;
use crate::sfu::ids::MemberKey;
use crate::sfu::transport::session::{LOST, SILENT, Transport};
use crate::signal::{ParticipantId, QualityLevel};

/// Whoever turns a camera on and off changes the slots of all who watch: they are told no more often than this.
const SLOTS_INTERVAL: Duration = Duration::from_millis(100);
/// A level of quality is told when it lasted so long.
const QUALITY_HOLD: Duration = Duration::from_secs(2);
/// Not heard for so long, a connection is poor.
const POOR_SILENCE: Duration = Duration::from_secs(7);
/// Shares of lost packets above which a connection is poor, or fair.
const POOR_LOSS: f64 = 0.1;
const FAIR_LOSS: f64 = 0.03;

impl Worker {
    /// Tells a member who is in their slots, where that changed.
    pub(super) fn notify_slots(&mut self, now: Instant, key: MemberKey) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let recently = member
            .slots_sent_at
            .is_some_and(|at| now.saturating_duration_since(at) < SLOTS_INTERVAL);
        if recently || !std::mem::take(&mut member.slots_changed) {
            return;
        }
        let Some(member) = self.members.get(key) else {
            return;
        };
        let name = |slot: &OutgoingStream| -> Option<ParticipantId> {
            let stream = slot.current()?;
            Some(self.members.get(stream.member)?.id.clone())
        };
        let event = MediaEvent::Slots {
            participant: member.id.clone(),
            audio: member.slots.audio.iter().map(name).collect(),
            video: member.slots.video.iter().map(name).collect(),
            screen: member.slots.screen.as_ref().and_then(name),
        };
        if let Some(member) = self.members.get_mut(key)
            && member.slots_sent.as_ref() != Some(&event)
        {
            member.slots_sent = Some(event.clone());
            member.slots_sent_at = Some(now);
            let _ = member.events.send(event);
        }
    }

    /// Tells a member again what their client may have missed: who is in their slots, and which of their encodings are
    /// watched. Neither is told before it changes otherwise.
    pub(super) fn tell_again(&mut self, key: MemberKey) {
        if let Some(member) = self.members.get_mut(key) {
            member.slots_changed = true;
            member.slots_sent = None;
        }
        self.tell_watched(key);
    }

    /// How well a connection does.
    pub(super) fn update_quality(&mut self, now: Instant, key: MemberKey) {
        let Some(member) = self.members.get_mut(key) else {
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
        } else if now.saturating_duration_since(member.quality_since) >= QUALITY_HOLD {
            member.quality = level;
            member.quality_since = now;
            let _ = member.events.send(MediaEvent::Quality {
                participant: member.id.clone(),
                level,
            });
        }
    }

    /// Notices a transport that went silent.
    pub(super) fn expire(&mut self, now: Instant, key: MemberKey) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let Some(transport) = member.transport.as_ref() else {
            return;
        };
        let silent = now.saturating_duration_since(transport.heard);
        if silent >= LOST {
            self.drop_transport(key, now);
        } else if silent >= SILENT {
            if std::mem::take(&mut member.announced) {
                let _ = member.events.send(MediaEvent::Disconnected {
                    participant: member.id.clone(),
                });
            }
        } else {
            self.announce(key);
        }
    }
}

fn quality_of(member: &mut Member, now: Instant) -> QualityLevel {
    let up = member
        .streams_mut()
        .filter(|stream| stream.meter.is_alive(now))
        .map(|stream| stream.loss())
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
    let is_silent = now.saturating_duration_since(transport.heard) > POOR_SILENCE;
    if loss > POOR_LOSS || is_silent || member.starves {
        QualityLevel::Poor
    } else if loss > FAIR_LOSS || member.paused > 0 {
        QualityLevel::Fair
    } else {
        QualityLevel::Good
    }
}
