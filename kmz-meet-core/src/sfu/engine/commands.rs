//! Commands from conferences, and the coming and going of members.

use std::time::Instant;

use crate::sfu::api::{Command, MediaEvent, Permit};
use crate::sfu::engine::conference_media::Stage;
use crate::sfu::engine::member::{CAMERA, MICROPHONE, Member, SCREEN, SOUND};
use crate::sfu::engine::worker::Worker;
use crate::sfu::forward::incoming_stream::SlotId;
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
            } => {
                self.add(now, &conference, participant, events);
            }
            Command::Connect {
                participant,
                plan,
                done,
            } => {
                let known = self.connect(now, &participant, *plan);
                // Who asked may be gone already.
                let _ = done.send(known);
            }
            Command::Permit {
                participant,
                permit,
            } => self.permit(now, &participant, permit),
            Command::View {
                participant,
                tiles,
                pinned,
            } => self.view(now, &participant, &tiles, pinned),
            Command::Remove { participant } => {
                if let Some(index) = self.by_id.get(&participant).copied() {
                    self.remove(now, index);
                }
            }
            #[cfg(test)]
            Command::Fault { participant, late } => {
                let fault = if late {
                    &mut self.late_fault
                } else {
                    &mut self.fault
                };
                *fault = Some(participant);
            }
        }
    }

    fn add(
        &mut self,
        now: Instant,
        conference: &ConferenceId,
        participant: ParticipantId,
        events: tokio::sync::mpsc::UnboundedSender<MediaEvent>,
    ) {
        if let Some(index) = self.by_id.get(&participant).copied() {
            let here = self.members[index].as_ref().is_some_and(|member| {
                self.stages[member.stage]
                    .as_ref()
                    .is_some_and(|stage| stage.conference == *conference)
            });
            if here {
                self.come_back(now, index, events);
                return;
            }
            self.remove(now, index);
        }
        let stage_index = match self.by_conference.get(conference) {
            Some(index) => *index,
            None => {
                let index = place(&mut self.stages, Stage::new(conference.clone()));
                self.by_conference.insert(conference.clone(), index);
                index
            }
        };
        let member = Member::new(participant.clone(), stage_index, events, now);
        let index = place(&mut self.members, member);
        self.by_id.insert(participant, index);
        if let Some(stage) = self.stages[stage_index].as_mut() {
            stage.members.push(index);
        }
    }

    /// Someone who never left begins anew. The others' views go on naming them: their clients do not say again what
    /// they show as long as nobody left.
    fn come_back(
        &mut self,
        now: Instant,
        index: usize,
        events: tokio::sync::mpsc::UnboundedSender<MediaEvent>,
    ) {
        self.step = index;
        self.drop_transport(index, now);
        if let Some(member) = self.members[index].as_mut() {
            member.permit = Permit::default();
            member.view.clear();
            member.pinned = None;
            member.events = events;
            let stage = member.stage;
            self.mark(stage);
        }
    }

    fn connect(&mut self, now: Instant, participant: &ParticipantId, plan: Plan) -> bool {
        let Some(index) = self.by_id.get(participant).copied() else {
            return false;
        };
        self.step = index;
        self.drop_transport(index, now);
        let transport = Transport::new(&plan, &self.identity, self.packets_per_second, now);
        self.by_ufrag.insert(transport.ufrag().to_owned(), index);
        if let Some(member) = self.members[index].as_mut() {
            member.renew(plan, transport);
            let stage = member.stage;
            self.mark(stage);
        }
        true
    }

    fn permit(&mut self, now: Instant, participant: &ParticipantId, permit: Permit) {
        let Some(index) = self.by_id.get(participant).copied() else {
            return;
        };
        self.step = index;
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let before = std::mem::replace(&mut member.permit, permit);
        let stage_index = member.stage;
        if let Some(stage) = self.stages[stage_index].as_mut() {
            if !permit.microphone {
                stage.silence(index, MICROPHONE);
            }
            if !permit.screen {
                stage.silence(index, SOUND);
            }
        }
        if before.camera != permit.camera || before.screen != permit.screen {
            self.allocate(now, stage_index);
        }
        if before.microphone && !permit.microphone {
            self.settle_audio(stage_index);
        }
    }

    fn view(
        &mut self,
        now: Instant,
        participant: &ParticipantId,
        tiles: &[Tile],
        pinned: Option<ParticipantId>,
    ) {
        let Some(index) = self.by_id.get(participant).copied() else {
            return;
        };
        self.step = index;
        let view = tiles
            .iter()
            .filter_map(|tile| Some((*self.by_id.get(&tile.participant)?, tile.height)))
            .collect();
        let pinned = pinned.and_then(|pinned| self.by_id.get(&pinned).copied());
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        member.view = view;
        member.pinned = pinned;
        let screen = self.stages[member.stage]
            .as_ref()
            .and_then(|stage| stage.screen);
        self.allocate_viewer(now, index, screen);
    }

    pub(super) fn mark(&mut self, stage: usize) {
        if let Some(stage) = self.stages.get_mut(stage).and_then(Option::as_mut) {
            stage.changed = true;
        }
    }

    /// Takes a member out of everything.
    pub(super) fn remove(&mut self, now: Instant, index: usize) {
        self.drop_transport(index, now);
        let Some(member) = self.members[index].take() else {
            return;
        };
        self.by_id.remove(&member.id);
        for other in self.members.iter_mut().flatten() {
            other.view.retain(|(shown, _)| *shown != index);
            if other.pinned == Some(index) {
                other.pinned = None;
            }
            for holder in other
                .holders
                .iter_mut()
                .filter(|holder| **holder == Some(index))
            {
                *holder = None;
            }
        }
        let stage_index = member.stage;
        let Some(stage) = self.stages[stage_index].as_mut() else {
            return;
        };
        stage.remove(index);
        if stage.members.is_empty() {
            self.by_conference.remove(&stage.conference);
            self.stages[stage_index] = None;
            return;
        }
        self.allocate(now, stage_index);
        self.settle_audio(stage_index);
    }

    /// Ends a member's media session: nothing is received from them or sent to them any more.
    pub(super) fn drop_transport(&mut self, index: usize, now: Instant) {
        let Some(member) = self.members[index].as_mut() else {
            return;
        };
        let Some(mut transport) = member.transport.take() else {
            return;
        };
        transport.close(now, &self.socket);
        self.by_ufrag.remove(transport.ufrag());
        for address in transport.addresses() {
            if self.by_address.get(&address) == Some(&index) {
                self.by_address.remove(&address);
            }
        }
        if std::mem::take(&mut member.announced) {
            let event = MediaEvent::Disconnected {
                participant: member.id.clone(),
            };
            // A conference that is gone hears nothing.
            let _ = member.events.send(event);
        }
        let stage_index = member.stage;
        let slots = member.video_slots.len();
        let has_screen = member.screen_slot.is_some();
        for slot in (0..slots)
            .map(SlotId::Video)
            .chain(has_screen.then_some(SlotId::Screen))
        {
            self.bind(now, index, slot, None);
        }
        // What others see of this member ends: their slots are emptied, then the layers go.
        for viewer in 0..self.members.len() {
            self.release(now, viewer, index);
        }
        if let Some(member) = self.members[index].as_mut() {
            for track in [MICROPHONE, CAMERA, SCREEN, SOUND] {
                member.tracks[track].layers = Default::default();
            }
        }
        if let Some(stage) = self.stages[stage_index].as_mut() {
            stage.silence(index, MICROPHONE);
            stage.silence(index, SOUND);
            stage.changed = true;
        }
    }

    /// Empties the slots of `viewer` that show `shown`.
    fn release(&mut self, now: Instant, viewer: usize, shown: usize) {
        let Some(member) = self.members[viewer].as_mut() else {
            return;
        };
        let is = |slot: &crate::sfu::forward::outgoing_stream::Slot| {
            slot.target().is_some_and(|origin| origin.member == shown)
        };
        let videos: Vec<usize> = (0..member.video_slots.len())
            .filter(|slot| is(&member.video_slots[*slot]))
            .collect();
        let screen = member.screen_slot.as_ref().is_some_and(is);
        for slot in member.audio_slots.iter_mut().filter(|slot| is(slot)) {
            slot.want(None);
            member.slots_changed = true;
        }
        for slot in videos
            .into_iter()
            .map(SlotId::Video)
            .chain(screen.then_some(SlotId::Screen))
        {
            self.bind(now, viewer, slot, None);
        }
    }

    /// After a panic: the culprit's transport goes, and what the interrupted step may have left half done is made anew.
    pub(super) fn fail(&mut self, culprit: usize) {
        let now = Instant::now();
        let Some(stage_index) = self
            .members
            .get(culprit)
            .and_then(Option::as_ref)
            .map(|member| member.stage)
        else {
            return;
        };
        let members: Vec<usize> = (0..self.members.len())
            .filter(|index| {
                self.members[*index]
                    .as_ref()
                    .is_some_and(|member| member.stage == stage_index)
            })
            .collect();
        for index in &members {
            let Some(member) = self.members[*index].as_mut() else {
                continue;
            };
            for layer in member.layers_mut() {
                layer.subscribers.clear();
            }
            let slots = member
                .audio_slots
                .iter_mut()
                .chain(&mut member.video_slots)
                .chain(&mut member.screen_slot);
            for slot in slots {
                slot.want(None);
            }
            member.slots_changed = true;
        }
        if let Some(stage) = self.stages[stage_index].as_mut() {
            stage.members = members;
        }
        self.drop_transport(culprit, now);
        self.allocate(now, stage_index);
    }

    pub(super) fn close_all(&mut self) {
        let now = Instant::now();
        for member in self.members.iter_mut().flatten() {
            if let Some(transport) = &mut member.transport {
                transport.close(now, &self.socket);
            }
        }
    }

    /// Reports that media flows, once for each session.
    pub(super) fn announce(&mut self, index: usize) {
        let Some(member) = self.members[index].as_mut() else {
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
        let stage = member.stage;
        self.mark(stage);
    }
}

/// Puts something into the first free place.
fn place<T>(places: &mut Vec<Option<T>>, thing: T) -> usize {
    if let Some(index) = places.iter().position(Option::is_none) {
        places[index] = Some(thing);
        index
    } else {
        places.push(Some(thing));
        places.len() - 1
    }
}
