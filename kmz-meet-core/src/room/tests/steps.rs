//! Random steps of a lesson: who comes, goes, acts, and how.

use std::time::Duration;

use proptest::prelude::*;

use super::fixtures::{at, id};
use crate::room::{Action, Ended, Identity, SeatOwner};
use crate::signal::{
    Alert, ClientMessage, Door, ParticipantId, PolicyChange, Right, Role, Source, Target, Who,
};
use crate::timestamp::Timestamp;

/// Everyone may hold two seats by a name that steps can say.
pub(super) const PEOPLE: usize = 6;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Guest(usize, Option<&'static str>, bool),
    /// A guest whose browser keeps no cookies.
    Nobody(usize),
    Verified(usize, Option<&'static str>, bool),
    Owner(usize),
    Seat(usize, SeatOwner),
    Gone(usize),
    Wait(Duration),
    Act(usize, Action),
    ActOfServer(Action),
    Speaking(Vec<usize>),
    Restart,
}

/// Any seat.
pub(super) fn one() -> impl Strategy<Value = usize> {
    // Mostly of a few, so that more happens to them.
    prop_oneof![3 => 2..4usize, 1 => 0..2 * PEOPLE]
}

/// Anyone who comes.
pub(super) fn someone() -> impl Strategy<Value = usize> {
    0..PEOPLE
}

pub(super) fn password() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![Just(None), Just(Some("pw")), Just(Some("wrong"))]
}

pub(super) fn owner() -> impl Strategy<Value = SeatOwner> {
    prop_oneof![
        3 => Just(SeatOwner::Bearer),
        1 => Just(SeatOwner::Guest),
        1 => (0..3usize).prop_map(|user| SeatOwner::User(format!("v{user}"))),
        1 => (0..2usize).prop_map(|user| SeatOwner::User(format!("o{user}"))),
    ]
}

pub(super) fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::All),
        Just(Target::Listed),
        Just(Target::Unlisted),
        prop::collection::vec(one(), 1..3)
            .prop_map(|people| Target::These(people.into_iter().map(person).collect())),
    ]
}

pub(super) fn person(number: usize) -> ParticipantId {
    id(&format!("p{number}"))
}

pub(super) fn who() -> impl Strategy<Value = Option<Who>> {
    prop_oneof![
        Just(None),
        Just(Some(Who::Everyone)),
        Just(Some(Who::Moderators))
    ]
}

pub(super) fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        1 => Just(Source::Microphone),
        1 => Just(Source::Camera),
        // Not everyone's to begin with: that is where grants come in.
        3 => Just(Source::Screen)
    ]
}

pub(super) fn right() -> impl Strategy<Value = Right> {
    prop_oneof![
        1 => Just(Right::Microphone),
        1 => Just(Right::Camera),
        3 => Just(Right::Screen),
        1 => Just(Right::Chat)
    ]
}

pub(super) fn change() -> impl Strategy<Value = PolicyChange> {
    let door = prop_oneof![
        Just(None),
        Just(Some(Door::Open)),
        Just(Some(Door::Knock)),
        Just(Some(Door::Closed))
    ];
    (who(), who(), who(), who(), door).prop_map(|(microphone, camera, screen, chat, door)| {
        PolicyChange {
            microphone,
            camera,
            screen,
            chat,
            door,
            ..PolicyChange::default()
        }
    })
}

pub(super) fn message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        1 => Just(ClientMessage::Leave),
        1 => Just(ClientMessage::Away),
        4 => (source(), prop::bool::weighted(0.8))
            .prop_map(|(source, on)| ClientMessage::SetSource { source, on }),
        1 => Just(ClientMessage::SendChat { text: "x".into() }),
        1 => any::<bool>().prop_map(|raised| ClientMessage::SetHand { raised }),
        1 => (target(), source()).prop_map(|(target, source)| ClientMessage::Mute { target, source }),
        1 => (one(), source()).prop_map(|(who, source)| ClientMessage::Ask {
            participant: person(who),
            source
        }),
        1 => change().prop_map(|change| ClientMessage::SetPolicy { change }),
        1 => any::<bool>().prop_map(|set| ClientMessage::SetPassword {
            password: set.then(|| "pw".to_owned())
        }),
        4 => (one(), right(), any::<bool>()).prop_map(|(who, right, granted)| ClientMessage::Grant {
            participant: person(who),
            right,
            granted
        }),
        1 => prop::option::of(one()).prop_map(|who| ClientMessage::SetFloor {
            participant: who.map(person)
        }),
        2 => prop::bool::weighted(0.7).prop_map(|on| ClientMessage::SetSpeakersOnly { on }),
        1 => target().prop_map(|target| ClientMessage::Admit { target }),
        1 => target().prop_map(|target| ClientMessage::Refuse { target }),
        1 => target().prop_map(|target| ClientMessage::Remove { target }),
        1 => (one(), any::<bool>()).prop_map(|(who, up)| ClientMessage::SetRole {
            participant: person(who),
            role: if up {
                Role::Moderator
            } else {
                Role::Participant
            },
        }),
        1 => Just(ClientMessage::LockAll),
        2 => target().prop_map(|target| ClientMessage::Release { target }),
        2 => any::<bool>().prop_map(|closed| ClientMessage::SetLessonClosed { closed }),
        1 => Just(ClientMessage::ReleaseCameras),
        1 => Just(ClientMessage::Report),
        1 => target().prop_map(|target| ClientMessage::LowerHand { target }),
        // 'name 5' is the owner's.
        1 => (one(), prop_oneof![Just("neu 1"), Just("neu 2"), Just("name 5"), Just(" ")]).prop_map(
            |(who, name)| ClientMessage::Rename { participant: person(who), name: name.into() }
        ),
        1 => (one(), any::<bool>())
            .prop_map(|(who, marked)| ClientMessage::Mark { participant: person(who), marked }),
        2 => target().prop_map(|target| ClientMessage::SendToLobby { target }),
        1 => (1..4u64).prop_map(|id| ClientMessage::DeleteMessage { id }),
        1 => one().prop_map(|who| ClientMessage::DeleteMessagesOf { participant: person(who) }),
    ]
}

pub(super) fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        29 => message().prop_map(Action::from),
        1 => (0..5usize, any::<bool>()).prop_map(|(who, back)| {
            let user = if who < 3 { format!("v{who}") } else { format!("o{}", who - 3) };
            if back { Action::ReadmitUser { user } } else { Action::WithdrawUser { user } }
        }),
        1 => (0..5usize, 0..3usize, 0..3usize).prop_map(|(who, kind, number)| {
            let user = if who < 3 { format!("v{who}") } else { format!("o{}", who - 3) };
            let ended = match kind {
                0 => Ended::One(session(number)),
                1 => Ended::AllBut(Some(session(number))),
                _ => Ended::AllBut(None),
            };
            Action::SignOut { user, ended }
        }),
        1 => Just(Action::Alert(Alert::WrongPasswords)),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (someone(), password(), prop::bool::weighted(0.2))
            .prop_map(|(who, password, unproven)| Step::Guest(who, password, unproven)),
        3 => (0..2 * PEOPLE).prop_map(Step::Nobody),
        2 => (someone(), password(), prop::bool::weighted(0.2))
            .prop_map(|(who, password, unproven)| Step::Verified(who, password, unproven)),
        2 => (0..2usize).prop_map(Step::Owner),
        3 => (one(), owner()).prop_map(|(seat, owner)| Step::Seat(seat, owner)),
        2 => one().prop_map(Step::Gone),
        1 => (0u64..90_000).prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        12 => (one(), action()).prop_map(|(who, action)| Step::Act(who, action)),
        2 => action().prop_map(Step::ActOfServer),
        2 => prop::collection::vec(one(), 0..3).prop_map(Step::Speaking),
        1 => Just(Step::Restart),
    ]
}

/// Several people share a device, and some have an account on several.
pub(super) fn device(who: usize) -> String {
    format!("d{}", who % 4)
}

/// Some of them were sent by someone who may let them in.
pub(super) fn guest(who: usize) -> Identity {
    let device = Some(device(who));
    if who % 5 == 2 {
        Identity::Invited { device }
    } else {
        Identity::Guest { device }
    }
}

/// Since when the server knows it: some for long, some from the first minutes on.
pub(super) fn since(device: Option<&String>, now: Timestamp) -> Option<Timestamp> {
    let since = match device?.as_str() {
        "d0" => at(0),
        "d1" => at(900),
        "d2" => at(40_000),
        _ => Timestamp::MAX,
    };
    Some(since.min(now))
}

pub(super) fn verified(who: usize) -> Identity {
    Identity::Verified {
        user: format!("v{}", who % 3),
        // One of them uses the account on devices without end.
        device: (who != 1).then(|| device(who + 1)),
        listed: who.is_multiple_of(2),
        unidentified: who.is_multiple_of(4),
    }
}

pub(super) fn session(number: usize) -> String {
    format!("s{}", number % 3)
}

pub(super) fn of(who: usize, message: ClientMessage) -> Step {
    Step::Act(who, message.into())
}

pub(super) fn of_server(message: ClientMessage) -> Step {
    Step::ActOfServer(message.into())
}

/// Those who come, and then only what rights depend on.
pub(super) fn lesson() -> impl Strategy<Value = Vec<Step>> {
    let pupil = || 0..4usize;
    let step = prop_oneof![
        4 => (pupil(), source()).prop_map(|(who, source)| of(who, ClientMessage::SetSource { source, on: true })),
        3 => (pupil(), right(), any::<bool>()).prop_map(|(who, right, granted)| {
            of_server(ClientMessage::Grant { participant: person(who), right, granted })
        }),
        1 => change().prop_map(|change| of_server(ClientMessage::SetPolicy { change })),
        1 => prop::option::of(pupil()).prop_map(|who| {
            of_server(ClientMessage::SetFloor { participant: who.map(person) })
        }),
        1 => (pupil(), any::<bool>()).prop_map(|(who, up)| {
            let role = if up { Role::Moderator } else { Role::Participant };
            of_server(ClientMessage::SetRole { participant: person(who), role })
        }),
        1 => (target(), source()).prop_map(|(target, source)| of_server(ClientMessage::Mute { target, source })),
        1 => Just(of_server(ClientMessage::LockAll)),
        2 => target().prop_map(|target| of_server(ClientMessage::Release { target })),
        2 => any::<bool>().prop_map(|closed| of_server(ClientMessage::SetLessonClosed { closed })),
        1 => Just(of_server(ClientMessage::ReleaseCameras)),
    ];
    prop::collection::vec(step, 1..60).prop_map(|steps| {
        let class = (0..4).map(|who| Step::Guest(who, None, false));
        class.chain(steps).collect()
    })
}

/// People who come and go, and doors that open and close: little else.
pub(super) fn comings() -> impl Strategy<Value = Vec<Step>> {
    let door = prop_oneof![3 => Just(Door::Open), 2 => Just(Door::Knock), 1 => Just(Door::Closed)];
    let few = || prop_oneof![3 => Just(1usize), 2 => Just(5usize), 1 => 0..PEOPLE];
    let step = prop_oneof![
        6 => few().prop_map(|who| Step::Guest(who, Some("pw"), false)),
        4 => (0..2 * PEOPLE).prop_map(Step::Nobody),
        2 => few().prop_map(|who| Step::Verified(who, Some("pw"), false)),
        2 => (0..2usize).prop_map(Step::Owner),
        3 => one().prop_map(|seat| Step::Seat(seat, SeatOwner::Bearer)),
        2 => one().prop_map(Step::Gone),
        2 => one().prop_map(|who| of(who, ClientMessage::Away)),
        2 => (0u64..90_000).prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        2 => (one(), any::<bool>())
            .prop_map(|(who, raised)| of(who, ClientMessage::SetHand { raised })),
        1 => target().prop_map(|target| of_server(ClientMessage::Admit { target })),
        1 => target().prop_map(|target| of_server(ClientMessage::Remove { target })),
        2 => target().prop_map(|target| of_server(ClientMessage::SendToLobby { target })),
        1 => any::<bool>().prop_map(|set| {
            let password = set.then(|| "pw".to_owned());
            of_server(ClientMessage::SetPassword { password })
        }),
        1 => (one(), any::<bool>()).prop_map(|(who, up)| {
            let role = if up { Role::Moderator } else { Role::Participant };
            of_server(ClientMessage::SetRole { participant: person(who), role })
        }),
        2 => any::<bool>().prop_map(|closed| of_server(ClientMessage::SetLessonClosed { closed })),
        3 => door.prop_map(|door| {
            let change = PolicyChange { door: Some(door), ..PolicyChange::default() };
            of_server(ClientMessage::SetPolicy { change })
        }),
    ];
    prop::collection::vec(step, 1..80)
}
