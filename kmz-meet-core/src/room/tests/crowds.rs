//! Crowds at the door: what keeps those out, or puts those out, who were there before or are known for longer.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixtures::{act, arrive, at, door, id, room, teacher};
use crate::room::lobby_places::MAX_LOBBY_PLACES;
use crate::room::{Admission, Arrival, Effect, Identity, LeaveNotice, Room};
use crate::signal::{ClientMessage, Door, Policy, RefusalReason};
use crate::timestamp::Timestamp;

/// So many minutes after the beginning of time.
fn minute(number: u64) -> Timestamp {
    at(number * 60_000)
}

/// A class behind one address.
const CLASS: usize = 70;

/// Someone who comes, and since when their browser is known.
struct Comes {
    name: String,
    identity: Identity,
    address: String,
    known_since: Option<Timestamp>,
}

fn with_cookie(name: impl Into<String>, address: impl Into<String>, since: Timestamp) -> Comes {
    let name = name.into();
    Comes {
        identity: Identity::Guest {
            device: Some(name.clone()),
        },
        name,
        address: address.into(),
        known_since: Some(since),
    }
}

fn without(name: impl Into<String>, address: impl Into<String>) -> Comes {
    Comes {
        name: name.into(),
        identity: Identity::Guest { device: None },
        address: address.into(),
        known_since: None,
    }
}

fn with_account(name: impl Into<String>, address: impl Into<String>) -> Comes {
    let name = name.into();
    Comes {
        identity: Identity::Verified {
            user: name.clone(),
            device: None,
            listed: false,
            unidentified: false,
        },
        name,
        address: address.into(),
        known_since: None,
    }
}

fn comes(room: &mut Room, now: Timestamp, one: &Comes) -> (Admission, Vec<Effect>) {
    let arrival = Arrival {
        typed_name: true,
        address: Some(one.address.clone()),
        known_for: one
            .known_since
            .map(|since| now.saturating_duration_since(since)),
        ..Arrival::new(id(&one.name), one.name.as_str(), one.identity.clone())
    };
    super::fixtures::comes(room, now, arrival)
}

fn lobby() -> Room {
    let mut room = room(Policy::default(), None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    room
}

/// Those of them who wait.
fn waiting<'a>(room: &Room, names: impl Iterator<Item = &'a String>) -> usize {
    let all: BTreeSet<String> = room.lobby.iter().map(|one| one.id.0.clone()).collect();
    names.filter(|name| all.contains(*name)).count()
}

fn names(first: &str, number: usize) -> Vec<String> {
    (0..number).map(|one| format!("{first}{one}")).collect()
}

/// The lobby full of cookies of so many addresses, made at this moment.
fn flooded(addresses: usize, made: Timestamp) -> Room {
    let mut room = lobby();
    for number in 0..MAX_LOBBY_PLACES {
        let address = format!("x{}", number % addresses);
        let one = with_cookie(format!("x{number}"), address, made);
        comes(&mut room, made, &one);
    }
    assert_eq!(room.lobby.len(), MAX_LOBBY_PLACES);
    room
}

#[test]
fn lobby_full_of_fresh_cookies_admits_browsers_known_for_longer() {
    for addresses in [1, 2, 5, 20, 150] {
        // Behind the address of the flood, and elsewhere.
        for address in ["x0", "school"] {
            let mut room = flooded(addresses, minute(60));
            let class = names("g", CLASS);
            for name in &class {
                let one = with_cookie(name, address, minute(59));
                let admission = comes(&mut room, minute(61), &one).0;
                assert!(
                    matches!(admission, Admission::Lobby { .. }),
                    "{name} of {address}, {addresses}: {admission:?}"
                );
            }
            assert_eq!(room.lobby.len(), MAX_LOBBY_PLACES);
            // Nor does it push them out afterwards.
            for number in 0..100 {
                let flood = with_cookie(format!("y{number}"), format!("y{number}"), minute(62));
                comes(&mut room, minute(62), &flood);
                let flood = with_cookie(format!("z{number}"), address, minute(62));
                comes(&mut room, minute(62), &flood);
                comes(&mut room, minute(62), &without(format!("n{number}"), "n"));
            }
            assert_eq!(
                waiting(&room, class.iter()),
                CLASS,
                "{address}, {addresses}"
            );
        }
    }
}

#[test]
fn lobby_full_of_cookies_leaves_new_browsers_their_address_share() {
    // Cookies of a moment ago, and laid up in stock for weeks.
    for made in [minute(60), minute(0)] {
        for (addresses, share) in [(1, CLASS), (2, 45), (5, 20), (20, 6)] {
            let mut room = flooded(addresses, made);
            let class = names("g", CLASS);
            for name in &class {
                comes(
                    &mut room,
                    minute(61),
                    &with_cookie(name, "school", minute(61)),
                );
            }
            let there = waiting(&room, class.iter());
            assert!(there >= share, "{addresses}, {made:?}: {there}");
        }
    }
}

#[test]
fn lobby_full_of_guests_gives_way_to_accounts() {
    let mut room = flooded(2, minute(0));
    let accounts = names("a", MAX_LOBBY_PLACES);
    for name in &accounts {
        let admission = comes(&mut room, minute(1), &with_account(name, "x0")).0;
        assert!(matches!(admission, Admission::Lobby { .. }), "{name}");
    }
    assert_eq!(waiting(&room, accounts.iter()), MAX_LOBBY_PLACES);
    let full = Admission::Refused(RefusalReason::Full);
    assert_eq!(
        comes(&mut room, minute(1), &with_cookie("g", "g", minute(0))).0,
        full
    );
}

#[test]
fn knocker_who_gives_way_is_told_that_it_is_full() {
    let mut room = flooded(2, minute(60));
    let (_, effects) = comes(
        &mut room,
        minute(61),
        &with_cookie("anna", "school", minute(0)),
    );
    let notice = LeaveNotice::Refused(RefusalReason::Full);
    let out = effects.iter().filter_map(|effect| match effect {
        Effect::Out {
            participant,
            notice: said,
        } if *said == notice => Some(&participant.0),
        _ => None,
    });
    // The newest.
    assert_eq!(out.collect::<Vec<_>>(), ["x149"]);
}

/// One of those who knock in the property below.
fn knocks() -> impl Strategy<Value = (u8, u32, u64)> {
    // Few addresses with many, and some with few.
    let address = prop_oneof![3 => 0..2u32, 2 => 2..6u32, 1 => 6..60u32];
    let age = prop_oneof![2 => 0..1_000u64, 1 => 900..1_000u64];
    (
        prop_oneof![1 => Just(0u8), 12 => Just(1), 1 => Just(2)],
        address,
        age,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    /// The rules of the lobby in other words: who is refused or sent away is neither one of those who are known longest,
    /// nor from an address that has less than its share.
    #[test]
    fn lobby_under_random_knocks_turns_away_neither_the_known_nor_the_few(
        all in prop::collection::vec(knocks(), 200..400)
    ) {
        // As the test keeps them: kind, address, since when known.
        let mut waiting: Vec<(String, u8, String, Timestamp)> = Vec::new();
        let mut room = lobby();
        for (number, (kind, address, since)) in all.into_iter().enumerate() {
            let (name, address) = (format!("k{number}"), format!("a{address}"));
            let one = match kind {
                0 => without(&name, &address),
                1 => with_cookie(&name, &address, at(since)),
                _ => with_account(&name, &address),
            };
            let (now, since) = (at(1_000 + number as u64), at(since));
            let since = if kind == 1 { since } else { now };
            let (admission, effects) = comes(&mut room, now, &one);
            let applicant = (name, kind, address, since);
            let sent_away = effects.iter().find_map(|effect| match effect {
                Effect::Out { participant, .. } => Some(participant.0.clone()),
                _ => None,
            });
            let mut with_applicant = waiting.clone();
            with_applicant.push(applicant.clone());
            let refused = admission == Admission::Refused(RefusalReason::Full);
            let loses = match (&sent_away, refused) {
                (Some(gone), _) => with_applicant.iter().find(|one| one.0 == *gone),
                (None, true) => Some(&applicant),
                (None, false) => None,
            };
            if let Some(loses) = loses.filter(|one| one.1 > 0) {
                prop_assert_eq!(waiting.len(), MAX_LOBBY_PLACES);
                prop_assert!(with_applicant.iter().all(|one| one.1 >= loses.1), "{:?}", loses);
                let alike = with_applicant.iter().filter(|one| one.1 == loses.1);
                let longer = alike.clone().filter(|one| one.0 != loses.0 && one.3 <= loses.3);
                let near = longer.clone().filter(|one| one.2 == loses.2).count();
                let accounts = with_applicant.iter().filter(|one| one.1 == 2).count();
                if accounts < 45 {
                    prop_assert!(longer.count() >= 100 || near >= 75, "{:?} is known long", loses);
                    let addresses: BTreeSet<_> = alike.clone().map(|one| &one.2).collect();
                    let held = alike.clone().filter(|one| one.2 == loses.2).count();
                    let others = alike.count().saturating_sub(101);
                    prop_assert!(held * addresses.len() >= others, "{:?} is of few", loses);
                }
            }
            if !refused {
                waiting = with_applicant;
                waiting.retain(|one| Some(&one.0) != sent_away.as_ref());
            }
            prop_assert_eq!(room.lobby.len(), waiting.len());
            prop_assert!(waiting.len() <= MAX_LOBBY_PLACES);
        }
    }
}

/// An open conference that is full of guests without a cookie, who came from one address in the tenth minute.
fn full_of_nobodies() -> Room {
    let mut room = room(Policy::default(), None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    for number in 0..69 {
        let admission = comes(&mut room, minute(10), &without(format!("x{number}"), "x")).0;
        assert!(is_in(&admission));
    }
    room
}

fn is_in(admission: &Admission) -> bool {
    matches!(admission, Admission::Admitted { .. })
}

#[test]
fn full_room_of_cookieless_guests_gives_way_to_known_browsers() {
    let mut room = full_of_nobodies();
    let full = Admission::Refused(RefusalReason::Full);
    for (name, one) in [
        (
            "a cookie as young as theirs",
            with_cookie("y0", "y", minute(10)),
        ),
        ("a fresh one", with_cookie("y1", "y", minute(11))),
        ("none", without("y2", "y")),
    ] {
        assert_eq!(comes(&mut room, minute(11), &one).0, full, "{name}");
    }
    // A class from elsewhere, and pupils behind the same address.
    for number in 0..20 {
        for address in ["school", "x"] {
            let one = with_cookie(format!("{address} {number}"), address, minute(9));
            let (admission, effects) = comes(&mut room, minute(11), &one);
            assert!(is_in(&admission), "{number} of {address}: {admission:?}");
            // Who gives way is told, and the newest do.
            let notice = LeaveNotice::Refused(RefusalReason::Full);
            let gone = 68 - 2 * number - usize::from(address == "x");
            let participant = id(&format!("x{gone}"));
            assert!(effects.contains(&Effect::Out {
                participant,
                notice
            }));
        }
    }
    assert_eq!(room.present(), 70);
}

#[test]
fn full_room_of_cookieless_guests_keeps_a_share_for_their_address() {
    let mut room = full_of_nobodies();
    // Of one address no more than it leaves; of many, no more than the rest.
    for number in 0..100 {
        comes(
            &mut room,
            minute(11),
            &with_cookie(format!("y{number}"), "y", minute(0)),
        );
    }
    let nobodies = |room: &Room| {
        let present = room.people.values().filter(|one| one.present);
        present
            .filter(|one| one.device.is_none() && one.user.is_none())
            .count()
    };
    assert_eq!(nobodies(&room), 35);
    for number in 0..100 {
        comes(
            &mut room,
            minute(11),
            &with_cookie(format!("z{number}"), format!("z{number}"), minute(0)),
        );
    }
    assert_eq!(nobodies(&room), 10);
    assert_eq!(room.present(), 70);
    // Few of an address are no crowd.
    let mut room = super::fixtures::room(Policy::default(), None);
    for number in 0..70 {
        comes(
            &mut room,
            minute(10),
            &without(format!("x{number}"), format!("x{}", number % 7)),
        );
    }
    let admission = comes(&mut room, minute(11), &with_cookie("y", "y", minute(0))).0;
    assert_eq!(admission, Admission::Refused(RefusalReason::Full));
}

#[test]
fn full_room_of_guests_with_cookies_gives_way_to_accounts_alone() {
    let mut room = room(Policy::default(), None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    for number in 0..69 {
        comes(
            &mut room,
            minute(10),
            &with_cookie(format!("x{number}"), "x", minute(10)),
        );
    }
    let full = Admission::Refused(RefusalReason::Full);
    assert_eq!(
        comes(&mut room, minute(11), &with_cookie("y", "y", minute(0))).0,
        full
    );
    // A ticket for anyone can be had again and again.
    let mut anyone = with_account("z", "z");
    anyone.identity = Identity::Verified {
        user: "z".into(),
        device: None,
        listed: true,
        unidentified: true,
    };
    assert_eq!(comes(&mut room, minute(11), &anyone).0, full);
    for number in 0..69 {
        let one = with_account(format!("a{number}"), "school");
        assert!(is_in(&comes(&mut room, minute(11), &one).0), "{number}");
        assert_eq!(room.present(), 70);
    }
    // Those who are known do not give way, and a second place of one of them puts nobody out.
    assert_eq!(
        comes(&mut room, minute(12), &with_account("a70", "school")).0,
        full
    );
    act(&mut room, "a68", ClientMessage::Leave).expect("left");
    comes(&mut room, minute(12), &with_cookie("y", "y", minute(0)));
    let mut second = with_account("again", "school");
    second.identity = Identity::Verified {
        user: "a0".into(),
        device: None,
        listed: true,
        unidentified: false,
    };
    assert_eq!(comes(&mut room, minute(12), &second).0, full);
}

#[test]
fn ticket_for_anyone_takes_the_place_of_a_cookieless_guest() {
    let mut room = full_of_nobodies();
    let mut invited = with_cookie("anna", "y", minute(11));
    invited.identity = Identity::Invited { device: None };
    assert!(is_in(&comes(&mut room, minute(11), &invited).0));
    assert!(room.role(&id("x68")).is_none());
    assert_eq!(room.present(), 70);
}
