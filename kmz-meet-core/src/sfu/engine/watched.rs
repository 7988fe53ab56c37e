//! Which encodings of a camera or a screen somebody watches. Its sender is told, so that nobody encodes and sends what
//! nobody looks at: on a narrow line these bits are taken from what is looked at.

use std::time::{Duration, Instant};

use super::scratch::Scratch;
use super::worker::Worker;
use crate::sfu::api::MediaEvent;
use crate::sfu::ids::{Encoding, MemberKey, Track};

/// A sender is told at once that more is wanted, but that less is enough only after this time: a page that is turned and
/// turned back costs no key frame, and whoever plays with their view changes a sender once in this time at most.
const LESS_AFTER: Duration = Duration::from_secs(5);

/// The largest encoding that somebody shows; the smaller ones are needed too, for those whose connection carries no more.
/// The smallest is always wanted: the server sees by it that there is a picture.
pub struct Watched {
    best: Encoding,
    told: Encoding,
    less_since: Option<Instant>,
}

impl Default for Watched {
    /// A new session sends everything.
    fn default() -> Self {
        Self {
            best: Encoding::SMALL,
            told: Encoding::LARGE,
            less_since: None,
        }
    }
}

impl Watched {
    /// All who watch are asked anew.
    pub fn begin(&mut self) {
        self.best = Encoding::SMALL;
    }

    /// Somebody shows it as large as this.
    pub fn note(&mut self, best: Encoding) {
        self.best = self.best.max(best);
    }

    /// All have been asked. The largest encoding of which the sender is to be told now.
    pub fn news(&mut self, now: Instant) -> Option<Encoding> {
        if self.best >= self.told {
            self.less_since = None;
            return (self.best > self.told).then(|| {
                self.told = self.best;
                self.told
            });
        }
        let since = *self.less_since.get_or_insert(now);
        if now.saturating_duration_since(since) < LESS_AFTER {
            return None;
        }
        self.less_since = None;
        self.told = self.best;
        Some(self.told)
    }
}

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
            let rids = |track: Track| {
                let track = &member.tracks[track];
                track
                    .section
                    .as_ref()
                    .map_or_else(Vec::new, |section| section.rids_up_to(track.watched.told))
            };
            let _ = member.events.send(MediaEvent::Watched {
                participant: member.id.clone(),
                camera: rids(Track::Camera),
                screen: rids(Track::Screen),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told when the picture is shown like this, a second for each.
    fn told(shown: &[Encoding]) -> Vec<(usize, Encoding)> {
        let start = Instant::now();
        let mut watched = Watched::default();
        let told = shown.iter().enumerate().filter_map(|(second, best)| {
            watched.begin();
            watched.note(*best);
            let news = watched.news(start + Duration::from_secs(second as u64))?;
            Some((second, news))
        });
        told.collect()
    }

    const S: Encoding = Encoding::SMALL;
    const M: Encoding = Encoding::MIDDLE;
    const L: Encoding = Encoding::LARGE;

    #[test]
    fn news_of_more_come_at_once_and_of_less_after_a_while() {
        assert_eq!(told(&[L; 20]), []);
        assert_eq!(told(&[S, S, S, S, S, S, S, L]), [(5, S), (7, L)]);
        assert_eq!(told(&[M, S, S, M, M, M, M]), [(5, M)]);
    }

    #[test]
    fn news_of_a_view_that_changes_all_the_time_are_few() {
        let shown: Vec<_> = (0..600).map(|at| if at % 2 == 0 { S } else { L }).collect();
        assert_eq!(told(&shown), []);
        let shown: Vec<_> = (0..600).map(|at| if at % 7 < 6 { S } else { L }).collect();
        assert!(told(&shown).len() <= 2 * 600 / 7 + 1);
    }
}
