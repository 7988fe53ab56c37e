//! What people are called, and how others see who somebody is.

use super::fixtures::{
    act, arrive, at, class, guest, id, knock, knocking, leaves_the_roster, room, teacher, to_all,
    verified,
};
use crate::room::{Arrival, Command, Identity, Room};
use crate::signal::{ClientMessage, Policy, Role, ServerMessage, Target};

#[test]
fn participant_named_like_a_moderator_gets_a_number() {
    let setup_room = |owner: Option<&str>| {
        let mut room = room(Policy::default(), None);
        room.owner_name = owner.map(str::to_owned);
        room
    };
    let name = |room: &Room, who: &str| room.participant(&id(who)).map(|one| one.name);
    // The owner is known before she is there.
    let mut early = setup_room(Some("Frau Maier"));
    arrive(&mut early, "frau maier", guest("x"), None);
    assert_eq!(name(&early, "frau maier"), Some("frau maier (2)".into()));
    // Where she is not, she gets her name when she comes.
    let mut room = setup_room(None);
    arrive(&mut room, "FRAU MAIER", guest("x"), None);
    let (_, effects) = arrive(&mut room, "Frau Maier", teacher(), None);
    assert_eq!(name(&room, "Frau Maier"), Some("Frau Maier".into()));
    assert_eq!(name(&room, "FRAU MAIER"), Some("Frau Maier (2)".into()));
    assert!(to_all(&effects).iter().any(|message| matches!(message,
        ServerMessage::ParticipantChanged { participant } if participant.id == id("FRAU MAIER"))));
    // And keeps it while she is away.
    leaves_the_roster(&mut room, "Frau Maier");
    arrive(&mut room, "frau Maier", guest("y"), None);
    assert_eq!(name(&room, "frau Maier"), Some("frau Maier (3)".into()));
    act(&mut room, "FRAU MAIER", ClientMessage::Leave).expect("left");
    let mut knocking = knocking();
    knock(&mut knocking, "frau maier", guest("z"), "a");
    assert_eq!(knocking.knockers()[0].name, "frau maier (2)");
}

#[test]
fn chat_message_says_role_and_origin_of_its_author() {
    let mut room = class();
    let arrival = Arrival {
        typed_name: true,
        ..Arrival::new(id("Carl"), "Carl", verified("carl", None))
    };
    room.handle(at(2_000), Command::Arrive(arrival))
        .expect("in");
    let carl = room.participant(&id("Carl")).expect("in");
    assert!(carl.typed_name && carl.verified && carl.listed);
    let text = || ClientMessage::SendChat { text: "x".into() };
    for (name, role, verified, typed) in [
        ("Frau Maier", Role::Moderator, true, false),
        ("Anna", Role::Participant, false, false),
        ("Carl", Role::Participant, true, true),
    ] {
        act(&mut room, name, text()).expect("said");
        let said = room.chat().last().expect("a message");
        assert_eq!(
            (said.role, said.verified, said.typed_name),
            (role, verified, typed)
        );
        assert_eq!(said.listed, verified);
    }
}

/// From the lobby to the roster, and by the way back to both.
#[test]
fn typed_name_stays_marked_in_lobby_and_roster() {
    let mut room = knocking();
    let arrival = |name: &str, typed_name| Arrival {
        typed_name,
        ..Arrival::new(
            id(name),
            name,
            Identity::Verified {
                user: name.into(),
                device: None,
                listed: false,
                unidentified: false,
            },
        )
    };
    for (name, typed_name) in [("Carl", true), ("Dora", false)] {
        let arrive = |room: &mut Room| {
            let arrival = arrival(name, typed_name);
            room.handle(at(2_000), Command::Arrive(arrival))
                .expect("answered");
        };
        let in_lobby = |room: &Room| room.knockers()[0].typed_name;
        let inside = |room: &Room| room.participant(&id(name)).expect("in").typed_name;
        let admit = |room: &mut Room| {
            let target = Target::All;
            act(room, "Frau Maier", ClientMessage::Admit { target }).expect("let in");
        };
        arrive(&mut room);
        assert_eq!(in_lobby(&room), typed_name);
        admit(&mut room);
        assert_eq!(inside(&room), typed_name);
        leaves_the_roster(&mut room, name);
        arrive(&mut room);
        assert_eq!(in_lobby(&room), typed_name);
        admit(&mut room);
        assert_eq!(inside(&room), typed_name);
    }
}
