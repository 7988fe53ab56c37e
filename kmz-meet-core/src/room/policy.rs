//! What holds in the conference: who may use what, and how people come in.
//!
//! Messages: `set_policy` (moderators) → `room_changed` to all.

use super::command::Effect;
use super::policy_limits::narrowed;
use super::state::Room;
use crate::signal::{ParticipantId, Policy, PolicyChange, ServerMessage, Who};
use crate::timestamp::Timestamp;

impl Room {
    pub(super) fn change_policy(
        &mut self,
        now: Timestamp,
        by: Option<&ParticipantId>,
        change: PolicyChange,
        effects: &mut Vec<Effect>,
    ) {
        let lesson = self.features.closed_lesson.clone();
        self.change_by_hand(&change, effects);
        let before = self.policy.clone();
        let limit = self.capacity_limit.max(2);
        let mut policy = before.clone();
        apply(&mut policy, change, limit);
        self.policy = narrowed(policy, self.limits);
        if before == self.policy && lesson == self.features.closed_lesson {
            return;
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        self.enforce(by, effects);
        self.after_door(now, before.door, effects);
    }
}

/// Applies a change; the capacity stays within what the operator allows.
fn apply(policy: &mut Policy, change: PolicyChange, limit: u32) {
    let PolicyChange {
        microphone,
        camera,
        screen,
        chat,
        door,
        microphone_on_at_join,
        camera_on_at_join,
        capacity,
    } = change;
    let set = |field: &mut Who, to: Option<Who>| *field = to.unwrap_or(*field);
    set(&mut policy.microphone, microphone);
    set(&mut policy.camera, camera);
    set(&mut policy.screen, screen);
    set(&mut policy.chat, chat);
    policy.door = door.unwrap_or(policy.door);
    policy.microphone_on_at_join = microphone_on_at_join.unwrap_or(policy.microphone_on_at_join);
    policy.camera_on_at_join = camera_on_at_join.unwrap_or(policy.camera_on_at_join);
    policy.capacity = capacity.unwrap_or(policy.capacity).clamp(2, limit);
}

/// A policy with a change applied, for rooms that do not run.
#[must_use]
pub fn changed(mut policy: Policy, change: PolicyChange, limit: u32) -> Policy {
    apply(&mut policy, change, limit.max(2));
    policy
}
