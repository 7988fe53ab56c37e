//! What hosts have in their databases stays readable, and is written as before. The files in `tests/stored` were written by the
//! version before roles were named as LTI names them.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use lti_bridge::{Invitation, Launch, Member, NumericDate, PlatformState, Role, ToolKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a stored text, and checks that it is written the same again.
fn stored<T: DeserializeOwned + Serialize>(text: &str) -> T {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), text.trim());
    read
}

#[test]
fn launch_of_an_earlier_version_is_read_and_written_the_same() {
    for (text, role) in [
        (
            include_str!("stored/launch-of-a-teacher.json"),
            Role::Instructor,
        ),
        (
            include_str!("stored/launch-of-a-learner.json"),
            Role::Learner,
        ),
    ] {
        let launch: Launch = stored(text);
        assert_eq!(launch.role, role);
        assert_eq!(launch.platform.state, PlatformState::Active);
        assert_eq!(launch.custom["room"], "r-1");
        assert!(launch.names.is_some());
        assert!(launch.grades.unwrap().takes_scores());
    }
}

#[test]
fn member_of_an_earlier_version_is_read_and_written_the_same() {
    for (text, role) in [
        (
            include_str!("stored/member-who-teaches.json"),
            Role::Instructor,
        ),
        (include_str!("stored/member-who-learns.json"), Role::Learner),
    ] {
        let member: Member = stored(text);
        assert_eq!((member.user_id.as_str(), member.role), ("4", role));
    }
}

#[test]
fn invitation_and_tool_key_of_an_earlier_version_are_read_and_written_the_same() {
    let invitation: Invitation = stored(include_str!("stored/invitation.json"));
    assert!(invitation.approved && !invitation.once);
    let key: ToolKey = stored(include_str!("stored/tool-key.json"));
    assert_eq!(
        (key.created_at, key.retired_at),
        (NumericDate(1_800_000_000), None)
    );
}
