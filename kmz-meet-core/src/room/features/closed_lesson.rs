//! A closed lesson: what it changed, so that it can be taken back. What it does in the room is in `room::lesson`.
//!
//! Messages: `set_lesson_closed`, `release_cameras` (moderators) → `room_changed` to all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::signal::{Door, ParticipantId, Who};

/// How cameras were before they were locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::room) struct Cameras {
    pub(in crate::room) who: Who,
    /// Who had the right personally.
    pub(in crate::room) grants: BTreeSet<ParticipantId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Closed {
    /// As it was before.
    door: Door,
    /// `None`: they are not locked, or not any more.
    cameras: Option<Cameras>,
}

/// Whether the lesson is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct ClosedLesson(Option<Closed>);

impl ClosedLesson {
    pub(in crate::room) fn is_off(&self) -> bool {
        self.0.is_none()
    }

    pub(in crate::room) fn locks_cameras(&self) -> bool {
        self.0.as_ref().is_some_and(|one| one.cameras.is_some())
    }

    pub(in crate::room) fn begin(&mut self, door: Door, cameras: Option<Cameras>) {
        self.0 = Some(Closed { door, cameras });
    }

    /// It is open again. Gives how door and cameras were; the latter only if it still locks them.
    pub(in crate::room) fn end(&mut self) -> Option<(Door, Option<Cameras>)> {
        self.0.take().map(|one| (one.door, one.cameras))
    }

    /// Cameras are not locked by it any more. Gives how they were.
    pub(in crate::room) fn release_cameras(&mut self) -> Option<Cameras> {
        self.0.as_mut()?.cameras.take()
    }

    /// These personal rights are not to be given back: somebody took them by hand.
    pub(in crate::room) fn forget_grants(&mut self, is_gone: impl Fn(&ParticipantId) -> bool) {
        let cameras = self.0.as_mut().and_then(|one| one.cameras.as_mut());
        if let Some(cameras) = cameras {
            cameras.grants.retain(|id| !is_gone(id));
        }
    }
}
