//! What a policy may not loosen: one function narrows every policy, of rooms that are made, changed, and that run.

use serde::{Deserialize, Serialize};

use crate::signal::{Door, Policy, Who};

/// What no policy of a room may loosen, whoever sets it. By default everything may be loosened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyLimits {
    pub microphone: Who,
    pub camera: Who,
    pub screen: Who,
    pub chat: Who,
    /// The door is at least as closed as this.
    pub door: Door,
}

impl Default for PolicyLimits {
    fn default() -> Self {
        Self {
            microphone: Who::Everyone,
            camera: Who::Everyone,
            screen: Who::Everyone,
            chat: Who::Everyone,
            door: Door::Open,
        }
    }
}

impl PolicyLimits {
    /// Whether everything may be loosened.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(super) fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The policy with all of it that the limits do not permit made as strict as they are.
#[must_use]
pub fn narrowed(mut policy: Policy, limits: PolicyLimits) -> Policy {
    let narrow = |field: &mut Who, limit: Who| {
        if limit == Who::Moderators {
            *field = limit;
        }
    };
    narrow(&mut policy.microphone, limits.microphone);
    narrow(&mut policy.camera, limits.camera);
    narrow(&mut policy.screen, limits.screen);
    narrow(&mut policy.chat, limits.chat);
    policy.door = match (limits.door, policy.door) {
        (Door::Closed, _) | (_, Door::Closed) => Door::Closed,
        (Door::Knock, _) | (_, Door::Knock) => Door::Knock,
        (Door::Open, Door::Open) => Door::Open,
    };
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: [Who; 2] = [Who::Everyone, Who::Moderators];
    const DOORS: [Door; 3] = [Door::Open, Door::Knock, Door::Closed];

    #[test]
    fn narrowed_door_is_the_more_closed_one() {
        for (least, limit) in DOORS.into_iter().enumerate() {
            for (wanted, door) in DOORS.into_iter().enumerate() {
                let limits = PolicyLimits {
                    door: limit,
                    ..PolicyLimits::default()
                };
                let policy = Policy {
                    door,
                    ..Policy::default()
                };
                assert_eq!(narrowed(policy, limits).door, DOORS[wanted.max(least)]);
            }
        }
    }

    #[test]
    fn narrowed_rights_are_those_of_the_limit_or_stricter() {
        for limit in WHO {
            for who in WHO {
                let limits = PolicyLimits {
                    microphone: limit,
                    camera: limit,
                    screen: limit,
                    chat: limit,
                    door: Door::Open,
                };
                let policy = Policy {
                    microphone: who,
                    camera: who,
                    screen: who,
                    chat: who,
                    ..Policy::default()
                };
                let narrowed = narrowed(policy, limits);
                let strict = [who, limit].contains(&Who::Moderators);
                let expected = if strict {
                    Who::Moderators
                } else {
                    Who::Everyone
                };
                let found = [
                    narrowed.microphone,
                    narrowed.camera,
                    narrowed.screen,
                    narrowed.chat,
                ];
                assert_eq!(found, [expected; 4]);
            }
        }
    }

    #[test]
    fn limits_that_permit_everything_change_nothing() {
        let policy = Policy::default();
        assert_eq!(narrowed(policy.clone(), PolicyLimits::default()), policy);
    }
}
