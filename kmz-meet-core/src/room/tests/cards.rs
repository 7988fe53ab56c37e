//! Pupil cards: who holds the place of one, who knocks, and what becomes of both.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::fixtures::{
    act, arrive, at, comes, door, guest, id, is_in, leaves_the_roster, room, seat, teacher,
};
use crate::room::{
    Action, Admission, Arrival, By, Command, Effect, Identity, LeaveNotice, Room, SEAT_SHOWN,
};
use crate::signal::{
    ClientMessage, Door, ParticipantId, Policy, RefusalReason, Role, ServerMessage, Target,
};

fn card(user: &str, device: &str) -> Identity {
    Identity::Card {
        user: format!("card:s:{user}"),
        device: (!device.is_empty()).then(|| device.to_owned()),
    }
}

/// A lesson that Anna came to by her card, from a tablet.
fn lesson() -> Room {
    let mut room = room(Policy::default(), Some("Kastanie"));
    arrive(&mut room, "Frau Maier", teacher(), None);
    let (admission, _) = by_card(&mut room, "tablet", "anna-1");
    assert!(is_in(&admission), "{admission:?}");
    room
}

/// Anna's card from this browser; `seat` is the id that a newcomer gets.
fn by_card(room: &mut Room, device: &str, seat: &str) -> (Admission, Vec<Effect>) {
    let arrival = Arrival {
        typed_name: false,
        ..Arrival::new(id(seat), "Anna", card("anna", device))
    };
    comes(room, at(1_000), arrival)
}

fn server(room: &mut Room, action: Action) -> Vec<Effect> {
    let by = By::Server;
    room.handle(at(2_000), Command::Act { by, action })
        .expect("the server may")
}

fn these(name: &str) -> Target {
    Target::These(vec![id(name)])
}

#[test]
fn card_at_a_door_with_a_password_lets_in_as_listed() {
    let mut room = lesson();
    let anna = room.participant(&id("anna-1")).expect("in");
    assert!(anna.listed && anna.verified && !anna.typed_name);
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    let (admission, _) = arrive(&mut room, "Ben", card("ben", "b"), None);
    assert!(is_in(&admission), "knocking is for strangers");
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    let (admission, _) = arrive(&mut room, "Cem", card("cem", "c"), None);
    assert_eq!(admission, Admission::Refused(RefusalReason::Closed));
    // Who is in comes back, whatever the door says.
    let (admission, _) = by_card(&mut room, "tablet", "new");
    let participant = id("anna-1");
    assert_eq!(
        admission,
        Admission::Admitted {
            participant,
            returned: true
        }
    );
}

#[test]
fn second_use_of_a_card_knocks_at_any_door_and_the_first_stays() {
    for device in ["phone", ""] {
        let mut room = lesson();
        let (admission, effects) = by_card(&mut room, device, "anna-2");
        let participant = id("anna-2");
        assert_eq!(admission, Admission::Lobby { participant });
        assert!(effects.contains(&Effect::LobbyChanged));
        let knocker = &room.knockers()[0];
        assert_eq!(knocker.second_use.as_deref(), Some("Anna"));
        assert!(!knocker.listed && knocker.name != "Anna", "{knocker:?}");
        assert_eq!(room.role(&id("anna-1")), Some(Role::Participant));
        act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
        let (admission, _) = by_card(&mut room, "third", "anna-3");
        assert_eq!(admission, Admission::Refused(RefusalReason::Closed));
    }
}

#[test]
fn same_browser_with_its_card_comes_back_to_its_place_also_while_connected() {
    let mut room = lesson();
    for lost in [false, true] {
        if lost {
            let participant = id("anna-1");
            room.handle(at(1_500), Command::Gone { participant })
                .expect("gone");
        }
        let (admission, _) = by_card(&mut room, "tablet", "new");
        let participant = id("anna-1");
        assert_eq!(
            admission,
            Admission::Admitted {
                participant,
                returned: true
            }
        );
    }
    assert_eq!(room.present(), 2);
}

#[test]
fn card_that_nobody_is_in_by_takes_another_browser_to_the_same_place() {
    let mut room = lesson();
    leaves_the_roster(&mut room, "anna-1");
    let (admission, _) = by_card(&mut room, "phone", "new");
    let participant = id("anna-1");
    assert_eq!(
        admission,
        Admission::Admitted {
            participant,
            returned: true
        }
    );
    // The place is the phone's now.
    let (admission, _) = by_card(&mut room, "phone", "new");
    assert!(is_in(&admission));
    let (admission, _) = by_card(&mut room, "tablet", "anna-2");
    assert!(matches!(admission, Admission::Lobby { .. }));
    // The token for the seat alone does not tell which of the two they are: it is one seat.
    let (admission, _) = arrive(&mut room, "Anna", seat(id("anna-1")), None);
    assert!(is_in(&admission));
    assert_eq!(room.present(), 2);
}

#[test]
fn kept_seat_of_a_card_knocks_while_another_browser_is_in_by_it() {
    let mut room = lesson();
    // Two places: a moderator let the second one in.
    by_card(&mut room, "phone", "anna-2");
    let target = these("anna-2");
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("let in");
    leaves_the_roster(&mut room, "anna-1");
    let (admission, _) = arrive(&mut room, "Anna", seat(id("anna-1")), None);
    let participant = id("anna-1");
    assert_eq!(admission, Admission::Lobby { participant });
}

#[test]
fn place_of_a_card_that_became_a_moderators_is_not_given_to_another_browser() {
    let mut room = lesson();
    let role = Role::Moderator;
    let participant = id("anna-1");
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetRole { participant, role },
    )
    .expect("a moderator");
    leaves_the_roster(&mut room, "anna-1");
    let (admission, _) = by_card(&mut room, "phone", "anna-2");
    assert!(is_in(&admission));
    assert_eq!(room.role(&id("anna-2")), Some(Role::Participant));
}

#[test]
fn refused_second_use_leaves_the_card_to_whom_it_is() {
    let mut room = lesson();
    by_card(&mut room, "phone", "anna-2");
    let target = these("anna-2");
    act(&mut room, "Frau Maier", ClientMessage::Refuse { target }).expect("refused");
    let (admission, _) = by_card(&mut room, "phone", "anna-3");
    assert_eq!(admission, Admission::Refused(RefusalReason::Removed));
    leaves_the_roster(&mut room, "anna-1");
    let (admission, _) = by_card(&mut room, "tablet", "new");
    assert!(is_in(&admission), "{admission:?}");
}

#[test]
fn removed_second_use_leaves_the_first_in_and_a_removed_first_cannot_come_back() {
    let mut room = lesson();
    by_card(&mut room, "phone", "anna-2");
    let target = these("anna-2");
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("let in");
    let target = these("anna-2");
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    assert_eq!(room.role(&id("anna-1")), Some(Role::Participant));
    let target = these("anna-1");
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    let (admission, _) = by_card(&mut room, "another", "new");
    assert_eq!(admission, Admission::Refused(RefusalReason::Removed));
}

#[test]
fn removal_of_all_who_are_not_listed_takes_second_uses_and_leaves_cards() {
    let mut room = lesson();
    arrive(&mut room, "Eva", guest("e"), Some("Kastanie"));
    by_card(&mut room, "phone", "anna-2");
    let target = these("anna-2");
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("let in");
    let target = Target::Unlisted;
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    let left: Vec<String> = room.roster().into_iter().map(|one| one.id.0).collect();
    assert_eq!(left, ["Frau Maier", "anna-1"]);
}

#[test]
fn ended_card_takes_out_who_is_in_or_knocks_by_it_and_nobody_else() {
    let mut room = lesson();
    arrive(&mut room, "Ben", card("ben", "b"), None);
    by_card(&mut room, "phone", "anna-2");
    let users = BTreeSet::from(["card:s:anna".to_owned()]);
    let effects = server(&mut room, Action::EndCards { users });
    let notice = LeaveNotice::Refused(RefusalReason::CardEnded);
    for name in ["anna-1", "anna-2"] {
        let participant = id(name);
        assert!(effects.contains(&Effect::Out {
            participant,
            notice
        }));
    }
    assert_eq!(room.role(&id("Ben")), Some(Role::Participant));
    assert_eq!(room.knockers(), []);
    let (admission, _) = arrive(&mut room, "Anna", seat(id("anna-1")), None);
    assert_eq!(admission, Admission::Refused(RefusalReason::BadSeat));
}

#[test]
fn class_list_that_is_made_during_a_lesson_is_told_once_and_outlives_a_restart() {
    let mut room = lesson();
    assert!(!room.info().knows_members && !room.takes_attendance());
    let effects = server(&mut room, Action::SetClassList { exists: true });
    let told = |effect: &Effect| matches!(effect, Effect::ToAll(ServerMessage::RoomChanged { room }) if room.knows_members);
    assert!(effects.iter().any(told) && effects.contains(&Effect::Save));
    let effects = server(&mut room, Action::SetClassList { exists: true });
    assert!(effects.is_empty(), "{effects:?}");
    let room = Room::restore(&room.snapshot(), at(5), Vec::new(), at(5)).expect("restored");
    assert!(room.info().knows_members && !room.takes_attendance());
}

#[test]
fn guest_with_the_name_of_a_pupil_is_told_to_moderators_alone() {
    let mut room = lesson();
    let eva = |seat: &str| Arrival {
        resembles_pupil: true,
        password: Some("Kastanie".to_owned()),
        ..Arrival::new(id(seat), "Ben", guest(seat))
    };
    let told = ServerMessage::ResemblingPupils {
        participants: vec![id("e1")],
    };
    let (_, effects) = comes(&mut room, at(1_000), eva("e1"));
    assert!(effects.contains(&Effect::ToModerators(told.clone())));
    let room_of_before = room.clone();
    // Who moderates later hears it too, also after a restart.
    for mut room in [
        Room::restore(&room.snapshot(), at(5), Vec::new(), at(5)).expect("restored"),
        room_of_before,
    ] {
        let second = Identity::Owner {
            user: "second".into(),
        };
        let (_, effects) = arrive(&mut room, "Herr Kurz", second, None);
        let message = told.clone();
        let participant = id("Herr Kurz");
        assert!(effects.contains(&Effect::To {
            participant,
            message
        }));
    }
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    comes(&mut room, at(1_000), eva("e2"));
    assert!(room.knockers()[0].resembles_pupil);
}

#[test]
fn card_after_a_restart_comes_back_in_its_browser_and_knocks_in_another() {
    let room = lesson();
    let mut room = Room::restore(&room.snapshot(), at(5), Vec::new(), at(900)).expect("restored");
    let (admission, _) = by_card(&mut room, "phone", "anna-2");
    assert!(
        matches!(admission, Admission::Lobby { .. }),
        "{admission:?}"
    );
    let (admission, _) = by_card(&mut room, "tablet", "new");
    assert!(is_in(&admission));
}

#[test]
fn card_from_new_browsers_again_and_again_does_not_fill_the_memory() {
    let mut room = lesson();
    leaves_the_roster(&mut room, "anna-1");
    let snapshot = |room: &Room| room.snapshot().len();
    let before = snapshot(&room);
    for number in 0..100 {
        let (admission, _) = by_card(&mut room, "", &format!("n{number}"));
        let Admission::Admitted { participant, .. } = admission else {
            panic!("{admission:?}");
        };
        leaves_the_roster(&mut room, &participant.0);
    }
    assert!(snapshot(&room) < before + 1_000, "{}", snapshot(&room));
}

/// What may happen to two cards in four browsers.
#[derive(Clone, Debug)]
enum Step {
    Comes { card: usize, device: usize },
    Gone(usize),
    Away(usize),
    Leaves(usize),
    Time,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..2_usize, 0..4_usize).prop_map(|(card, device)| Step::Comes { card, device }),
        2 => (0..40_usize).prop_map(Step::Gone),
        1 => (0..40_usize).prop_map(Step::Away),
        1 => (0..40_usize).prop_map(Step::Leaves),
        2 => Just(Step::Time),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    /// As long as no moderator lets anybody in: one place for a card at any time, it is never taken from its browser, and its
    /// browser is never sent to the lobby.
    #[test]
    fn card_holds_one_place_and_its_browser_keeps_it(steps in prop::collection::vec(step(), 1..80)) {
        let mut room = room(Policy::default(), None);
        let mut now = at(1_000);
        let mut held: BTreeMap<usize, (ParticipantId, usize)> = BTreeMap::new();
        let mut seats: Vec<ParticipantId> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let pick = |which: usize| seats.get(which % seats.len().max(1)).cloned();
            match step {
                Step::Comes { card: which, device } => {
                    let identity = card(&format!("c{which}"), &format!("d{device}"));
                    let arrival = Arrival::new(id(&format!("n{number}")), format!("Kind {which}"), identity);
                    let of_card = held.get(&which);
                    let holder = of_card.filter(|(seat, _)| room.role(seat).is_some()).cloned();
                    let (answer, _) = comes(&mut room, now, arrival);
                    match (&answer, holder) {
                        (Admission::Admitted { participant, .. }, Some((seat, by))) => {
                            prop_assert_eq!(by, device);
                            prop_assert_eq!(participant, &seat);
                        }
                        (Admission::Lobby { .. }, Some((_, by))) => prop_assert_ne!(by, device),
                        (Admission::Admitted { .. }, None) => {}
                        other => prop_assert!(false, "{:?}", other),
                    }
                    if let Admission::Admitted { participant, .. } = answer {
                        held.insert(which, (participant.clone(), device));
                        if !seats.contains(&participant) {
                            seats.push(participant);
                        }
                    }
                }
                Step::Gone(which) => {
                    if let Some(participant) = pick(which) {
                        let _ = room.handle(now, Command::Gone { participant });
                    }
                }
                Step::Away(which) | Step::Leaves(which) => {
                    let message = match step {
                        Step::Away(_) => ClientMessage::Away,
                        _ => ClientMessage::Leave,
                    };
                    if let Some(by) = pick(which) {
                        let by = By::Person(by);
                        let _ = room.handle(now, Command::Act { by, action: message.into() });
                    }
                }
                Step::Time => {
                    now = now + SEAT_SHOWN;
                    let _ = room.handle(now, Command::Tick);
                }
                Step::Restart => {
                    room = Room::restore(&room.snapshot(), now, Vec::new(), now).expect("restored");
                }
            }
            for which in 0..2 {
                let user = format!("card:s:c{which}");
                let places = room.roster().into_iter().filter(|one| room.user(&one.id) == Some(&user));
                prop_assert!(places.count() <= 1);
            }
        }
    }
}
