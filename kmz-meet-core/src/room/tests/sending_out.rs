//! People are sent back to the lobby, and what they try then.

use super::fixtures::{
    act, arrive, at, class, cookieless, door, guest, id, is_in, leaves_the_roster, seat, verified,
    waits,
};
use crate::room::{Admission, Effect, Refusal, Room};
use crate::signal::{
    ClientMessage, Door, LeaveReason, RefusalReason, Role, ServerMessage, Source, Target,
};

fn these(names: &[&str]) -> Target {
    Target::These(names.iter().map(|name| id(name)).collect())
}

fn send(room: &mut Room, target: Target) -> Result<Vec<Effect>, Refusal> {
    act(room, "Frau Maier", ClientMessage::SendToLobby { target })
}

fn admit(room: &mut Room, target: Target) {
    act(room, "Frau Maier", ClientMessage::Admit { target }).expect("admitted");
}

fn answer(room: &mut Room, name: &str, identity: crate::room::Identity) -> Admission {
    arrive(room, name, identity, None).0
}

fn is_lobby(admission: &Admission) -> bool {
    matches!(admission, Admission::Lobby { .. })
}

#[test]
fn person_sent_to_the_lobby_loses_everything_inside_and_waits() {
    let mut room = class();
    let on = ClientMessage::SetSource {
        source: Source::Camera,
        on: true,
    };
    act(&mut room, "Anna", on).expect("on");
    act(&mut room, "Anna", ClientMessage::SetHand { raised: true }).expect("raised");
    let effects = send(&mut room, these(&["Anna"])).expect("sent");
    assert_eq!(room.role(&id("Anna")), None);
    assert!(!room.forwarding(&id("Anna")).camera);
    assert!(waits(&room, "Anna") && room.knockers()[0].sent);
    assert!(effects.contains(&Effect::SentToLobby {
        participant: id("Anna")
    }));
    // The others read no more than that she left, and nothing of the conference goes to her.
    assert!(
        effects.contains(&Effect::ToAll(ServerMessage::ParticipantLeft {
            participant: id("Anna"),
            reason: LeaveReason::Left,
        }))
    );
    let to_anna = |effect: &&Effect| matches!(effect, Effect::To { participant, .. } if *participant == id("Anna"));
    assert_eq!(effects.iter().find(to_anna), None);
    assert_eq!(
        act(
            &mut room,
            "Anna",
            ClientMessage::SendChat { text: "x".into() }
        ),
        Err(Refusal::UnknownParticipant)
    );
    admit(&mut room, these(&["Anna"]));
    assert_eq!(room.role(&id("Anna")), Some(Role::Participant));
    assert_eq!(room.participant(&id("Anna")).expect("in").sources, []);
}

#[test]
fn way_back_of_who_was_sent_to_the_lobby_leads_there_whatever_the_door_says() {
    let mut room = class();
    send(&mut room, these(&["Anna"])).expect("sent");
    assert_eq!(
        room.policy().door,
        Door::Knock,
        "an open door would be a way round"
    );
    for now in [Door::Knock, Door::Open, Door::Closed] {
        act(&mut room, "Frau Maier", door(now)).expect("set");
        assert!(waits(&room, "Anna"), "an opened door does not let her in");
        let room = &mut room.clone();
        assert!(
            is_lobby(&answer(room, "", seat(id("Anna")))),
            "{now:?}: seat"
        );
        assert!(
            is_lobby(&answer(room, "Anna", guest("Anna"))),
            "{now:?}: name"
        );
        assert!(
            is_lobby(&answer(room, "Another", guest("Anna"))),
            "{now:?}: browser"
        );
        let mut restored =
            Room::restore(&room.snapshot(), at(9_000), Vec::new(), at(9_000)).expect("readable");
        assert!(
            is_lobby(&answer(&mut restored, "", seat(id("Anna")))),
            "{now:?}: after a restart"
        );
        assert!(restored.is_sent_to_lobby(&id("Anna")));
    }
    // Ben, whom nobody sent away, is not concerned by it.
    act(&mut room, "Frau Maier", door(Door::Open)).expect("open");
    leaves_the_roster(&mut room, "Ben");
    assert!(is_in(&answer(&mut room, "", seat(id("Ben")))));
}

#[test]
fn person_let_in_again_is_as_free_as_before() {
    let mut room = class();
    send(&mut room, these(&["Anna"])).expect("sent");
    admit(&mut room, Target::All);
    act(&mut room, "Frau Maier", door(Door::Open)).expect("open");
    leaves_the_roster(&mut room, "Anna");
    assert!(is_in(&answer(&mut room, "", seat(id("Anna")))));
}

#[test]
fn second_seat_of_the_same_person_goes_to_the_lobby_too() {
    let mut room = class();
    for (seat, device) in [("Carl", "c1"), ("Carl 2", "c2")] {
        arrive(&mut room, seat, verified("carl", Some(device)), None);
    }
    send(&mut room, these(&["Carl"])).expect("sent");
    assert!(waits(&room, "Carl") && waits(&room, "Carl 2"));
    // On the list, and by a third device: their account waits.
    let third = answer(&mut room, "Carl 3", verified("carl", Some("c3")));
    assert!(is_lobby(&third), "{third:?}");
    admit(&mut room, these(&["Carl"]));
    leaves_the_roster(&mut room, "Carl");
    assert!(is_in(&answer(&mut room, "", seat(id("Carl")))));
}

#[test]
fn moderators_are_never_sent_to_the_lobby() {
    let mut room = class();
    let role = Role::Moderator;
    let participant = id("Ben");
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetRole { participant, role },
    )
    .expect("promoted");
    for name in ["Frau Maier", "Ben"] {
        assert_eq!(send(&mut room, these(&[name])), Err(Refusal::NotPermitted));
    }
    let message = ClientMessage::SendToLobby {
        target: these(&["Frau Maier"]),
    };
    assert_eq!(act(&mut room, "Anna", message), Err(Refusal::NotPermitted));
    send(&mut room, Target::All).expect("sent");
    assert_eq!(room.present(), 2);
    assert_eq!(
        send(&mut room, these(&["nobody"])),
        Err(Refusal::UnknownParticipant)
    );
}

#[test]
fn person_who_lost_the_connection_is_sent_away_and_knocks_when_they_come() {
    let mut room = class();
    let participant = id("Anna");
    room.handle(at(2_500), crate::room::Command::Gone { participant })
        .expect("gone");
    send(&mut room, these(&["Anna"])).expect("sent");
    assert!(room.role(&id("Anna")).is_none() && room.knockers().is_empty());
    assert!(is_lobby(&answer(&mut room, "", seat(id("Anna")))));
    assert!(room.knockers()[0].sent);
}

#[test]
fn person_turned_away_in_the_lobby_cannot_come_back() {
    let mut room = class();
    send(&mut room, these(&["Anna"])).expect("sent");
    let target = these(&["Anna"]);
    act(&mut room, "Frau Maier", ClientMessage::Refuse { target }).expect("refused");
    assert_eq!(
        answer(&mut room, "", seat(id("Anna"))),
        Admission::Refused(RefusalReason::Removed)
    );
}

#[test]
fn class_sent_to_a_full_lobby_loses_nobody() {
    let mut room = class();
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    for number in 0..160 {
        arrive(
            &mut room,
            &format!("g{number}"),
            guest(&format!("g{number}")),
            None,
        );
    }
    let before = room.knockers().len();
    send(&mut room, Target::All).expect("sent");
    assert!(waits(&room, "Anna") && waits(&room, "Ben"));
    assert_eq!(room.knockers().len(), before + 2);
    // Nobody else gets a place beyond the limit by it.
    arrive(&mut room, "late", cookieless(), None);
    assert!(!waits(&room, "late"));
}
