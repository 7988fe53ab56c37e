//! What holds in the conference: who may use what, and how people come in.
//!
//! Messages: `set_policy`, `stop_everything` (moderators) → `room_changed` to all.

use super::command::Effect;
use super::policy_limits::narrowed;
use super::state::Room;
use crate::signal::{Door, ParticipantId, Policy, PolicyChange, Role, ServerMessage, Who};
use crate::timestamp::Timestamp;

impl Room {
    pub(super) fn change_policy(
        &mut self,
        now: Timestamp,
        by: Option<&ParticipantId>,
        change: PolicyChange,
        effects: &mut Vec<Effect>,
    ) {
        let before = self.policy.clone();
        let limit = self.capacity_limit.max(2);
        let mut policy = before.clone();
        apply(&mut policy, change, limit);
        self.policy = narrowed(policy, self.limits);
        if before == self.policy {
            return;
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
        self.enforce(by, effects);
        if before.door != Door::Open && self.policy.door == Door::Open && !self.lobby.is_empty() {
            // Who waited for the door only need not wait any more.
            self.admit(now, |waiting| !waiting.unproven, effects);
        }
    }

    pub(super) fn lock_all(&mut self, by: Option<&ParticipantId>, effects: &mut Vec<Effect>) {
        self.policy.microphone = Who::Moderators;
        self.policy.camera = Who::Moderators;
        self.policy.screen = Who::Moderators;
        self.policy.chat = Who::Moderators;
        self.policy.door = Door::Closed;
        if let Some(id) = self.features.floor.clear() {
            effects.push(Effect::Forward {
                participant: id.clone(),
                forwarding: self.forwarding(&id),
            });
        }
        let mut changed = Vec::new();
        for (id, person) in &mut self.people {
            if person.role == Role::Participant && !person.grants.is_empty() {
                person.grants.clear();
                changed.push(id.clone());
            }
        }
        self.enforce(by, effects);
        for id in &changed {
            self.tell_changed(id, effects);
        }
        effects.push(Effect::ToAll(ServerMessage::RoomChanged {
            room: self.info(),
        }));
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
        simple_view,
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
    policy.simple_view = simple_view.unwrap_or(policy.simple_view);
    policy.capacity = capacity.unwrap_or(policy.capacity).clamp(2, limit);
}

/// A policy with a change applied, for rooms that do not run.
#[must_use]
pub fn changed(mut policy: Policy, change: PolicyChange, limit: u32) -> Policy {
    apply(&mut policy, change, limit.max(2));
    policy
}
