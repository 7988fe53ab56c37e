//! Tells senders which encodings of a camera or a screen somebody watches, so that nobody encodes and sends what nobody
//! looks at: on a narrow line these bits are taken from what is looked at.

use std::time::Instant;

use super::scratch::Scratch;
use super::worker::Worker;
use crate::sfu::api::MediaEvent;
use crate::sfu::ids::{Encoding, MemberKey, Track};

impl Worker {
    /// Before all viewers of a conference are looked at.
    pub(super) fn begin_watched(&mut self, member: MemberKey) {
        if let Some(member) = self.members.get_mut(member) {
            for track in &mut member.tracks.0 {
                track.watched.begin();
            }
        }
    }

    /// Takes note of what a viewer shows.
    pub(super) fn note_watched(
        &mut self,
        viewer: MemberKey,
        screen: Option<MemberKey>,
        scratch: &Scratch,
    ) {
        let cameras = scratch
            .watched
            .iter()
            .map(|(member, best)| (*member, Track::Camera, *best));
        let screen = screen
            .filter(|sharer| *sharer != viewer)
            .map(|sharer| (sharer, Track::Screen, Encoding::LARGE));
        for (member, track, best) in cameras.chain(screen) {
            if let Some(member) = self.members.get_mut(member) {
                member.tracks[track].watched.note(best);
            }
        }
    }

    /// Tells a sender which encodings are watched, where that changed.
    pub(super) fn notify_watched(&mut self, now: Instant, key: MemberKey) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let mut is_news = false;
        for track in [Track::Camera, Track::Screen] {
            let track = &mut member.tracks[track];
            let is_simulcast = track
                .section
                .as_ref()
                .is_some_and(|section| !section.rids.is_empty());
            is_news |= is_simulcast && track.watched.news(now).is_some();
        }
        if is_news {
            self.tell_watched(key);
        }
    }

    /// Tells a sender which encodings are watched, whether that is news or not.
    pub(super) fn tell_watched(&self, key: MemberKey) {
        let Some(member) = self.members.get(key) else {
            return;
        };
        let rids = |track: Track| {
            let track = &member.tracks[track];
            track.section.as_ref().map_or_else(Vec::new, |section| {
                section.rids_up_to(track.watched.known())
            })
        };
        // Ignore send errors: the conference has already ended.
        let _ = member.events.send(MediaEvent::Watched {
            participant: member.id.clone(),
            camera: rids(Track::Camera),
            screen: rids(Track::Screen),
        });
    }
}
