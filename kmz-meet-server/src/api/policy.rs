//! How policies look in the API. The types themselves are the protocol's (`kmz_meet_core::signal`); these only describe them.

use kmz_meet_core::signal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::Problem;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Everyone,
    Moderators,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Newcomers come in.
    Open,
    /// Newcomers wait in the lobby.
    Knock,
    /// Newcomers are turned away.
    Closed,
}

/// What holds in a room.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    microphone: Who,
    camera: Who,
    screen: Who,
    chat: Who,
    door: Door,
    microphone_on_at_join: bool,
    camera_on_at_join: bool,
    /// Whether participants are shown few large buttons with pictures.
    simple_view: bool,
    /// Most people in the conference.
    #[schema(minimum = 2, maximum = 70)]
    capacity: u32,
}

/// A change of a policy: what is absent stays as it is.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    microphone: Option<Who>,
    camera: Option<Who>,
    screen: Option<Who>,
    chat: Option<Who>,
    door: Option<Door>,
    microphone_on_at_join: Option<bool>,
    camera_on_at_join: Option<bool>,
    simple_view: Option<bool>,
    #[schema(minimum = 2, maximum = 70)]
    capacity: Option<u32>,
}

/// What no room of a school may loosen: where it says `moderators`, no room says `everyone`, and no door is more open. By
/// default everything may be loosened.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Who, required = false)]
    microphone: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Who, required = false)]
    camera: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Who, required = false)]
    screen: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Who, required = false)]
    chat: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Door, required = false)]
    door: Option<Door>,
}

/// Whether conferences on this server can have as many participants as a change says.
///
/// # Errors
/// `invalid`.
pub(super) fn check_capacity(
    change: &signal::PolicyChange,
    max_capacity: u32,
) -> Result<(), Problem> {
    match change.capacity {
        Some(capacity) if !(2..=max_capacity).contains(&capacity) => Err(Problem::invalid(
            format!("The capacity must be from 2 to {max_capacity}."),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, to_value};

    #[test]
    fn described_policy_has_the_fields_of_the_protocol() {
        let policy = to_value(signal::Policy::default()).unwrap();
        let described: Policy = from_value(policy.clone()).unwrap();
        assert_eq!(to_value(described).unwrap(), policy);
        // every field of a policy can be changed
        let change: PolicyChange = from_value(policy.clone()).unwrap();
        assert_eq!(to_value(&change).unwrap(), policy);
        assert!(from_value::<signal::PolicyChange>(policy).is_ok());
    }

    #[test]
    fn described_limits_have_the_fields_of_the_room() {
        let limits = to_value(kmz_meet_core::room::PolicyLimits::default()).unwrap();
        let described: PolicyLimits = from_value(limits.clone()).unwrap();
        assert_eq!(to_value(described).unwrap(), limits);
    }
}
