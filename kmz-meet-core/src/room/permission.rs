//! Who may do what: the one table of role × action × policy. Everything that is permitted or not is decided here.

use std::collections::BTreeSet;

use super::command::Action;
use crate::signal::{ClientMessage, ParticipantId, Policy, Right, Role, Source, Who};

/// What an action needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// The right itself, or the role that has every right.
    Holding(Right),
    Moderator,
    /// Nobody in the conference may: the server does it.
    Server,
}

/// The table, first half: action → what it needs.
#[must_use]
pub fn needs(action: &Action) -> Needs {
    let message = match action {
        Action::Message(message) => message,
        Action::Alert(_)
        | Action::WithdrawUser { .. }
        | Action::SignOut { .. }
        | Action::ReadmitUser { .. }
        | Action::EndCards { .. }
        | Action::SetClassList { .. } => return Needs::Server,
    };
    match message {
        ClientMessage::SetSource { source, on: true } => Needs::Holding(right_of(*source)),
        ClientMessage::SendChat { .. } => Needs::Holding(Right::Chat),
        // Giving up one's own is always possible, and so is saying that something is wrong. The last five are about the connection and the media session: the room
        // refuses them, whoever sends them.
        ClientMessage::SetSource { on: false, .. }
        | ClientMessage::Leave
        | ClientMessage::Away
        | ClientMessage::SetHand { .. }
        | ClientMessage::Report
        | ClientMessage::Join { .. }
        | ClientMessage::Offer { .. }
        | ClientMessage::Probe { .. }
        | ClientMessage::View { .. }
        | ClientMessage::Ping => Needs::Nothing,
        ClientMessage::Mute { .. }
        | ClientMessage::Ask { .. }
        | ClientMessage::SetPolicy { .. }
        | ClientMessage::SetPassword { .. }
        | ClientMessage::Grant { .. }
        | ClientMessage::SetFloor { .. }
        | ClientMessage::SetSpeakersOnly { .. }
        | ClientMessage::Admit { .. }
        | ClientMessage::Refuse { .. }
        | ClientMessage::Remove { .. }
        | ClientMessage::SetRole { .. }
        | ClientMessage::LowerHand { .. }
        | ClientMessage::Rename { .. }
        | ClientMessage::Mark { .. }
        | ClientMessage::SendToLobby { .. }
        // Not the author's own: what somebody was told and then took back could not be shown to anybody any more.
        | ClientMessage::DeleteMessage { .. }
        | ClientMessage::DeleteMessagesOf { .. }
        | ClientMessage::LockAll
        | ClientMessage::Release { .. }
        | ClientMessage::SetLessonClosed { .. }
        | ClientMessage::ReleaseCameras
        | ClientMessage::EndForAll => Needs::Moderator,
    }
}

/// The right that a source needs.
#[must_use]
pub fn right_of(source: Source) -> Right {
    match source {
        Source::Microphone => Right::Microphone,
        Source::Camera => Right::Camera,
        Source::Screen => Right::Screen,
    }
}

/// A person's standing, as far as rights depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    pub id: &'a ParticipantId,
    pub role: Role,
    pub grants: &'a BTreeSet<Right>,
    /// Whether the emergency stop holds them.
    pub held: bool,
}

/// The table, second half: role × right × policy, personal grants, the floor and the emergency stop.
#[must_use]
pub fn holds(
    person: Standing<'_>,
    right: Right,
    policy: &Policy,
    floor: Option<&ParticipantId>,
) -> bool {
    if person.role == Role::Moderator {
        return true;
    }
    if person.held {
        return false;
    }
    let has_floor = floor == Some(person.id);
    if has_floor && matches!(right, Right::Microphone | Right::Camera) {
        return true;
    }
    // While someone has the floor the others listen, whatever the policy says.
    if right == Right::Microphone && floor.is_some() {
        return false;
    }
    let who = match right {
        Right::Microphone => policy.microphone,
        Right::Camera => policy.camera,
        Right::Screen => policy.screen,
        Right::Chat => policy.chat,
    };
    who == Who::Everyone || person.grants.contains(&right)
}

/// Both halves: whether this person may do this now.
#[must_use]
pub fn permits(
    person: Standing<'_>,
    action: &Action,
    policy: &Policy,
    floor: Option<&ParticipantId>,
) -> bool {
    match needs(action) {
        Needs::Nothing => true,
        Needs::Holding(right) => holds(person, right, policy, floor),
        Needs::Moderator => person.role == Role::Moderator,
        Needs::Server => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ParticipantId {
        ParticipantId(name.into())
    }

    fn holds_for(role: Role, right: Right, who: Who, granted: bool, floor: Option<&str>) -> bool {
        let policy = Policy {
            microphone: who,
            camera: who,
            screen: who,
            chat: who,
            ..Policy::default()
        };
        let grants = if granted {
            BTreeSet::from([right])
        } else {
            BTreeSet::new()
        };
        let me = id("me");
        let floor = floor.map(id);
        holds(
            Standing {
                id: &me,
                role,
                grants: &grants,
                held: false,
            },
            right,
            &policy,
            floor.as_ref(),
        )
    }

    const RIGHTS: [Right; 4] = [Right::Microphone, Right::Camera, Right::Screen, Right::Chat];

    #[test]
    fn moderator_holds_every_right() {
        for right in RIGHTS {
            assert!(holds_for(
                Role::Moderator,
                right,
                Who::Moderators,
                false,
                Some("other")
            ));
        }
    }

    #[test]
    fn participant_holds_what_policy_or_grant_gives() {
        for right in RIGHTS {
            assert!(holds_for(
                Role::Participant,
                right,
                Who::Everyone,
                false,
                None
            ));
            assert!(holds_for(
                Role::Participant,
                right,
                Who::Moderators,
                true,
                None
            ));
            assert!(!holds_for(
                Role::Participant,
                right,
                Who::Moderators,
                false,
                None
            ));
        }
    }

    #[test]
    fn microphone_right_while_someone_has_the_floor_is_only_theirs() {
        assert!(holds_for(
            Role::Participant,
            Right::Microphone,
            Who::Moderators,
            false,
            Some("me")
        ));
        assert!(!holds_for(
            Role::Participant,
            Right::Microphone,
            Who::Everyone,
            true,
            Some("other")
        ));
        assert!(holds_for(
            Role::Participant,
            Right::Chat,
            Who::Everyone,
            false,
            Some("other")
        ));
        assert!(!holds_for(
            Role::Participant,
            Right::Screen,
            Who::Moderators,
            false,
            Some("me")
        ));
    }

    #[test]
    fn right_of_a_held_participant_is_none_whatever_gives_it() {
        let (me, grants) = (id("me"), BTreeSet::from(RIGHTS));
        let policy = Policy {
            screen: Who::Everyone,
            ..Policy::default()
        };
        for right in RIGHTS {
            let held = |role, held| {
                let grants = &grants;
                let standing = Standing {
                    id: &me,
                    role,
                    grants,
                    held,
                };
                holds(standing, right, &policy, Some(&me))
            };
            assert!(!held(Role::Participant, true), "{right:?}");
            assert!(held(Role::Participant, false), "{right:?}");
            assert!(held(Role::Moderator, true), "{right:?}");
        }
    }

    #[test]
    fn source_turned_off_needs_nothing_and_turned_on_needs_its_right() {
        let screen = |on| {
            Action::from(ClientMessage::SetSource {
                source: Source::Screen,
                on,
            })
        };
        assert_eq!(needs(&screen(false)), Needs::Nothing);
        assert_eq!(needs(&screen(true)), Needs::Holding(Right::Screen));
        assert_eq!(needs(&ClientMessage::EndForAll.into()), Needs::Moderator);
    }
}
