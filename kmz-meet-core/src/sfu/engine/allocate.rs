//! Who is in which video slot of each viewer, and in which encoding.

use std::time::{Duration, Instant};

use super::member::Member;
use super::scratch::{Picture, Scratch};
use super::worker::Worker;
use crate::sfu::allocation::allocator::StreamRequest;
use crate::sfu::ids::{
    ConferenceKey, Encoding, MemberKey, PerEncoding, SlotId, StreamRef, Subscriber, Track,
    VideoSlot,
};

/// Bit rates that encodings are expected to have until they were measured.
const TYPICAL: PerEncoding<f64> = PerEncoding([150_000.0, 500_000.0, 1_700_000.0]);

/// A sender whose line carries less stops its larger encodings while the smaller ones go on: one of a camera that falls so
/// far behind is gone, and nobody waits for it until it counts as not alive.
const STOPPED: Duration = Duration::from_millis(500);

/// The largest encoding worth sending to a picture of this height in physical pixels.
fn best_encoding(height: u32) -> Encoding {
    match height {
        0..=200 => Encoding::SMALL,
        201..=400 => Encoding::MIDDLE,
        _ => Encoding::LARGE,
    }
}

fn rates(member: &Member, track: Track, now: Instant) -> PerEncoding<f64> {
    if !member.may(track) {
        return PerEncoding::default();
    }
    let silence = |encoding| member.stream(track, encoding)?.meter.silent_for(now);
    let newest = Encoding::ALL.into_iter().filter_map(silence).min();
    let has_stopped = |encoding| {
        track == Track::Camera
            && silence(encoding)
                .zip(newest)
                .is_some_and(|(silence, newest)| silence > newest + STOPPED)
    };
    PerEncoding::from_fn(|encoding| {
        member
            .stream(track, encoding)
            .filter(|_| !has_stopped(encoding))
            .map_or(0.0, |found| found.meter.rate(now, TYPICAL[encoding]))
    })
}

/// What is left of the smallest encoding without the pictures that no other one needs.
fn needed(member: &Member, track: Track, now: Instant) -> f64 {
    Encoding::ALL
        .into_iter()
        .filter_map(|encoding| member.stream(track, encoding))
        .find(|stream| stream.meter.is_alive(now))
        .map_or(1.0, |stream| stream.needed_share(now))
}

fn sends(member: &Member, track: Track, now: Instant) -> bool {
    rates(member, track, now).0.iter().any(|rate| *rate > 0.0)
}

impl Worker {
    /// Decides anew for every viewer of a conference.
    pub(super) fn allocate(&mut self, now: Instant, conference: ConferenceKey) {
        let Some(media) = self.conferences.get_mut(conference) else {
            return;
        };
        media.changed = false;
        let shares = |member: &MemberKey| {
            self.members
                .get(*member)
                .is_some_and(|member| sends(member, Track::Screen, now))
        };
        // Who shares stays the one who is shown; else the first who does.
        let screen = media
            .screen
            .filter(shares)
            .or_else(|| media.members.iter().copied().find(shares));
        media.screen = screen;
        self.for_members(conference, Self::begin_watched);
        self.for_members(conference, |worker, viewer| {
            worker.charged(viewer, |worker| worker.allocate_viewer(now, viewer, screen));
        });
        self.for_members(conference, |worker, sender| {
            worker.notify_watched(now, sender);
        });
    }

    /// Decides anew for one viewer; `screen`: who shares theirs.
    pub(super) fn allocate_viewer(
        &mut self,
        now: Instant,
        viewer_key: MemberKey,
        screen: Option<MemberKey>,
    ) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        self.requests_of(now, viewer_key, screen, &mut scratch);
        self.note_watched(viewer_key, screen, &scratch);
        let Scratch {
            pictures,
            requests,
            chosen,
            before,
            watched: _,
        } = &mut scratch;
        let Some(viewer) = self.members.get_mut(viewer_key) else {
            return;
        };
        before.extend(pictures.iter().map(|picture| {
            let shown = viewer.slots.get_mut(picture.slot)?.target()?;
            (shown.member == picture.member && shown.track == picture.track)
                .then_some(shown.encoding)
        }));
        if let Some(transport) = viewer.transport.as_mut() {
            let budget = transport.estimate.for_pictures(now);
            let next = viewer
                .hysteresis
                .allocate(now, budget, requests, before, chosen);
            let pads = viewer
                .slots
                .video
                .first()
                .is_some_and(|slot| slot.plan.codecs.rtx.is_some());
            transport.estimate.wants(next, pads);
        } else {
            chosen.resize(requests.len(), None);
        }
        viewer.starves = chosen
            .first()
            .zip(requests.first())
            .is_some_and(|(encoding, request)| encoding.is_none() && request.is_there());
        for (picture, thinned) in pictures.iter().zip(viewer.hysteresis.thinned()) {
            if let Some(slot) = viewer.slots.get_mut(picture.slot) {
                slot.thinned = *thinned;
            }
        }
        viewer.paused = chosen.iter().filter(|encoding| encoding.is_none()).count();
        for slot in viewer.slots.pictures() {
            let stream = pictures
                .iter()
                .zip(&*chosen)
                .find(|(picture, _)| picture.slot == slot)
                .and_then(|(picture, encoding)| {
                    let encoding = (*encoding)?;
                    let key = self
                        .members
                        .get(picture.member)?
                        .stream(picture.track, encoding)?
                        .key;
                    Some(StreamRef {
                        member: picture.member,
                        track: picture.track,
                        encoding,
                        key,
                    })
                });
            self.bind(now, viewer_key, slot, stream);
        }
        self.scratch = scratch;
    }

    /// What a viewer wants, most important first, each in its slot. Who is in a slot keeps it.
    fn requests_of(
        &mut self,
        now: Instant,
        viewer_key: MemberKey,
        screen: Option<MemberKey>,
        scratch: &mut Scratch,
    ) {
        let Some(viewer) = self.members.get(viewer_key) else {
            return;
        };
        let mut holders = viewer.holders.clone();
        if let Some(sharer) =
            screen.filter(|sharer| *sharer != viewer_key && viewer.slots.screen.is_some())
            && let Some(member) = self.members.get(sharer)
        {
            scratch.pictures.push(Picture {
                slot: SlotId::Screen,
                member: sharer,
                track: Track::Screen,
            });
            scratch.requests.push(StreamRequest {
                rates: rates(member, Track::Screen, now),
                best: Encoding::LARGE,
                needed: needed(member, Track::Screen, now),
            });
        }
        let pinned = viewer.pinned;
        let mut tiles: Vec<_> = viewer
            .view
            .iter()
            .copied()
            .filter(|tile| tile.member != viewer_key)
            .collect();
        tiles.sort_by_key(|tile| Some(tile.member) != pinned);
        tiles.truncate(holders.len());
        for holder in &mut holders {
            if holder.is_some_and(|holder| !tiles.iter().any(|tile| tile.member == holder)) {
                *holder = None;
            }
        }
        for tile in tiles {
            let Some(member) = self
                .members
                .get(tile.member)
                .filter(|member| member.conference == viewer.conference)
            else {
                continue;
            };
            let best = best_encoding(tile.height);
            scratch.watched.push((tile.member, best));
            if !sends(member, Track::Camera, now) {
                for holder in holders
                    .iter_mut()
                    .filter(|holder| **holder == Some(tile.member))
                {
                    *holder = None;
                }
                continue;
            }
            let slot = holders
                .iter()
                .position(|holder| *holder == Some(tile.member))
                .or_else(|| holders.iter().position(Option::is_none));
            let Some(slot) = slot else { continue };
            holders[slot] = Some(tile.member);
            scratch.pictures.push(Picture {
                slot: SlotId::Video(VideoSlot::from_index(slot)),
                member: tile.member,
                track: Track::Camera,
            });
            scratch.requests.push(StreamRequest {
                rates: rates(member, Track::Camera, now),
                best,
                needed: needed(member, Track::Camera, now),
            });
        }
        if let Some(viewer) = self.members.get_mut(viewer_key) {
            viewer.holders = holders;
        }
    }

    /// Puts a stream into a slot (or empties it) and keeps the subscriptions in step.
    pub(super) fn bind(
        &mut self,
        now: Instant,
        viewer_key: MemberKey,
        slot_id: SlotId,
        stream: Option<StreamRef>,
    ) {
        let Some(viewer) = self.members.get_mut(viewer_key) else {
            return;
        };
        let Some(slot) = viewer.slots.get_mut(slot_id) else {
            return;
        };
        let waits = stream.is_some() && slot.current() != stream;
        if slot.target() == stream && !waits {
            return;
        }
        let shown = slot.current();
        let dropped = slot.want(stream);
        if slot.current() != shown {
            viewer.slots_changed = true;
        }
        let subscriber = Subscriber {
            viewer: viewer_key,
            slot: slot_id,
        };
        for former in dropped.into_iter().flatten() {
            if let Some(found) = self.find_mut(former) {
                found.subscribers.retain(|one| *one != subscriber);
            }
        }
        let Some(stream) = stream else { return };
        if let Some(found) = self.find_mut(stream)
            && !found.subscribers.contains(&subscriber)
        {
            found.subscribers.push(subscriber);
        }
        self.ask_key_frame(now, viewer_key, stream);
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, best_encoding};

    #[test]
    fn best_encoding_of_a_small_tile_is_small() {
        assert_eq!(
            [
                best_encoding(90),
                best_encoding(180),
                best_encoding(360),
                best_encoding(720)
            ],
            [
                Encoding::SMALL,
                Encoding::SMALL,
                Encoding::MIDDLE,
                Encoding::LARGE
            ]
        );
    }
}
