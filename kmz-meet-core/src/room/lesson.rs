//! A closed lesson: the door is closed, who is inside keeps coming back, and cameras are locked until a moderator releases
//! them. What is to be taken back is in `features::closed_lesson`.

use std::time::Duration;

use super::command::Effect;
use super::features::Cameras;
use super::limits::SEAT_SHOWN;
use super::policy_limits::narrowed;
use super::state::Room;
use crate::signal::{Door, ParticipantId, PolicyChange, Right, Role, ServerMessage, Who};
use crate::timestamp::Timestamp;

/// Who closed the page so shortly before is reloading it, and comes back.
const RELOADING: Duration = SEAT_SHOWN;

impl Room {
    /// A moderator closes the lesson, or opens it again.
    pub(super) fn set_lesson_closed(
        &mut self,
        now: Timestamp,
        by: Option<&ParticipantId>,
        closed: bool,
        effects: &mut Vec<Effect>,
    ) {
        if closed != self.features.closed_lesson.is_off() {
            return;
        }
        if closed {
            let door = self.policy.door;
            let cameras = self.lock_cameras(effects);
            self.features.closed_lesson.begin(door, cameras);
            self.close_door(now);
        } else if let Some((door, cameras)) = self.features.closed_lesson.end() {
            self.unlock_cameras(cameras, effects);
            self.policy.door = door;
            self.policy = narrowed(self.policy.clone(), self.limits);
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        self.enforce(by, effects);
        if !closed {
            self.after_door(now, Door::Closed, effects);
        }
    }

    /// A moderator unlocks the cameras alone.
    pub(super) fn release_cameras(&mut self, effects: &mut Vec<Effect>) {
        let cameras = self.features.closed_lesson.release_cameras();
        if cameras.is_none() {
            return;
        }
        self.unlock_cameras(cameras, effects);
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        effects.push(Effect::Save);
    }

    /// The policy is about to be changed by hand: what the closed lesson would take back is not its business any more where
    /// the change says how it is to be. Whoever opens the door opens the lesson.
    pub(super) fn change_by_hand(&mut self, change: &PolicyChange, effects: &mut Vec<Effect>) {
        if change.camera.is_some()
            && let Some(cameras) = self.features.closed_lesson.release_cameras()
        {
            self.give_back(&cameras, effects);
        }
        if change.door.is_some_and(|door| door != Door::Closed)
            && let Some((_, cameras)) = self.features.closed_lesson.end()
        {
            self.unlock_cameras(cameras, effects);
        }
    }

    /// Nobody new comes in, and who is inside keeps coming back, also who is reloading the page.
    pub(super) fn close_door(&mut self, now: Timestamp) {
        self.policy.door = Door::Closed;
        let is_inside = |person: &super::person::Person| {
            let left = person.left_at.filter(|_| !person.present);
            person.present || left.is_some_and(|at| now.saturating_duration_since(at) < RELOADING)
        };
        let inside = self.people.iter().filter(|(_, person)| is_inside(person));
        let inside: Vec<ParticipantId> = inside.map(|(id, _)| id.clone()).collect();
        self.features.insiders.close(inside);
    }

    /// The door is another one now: who may be let in who waited, and who only came back because it was closed.
    pub(super) fn after_door(&mut self, now: Timestamp, before: Door, effects: &mut Vec<Effect>) {
        if self.policy.door != Door::Closed {
            self.features.insiders.open();
        }
        if before != Door::Open && self.policy.door == Door::Open && !self.lobby.is_empty() {
            // Who waited for the door only need not wait any more.
            self.admit(now, |waiting| !waiting.unproven && !waiting.sent, effects);
        }
    }

    /// Locks them; gives how they were, if there is something to lock.
    fn lock_cameras(&mut self, effects: &mut Vec<Effect>) -> Option<Cameras> {
        let who = self.policy.camera;
        let mut grants = std::collections::BTreeSet::new();
        for (id, person) in &mut self.people {
            if person.role == Role::Participant && person.grants.remove(&Right::Camera) {
                grants.insert(id.clone());
            }
        }
        if who == Who::Moderators && grants.is_empty() {
            return None;
        }
        self.policy.camera = Who::Moderators;
        for id in &grants {
            self.tell_changed(id, effects);
        }
        Some(Cameras { who, grants })
    }

    fn unlock_cameras(&mut self, cameras: Option<Cameras>, effects: &mut Vec<Effect>) {
        if let Some(cameras) = cameras {
            self.policy.camera = cameras.who;
            self.policy = narrowed(self.policy.clone(), self.limits);
            self.give_back(&cameras, effects);
        }
    }

    fn give_back(&mut self, cameras: &Cameras, effects: &mut Vec<Effect>) {
        for id in &cameras.grants {
            if let Some(person) = self.people.get_mut(id) {
                person.grants.insert(Right::Camera);
                self.tell_changed(id, effects);
            }
        }
    }
}
