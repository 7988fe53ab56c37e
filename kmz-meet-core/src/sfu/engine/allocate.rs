//! Who is in which video slot of each viewer, and in which layer.

use std::time::Instant;

use crate::sfu::allocation::allocator::StreamRequest;
use crate::sfu::engine::member::{CAMERA, Member, SCREEN};
use crate::sfu::engine::worker::Worker;
use crate::sfu::forward::incoming_stream::{SlotId, Subscriber};
use crate::sfu::forward::outgoing_stream::Origin;

/// Bit rates that layers are expected to have until they were measured.
const TYPICAL: [f64; 3] = [150_000.0, 500_000.0, 1_700_000.0];

/// A picture for one slot of a viewer.
#[derive(Clone, Copy)]
struct Picture {
    slot: SlotId,
    member: usize,
    track: usize,
}

/// The largest layer worth sending to a picture of this height in physical pixels.
fn best_layer(height: u32) -> usize {
    match height {
        0..=200 => 0,
        201..=400 => 1,
        _ => 2,
    }
}

fn rates(member: &Member, track: usize, now: Instant) -> [f64; 3] {
    if !member.may(track) {
        return [0.0; 3];
    }
    std::array::from_fn(|layer| {
        member
            .layer(track, layer)
            .map_or(0.0, |found| found.meter.rate(now, TYPICAL[layer]))
    })
}

impl Worker {
    /// Decides anew for every viewer of a stage.
    pub(super) fn allocate(&mut self, now: Instant, stage_index: usize) {
        let Some(stage) = self.stages.get_mut(stage_index).and_then(Option::as_mut) else {
            return;
        };
        stage.changed = false;
        let members = std::mem::take(&mut stage.members);
        let shared = |index: usize| -> bool {
            self.members[index]
                .as_ref()
                .is_some_and(|member| rates(member, SCREEN, now).iter().any(|rate| *rate > 0.0))
        };
        // Who shares stays the one who is shown; else the first who does.
        let screen = stage
            .screen
            .filter(|member| shared(*member))
            .or_else(|| members.iter().copied().find(|member| shared(*member)));
        stage.screen = screen;
        for viewer in &members {
            self.step = *viewer;
            self.allocate_viewer(now, *viewer, screen);
        }
        if let Some(stage) = self.stages.get_mut(stage_index).and_then(Option::as_mut) {
            stage.members = members;
        }
    }

    /// Decides anew for one viewer; `screen`: who shares theirs.
    pub(super) fn allocate_viewer(
        &mut self,
        now: Instant,
        viewer_index: usize,
        screen: Option<usize>,
    ) {
        let mut pictures = std::mem::take(&mut self.scratch.pictures);
        let mut wishes = std::mem::take(&mut self.scratch.wishes);
        let mut chosen = std::mem::take(&mut self.scratch.chosen);
        let mut before = std::mem::take(&mut self.scratch.before);
        pictures.clear();
        before.clear();
        wishes.clear();
        self.wished(now, viewer_index, screen, &mut pictures, &mut wishes);
        if let Some(viewer) = self.members[viewer_index].as_mut() {
            before.extend(pictures.iter().map(|picture| {
                let shown = viewer.slot_mut(picture.slot)?.target()?;
                (shown.member == picture.member && shown.track == picture.track)
                    .then_some(shown.layer)
            }));
            if let Some(transport) = viewer.transport.as_mut() {
                let budget = transport.estimate.for_pictures(now);
                let next = viewer
                    .steady
                    .share(now, budget, &wishes, &before, &mut chosen);
                let pads = viewer
                    .video_slots
                    .first()
                    .is_some_and(|slot| slot.plan.codecs.rtx.is_some());
                transport.estimate.wants(next, pads);
            } else {
                chosen.clear();
                chosen.resize(wishes.len(), None);
            }
            viewer.starves = chosen
                .first()
                .zip(wishes.first())
                .is_some_and(|(layer, wish)| layer.is_none() && wish.is_there());
            viewer.paused = chosen.iter().filter(|layer| layer.is_none()).count();
        }
        let (video_slots, has_screen) = self.members[viewer_index]
            .as_ref()
            .map_or((0, false), |viewer| {
                (viewer.video_slots.len(), viewer.screen_slot.is_some())
            });
        for slot in (0..video_slots)
            .map(SlotId::Video)
            .chain(has_screen.then_some(SlotId::Screen))
        {
            let origin = pictures
                .iter()
                .zip(&chosen)
                .find(|(picture, _)| picture.slot == slot)
                .and_then(|(picture, layer)| {
                    let layer_index = (*layer)?;
                    let key = self.members[picture.member]
                        .as_ref()?
                        .layer(picture.track, layer_index)?
                        .key;
                    Some(Origin {
                        member: picture.member,
                        track: picture.track,
                        layer: layer_index,
                        key,
                    })
                });
            self.bind(now, viewer_index, slot, origin);
        }
        self.scratch.pictures = pictures;
        self.scratch.wishes = wishes;
        self.scratch.chosen = chosen;
        self.scratch.before = before;
    }

    /// What a viewer wants, most important first, each in its slot. Who is in a slot keeps it.
    fn wished(
        &mut self,
        now: Instant,
        viewer_index: usize,
        screen: Option<usize>,
        pictures: &mut Vec<Picture>,
        wishes: &mut Vec<StreamRequest>,
    ) {
        let Some(viewer) = self.members[viewer_index].as_ref() else {
            return;
        };
        let mut holders = viewer.holders.clone();
        if let Some(sharer) =
            screen.filter(|sharer| *sharer != viewer_index && viewer.screen_slot.is_some())
            && let Some(member) = self.members[sharer].as_ref()
        {
            pictures.push(Picture {
                slot: SlotId::Screen,
                member: sharer,
                track: SCREEN,
            });
            wishes.push(StreamRequest {
                rates: rates(member, SCREEN, now),
                best: 2,
            });
        }
        let pinned = viewer.pinned;
        let mut tiles: Vec<(usize, u32)> = viewer
            .view
            .iter()
            .copied()
            .filter(|(member, _)| *member != viewer_index)
            .collect();
        tiles.sort_by_key(|(member, _)| Some(*member) != pinned);
        tiles.truncate(holders.len());
        for holder in &mut holders {
            if holder.is_some_and(|holder| !tiles.iter().any(|(member, _)| *member == holder)) {
                *holder = None;
            }
        }
        for (member_index, height) in tiles {
            let Some(member) = self.members[member_index]
                .as_ref()
                .filter(|member| member.stage == viewer.stage)
            else {
                continue;
            };
            let rates = rates(member, CAMERA, now);
            if rates.iter().all(|rate| *rate == 0.0) {
                for holder in holders
                    .iter_mut()
                    .filter(|holder| **holder == Some(member_index))
                {
                    *holder = None;
                }
                continue;
            }
            let slot = holders
                .iter()
                .position(|holder| *holder == Some(member_index))
                .or_else(|| holders.iter().position(Option::is_none));
            let Some(slot) = slot else { continue };
            holders[slot] = Some(member_index);
            pictures.push(Picture {
                slot: SlotId::Video(slot),
                member: member_index,
                track: CAMERA,
            });
            wishes.push(StreamRequest {
                rates,
                best: best_layer(height),
            });
        }
        if let Some(viewer) = self.members[viewer_index].as_mut() {
            viewer.holders = holders;
        }
    }

    /// Puts a stream into a slot (or empties it) and keeps the subscriptions in step.
    pub(super) fn bind(
        &mut self,
        now: Instant,
        viewer_index: usize,
        slot_id: SlotId,
        origin: Option<Origin>,
    ) {
        let Some(viewer) = self.members[viewer_index].as_mut() else {
            return;
        };
        let Some(slot) = viewer.slot_mut(slot_id) else {
            return;
        };
        let waits = origin.is_some() && slot.current() != origin;
        if slot.target() == origin && !waits {
            return;
        }
        let shown = slot.current();
        let dropped = slot.want(origin);
        if slot.current() != shown {
            viewer.slots_changed = true;
        }
        let subscriber = Subscriber {
            viewer: viewer_index,
            slot: slot_id,
        };
        for former in dropped.into_iter().flatten() {
            if let Some(layer) = self.members[former.member]
                .as_mut()
                .and_then(|member| member.layer_mut(former.track, former.layer))
                .filter(|layer| layer.key == former.key)
            {
                layer.subscribers.retain(|one| *one != subscriber);
            }
        }
        let Some(origin) = origin else { return };
        if let Some(layer) = self.members[origin.member]
            .as_mut()
            .and_then(|member| member.layer_mut(origin.track, origin.layer))
            .filter(|layer| layer.key == origin.key)
            && !layer.subscribers.contains(&subscriber)
        {
            layer.subscribers.push(subscriber);
        }
        self.ask_key_frame(now, viewer_index, origin);
    }
}

/// Room for decisions, kept so that deciding does not allocate each time.
#[derive(Default)]
pub(super) struct Scratch {
    pictures: Vec<Picture>,
    wishes: Vec<StreamRequest>,
    chosen: Vec<Option<usize>>,
    before: Vec<Option<usize>>,
}

#[cfg(test)]
mod tests {
    use super::best_layer;

    #[test]
    fn small_pictures_get_small_layers() {
        assert_eq!(
            [
                best_layer(90),
                best_layer(180),
                best_layer(360),
                best_layer(720)
            ],
            [0, 0, 1, 2]
        );
    }
}
