//! What a seat is worth to someone who comes back.

use std::time::Duration;

use super::fixtures::{
    act, arrive, at, class, comes, cookieless, door, guest, id, is_in, leaves_the_roster, room,
    seat, teacher, to_all, verified,
};
use crate::room::limits::MAX_GUESTS_KEPT;
use crate::room::{
    AWAY_SHOWN, Admission, Arrival, Command, Effect, Identity, LeaveNotice, Room, SEAT_SHOWN,
    SeatOwner,
};
use crate::signal::{
    ClientMessage, Door, LeaveReason, Policy, RefusalReason, Role, ServerMessage, Target,
};

#[test]
fn seat_of_someone_gone_passes_neither_a_closed_door_nor_a_removal() {
    let mut room = class();
    for number in 0..20 {
        let name = format!("g{number}");
        arrive(&mut room, &name, cookieless(), None);
        leaves_the_roster(&mut room, &name);
    }
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    for number in 0..20 {
        let admission = arrive(&mut room, "", seat(id(&format!("g{number}"))), None).0;
        assert_eq!(admission, Admission::Refused(RefusalReason::Closed));
    }
    act(&mut room, "Frau Maier", door(Door::Open)).expect("opened");
    assert!(is_in(&arrive(&mut room, "", seat(id("g0")), None).0));
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    act(&mut room, "Frau Maier", door(Door::Open)).expect("opened");
    let admission = arrive(&mut room, "", seat(id("g0")), None).0;
    assert_eq!(admission, Admission::Refused(RefusalReason::Removed));
    for number in 1..20 {
        let admission = arrive(&mut room, "", seat(id(&format!("g{number}"))), None).0;
        assert_eq!(admission, Admission::Refused(RefusalReason::BadSeat));
    }
    assert_eq!(room.present(), 1);
}

#[test]
fn seat_of_someone_gone_knocks_after_a_removal_with_id_and_name() {
    let mut room = class();
    leaves_the_roster(&mut room, "Anna");
    arrive(&mut room, "xXx", guest("x"), None);
    let target = Target::These(vec![id("xXx")]);
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    let (admission, effects) = arrive(&mut room, "", seat(id("Anna")), None);
    let participant = id("Anna");
    assert_eq!(admission, Admission::Lobby { participant });
    assert!(effects.contains(&Effect::LobbyChanged));
    assert_eq!(room.knockers()[0].name, "Anna");
    // By a second connection: still one knock.
    arrive(&mut room, "", seat(id("Anna")), None);
    assert_eq!(room.knockers().len(), 1);
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("admitted");
    let anna = room.participant(&id("Anna")).expect("back");
    assert_eq!(anna.name, "Anna");
    // Refused, she is as anyone who is refused.
    leaves_the_roster(&mut room, "Anna");
    arrive(&mut room, "", seat(id("Anna")), None);
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Refuse { target }).expect("refused");
    let admission = arrive(&mut room, "", seat(id("Anna")), None).0;
    assert_eq!(admission, Admission::Refused(RefusalReason::Removed));
}

#[test]
fn return_of_many_who_are_gone_stays_within_the_capacity() {
    let policy = Policy {
        capacity: 5,
        ..Policy::default()
    };
    let mut room = room(policy, None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    let pupil = |number: u32| verified(&format!("u{number}"), None);
    for number in 0..4 {
        let name = format!("g{number}");
        arrive(&mut room, &name, cookieless(), None);
        leaves_the_roster(&mut room, &name);
        let name = format!("v{number}");
        arrive(&mut room, &name, pupil(number), None);
        leaves_the_roster(&mut room, &name);
    }
    for number in 0..4 {
        arrive(&mut room, "", seat(id(&format!("g{number}"))), None);
        arrive(&mut room, "", pupil(number), None);
        arrive(&mut room, "", seat(id(&format!("v{number}"))), None);
    }
    assert_eq!(room.present(), 5);
    // Who is on the roster still has the place that they lost the connection of.
    let participant = id("v0");
    room.handle(at(90_000), Command::Gone { participant })
        .expect("gone");
    assert!(is_in(&arrive(&mut room, "", seat(id("v0")), None).0));
    assert!(is_in(&arrive(&mut room, "Frau Maier", teacher(), None).0));
}

#[test]
fn seat_of_someone_gone_is_void_after_a_new_password() {
    let mut room = class();
    leaves_the_roster(&mut room, "Anna");
    let new = || ClientMessage::SetPassword {
        password: Some("neu".into()),
    };
    act(&mut room, "Frau Maier", new()).expect("set");
    let admission = arrive(&mut room, "", seat(id("Anna")), None).0;
    assert_eq!(admission, Admission::Refused(RefusalReason::BadSeat));
    assert!(is_in(&arrive(&mut room, "Ben", seat(id("Ben")), None).0));
    // Whoever knew it need not say it again.
    leaves_the_roster(&mut room, "Ben");
    act(&mut room, "Frau Maier", new()).expect("as it was");
    assert!(is_in(&arrive(&mut room, "", seat(id("Ben")), None).0));
}

#[test]
fn seat_with_a_known_owner_admits_only_the_owner() {
    let pupil = Identity::Verified {
        user: "ben".into(),
        device: None,
        listed: true,
        unidentified: false,
    };
    let mut room = class();
    arrive(&mut room, "pupil", pupil, None);
    let users = |user: &str| SeatOwner::User(user.to_owned());
    for (seat, owner, fits) in [
        ("Frau Maier", users("teacher"), true),
        ("Frau Maier", users("ben"), false),
        ("Frau Maier", SeatOwner::Guest, false),
        ("pupil", users("ben"), true),
        ("pupil", SeatOwner::Bearer, true),
        ("Anna", SeatOwner::Guest, true),
        ("Anna", users("teacher"), false),
    ] {
        let identity = Identity::Seat {
            participant: id(seat),
            owner: owner.clone(),
        };
        let admission = arrive(&mut room, "back", identity, None).0;
        let expected = if fits {
            Admission::Admitted {
                participant: id(seat),
                returned: true,
            }
        } else {
            Admission::Refused(RefusalReason::BadSeat)
        };
        assert_eq!(admission, expected, "{seat} by {owner:?}");
    }
}

#[test]
fn seats_of_guests_who_left_are_bounded() {
    let mut room = class();
    room.takes_attendance = true;
    for number in 0..MAX_GUESTS_KEPT + 50 {
        let name = format!("g{number}");
        arrive(&mut room, &name, guest(&name), None);
        let participant = id(&name);
        room.handle(at(3_000), Command::Gone { participant })
            .expect("gone");
        room.handle(at(3_000) + SEAT_SHOWN, Command::Tick)
            .expect("expired");
    }
    let mut back = |name: &str| arrive(&mut room, name, seat(id(name)), None).0;
    assert_eq!(back("g0"), Admission::Refused(RefusalReason::BadSeat));
    for name in ["g60", "g549", "Anna"] {
        assert!(matches!(back(name), Admission::Admitted { .. }), "{name}");
    }
    assert!(room.people.len() <= MAX_GUESTS_KEPT + 10);
    assert!(room.attended(at(9_000)).len() <= MAX_GUESTS_KEPT + 10);
}

#[test]
fn closed_page_leaves_the_roster_at_once_where_returning_is_free() {
    let mut room = class();
    let effects = act(&mut room, "Anna", ClientMessage::Away).expect("away");
    assert_eq!(room.role(&id("Anna")), None);
    assert!(to_all(&effects).contains(&&ServerMessage::ParticipantLeft {
        participant: id("Anna"),
        reason: LeaveReason::Left
    }));
    let participant = id("Anna");
    assert!(effects.contains(&Effect::Out {
        participant,
        notice: LeaveNotice::Left
    }));
    let (admission, _) = arrive(&mut room, "", seat(id("Anna")), None);
    assert!(is_in(&admission));
    // Behind a door that is not open a reload has its time, and no more.
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    act(&mut room, "Anna", ClientMessage::Away).expect("away");
    assert_eq!(
        room.participant(&id("Anna")).map(|one| one.connected),
        Some(false)
    );
    let (admission, _) = arrive(&mut room, "", seat(id("Anna")), None);
    assert!(is_in(&admission));
    act(&mut room, "Anna", ClientMessage::Away).expect("away");
    let tick = |room: &mut Room, at| room.handle(at, Command::Tick).expect("time");
    tick(&mut room, at(2_000) + AWAY_SHOWN - Duration::from_millis(1));
    assert!(room.role(&id("Anna")).is_some());
    tick(&mut room, at(2_000) + AWAY_SHOWN);
    assert_eq!(room.role(&id("Anna")), None);
    // The teacher comes back whatever holds, so she is gone at once.
    act(&mut room, "Frau Maier", ClientMessage::Away).expect("away");
    assert_eq!(room.role(&id("Frau Maier")), None);
    assert!(is_in(&arrive(&mut room, "x", teacher(), None).0));
    assert!(room.role(&id("Frau Maier")).is_some(), "as herself");
}

#[test]
fn reload_keeps_the_raised_hand_and_the_floor() {
    let mut room = class();
    act(&mut room, "Anna", ClientMessage::SetHand { raised: true }).expect("raised");
    let participant = Some(id("Ben"));
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetFloor { participant },
    )
    .expect("given");
    for name in ["Anna", "Ben"] {
        act(&mut room, name, ClientMessage::Away).expect("away");
        assert!(is_in(&arrive(&mut room, "", seat(id(name)), None).0));
    }
    assert_eq!(
        room.participant(&id("Anna")).and_then(|one| one.hand),
        Some(1)
    );
    assert_eq!(room.info().floor, Some(id("Ben")));
}

#[test]
fn guest_who_returns_in_the_same_browser_gets_the_same_seat() {
    let back = |name: &str| Admission::Admitted {
        participant: id(name),
        returned: true,
    };
    let mut room = class();
    let again = |room: &mut Room, fresh: &str, name: &str, device: &str| {
        let arrival = Arrival::new(id(fresh), name, guest(device));
        comes(room, at(2_000), arrival).0
    };
    let participant = id("Anna");
    room.handle(at(2_000), Command::Gone { participant })
        .expect("gone");
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    assert_eq!(again(&mut room, "n1", "anna", "Anna"), back("Anna"));
    assert_eq!(
        room.participant(&id("Anna")).map(|one| one.name),
        Some("Anna".into())
    );
    act(&mut room, "Frau Maier", door(Door::Open)).expect("opened");
    // While she is here, it is someone else; and so is another name at the same computer, or the name at another.
    for (fresh, name, device) in [
        ("n2", "Anna", "Anna"),
        ("n3", "Carla", "Ben"),
        ("n4", "Ben", "x"),
    ] {
        if fresh == "n3" {
            let participant = id("Ben");
            room.handle(at(2_000), Command::Gone { participant })
                .expect("gone");
        }
        let participant = id(fresh);
        let new = Admission::Admitted {
            participant,
            returned: false,
        };
        assert_eq!(again(&mut room, fresh, name, device), new, "{fresh}");
    }
    // Off the roster she is asked as others are; and what a moderator gave is not for whoever sits there next.
    leaves_the_roster(&mut room, "n2");
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    let participant = id("n2");
    assert_eq!(
        again(&mut room, "n5", "Anna", "Anna"),
        Admission::Lobby { participant }
    );
    act(&mut room, "Frau Maier", door(Door::Open)).expect("opened");
    let participant = id("n4");
    let role = Role::Moderator;
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetRole { participant, role },
    )
    .expect("promoted");
    let participant = id("n4");
    room.handle(at(2_000), Command::Gone { participant })
        .expect("gone");
    let participant = id("n6");
    let new = Admission::Admitted {
        participant,
        returned: false,
    };
    assert_eq!(again(&mut room, "n6", "Ben", "x"), new);
    // Who was removed is nobody here.
    let target = Target::These(vec![id("Anna")]);
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    let removed = Admission::Refused(RefusalReason::Removed);
    assert_eq!(again(&mut room, "n7", "Anna", "Anna"), removed);
}

#[test]
fn arrival_asks_for_the_password_only_where_nothing_else_admits() {
    let asks = |room: &Room, identity: Identity, password: Option<&str>| {
        room.asks_password(
            at(1_000),
            &Arrival {
                password: password.map(str::to_owned),
                typed_name: true,
                ..Arrival::new(id("x"), "Xaver", identity)
            },
        )
    };
    let open = class();
    assert!(!asks(&open, guest("x"), Some("anything")));
    let mut room = room(Policy::default(), Some("geheim"));
    arrive(&mut room, "Frau Maier", teacher(), None);
    assert!(asks(&room, guest("x"), Some("geheim")));
    assert!(!asks(&room, teacher(), Some("geheim")));
    assert!(!asks(&room, verified("x", None), Some("geheim")), "listed");
    // Who comes back is let in by the seat.
    arrive(&mut room, "Xaver", guest("x"), Some("geheim"));
    let participant = id("Xaver");
    room.handle(at(2_000), Command::Gone { participant })
        .expect("gone");
    assert!(!asks(&room, guest("x"), Some("nonsense")));
}
