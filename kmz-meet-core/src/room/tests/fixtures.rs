//! People, rooms and what they do, for the tests beside.

use crate::room::{
    Action, Admission, Arrival, By, Command, Effect, Forwarding, Identity, Refusal, Room,
    SEAT_SHOWN, SeatOwner, Setup,
};
use crate::signal::{
    ClientMessage, ConferenceId, Door, ParticipantId, Policy, PolicyChange, ServerMessage,
};
use crate::timestamp::Timestamp;

pub(in crate::room) fn id(name: &str) -> ParticipantId {
    ParticipantId(name.to_owned())
}

pub(in crate::room) fn room(policy: Policy, password: Option<&str>) -> Room {
    let setup = Setup {
        policy,
        password: password.map(str::to_owned),
        ..Setup::new(ConferenceId("c".into()), "mutiger-dachs")
    };
    Room::new(setup, at(1_000))
}

/// So many milliseconds after the beginning of time.
pub(in crate::room) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(in crate::room) fn teacher() -> Identity {
    Identity::Owner {
        user: "teacher".into(),
    }
}

pub(in crate::room) fn guest(device: &str) -> Identity {
    Identity::Guest {
        device: Some(device.to_owned()),
    }
}

pub(in crate::room) fn seat(participant: ParticipantId) -> Identity {
    Identity::Seat {
        participant,
        owner: SeatOwner::Bearer,
    }
}

pub(in crate::room) fn verified(user: &str, device: Option<&str>) -> Identity {
    Identity::Verified {
        user: user.into(),
        device: device.map(str::to_owned),
        listed: true,
        unidentified: false,
    }
}

pub(in crate::room) fn cookieless() -> Identity {
    Identity::Guest { device: None }
}

/// The answer to someone who comes, and all that follows from it.
pub(in crate::room) fn comes(
    room: &mut Room,
    now: Timestamp,
    arrival: Arrival,
) -> (Admission, Vec<Effect>) {
    let effects = room
        .handle(now, Command::Arrive(arrival))
        .expect("arrivals are always answered");
    let Effect::Answered(admission) = effects[0].clone() else {
        panic!("the first effect is the answer")
    };
    (admission, effects)
}

pub(in crate::room) fn arrive(
    room: &mut Room,
    name: &str,
    identity: Identity,
    password: Option<&str>,
) -> (Admission, Vec<Effect>) {
    let arrival = Arrival {
        password: password.map(str::to_owned),
        typed_name: false,
        ..Arrival::new(id(name), name, identity)
    };
    comes(room, at(1_000), arrival)
}

pub(in crate::room) fn act(
    room: &mut Room,
    by: &str,
    action: impl Into<Action>,
) -> Result<Vec<Effect>, Refusal> {
    room.handle(
        at(2_000),
        Command::Act {
            by: By::Person(id(by)),
            action: action.into(),
        },
    )
}

pub(in crate::room) fn class() -> Room {
    let mut room = room(Policy::default(), None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    for name in ["Anna", "Ben"] {
        assert_eq!(
            arrive(&mut room, name, guest(name), None).0,
            Admission::Admitted {
                participant: id(name),
                returned: false
            }
        );
    }
    room
}

pub(in crate::room) fn policy(change: PolicyChange) -> ClientMessage {
    ClientMessage::SetPolicy { change }
}

pub(in crate::room) fn door(door: Door) -> ClientMessage {
    policy(PolicyChange {
        door: Some(door),
        ..PolicyChange::default()
    })
}

pub(in crate::room) fn forwarded(effects: &[Effect], who: &str) -> Option<Forwarding> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Forward {
            participant,
            forwarding,
        } if *participant == id(who) => Some(*forwarding),
        _ => None,
    })
}

/// Loses the connection, and leaves the roster.
pub(in crate::room) fn leaves_the_roster(room: &mut Room, name: &str) {
    let participant = id(name);
    room.handle(at(3_000), Command::Gone { participant })
        .expect("gone");
    room.handle(at(3_000) + SEAT_SHOWN, Command::Tick)
        .expect("expired");
    assert_eq!(room.role(&id(name)), None);
}

pub(in crate::room) fn is_in(admission: &Admission) -> bool {
    matches!(admission, Admission::Admitted { .. })
}

pub(in crate::room) fn to_all(effects: &[Effect]) -> Vec<&ServerMessage> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::ToAll(message) => Some(message),
        _ => None,
    });
    all.collect()
}

/// Someone who knocks, from somewhere.
pub(in crate::room) fn knock(
    room: &mut Room,
    name: &str,
    identity: Identity,
    address: &str,
) -> Admission {
    let arrival = Arrival {
        typed_name: true,
        address: Some(address.to_owned()),
        ..Arrival::new(id(name), name, identity)
    };
    comes(room, at(1_000), arrival).0
}

pub(in crate::room) fn knocking() -> Room {
    let policy = Policy {
        door: Door::Knock,
        ..Policy::default()
    };
    let mut room = room(policy, None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    room
}

pub(in crate::room) fn waits(room: &Room, name: &str) -> bool {
    room.knockers().iter().any(|one| one.id == id(name))
}
