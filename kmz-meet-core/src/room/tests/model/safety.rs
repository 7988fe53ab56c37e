//! What the model has of a closed lesson and of the emergency stop.

use std::time::Duration;

use super::{Cameras, Id, Model};
use crate::signal::{Door, PolicyChange, Right, Target};

impl Model {
    pub fn is_held(&self, id: &Id) -> bool {
        let released = |stop: &std::collections::BTreeSet<Id>| stop.contains(id);
        let moderates = self.seats.get(id).is_some_and(|one| one.moderator);
        !moderates && self.stop.as_ref().is_some_and(|stop| !released(stop))
    }

    /// Whether a closed door is none for who comes back to this seat.
    pub(super) fn is_insider(&self, id: &Id) -> bool {
        let inside = |all: &std::collections::BTreeSet<Id>| all.contains(id);
        self.door == Some(Door::Closed) && self.insiders.as_ref().is_some_and(inside)
    }

    pub(super) fn close_door(&mut self) {
        self.door = Some(Door::Closed);
        let seats = self.seats.iter().filter(|(_, one)| {
            let lately = |at| self.now.saturating_duration_since(at) < Duration::from_mins(1);
            one.present || one.left_at.is_some_and(lately)
        });
        let seats: Vec<Id> = seats.map(|(id, _)| id.clone()).collect();
        self.insiders.get_or_insert_default().extend(seats);
    }

    /// `opened`: it was not open, and it is.
    pub(super) fn after_door(&mut self, opened: bool, entered: &[Id]) {
        if self.door != Some(Door::Closed) {
            self.insiders = None;
        }
        if opened {
            let knocks = self.knocks.iter();
            let knocks = knocks.filter(|(_, one)| !one.unproven && !one.sent);
            let waiting: Vec<Id> = knocks.map(|(id, _)| id.clone()).collect();
            self.let_all_in(waiting, entered);
        }
    }

    pub(super) fn release(&mut self, target: &Target) {
        if *target == Target::All {
            self.stop = None;
            return;
        }
        for id in self.those(target) {
            let moderates = self.moderates(&id);
            if let Some(released) = self.stop.as_mut().filter(|_| !moderates) {
                released.insert(id);
            }
        }
    }

    pub(super) fn set_lesson_closed(&mut self, closed: bool, entered: &[Id]) {
        match (closed, self.lesson.take()) {
            (true, None) => {
                let door = self.door.expect("a door");
                let everyone = self.everyone.remove(&Right::Camera);
                let mut grants = std::collections::BTreeSet::new();
                for (id, one) in self.seats.iter_mut().filter(|(_, one)| !one.moderator) {
                    if one.grants.remove(&Right::Camera) {
                        grants.insert(id.clone());
                    }
                }
                let locks = everyone || !grants.is_empty();
                self.lesson = Some((door, locks.then_some((everyone, grants))));
                self.close_door();
            }
            (false, Some((door, cameras))) => {
                self.unlock(cameras);
                self.door = Some(door);
                self.after_door(door == Door::Open, entered);
            }
            (_, lesson) => self.lesson = lesson,
        }
    }

    pub(super) fn release_cameras(&mut self) {
        let cameras = self.lesson.as_mut().and_then(|lesson| lesson.1.take());
        self.unlock(cameras);
    }

    /// What is changed by hand is not taken back.
    pub(super) fn by_hand(&mut self, change: &PolicyChange) {
        if change.camera.is_some() {
            self.release_cameras();
        }
        if change.door.is_some_and(|door| door != Door::Closed)
            && let Some((_, cameras)) = self.lesson.take()
        {
            self.unlock(cameras);
        }
    }

    pub(super) fn forget_locked(&mut self, which: impl Fn(&Id) -> bool) {
        if let Some((_, Some((_, grants)))) = &mut self.lesson {
            grants.retain(|id| !which(id));
        }
    }

    fn unlock(&mut self, cameras: Option<Cameras>) {
        let Some((everyone, grants)) = cameras else {
            return;
        };
        if everyone {
            self.everyone.insert(Right::Camera);
        }
        for id in &grants {
            if let Some(one) = self.seats.get_mut(id) {
                one.grants.insert(Right::Camera);
            }
        }
    }
}
