//! Commands from conferences, and the coming and going of members.

use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;

use super::conference_media::ConferenceMedia;
use super::member::{Member, ViewTile};
use super::traffic::Traffic;
use super::worker::Worker;
use crate::sfu::api::{Command, MediaEvent, Permit, TrafficLimit};
use crate::sfu::forward::outgoing_stream::OutgoingStream;
use crate::sfu::ids::{ConferenceKey, MemberKey, PerEncoding, SlotId, Track, VoiceId};
use crate::sfu::sdp::answer::Plan;
use crate::sfu::transport::session::Transport;
use crate::signal::{ConferenceId, ParticipantId, Tile};

impl Worker {
    pub(super) fn command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Add {
                conference,
                participant,
                events,
            } => self.add(now, &conference, participant, events),
            Command::Connect {
                participant,
                plan,
                done,
            } => {
                let known = self.for_participant(&participant, |worker, member| {
                    worker.connect(now, member, *plan);
                });
                // Who asked may be gone already.
                let _ = done.send(known);
            }
            Command::Limit { conference, limit } => self.limit(&conference, limit),
            Command::Permit {
                participant,
                permit,
            } => {
                self.for_participant(&participant, |worker, member| {
                    worker.permit(now, member, permit);
                });
            }
            Command::View {
                participant,
                tiles,
                pinned,
            } => {
                self.for_participant(&participant, |worker, member| {
                    worker.view(now, member, &tiles, pinned.as_ref());
                });
            }
            Command::TellAgain { participant } => {
                self.for_participant(&participant, Self::tell_again);
            }
            Command::Remove { participant } => {
                self.for_participant(&participant, |worker, member| worker.remove(now, member));
            }
            Command::Relay(message) => self.relay(now, message),
            #[cfg(test)]
            Command::Settle { done } => {
                let _ = done.send(());
            }
            #[cfg(test)]
            Command::Fault { participant, at } => self.fault = Some((participant, at)),
        }
    }

    /// A step for this participant; false: nobody knows them.
    fn for_participant(
        &mut self,
        participant: &ParticipantId,
        step: impl FnOnce(&mut Self, MemberKey),
    ) -> bool {
        let Some(member) = self.by_id.get(participant).copied() else {
            return false;
        };
        self.charged(member, |worker| step(worker, member));
        true
    }

    fn add(
        &mut self,
        now: Instant,
        conference: &ConferenceId,
        participant: ParticipantId,
        events: UnboundedSender<MediaEvent>,
    ) {
        if let Some(key) = self.by_id.get(&participant).copied() {
            let is_here = self
                .members
                .get(key)
                .and_then(|member| self.conferences.get(member.conference))
                .is_some_and(|media| media.id == *conference);
            if is_here {
                self.charged(key, |worker| worker.come_back(now, key, events));
                return;
            }
            self.charged(key, |worker| worker.remove(now, key));
        }
        let conference_key = match self.by_conference.get(conference) {
            Some(key) => *key,
            None => {
                let media = ConferenceMedia::new(conference.clone());
                let key = self.conferences.insert(media);
                self.by_conference.insert(conference.clone(), key);
                key
            }
        };
        let member = Member::new(participant.clone(), conference_key, events, now);
        let key = self.members.insert(member);
        self.by_id.insert(participant, key);
        if let Some(media) = self.conferences.get_mut(conference_key) {
            media.members.push(key);
        }
    }

    fn limit(&mut self, conference: &ConferenceId, limit: TrafficLimit) {
        let key = self.by_conference.get(conference).copied();
        if let Some(media) = key.and_then(|key| self.conferences.get_mut(key)) {
            media.traffic = Some(Traffic::new(limit));
        }
    }

    /// Someone who never left begins anew. The others' views go on naming them: their clients do not say again what
    /// they show as long as nobody left.
    fn come_back(&mut self, now: Instant, key: MemberKey, events: UnboundedSender<MediaEvent>) {
        self.drop_transport(key, now);
        if let Some(member) = self.members.get_mut(key) {
            member.permit = Permit::default();
            member.view.clear();
            member.pinned = None;
            member.events = events;
            let conference = member.conference;
            self.mark(conference);
        }
    }

    fn connect(&mut self, now: Instant, key: MemberKey, plan: Plan) {
        self.drop_transport(key, now);
        let transport = Transport::new(&plan, &self.identity, self.packets_per_second, now);
        self.by_ufrag.insert(transport.ufrag().to_owned(), key);
        if let Some(member) = self.members.get_mut(key) {
            member.renew(plan, transport);
            let conference = member.conference;
            self.mark(conference);
        }
    }

    fn permit(&mut self, now: Instant, key: MemberKey, permit: Permit) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let before = std::mem::replace(&mut member.permit, permit);
        let conference = member.conference;
        if let Some(media) = self.conferences.get_mut(conference) {
            let mut silence = |track| media.silence(VoiceId { member: key, track });
            if !permit.microphone {
                silence(Track::Microphone);
            }
            if !permit.screen {
                silence(Track::ScreenAudio);
            }
        }
        if before.camera != permit.camera || before.screen != permit.screen {
            self.allocate(now, conference);
        }
        if before.microphone && !permit.microphone {
            self.assign_audio_slots(conference);
        }
    }

    /// Only members of the same conference can be shown: so whoever leaves is named in no other.
    fn view(
        &mut self,
        now: Instant,
        key: MemberKey,
        tiles: &[Tile],
        pinned: Option<&ParticipantId>,
    ) {
        let Some(conference) = self.members.get(key).map(|member| member.conference) else {
            return;
        };
        let here = |participant: &ParticipantId| {
            let shown = *self.by_id.get(participant)?;
            (self.members.get(shown)?.conference == conference).then_some(shown)
        };
        let view = tiles
            .iter()
            .filter_map(|tile| {
                Some(ViewTile {
                    member: here(&tile.participant)?,
                    height: tile.height,
                })
            })
            .collect();
        let pinned = pinned.and_then(here);
        if let Some(member) = self.members.get_mut(key) {
            member.view = view;
            member.pinned = pinned;
        }
        let screen = self
            .conferences
            .get(conference)
            .and_then(|media| media.screen);
        self.allocate_viewer(now, key, screen);
    }

    /// What viewers of this conference receive is to be decided anew.
    pub(super) fn mark(&mut self, conference: ConferenceKey) {
        if let Some(media) = self.conferences.get_mut(conference) {
            media.changed = true;
        }
    }

    /// A step for each member of a conference, in the order in which they came. The step takes nobody out.
    #[inline]
    pub(super) fn for_members(
        &mut self,
        conference: ConferenceKey,
        mut step: impl FnMut(&mut Self, MemberKey),
    ) {
        let mut at = 0;
        while let Some(member) = self
            .conferences
            .get(conference)
            .and_then(|media| media.members.get(at))
        {
            step(self, *member);
            at += 1;
        }
    }

    /// Takes a member out of everything.
    fn remove(&mut self, now: Instant, key: MemberKey) {
        self.drop_transport(key, now);
        let Some(member) = self.members.remove(key) else {
            return;
        };
        self.by_id.remove(&member.id);
        let conference = member.conference;
        let Some(media) = self.conferences.get_mut(conference) else {
            return;
        };
        media.remove(key);
        if media.members.is_empty() {
            self.by_conference.remove(&media.id);
            self.conferences.remove(conference);
            return;
        }
        for other in &media.members {
            if let Some(other) = self.members.get_mut(*other) {
                other.forget(key);
            }
        }
        self.allocate(now, conference);
        self.assign_audio_slots(conference);
    }

    /// Ends a member's media session: nothing is received from them or sent to them any more.
    pub(super) fn drop_transport(&mut self, key: MemberKey, now: Instant) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let Some(mut transport) = member.transport.take() else {
            return;
        };
        transport.close(now, &self.socket);
        self.by_ufrag.remove(transport.ufrag());
        for address in transport.addresses() {
            self.addresses.remove_of(&address, key);
        }
        if std::mem::take(&mut member.announced) {
            let event = MediaEvent::Disconnected {
                participant: member.id.clone(),
            };
            // Ignore send errors: the conference has already ended.
            let _ = member.events.send(event);
        }
        let conference = member.conference;
        for slot in member.slots.pictures() {
            self.bind(now, key, slot, None);
        }
        // What others see of this member ends: their slots are emptied, then the streams go.
        self.for_members(conference, |worker, viewer| {
            worker.release(now, viewer, key);
        });
        if let Some(member) = self.members.get_mut(key) {
            for track in &mut member.tracks.0 {
                track.streams = PerEncoding::default();
            }
        }
        if let Some(media) = self.conferences.get_mut(conference) {
            media.silence_all(key);
            media.changed = true;
        }
    }

    /// Empties the slots of `viewer` that show `shown`.
    fn release(&mut self, now: Instant, viewer: MemberKey, shown: MemberKey) {
        let Some(member) = self.members.get_mut(viewer) else {
            return;
        };
        let is = |slot: &OutgoingStream| slot.target().is_some_and(|stream| stream.member == shown);
        for slot in member.slots.audio.iter_mut().filter(|slot| is(slot)) {
            slot.want(None);
            member.slots_changed = true;
        }
        for id in member.slots.pictures() {
            self.release_slot(now, viewer, id, shown);
        }
    }

    fn release_slot(&mut self, now: Instant, viewer: MemberKey, id: SlotId, shown: MemberKey) {
        let target = self
            .members
            .get_mut(viewer)
            .and_then(|member| member.slots.get_mut(id)?.target());
        if target.is_some_and(|stream| stream.member == shown) {
            self.bind(now, viewer, id, None);
        }
    }

    pub(super) fn close_all(&mut self) {
        let now = Instant::now();
        for member in self.members.values_mut() {
            if let Some(transport) = &mut member.transport {
                transport.close(now, &self.socket);
            }
        }
    }

    /// Reports that media flows, once for each session.
    pub(super) fn announce(&mut self, key: MemberKey) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let connected = member
            .transport
            .as_ref()
            .is_some_and(Transport::is_connected);
        if !connected || std::mem::replace(&mut member.announced, true) {
            return;
        }
        let event = MediaEvent::Connected {
            participant: member.id.clone(),
        };
        let _ = member.events.send(event);
        let conference = member.conference;
        self.mark(conference);
    }
}
