//! What one person can take from all others: places, seats in stock, the lobby, and what everyone has to hear.

use proptest::prelude::*;

use super::stories::{act, after, arrive, class, comes, door, guest, id, room, seat, teacher};
use crate::room::lobby_places::{MAX_LOBBY_PLACES, MAX_LOBBY_PLACES_PER_ADDRESS};
use crate::room::*;
use crate::signal::{
    Alert, ClientMessage, Door, LeaveReason, ParticipantId, Policy, RefusalReason, Role,
    ServerMessage, Source, Target,
};

fn verified(user: &str, device: Option<&str>) -> Identity {
    Identity::Verified {
        user: user.into(),
        device: device.map(str::to_owned),
        listed: true,
        anonymous: false,
    }
}

fn cookieless() -> Identity {
    Identity::Guest { device: None }
}

/// Loses the connection, and leaves the roster.
fn leaves_the_roster(room: &mut Room, name: &str) {
    let participant = id(name);
    room.handle(3_000, Command::Gone { participant })
        .expect("gone");
    room.handle(after(3_000, SEAT_SHOWN), Command::Tick)
        .expect("expired");
    assert_eq!(room.role(&id(name)), None);
}

fn is_in(admission: &Admission) -> bool {
    matches!(admission, Admission::Admitted { .. })
}

fn to_all(effects: &[Effect]) -> Vec<&ServerMessage> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::ToAll(message) => Some(message),
        _ => None,
    });
    all.collect()
}

#[test]
fn hands_of_a_whole_class_cost_two_messages_for_each_that_goes_up_or_down() {
    let mut room = class();
    for number in 0..60 {
        let name = format!("g{number}");
        arrive(&mut room, &name, guest(&name), None);
        let effects =
            act(&mut room, &name, ClientMessage::SetHand { raised: true }).expect("raised");
        assert_eq!(to_all(&effects).len(), 2);
    }
    let effects = act(&mut room, "g0", ClientMessage::SetHand { raised: false }).expect("lowered");
    let told = to_all(&effects);
    let is_own = |message: &&ServerMessage| {
        matches!(message, ServerMessage::ParticipantChanged { participant }
            if participant.id == id("g0") && participant.hand.is_none())
    };
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(is_own), "old clients see it");
    let hands: Vec<ParticipantId> = (1..60).map(|number| id(&format!("g{number}"))).collect();
    assert!(told.contains(&&ServerMessage::HandsChanged { hands }));
    // Who goes moves those behind them, too.
    let effects = act(&mut room, "g1", ClientMessage::Leave).expect("left");
    assert_eq!(to_all(&effects).len(), 2);
    let participant = id("g2");
    room.handle(3_000, Command::Gone { participant })
        .expect("gone");
    let effects = room.handle(after(3_000, SEAT_SHOWN), Command::Tick);
    assert_eq!(to_all(&effects.expect("expired")).len(), 2);
}

#[test]
fn a_command_of_a_moderator_tells_of_each_person_once() {
    let mut room = class();
    for name in ["Anna", "Ben"] {
        for source in [Source::Microphone, Source::Camera] {
            act(
                &mut room,
                name,
                ClientMessage::SetSource { source, on: true },
            )
            .expect("on");
        }
        act(&mut room, name, ClientMessage::SetHand { raised: true }).expect("raised");
        let right = crate::signal::Right::Screen;
        let participant = id(name);
        let grant = ClientMessage::Grant {
            participant,
            right,
            granted: true,
        };
        act(&mut room, "Frau Maier", grant).expect("granted");
    }
    let effects = act(&mut room, "Frau Maier", ClientMessage::StopEverything).expect("stopped");
    let changed = to_all(&effects).into_iter().filter_map(|one| match one {
        ServerMessage::ParticipantChanged { participant } => Some(participant),
        _ => None,
    });
    let changed: Vec<_> = changed.collect();
    assert_eq!(changed.len(), 2);
    for one in changed {
        assert!(
            one.sources.is_empty() && one.grants.is_empty(),
            "the last state"
        );
    }
    let target = Target::All;
    let effects =
        act(&mut room, "Frau Maier", ClientMessage::LowerHand { target }).expect("lowered");
    assert_eq!(to_all(&effects).len(), 3);
}

#[test]
fn seats_in_stock_do_not_pass_a_closed_door_nor_a_removal_of_all() {
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
fn a_seat_of_who_is_gone_knocks_after_a_removal_and_keeps_id_and_name() {
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
fn returns_of_those_who_are_gone_never_exceed_the_capacity() {
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
    room.handle(90_000, Command::Gone { participant })
        .expect("gone");
    assert!(is_in(&arrive(&mut room, "", seat(id("v0")), None).0));
    assert!(is_in(&arrive(&mut room, "Frau Maier", teacher(), None).0));
}

#[test]
fn a_new_password_is_asked_of_those_too_who_are_gone() {
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
fn one_ticket_is_three_places_and_the_oldest_gives_way() {
    let mut room = class();
    for number in 0..80 {
        let name = format!("b{number}");
        let admission = arrive(&mut room, &name, verified("ben", None), None).0;
        assert!(is_in(&admission));
    }
    assert_eq!(room.present(), 3 + MAX_PLACES_PER_PERSON);
    for (name, present) in [("b76", false), ("b77", true), ("b79", true)] {
        assert_eq!(room.role(&id(name)).is_some(), present, "{name}");
    }
    let admission = arrive(&mut room, "", seat(id("b0")), None).0;
    assert_eq!(admission, Admission::Refused(RefusalReason::BadSeat));
    let (_, effects) = arrive(&mut room, "b80", verified("ben", None), None);
    let goodbye = Goodbye::Refused(RefusalReason::TooManyPlaces);
    let participant = id("b77");
    assert!(effects.contains(&Effect::Out {
        participant,
        goodbye
    }));
}

#[test]
fn one_browser_is_three_places_whoever_it_says_it_is() {
    let mut room = class();
    for number in 0..20 {
        let name = format!("g{number}");
        let identity = match number % 3 {
            0 => guest("laptop"),
            1 => Identity::Invited {
                device: Some("laptop".into()),
            },
            // The claim names nobody in particular: another one each time.
            _ => verified(&name, Some("laptop")),
        };
        assert!(is_in(&arrive(&mut room, &name, identity, None).0));
    }
    assert_eq!(room.present(), 3 + MAX_PLACES_PER_PERSON);
}

#[test]
fn a_teachers_fourth_place_is_given_and_a_lost_one_goes_first() {
    let mut room = class();
    for name in ["phone", "desk", "board"] {
        assert!(is_in(&arrive(&mut room, name, teacher(), None).0));
    }
    assert_eq!(room.role(&id("Frau Maier")), None, "the oldest");
    // A place that nobody uses is taken up again, and none is lost for it.
    let participant = id("desk");
    room.handle(3_000, Command::Gone { participant })
        .expect("gone");
    let (admission, _) = arrive(&mut room, "other", teacher(), None);
    let participant = id("desk");
    assert_eq!(
        admission,
        Admission::Admitted {
            participant,
            returned: true
        }
    );
}

#[test]
fn seventy_guests_without_a_cookie_all_have_a_place() {
    let mut room = room(Policy::default(), None);
    for number in 0..70 {
        let admission = arrive(&mut room, &format!("g{number}"), cookieless(), None).0;
        assert!(is_in(&admission));
    }
}

/// Someone who knocks, from somewhere.
fn knock(room: &mut Room, name: &str, identity: Identity, address: &str) -> Admission {
    let arrival = Arrival {
        typed_name: true,
        address: Some(address.to_owned()),
        ..Arrival::new(id(name), name, identity)
    };
    comes(room, 1_000, arrival).0
}

fn knocking() -> Room {
    let policy = Policy {
        door: Door::Knock,
        ..Policy::default()
    };
    let mut room = room(policy, None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    room
}

fn waits(room: &Room, name: &str) -> bool {
    room.knockers().iter().any(|one| one.id == id(name))
}

#[test]
fn a_class_waits_whatever_knocks_at_the_same_address_or_at_another() {
    for (flood, class) in [("a", "a"), ("a", "b")] {
        for with_cookies in [false, true] {
            let mut room = knocking();
            for number in 0..400 {
                let name = format!("x{number}");
                // Three knocks of each cookie.
                let device = format!("x{}", number / 3);
                let identity = if with_cookies {
                    guest(&device)
                } else {
                    cookieless()
                };
                // As many as can be had in a few seconds.
                if !with_cookies || number < 149 {
                    knock(&mut room, &name, identity, flood);
                }
            }
            assert!(with_cookies || room.knockers().len() <= MAX_LOBBY_PLACES_PER_ADDRESS);
            let names: Vec<String> = (0..65).map(|number| format!("g{number}")).collect();
            for name in &names {
                let admission = knock(&mut room, name, guest(name), class);
                assert!(
                    matches!(admission, Admission::Lobby { .. }),
                    "{name} of {class}, {with_cookies}: {admission:?}"
                );
            }
            // And those who knock on do not push them out.
            for number in 0..400 {
                let name = format!("y{number}");
                let device = format!("x{}", number / 3);
                let identity = if with_cookies {
                    guest(&device)
                } else {
                    cookieless()
                };
                knock(&mut room, &name, identity, flood);
            }
            let missing: Vec<_> = names.iter().filter(|name| !waits(&room, name)).collect();
            assert!(missing.is_empty(), "{class}, {with_cookies}: {missing:?}");
            assert!(room.knockers().len() <= MAX_LOBBY_PLACES);
        }
    }
}

#[test]
fn who_fills_the_lobby_with_many_browsers_of_one_address_shuts_out_no_class_behind_another() {
    let mut room = knocking();
    for number in 0..MAX_LOBBY_PLACES {
        let name = format!("x{number}");
        knock(&mut room, &name, guest(&name), "a");
    }
    assert_eq!(room.knockers().len(), MAX_LOBBY_PLACES);
    for number in 0..70 {
        let name = format!("g{number}");
        let admission = knock(&mut room, &name, guest(&name), "b");
        assert!(matches!(admission, Admission::Lobby { .. }), "{name}");
    }
    // And many addresses do not push out a class that waits.
    let mut room = knocking();
    for number in 0..70 {
        let name = format!("g{number}");
        knock(&mut room, &name, guest(&name), "b");
    }
    for number in 0..MAX_LOBBY_PLACES {
        let name = format!("x{number}");
        knock(&mut room, &name, guest(&name), "a");
    }
    for number in 0..300 {
        let name = format!("y{number}");
        knock(&mut room, &name, guest(&name), &name);
    }
    let class = (0..70).filter(|number| waits(&room, &format!("g{number}")));
    assert_eq!(class.count(), 70);
}

#[test]
fn people_of_whom_nothing_is_known_take_two_thirds_of_the_lobby_from_one_address() {
    let mut room = knocking();
    for number in 0..150 {
        knock(&mut room, &format!("x{number}"), cookieless(), "a");
    }
    assert_eq!(room.knockers().len(), 100);
    for number in 0..50 {
        knock(&mut room, &format!("y{number}"), cookieless(), "b");
    }
    assert!((0..50).all(|number| waits(&room, &format!("y{number}"))));
    assert_eq!(room.knockers().len(), 150);
}

#[test]
fn three_knocks_of_one_browser_wait_and_the_oldest_gives_way() {
    let mut room = knocking();
    for number in 0..10 {
        knock(&mut room, &format!("x{number}"), guest("x"), "a");
    }
    let waiting: Vec<String> = room.knockers().into_iter().map(|one| one.id.0).collect();
    assert_eq!(waiting, ["x7", "x8", "x9"]);
    let (_, effects) = arrive(&mut room, "x10", guest("x"), None);
    let goodbye = Goodbye::Refused(RefusalReason::TooManyPlaces);
    let participant = id("x7");
    assert!(effects.contains(&Effect::Out {
        participant,
        goodbye
    }));
}

#[test]
fn three_knocks_of_one_account_wait_whatever_the_browser() {
    let mut room = knocking();
    for number in 0..10 {
        let device = format!("d{number}");
        let identity = Identity::Verified {
            user: "paul".into(),
            device: (number % 2 == 0).then_some(device),
            listed: false,
            anonymous: false,
        };
        knock(&mut room, &format!("x{number}"), identity, "a");
    }
    let waiting: Vec<String> = room.knockers().into_iter().map(|one| one.id.0).collect();
    assert_eq!(waiting, ["x7", "x8", "x9"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    /// Whoever has a browser of their own, and knocks once, is neither refused nor sent away for those who have none.
    #[test]
    fn nobody_with_a_device_loses_a_place_to_those_without(
        knocks in prop::collection::vec((any::<bool>(), 0..4u8, 0..120u32), 200..350)
    ) {
        let mut room = knocking();
        let devices = |room: &Room| {
            let own = room.lobby.iter().filter(|one| one.device.is_some());
            own.map(|one| one.id.clone()).collect::<std::collections::BTreeSet<_>>()
        };
        for (number, (has_device, address, who)) in knocks.into_iter().enumerate() {
            let address = format!("a{}", address / 2);
            let name = format!("k{number}");
            let before = devices(&room);
            let identity = if has_device { guest(&format!("{address} {who}")) } else { cookieless() };
            let admission = knock(&mut room, &name, identity, &address);
            prop_assert!(room.lobby.len() <= MAX_LOBBY_PLACES);
            let near = room.lobby.iter().filter(|one| one.address.as_deref() == Some(&address));
            let near_without = near.filter(|one| one.device.is_none()).count();
            prop_assert!(near_without <= MAX_LOBBY_PLACES_PER_ADDRESS);
            if has_device {
                let refused = admission == Admission::Refused(RefusalReason::Full);
                prop_assert!(!refused || devices(&room).len() == MAX_LOBBY_PLACES);
            } else {
                prop_assert!(devices(&room).is_superset(&before));
            }
        }
    }
}

#[test]
fn a_closed_page_leaves_at_once_where_the_way_back_is_free() {
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
        goodbye: Goodbye::Left
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
    tick(&mut room, after(2_000, AWAY_SHOWN) - 1);
    assert!(room.role(&id("Anna")).is_some());
    tick(&mut room, after(2_000, AWAY_SHOWN));
    assert_eq!(room.role(&id("Anna")), None);
    // The teacher comes back whatever holds, so she is gone at once.
    act(&mut room, "Frau Maier", ClientMessage::Away).expect("away");
    assert_eq!(room.role(&id("Frau Maier")), None);
    assert!(is_in(&arrive(&mut room, "x", teacher(), None).0));
    assert!(room.role(&id("Frau Maier")).is_some(), "as herself");
}

#[test]
fn a_reload_loses_neither_the_raised_hand_nor_the_floor() {
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
fn a_guest_who_comes_back_in_the_same_browser_is_the_same_person() {
    let back = |name: &str| Admission::Admitted {
        participant: id(name),
        returned: true,
    };
    let mut room = class();
    let again = |room: &mut Room, fresh: &str, name: &str, device: &str| {
        let arrival = Arrival::new(id(fresh), name, guest(device));
        comes(room, 2_000, arrival).0
    };
    let participant = id("Anna");
    room.handle(2_000, Command::Gone { participant })
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
            room.handle(2_000, Command::Gone { participant })
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
    room.handle(2_000, Command::Gone { participant })
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
fn nobody_is_called_like_a_moderator() {
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
fn messages_and_lists_say_who_someone_is() {
    let mut room = class();
    let arrival = Arrival {
        typed_name: true,
        ..Arrival::new(id("Carl"), "Carl", verified("carl", None))
    };
    room.handle(2_000, Command::Arrive(arrival)).expect("in");
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
fn a_name_that_someone_typed_stays_a_typed_one_wherever_they_go() {
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
                anonymous: false,
            },
        )
    };
    for (name, typed_name) in [("Carl", true), ("Dora", false)] {
        let arrive = |room: &mut Room| {
            let arrival = arrival(name, typed_name);
            room.handle(2_000, Command::Arrive(arrival))
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

#[test]
fn an_alert_is_told_to_moderators_and_to_those_who_come_later() {
    let mut room = class();
    let alert = Alert::WrongPasswords;
    let by_server = |room: &mut Room, now, action| {
        let by = By::Server;
        room.handle(now, Command::Act { by, action })
    };
    let effects = by_server(&mut room, 5_000, Action::Alert(alert)).expect("told");
    let message = ServerMessage::Alert { alert };
    assert!(effects.contains(&Effect::ToModerators(message.clone())));
    let effects = by_server(&mut room, 6_000, Action::Alert(alert)).expect("known");
    assert_eq!(effects, []);
    let mut restored = Room::restore(&room.snapshot(), Vec::new(), 9_000).expect("readable");
    let (_, effects) = arrive(&mut restored, "second", teacher(), None);
    let participant = id("Frau Maier");
    assert!(effects.contains(&Effect::To {
        participant,
        message
    }));
    let refused = act(&mut room, "Frau Maier", Action::Alert(alert));
    assert_eq!(refused, Err(Refusal::NotPermitted));
}

#[test]
fn an_account_that_a_class_uses_is_told_of_once() {
    let mut room = class();
    let told = |effects: &[Effect]| {
        let told = effects.iter().filter_map(|effect| match effect {
            Effect::ToModerators(ServerMessage::SharedAccount { name }) => Some(name.clone()),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let comes = |room: &mut Room, name: &str, user: &str, device: Option<&str>| {
        told(&arrive(room, name, verified(user, device), None).1)
    };
    // One person with three devices, one of which has many windows.
    for (name, device) in [
        ("a", "phone"),
        ("b", "laptop"),
        ("c", "board"),
        ("d", "phone"),
    ] {
        assert!(comes(&mut room, name, "carl", Some(device)).is_empty());
    }
    // And a fourth device, after the connection of another one was lost.
    let participant = id("c");
    room.handle(3_000, Command::Gone { participant })
        .expect("gone");
    assert!(comes(&mut room, "e", "carl", Some("phone")).is_empty());
    for number in 0..10 {
        let name = format!("Klasse 5b {number}");
        let news = comes(&mut room, &name, "5b", Some(&name));
        let expected = if number == 3 { vec![name] } else { vec![] };
        assert_eq!(news, expected);
    }
    // Devices without a cookie count, too; and after three accounts it is known.
    for user in ["6a", "6b", "6c", "6d"] {
        let all =
            (0..5).flat_map(|number| comes(&mut room, &format!("{user} {number}"), user, None));
        let all = all.collect::<Vec<_>>().len();
        assert_eq!(all, usize::from(user == "6a" || user == "6b"), "{user}");
    }
    // Also to who moderates later.
    let mut restored = Room::restore(&room.snapshot(), Vec::new(), 9_000).expect("readable");
    let (_, effects) = arrive(&mut restored, "second", teacher(), None);
    let name = "Klasse 5b 3".to_owned();
    let message = ServerMessage::SharedAccount { name };
    let participant = id("Frau Maier");
    assert!(effects.contains(&Effect::To {
        participant,
        message
    }));
    // A teacher with many windows is told nothing.
    for number in 0..8 {
        let (_, effects) = arrive(&mut restored, &format!("w{number}"), teacher(), None);
        assert!(told(&effects).is_empty());
    }
}

#[test]
fn a_withdrawn_account_leaves_with_all_its_places_and_its_role() {
    let mut room = class();
    arrive(&mut room, "phone", teacher(), None);
    leaves_the_roster(&mut room, "phone");
    let user = || "teacher".to_owned();
    let by_server = |room: &mut Room, action| {
        let by = By::Server;
        room.handle(90_000, Command::Act { by, action })
            .expect("done")
    };
    let effects = by_server(&mut room, Action::WithdrawUser { user: user() });
    let participant = id("Frau Maier");
    assert!(effects.contains(&Effect::Out {
        participant,
        goodbye: Goodbye::Removed
    }));
    let removed = Admission::Refused(RefusalReason::Removed);
    for identity in [
        teacher(),
        verified("teacher", None),
        seat(id("Frau Maier")),
        seat(id("phone")),
    ] {
        assert_eq!(arrive(&mut room, "again", identity, None).0, removed);
    }
    assert_eq!(room.present(), 2);
    by_server(&mut room, Action::ReadmitUser { user: user() });
    assert!(is_in(&arrive(&mut room, "again", teacher(), None).0));
}

#[test]
fn who_came_by_an_ended_session_goes_and_nobody_else_of_the_account() {
    let by_session = |room: &mut Room, name: &str, identity, session: &str| {
        let arrival = Arrival {
            typed_name: false,
            session: Some(session.to_owned()),
            ..Arrival::new(id(name), name, identity)
        };
        let effects = room.handle(1_000, Command::Arrive(arrival));
        effects.expect("answered").swap_remove(0)
    };
    let sign_out = |room: &mut Room, ended| {
        let user = "teacher".to_owned();
        let action = Action::SignOut { user, ended };
        let by = By::Server;
        room.handle(2_000, Command::Act { by, action })
            .expect("done")
    };
    let is_out = |effects: &[Effect], name: &str| {
        effects.contains(&Effect::Out {
            participant: id(name),
            goodbye: Goodbye::Refused(RefusalReason::SignedOut),
        })
    };
    let mut room = class();
    act(&mut room, "Frau Maier", ClientMessage::Leave).expect("left");
    for (name, session) in [("desk", "a"), ("phone", "b"), ("home", "c")] {
        by_session(&mut room, name, teacher(), session);
    }
    let effects = sign_out(&mut room, Ended::One("b".to_owned()));
    assert!(is_out(&effects, "phone"));
    assert_eq!(room.role(&id("phone")), None);
    for name in ["desk", "home"] {
        assert_eq!(room.role(&id(name)), Some(Role::Moderator), "{name}");
    }
    // It says no more than that they left.
    assert!(effects.iter().any(|effect| matches!(effect,
        Effect::ToAll(ServerMessage::ParticipantLeft { participant, reason })
            if *participant == id("phone") && *reason == crate::signal::LeaveReason::Left)));
    // The seat is none any more, and nothing stands in the way of another session.
    let bad_seat = Admission::Refused(RefusalReason::BadSeat);
    assert_eq!(arrive(&mut room, "", seat(id("phone")), None).0, bad_seat);
    by_session(&mut room, "phone again", teacher(), "d");
    assert_eq!(room.role(&id("phone again")), Some(Role::Moderator));

    let effects = sign_out(&mut room, Ended::AllBut(Some("a".to_owned())));
    assert!(is_out(&effects, "home") && is_out(&effects, "phone again"));
    assert_eq!(room.role(&id("desk")), Some(Role::Moderator));
    // Who came back by a newer session is there by that one.
    let participant = id("desk");
    room.handle(3_000, Command::Gone { participant })
        .expect("gone");
    by_session(&mut room, "", teacher(), "e");
    sign_out(&mut room, Ended::One("a".to_owned()));
    assert_eq!(room.role(&id("desk")), Some(Role::Moderator));
    assert!(is_out(&sign_out(&mut room, Ended::AllBut(None)), "desk"));
    // Guests, and other accounts, have nothing to do with it.
    assert_eq!(room.role(&id("Anna")), Some(Role::Participant));
}

#[test]
fn who_knocks_by_an_ended_session_is_told_so() {
    let mut room = class();
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    let arrival = Arrival {
        typed_name: false,
        session: Some("a".to_owned()),
        ..Arrival::new(
            id("colleague"),
            "Frau Schulz",
            Identity::Verified {
                user: "schulz".into(),
                device: None,
                listed: false,
                anonymous: false,
            },
        )
    };
    room.handle(1_000, Command::Arrive(arrival))
        .expect("knocks");
    assert_eq!(room.knockers().len(), 1);
    let action = Action::SignOut {
        user: "schulz".to_owned(),
        ended: Ended::One("a".to_owned()),
    };
    let by = By::Server;
    let effects = room.handle(2_000, Command::Act { by, action });
    assert!(effects.expect("done").contains(&Effect::Out {
        participant: id("colleague"),
        goodbye: Goodbye::Refused(RefusalReason::SignedOut),
    }));
    assert!(room.knockers().is_empty());
}

#[test]
fn only_the_password_that_stood_in_the_way_lets_in_by_the_password() {
    let asks = |room: &Room, identity: Identity, password: Option<&str>| {
        room.asks_password(
            1_000,
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
    room.handle(2_000, Command::Gone { participant })
        .expect("gone");
    assert!(!asks(&room, guest("x"), Some("nonsense")));
}

#[test]
fn a_snapshot_of_an_older_version_is_read() {
    let mut room = class();
    leaves_the_roster(&mut room, "Anna");
    let mut snapshot: serde_json::Value = serde_json::from_str(&room.snapshot()).expect("JSON");
    let fields = snapshot.as_object_mut().expect("an object");
    for field in ["owner_name", "alerts", "shared_accounts"] {
        fields.remove(field).expect("a field");
    }
    fields["blocked"]
        .as_object_mut()
        .expect("an object")
        .remove("withdrawn");
    let people = fields["people"].as_object_mut().expect("people");
    for person in people.values_mut() {
        let person = person.as_object_mut().expect("a person");
        for field in [
            "typed_name",
            "anonymous",
            "asked_name",
            "away",
            "session",
            "known_since",
            "came_at",
        ] {
            person.remove(field).expect("a field");
        }
    }
    let mut restored = Room::restore(&snapshot.to_string(), Vec::new(), 9_000).expect("readable");
    assert!(is_in(&arrive(&mut restored, "", seat(id("Anna")), None).0));
    assert!(is_in(&arrive(&mut restored, "", teacher(), None).0));
}
